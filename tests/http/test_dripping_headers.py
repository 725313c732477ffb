"""A server that never gets to the end of its headers, or sends one interim answer after another."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from vbc_call_recording import ApiTimeoutError, AsyncCallRecordingClient, CallRecordingClient, RetryPolicy
from vbc_call_recording._concurrency import THREADS, within

HEADERS = (b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n")
INTERIM = (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")


DROPS = pytest.mark.parametrize(("first", "drop"), [HEADERS, INTERIM], ids=["headers", "interim answers"])
BRIEF = RetryPolicy(tries=1, total_time=0.5)


@contextlib.contextmanager
def dripping(first: bytes, drop: bytes) -> Iterator[str]:
    """A server's URL. The block has to end long before the server would."""
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
        started = time.monotonic()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            assert time.monotonic() - started < 40
        finally:
            over.set()
            server.join()


@pytest.mark.anyio
@DROPS
async def test_async_gives_up_after_the_total_time(first: bytes, drop: bytes) -> None:
    with dripping(first, drop) as url:
        async with AsyncCallRecordingClient(auth="token-1", base_url=url, retries=BRIEF) as client:
            with pytest.raises(ApiTimeoutError):
                await client.company_recordings.get(5)


@DROPS
def test_sync_gives_up_after_the_total_time_and_leaves_no_thread(first: bytes, drop: bytes) -> None:
    with (
        dripping(first, drop) as url,
        CallRecordingClient(auth="token-1", base_url=url, retries=BRIEF) as client,
        pytest.raises(ApiTimeoutError),
    ):
        client.company_recordings.get(5)

    for thread in threading.enumerate():
        if thread.name == THREADS:
            thread.join(10)
            assert not thread.is_alive()


def test_ctrl_c_ends_a_request_whose_headers_drip_in() -> None:
    def press() -> None:
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    with dripping(*HEADERS) as url, CallRecordingClient(auth="token-1", base_url=url) as client:
        threading.Thread(target=press).start()
        with pytest.raises(KeyboardInterrupt):
            client.company_recordings.get(5)


def test_an_answer_that_comes_too_late_is_closed() -> None:
    class Answer:
        closed = threading.Event()

        def close(self) -> None:
            self.closed.set()

    come = threading.Event()

    def answer() -> Answer:
        come.wait(10)
        return Answer()

    with pytest.raises(TimeoutError):
        within(0.01, answer)
    come.set()
    assert Answer.closed.wait(10)


def test_where_no_thread_can_be_started_a_request_is_made_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in an atexit handler, from Python 3.12 on."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert within(1, str, 5) == "5"
