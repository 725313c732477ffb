"""A server that never gets to the end of its headers, or sends one interim answer after another."""

import contextlib
import socket
import threading
import time

import pytest

from vbc_call_recording import ApiTimeoutError, AsyncCallRecordingClient, RetryPolicy

HEADERS = (b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n")
INTERIM = (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")


@pytest.mark.anyio
@pytest.mark.parametrize(("first", "drop"), [HEADERS, INTERIM], ids=["headers", "interim answers"])
async def test_async_gives_up_after_the_total_time(first: bytes, drop: bytes) -> None:
    """The sync client cannot: a thread is not interrupted while it reads headers."""
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(first)
                while not over.wait(0.02):
                    connection.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,), daemon=True)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with AsyncCallRecordingClient(
            auth="token-1", base_url=url, retries=RetryPolicy(tries=1, total_time=0.5)
        ) as client:
            started = time.monotonic()
            with pytest.raises(ApiTimeoutError):
                await client.company_recordings.get(5)
        over.set()
        server.join()
    assert time.monotonic() - started < 10
