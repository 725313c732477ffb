"""Where requests go, what they go through, and what they take along."""

import io
from pathlib import Path

import httpx
import pytest
from pytest_httpx import HTTPXMock

from vbc_call_recording import (
    AsyncCallRecordingClient,
    ConfigurationError,
    InputError,
    NotFoundError,
    PasswordGrant,
    Recording,
    UntrustedUrlError,
)
from vbc_call_recording._concurrency import AsyncPool
from vbc_call_recording_generated.api.company_recordings import get_company_recording, list_company_recordings
from vbc_call_recording_sandbox import Sandbox

API = "https://api.vonage.com"
ONE = f"{API}/t/vbc.prod/call_recording/api/accounts/self/company_call_recordings/5"


@pytest.fixture
def bare() -> AsyncCallRecordingClient:
    return AsyncCallRecordingClient(auth="t0ken", retries=0)


@pytest.mark.anyio
async def test_a_redirect_on_the_same_origin_keeps_the_token(
    bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=ONE, status_code=307, headers={"Location": "/moved"})
    httpx_mock.add_response(url=f"{API}/moved", json={"id": 5})

    assert (await bare.company_recordings.get(5)).id == 5

    assert httpx_mock.get_requests()[1].headers["Authorization"] == "Bearer t0ken"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.com/x", "https://api.vonage.com:8443/x", "https://api.vonage.com.evil.com/x"],
)
async def test_a_file_may_come_from_elsewhere_and_the_token_does_not_go_there(
    bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock, elsewhere: str
) -> None:
    httpx_mock.add_response(url=f"{API}/audio", status_code=302, headers={"Location": elsewhere})
    httpx_mock.add_response(url=elsewhere, content=b"ID3" + bytes(97))
    recording = Recording(id=5, download_url=f"{API}/audio")

    await bare.company_recordings.download(recording, io.BytesIO())

    assert "Authorization" not in httpx_mock.get_requests()[1].headers


@pytest.mark.anyio
async def test_another_servers_answer_is_not_taken_for_the_apis(
    bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=ONE, status_code=302, headers={"Location": "https://example.com/x"})

    with pytest.raises(UntrustedUrlError, match="another server's answer"):
        await bare.company_recordings.get(5)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "elsewhere", ["http://api.vonage.com/x", "http://example.com/x", "http://127.0.0.1/x"]
)
async def test_a_redirect_from_https_to_http_is_refused(
    bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock, elsewhere: str
) -> None:
    httpx_mock.add_response(url=ONE, status_code=302, headers={"Location": elsewhere})

    with pytest.raises(UntrustedUrlError, match="https to http") as caught:
        await bare.company_recordings.get(5)

    assert (caught.value.operation, caught.value.method) == ("get_company_recording", "GET")
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.anyio
async def test_only_a_get_follows_redirects(bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=307, headers={"Location": "/elsewhere"}, is_reusable=True)

    with pytest.raises(Exception, match="307"):
        await bare.company_recordings.delete(5)
    with pytest.raises(Exception, match="307"):
        await bare.company_recordings.export()

    assert len(httpx_mock.get_requests()) == 2


@pytest.mark.anyio
@pytest.mark.parametrize(
    "url",
    ["https://example.com/x", "http://api.vonage.com/x", "//example.com/x", "https://u:p@api.vonage.com/x"],
)
async def test_the_wire_goes_to_the_api_only(bare: AsyncCallRecordingClient, url: str) -> None:
    with pytest.raises(UntrustedUrlError):
        await bare._session.wire.get(bare._session.wire.trusted_url(url, operation="download"))


