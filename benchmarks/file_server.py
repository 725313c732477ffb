"""A server that sends made-up audio and nothing else, so that it is never what a benchmark waits for.

    python -m benchmarks.file_server      prints its port; ends when its standard input does

`/{latency in ms}/{bytes}/{name}` is a file of so many bytes, whatever its name. Each connection has a thread,
which mostly waits for the socket.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from benchmarks.rows import pin

ROOT = Path(__file__).resolve().parent.parent
BLOCK = memoryview(b"ID3" + bytes(range(256)) * 4096)[: 2**20]


@lru_cache(maxsize=16)
def beginning(size: int) -> bytes:
    """Headers and the first block."""
    head = (
        'HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nETag: "made-up"\r\n'
        f"Accept-Ranges: bytes\r\nContent-Length: {size}\r\n\r\n"
    )
    return head.encode() + BLOCK[:size]


class Files(StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        try:
            while line := self.rfile.readline():
                while self.rfile.readline().strip():
                    pass
                self.answer(line.split()[1].decode())
        except ConnectionError:
            pass  # the client had enough

    def answer(self, target: str) -> None:
        latency, size = map(int, target.split("/")[1:3])
        time.sleep(latency / 1000)
        self.connection.sendall(beginning(size))
        for start in range(len(BLOCK), size, len(BLOCK)):
            self.connection.sendall(BLOCK[: size - start])


def serve() -> None:
    pin("server")
    ThreadingTCPServer.daemon_threads, ThreadingTCPServer.request_queue_size = True, 128
    with ThreadingTCPServer(("127.0.0.1", 0), Files) as server:
        print(server.server_address[1], flush=True)
        Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        server.shutdown()


@contextmanager
def running() -> Iterator[str]:
    """The URL of such a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.file_server"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()


if __name__ == "__main__":
    serve()
