"""Answers a server should not send, over bare sockets: floods, bombs, drips, cookies."""

import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator

import pytest

from vbc_call_recording import (
    AccessToken,
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    AsyncCallRecordingClient,
    BadRequestError,
    MalformedResponseError,
    PermissionDeniedError,
    RetryPolicy,
)
from vbc_call_recording_sandbox import Sandbox

Answer = Callable[[socket.socket, bytes], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server that does nothing but this with each connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            answer(connection, connection.recv(65_536))

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.close()


def dripping(connection: socket.socket, _: bytes) -> None:
    connection.sendall(OK + b"Content-Length: 1000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b" ")
        time.sleep(0.05)


@pytest.mark.anyio
async def test_a_body_that_drips_in_is_given_up_after_the_total_time() -> None:
    with serving(dripping) as url:
        policy = RetryPolicy(total_time=1)
        async with AsyncCallRecordingClient(auth="token-1", base_url=url, retries=policy) as client:
            started = time.monotonic()
            with pytest.raises(ApiTimeoutError):
                await client.company_recordings.get(5)
            assert time.monotonic() - started < 40


@pytest.mark.anyio
async def test_a_server_that_is_silent_is_given_up_after_the_total_time_whatever_the_timeouts() -> None:
    with serving(lambda connection, _: time.sleep(60)) as url:
        policy = RetryPolicy(total_time=1)
        async with AsyncCallRecordingClient(
            auth="token-1", base_url=url, retries=policy, timeout=60
        ) as client:
            started = time.monotonic()
            with pytest.raises(ApiTimeoutError):
                await client.company_recordings.get(5)
            assert time.monotonic() - started < 40


@pytest.mark.anyio
@pytest.mark.parametrize("head", ["302 Found\r\nLocation: /elsewhere", "401 Unauthorized"])
async def test_the_total_time_holds_for_redirects_and_another_token_too(head: str) -> None:
    def slow(connection: socket.socket, request: bytes) -> None:
        while request:
            time.sleep(0.4)
            connection.sendall(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n".encode())
            request = connection.recv(65_536)

    with serving(slow) as url:
        tokens = (f"token-{number}" for number in range(9))
        policy = RetryPolicy(total_time=0.6)
        auth = AccessToken(lambda: next(tokens))
        async with AsyncCallRecordingClient(auth=auth, base_url=url, retries=policy) as client:
            with pytest.raises(ApiTimeoutError):
                await client.company_recordings.get(5)


@pytest.mark.anyio
async def test_what_a_server_says_can_always_be_printed(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    half = "\ud800"
    for status in (200, 400):
        sandbox.faults.next("GET", status=status, body={half: half, "message": half})
        with pytest.raises(ApiError) as caught:
            await client.company_recordings.get(5)
        assert not isinstance(caught.value, ApiConnectionError)
        assert f"{caught.value} {vars(caught.value)}".encode()


@pytest.mark.anyio
async def test_an_answer_that_says_nothing_is_not_the_recording_or_job_asked_for(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    sandbox.faults.next("GET", times=3, body={})

    for get in (client.company_recordings.get, client.on_demand_recordings.get, client.export_jobs.get):
        with pytest.raises(MalformedResponseError, match="asked for '5', the answer says nothing of it"):
            await get("5")


def bomb(connection: socket.socket, _: bytes) -> None:
    packer = zlib.compressobj(9, wbits=31)
    start, more = (packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    body = start + more * 299  # after a full flush, the same is packed into the same bytes again
    head = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(OK + head.encode() + body)


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_bomb_in_a_json_answer_is_left_unpacked() -> None:
    with serving(bomb) as url:
        async with AsyncCallRecordingClient(auth="token-1", base_url=url, retries=0) as client:
            with pytest.raises(MalformedResponseError, match="more than 67108864 bytes"):
                await client.company_recordings.get(5)


def flood(connection: socket.socket, _: bytes) -> None:
    """Headers contradict each other: `Transfer-Encoding` counts, and the length does not."""
    connection.sendall(OK + b"Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(200):
        connection.sendall(b"100000\r\n" + bytes(2**20) + b"\r\n")


@pytest.mark.anyio
async def test_a_flood_in_a_json_answer_is_cut_off_whatever_its_headers_say() -> None:
    with serving(flood) as url:
        async with AsyncCallRecordingClient(auth="token-1", base_url=url, retries=0) as client:
            with pytest.raises(MalformedResponseError, match="more than 67108864 bytes"):
                await client.company_recordings.get(5)


@pytest.mark.anyio
async def test_a_server_that_drips_keeps_no_connection_once_it_was_given_up() -> None:
    gone = threading.Event()

    def drip(connection: socket.socket, _: bytes) -> None:
        try:
            connection.sendall(OK + b"Content-Length: 100000\r\n\r\n")
            for _ in range(3000):
                connection.sendall(b" ")
                time.sleep(0.02)
        except OSError:
            gone.set()

    with serving(drip) as url:
        policy = RetryPolicy(tries=1, total_time=0.1)
        async with AsyncCallRecordingClient(auth="token-1", base_url=url, retries=policy) as client:
            with pytest.raises(ApiTimeoutError):
                await client.company_recordings.get(5)
            assert gone.wait(30)


@pytest.mark.anyio
async def test_what_is_packed_and_of_ordinary_size_is_read() -> None:
    def packed(connection: socket.socket, _: bytes) -> None:
        body = gzip.compress(b'{"id": 5, "cnam": "J\xc3\xbcrgen"}')
        head = f"Content-Encoding: gzip\r\nX-Odd: \xff\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(OK + head.encode("latin-1") + body)

    with serving(packed) as url:
        async with AsyncCallRecordingClient(auth="token-1", base_url=url) as client:
            assert (await client.company_recordings.get(5)).cnam == "J\xfcrgen"


@pytest.mark.anyio
async def test_cookies_are_not_kept() -> None:
    seen: list[bytes] = []

    def with_cookie(connection: socket.socket, request: bytes) -> None:
        while request:
            seen.append(request)
            body = b'{"id": 5}'
            connection.sendall(OK + b"Set-Cookie: lb=7; Path=/\r\nContent-Length: 9\r\n\r\n" + body)
            request = connection.recv(65_536)

    with serving(with_cookie) as url:
        async with AsyncCallRecordingClient(auth="token-1", base_url=url) as client:
            for _ in range(2):
                await client.company_recordings.get(5)
    assert len(seen) == 2
    assert not [request for request in seen if b"cookie" in request.lower()]


@pytest.mark.anyio
async def test_an_answer_about_another_recording_is_malformed(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    one, other = (item.id for item in sandbox.store.company()[:2])
    sandbox.faults.reshape = lambda operation, answer: answer | {"id": other}
    with pytest.raises(MalformedResponseError, match=f"asked for '{one}', the answer is about {other}"):
        await client.company_recordings.get(one)


@pytest.mark.anyio
async def test_an_error_tells_what_the_server_said_and_what_to_do(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    text = "User is not authorized to search CCR recordings for this account"
    sandbox.faults.next("GET", status=403, body={"status": 403, "title": text})
    with pytest.raises(PermissionDeniedError) as caught:
        await client.company_recordings.get(5)
    assert caught.value.server_message == text
    assert "Company Call Recording permission" in str(caught.value)

    sandbox.faults.next(
        "GET", status=400, body={"invalid_parameters": [{"name": "page_size", "reason": "max 50"}]}
    )
    with pytest.raises(BadRequestError, match="page_size=100 may be too large") as refused:
        [item async for item in client.company_recordings.list()]
    assert refused.value.invalid_parameters == (("page_size", "max 50"),)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "location", ["http://[", "//", "data:,x", "https://a b/", "x" * 70_000, "https://xn--/"]
)
async def test_a_redirect_to_nowhere_is_an_error_of_ours(
    client: AsyncCallRecordingClient, sandbox: Sandbox, location: str
) -> None:
    sandbox.faults.next("GET", status=302, headers={"Location": location})
    with pytest.raises(ApiError):
        await client.with_options(retries=0).company_recordings.get(5)