@pytest.mark.parametrize(
    "bad",
    [
        "http://api.vonage.com",
        "ftp://api.vonage.com",
        "api.vonage.com",
        "",
        "https://u:p@api.vonage.com",
        "https://api.vonage.com/?a=1",
    ],
)
def test_a_base_url_that_cannot_be_right_is_refused(bad: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        AsyncCallRecordingClient(auth="t", base_url=bad)


@pytest.mark.parametrize("timeout", [0, -1, True, "5", None, float("nan"), 1e300, 1e10])
def test_a_timeout_that_cannot_be_right_is_refused(timeout: float) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        AsyncCallRecordingClient(auth="t", timeout=timeout)


@pytest.mark.parametrize("number", [-1, float("nan"), float("inf"), 1e10, "5", True])
def test_each_number_of_an_httpx_timeout_is_looked_at(number: float) -> None:
    with pytest.raises(ConfigurationError, match=r"^timeout\.read is .*; accepted: seconds"):
        AsyncCallRecordingClient(auth="t", timeout=httpx.Timeout(5, read=number))


def test_timeouts_are_on_by_default() -> None:
    assert None not in AsyncCallRecordingClient(auth="t")._session.wire.timeout.as_dict().values()


@pytest.mark.anyio
async def test_an_httpx_client_of_the_users_is_used_and_left_open(
    sandbox: Sandbox, grant: PasswordGrant
) -> None:
    seen: list[str] = []

    async def hook(request: httpx.Request) -> None:
        seen.append(request.method)

    async with httpx.AsyncClient(event_hooks={"request": [hook]}) as own:
        async with AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, http_client=own) as client:
            with pytest.raises(NotFoundError):
                await client.company_recordings.get(1)
        assert not own.is_closed

    assert seen == ["POST", "GET"]


@pytest.mark.anyio
async def test_a_transport_of_the_users_is_used_and_left_open(sandbox: Sandbox, grant: PasswordGrant) -> None:
    class Transport(httpx.AsyncHTTPTransport):
        closed = False

        async def aclose(self) -> None:
            self.closed = True
            await super().aclose()

    own = Transport()
    async with AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, transport=own) as client:
        with pytest.raises(NotFoundError):
            await client.company_recordings.get(1)
    assert not own.closed
    await own.aclose()


@pytest.mark.anyio
async def test_a_proxy_of_the_users_is_used(sandbox: Sandbox) -> None:
    # The sandbox stands in for the proxy: it gets asked for the whole URL.
    proxy = sandbox.base_url.split("/t/")[0]
    async with AsyncCallRecordingClient(
        auth="t", base_url="http://127.0.0.2:9/api", proxy=proxy, retries=0
    ) as client:
        with pytest.raises(Exception, match="the server answered"):
            await client.company_recordings.get(1)

    assert sandbox.requests


@pytest.mark.parametrize("name", ["http_client", "transport", "proxy", "auth"])
@pytest.mark.parametrize(
    "bad", [5, object(), "foo", httpx.BasicAuth("u", "p"), "http://xn--", httpx.Proxy("socks5://h:1")]
)
def test_what_cannot_be_sent_through_is_refused(name: str, bad: object) -> None:
    if name == "auth" and isinstance(bad, str):
        bad = None  # a string is an access token
    with pytest.raises(ConfigurationError, match=name):
        AsyncCallRecordingClient(**({"auth": "t"} | {name: bad}))


@pytest.mark.anyio
async def test_a_closed_httpx_client_of_the_users_is_named() -> None:
    own = httpx.AsyncClient()
    await own.aclose()
    client = AsyncCallRecordingClient(auth="t", http_client=own)

    with pytest.raises(ConfigurationError, match="http_client"):
        await client.company_recordings.get(5)


@pytest.mark.anyio
async def test_a_hook_of_the_users_that_raises_for_statuses_does_not_hide_them(
    sandbox: Sandbox, grant: PasswordGrant
) -> None:
    async def hook(response: httpx.Response) -> None:
        response.raise_for_status()

    async with httpx.AsyncClient(event_hooks={"response": [hook]}) as own:
        client = AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, http_client=own)
        with pytest.raises(NotFoundError):
            await client.company_recordings.get(1)


def test_two_ways_to_send_are_one_too_many() -> None:
    with pytest.raises(ConfigurationError, match="http_client, transport and proxy contradict each other"):
        AsyncCallRecordingClient(auth="t", transport=httpx.AsyncHTTPTransport(), proxy="http://127.0.0.1:1")


