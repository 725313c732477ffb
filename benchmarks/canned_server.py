"""A server that lists made-up recordings and nothing else, so that it is never what a benchmark waits for.

    python -m benchmarks.canned_server      prints its port; ends when its standard input does

The URL says what it is to be: `/{latency in ms}/{recordings}` goes before the API's own paths. `/requests`
answers with the number of requests since it was asked last. It sends whatever page is asked for, by number or
from an instant on, or one recording; other filters are ignored. What it sent once it has ready.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

FIRST_CALL = datetime(2024, 1, 1, tzinfo=UTC)
HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    f"Date: {format_datetime(datetime.now(UTC), usegmt=True)}\r\nContent-Length: "
)


def recording(number: int) -> dict[str, object]:
    """As the vendor's docs show one. There is one every second."""
    path = f"https://api.vonage.com/t/vbc.prod/call_recording/api/accounts/549825/company_call_recordings/{number}"
    return {
        "_links": {"self": {"href": path}},
        "call_direction": "INBOUND",
        "call_id": f"c91150a6-8cc4-4e73-9fef-{number:012}",
        "caller_id": "17325550100",
        "cnam": "JOHN SMITH",
        "dnis": "17325550199",
        "download_url": f"https://api.vonage.com/t/vbc.prod/call_recording/v1/api/audio/recording/{number}",
        "duration": 60_000,
        "end": _instant(number + 60),
        "extensions": [999],
        "file_name": f"549825.{number}.fed342bdf5f89c1e7b6a434f35482773.mp3",
        "file_size_in_bytes": 100_000,
        "id": number,
        "rule_ids": [1989, 2012],
        "start": _instant(number),
    }


def _instant(number: int) -> str:
    return (FIRST_CALL + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def page(total: int, first: int, size: int, number: int, *, latest_first: bool = False) -> bytes:
    """Page `number` of the recordings from `first` on."""
    count = total - first + 1
    start = first + (number - 1) * size
    numbers = range(start, min(start + size, total + 1))
    recordings = [recording(total + 1 - each if latest_first else each) for each in numbers]
    links = {"first": {"href": "/?page=1"}, "self": {"href": f"/?page={number}"}}
    if start + size <= total:
        links["next"] = {"href": f"/?page={number + 1}"}
    return json.dumps(
        {
            "_embedded": {"recordings": recordings},
            "_links": links,
            "page": number,
            "page_size": size,
            "total_items": count,
            "total_pages": -(-count // size),
        }
    ).encode()


@lru_cache(maxsize=1024)  # beyond that, it is memory that is measured, not time
def answer(total: int, path: str, query: str) -> bytes:
    body = (
        listed(total, query)
        if path.endswith("s")
        else json.dumps(recording(int(path.rpartition("/")[2]))).encode()
    )
    return f"{HEAD}{len(body)}\r\n\r\n".encode() + body


def listed(total: int, query: str) -> bytes:
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    size = int(asked.get("page_size", 10))
    first = 1
    if "start:gte" in asked:
        first = int((datetime.fromisoformat(asked["start:gte"]) - FIRST_CALL).total_seconds())
    latest_first = asked.get("order") == "start:DESC"  # how a stable walk asks for the newest recordings
    return page(total, first, size, int(asked.get("page", 1)), latest_first=latest_first)


class CannedApi(asyncio.Protocol):
    requests = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._serve(head.split(b" ", 2)[1].decode())

    def _serve(self, target: str) -> None:
        if target == "/requests":
            body = str(CannedApi.requests)
            CannedApi.requests = 0
            self._transport.write(f"{HEAD}{len(body)}\r\n\r\n{body}".encode())
            return
        CannedApi.requests += 1
        url = urlsplit(target)
        latency, total = (int(part) for part in url.path.split("/", 3)[1:3])
        whole = answer(total, url.path, url.query)
        if latency:
            asyncio.get_running_loop().call_later(latency / 1000, self._transport.write, whole)
        else:
            self._transport.write(whole)


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(CannedApi, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def running() -> Iterator[str]:
    """The URL of such a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.canned_server"]
    root = Path(__file__).resolve().parent.parent
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()


if __name__ == "__main__":
    from benchmarks.rows import pin

    pin("server")
    asyncio.run(serve())