@pytest.mark.slow
@pytest.mark.anyio
async def test_one_client_serves_many_at_a_time(client: AsyncCallRecordingClient, sandbox: Sandbox) -> None:
    wanted = [recording.id for recording in sandbox.store.company()[:128]]

    async with AsyncPool(32) as pool:
        jobs = [pool.start(client.company_recordings.get, recording) for recording in wanted]
        got = [(await job.result()).id for job in jobs]

    assert got == wanted
    assert [request.path for request in sandbox.requests].count("/token") == 1


@pytest.mark.anyio
async def test_generated_functions_share_login_and_retries(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    sandbox.faults.next("GET", status=503)

    answer = await list_company_recordings.asyncio_detailed("self", client=client.api, page_size=3)

    assert answer.parsed is not None
    assert answer.parsed.page_size == 3


@pytest.mark.anyio
async def test_the_servers_clock_is_known(client: AsyncCallRecordingClient, sandbox: Sandbox) -> None:
    assert client._session.wire.server_time() is None

    await client.company_recordings.get(sandbox.store.company()[0].id)

    assert client._session.wire.server_time() is not None


@pytest.mark.anyio
async def test_the_generated_client_cannot_lose_its_login(client: AsyncCallRecordingClient) -> None:
    for settings in (client.api.with_headers, client.api.with_cookies, client.api.with_timeout):
        with pytest.raises(ConfigurationError, match="with_options"):
            settings({})


@pytest.mark.anyio
async def test_the_generated_client_can_be_used_in_a_with_statement(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    (recording, *_) = sandbox.store.company()
    for _ in range(2):
        async with client.api as api:
            answer = await get_company_recording.asyncio_detailed("self", recording.id, client=api)
        assert answer.status_code == 200
    assert (await client.company_recordings.get(recording.id)).id == recording.id


@pytest.mark.anyio
@pytest.mark.parametrize("bad", ["x" * 70_000, "\udc80"])
async def test_what_cannot_stand_in_a_url_is_refused_for_generated_functions_too(
    client: AsyncCallRecordingClient, bad: str
) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        await list_company_recordings.asyncio_detailed("self", client=client.api, cnam=bad)


@pytest.mark.anyio
async def test_a_clone_ends_with_its_client(client: AsyncCallRecordingClient, sandbox: Sandbox) -> None:
    clone = client.with_options(retries=0)
    await client.aclose()

    with pytest.raises(ConfigurationError, match="closed, or the one whose `with_options` made it"):
        await clone.company_recordings.get(5)

    assert not [request for request in sandbox.requests if "/api/" in request.path]


@pytest.mark.anyio
async def test_answers_in_one_piece_can_be_downloaded(tmp_path: Path) -> None:
    """What a mock of the user's gives back has often been read already."""
    audio = b"ID3" + bytes(500)

    def answer(request: httpx.Request) -> httpx.Response:
        if "/audio/" in request.url.path:
            return httpx.Response(200, content=audio, headers={"Content-Type": "audio/mpeg"})
        return httpx.Response(200, json={"id": 5, "download_url": "/audio/5", "file_name": "a.mp3"})

    async with AsyncCallRecordingClient(auth="t", transport=httpx.MockTransport(answer)) as client:
        saved = await client.company_recordings.download(5, tmp_path)

    assert saved.path is not None
    assert saved.path.read_bytes() == audio


@pytest.mark.anyio
async def test_hooks_of_the_generated_client_see_each_answer(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    seen: list[object] = []

    async def asked(request: httpx.Request) -> None:
        seen.append(request.method)

    async def answered(response: httpx.Response) -> None:
        seen.append(response.status_code)

    client.api.get_async_httpx_client().event_hooks = {"request": [asked], "response": [answered]}
    with pytest.raises(NotFoundError):
        await client.company_recordings.get(1)

    assert seen == ["POST", 200, "GET", 404]
