# Written by scripts/mirror from tests/_async/test_connections.py.
# Change that file and run `make generate`.
"""Where requests go, what they go through, and what they take along."""

import io
from pathlib import Path

import httpx
import pytest
from pytest_httpx import HTTPXMock

from vbc_call_recording import (
    CallRecordingClient,
    ConfigurationError,
    InputError,
    NotFoundError,
    PasswordGrant,
    Recording,
    UntrustedUrlError,
)
from vbc_call_recording._concurrency import Pool
from vbc_call_recording_generated.api.company_recordings import get_company_recording, list_company_recordings
from vbc_call_recording_sandbox import Sandbox

API = "https://api.vonage.com"
ONE = f"{API}/t/vbc.prod/call_recording/api/accounts/self/company_call_recordings/5"


@pytest.fixture
def bare() -> CallRecordingClient:
    return CallRecordingClient(auth="t0ken", retries=0)


def test_a_redirect_on_the_same_origin_keeps_the_token(
    bare: CallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=ONE, status_code=307, headers={"Location": "/moved"})
    httpx_mock.add_response(url=f"{API}/moved", json={"id": 5})

    assert (bare.company_recordings.get(5)).id == 5

    assert httpx_mock.get_requests()[1].headers["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.com/x", "https://api.vonage.com:8443/x", "https://api.vonage.com.evil.com/x"],
)
def test_a_file_may_come_from_elsewhere_and_the_token_does_not_go_there(
    bare: CallRecordingClient, httpx_mock: HTTPXMock, elsewhere: str
) -> None:
    httpx_mock.add_response(url=f"{API}/audio", status_code=302, headers={"Location": elsewhere})
    httpx_mock.add_response(url=elsewhere, content=b"ID3" + bytes(97))
    recording = Recording(id=5, download_url=f"{API}/audio")

    bare.company_recordings.download(recording, io.BytesIO())

    assert "Authorization" not in httpx_mock.get_requests()[1].headers


def test_another_servers_answer_is_not_taken_for_the_apis(
    bare: CallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=ONE, status_code=302, headers={"Location": "https://example.com/x"})

    with pytest.raises(UntrustedUrlError, match="another server's answer"):
        bare.company_recordings.get(5)


@pytest.mark.parametrize(
    "elsewhere", ["http://api.vonage.com/x", "http://example.com/x", "http://127.0.0.1/x"]
)
def test_a_redirect_from_https_to_http_is_refused(
    bare: CallRecordingClient, httpx_mock: HTTPXMock, elsewhere: str
) -> None:
    httpx_mock.add_response(url=ONE, status_code=302, headers={"Location": elsewhere})

    with pytest.raises(UntrustedUrlError, match="https to http") as caught:
        bare.company_recordings.get(5)

    assert (caught.value.operation, caught.value.method) == ("get_company_recording", "GET")
    assert len(httpx_mock.get_requests()) == 1


def test_only_a_get_follows_redirects(bare: CallRecordingClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=307, headers={"Location": "/elsewhere"}, is_reusable=True)

    with pytest.raises(Exception, match="307"):
        bare.company_recordings.delete(5)
    with pytest.raises(Exception, match="307"):
        bare.company_recordings.export()

    assert len(httpx_mock.get_requests()) == 2


@pytest.mark.parametrize(
    "url",
    ["https://example.com/x", "http://api.vonage.com/x", "//example.com/x", "https://u:p@api.vonage.com/x"],
)
def test_the_wire_goes_to_the_api_only(bare: CallRecordingClient, url: str) -> None:
    with pytest.raises(UntrustedUrlError):
        bare._session.wire.get(bare._session.wire.trusted_url(url, operation="download"))


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
        CallRecordingClient(auth="t", base_url=bad)


@pytest.mark.parametrize("timeout", [0, -1, True, "5", None, float("nan"), 1e300, 1e10])
def test_a_timeout_that_cannot_be_right_is_refused(timeout: float) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        CallRecordingClient(auth="t", timeout=timeout)


@pytest.mark.parametrize("number", [-1, float("nan"), float("inf"), 1e10, "5", True])
def test_each_number_of_an_httpx_timeout_is_looked_at(number: float) -> None:
    with pytest.raises(ConfigurationError, match=r"^timeout\.read is .*; accepted: seconds"):
        CallRecordingClient(auth="t", timeout=httpx.Timeout(5, read=number))


def test_timeouts_are_on_by_default() -> None:
    assert None not in CallRecordingClient(auth="t")._session.wire.timeout.as_dict().values()


def test_an_httpx_client_of_the_users_is_used_and_left_open(sandbox: Sandbox, grant: PasswordGrant) -> None:
    seen: list[str] = []

    def hook(request: httpx.Request) -> None:
        seen.append(request.method)

    with httpx.Client(event_hooks={"request": [hook]}) as own:
        with CallRecordingClient(auth=grant, base_url=sandbox.base_url, http_client=own) as client:
            with pytest.raises(NotFoundError):
                client.company_recordings.get(1)
        assert not own.is_closed

    assert seen == ["POST", "GET"]


def test_a_transport_of_the_users_is_used_and_left_open(sandbox: Sandbox, grant: PasswordGrant) -> None:
    class Transport(httpx.HTTPTransport):
        closed = False

        def close(self) -> None:
            self.closed = True
            super().close()

    own = Transport()
    with CallRecordingClient(auth=grant, base_url=sandbox.base_url, transport=own) as client:
        with pytest.raises(NotFoundError):
            client.company_recordings.get(1)
    assert not own.closed
    own.close()


def test_a_proxy_of_the_users_is_used(sandbox: Sandbox) -> None:
    # The sandbox stands in for the proxy: it gets asked for the whole URL.
    proxy = sandbox.base_url.split("/t/")[0]
    with CallRecordingClient(auth="t", base_url="http://127.0.0.2:9/api", proxy=proxy, retries=0) as client:
        with pytest.raises(Exception, match="the server answered"):
            client.company_recordings.get(1)

    assert sandbox.requests


@pytest.mark.parametrize("name", ["http_client", "transport", "proxy", "auth"])
@pytest.mark.parametrize(
    "bad", [5, object(), "foo", httpx.BasicAuth("u", "p"), "http://xn--", httpx.Proxy("socks5://h:1")]
)
def test_what_cannot_be_sent_through_is_refused(name: str, bad: object) -> None:
    if name == "auth" and isinstance(bad, str):
        bad = None  # a string is an access token
    with pytest.raises(ConfigurationError, match=name):
        CallRecordingClient(**({"auth": "t"} | {name: bad}))


def test_a_closed_httpx_client_of_the_users_is_named() -> None:
    own = httpx.Client()
    own.close()
    client = CallRecordingClient(auth="t", http_client=own)

    with pytest.raises(ConfigurationError, match="http_client"):
        client.company_recordings.get(5)


def test_a_hook_of_the_users_that_raises_for_statuses_does_not_hide_them(
    sandbox: Sandbox, grant: PasswordGrant
) -> None:
    def hook(response: httpx.Response) -> None:
        response.raise_for_status()

    with httpx.Client(event_hooks={"response": [hook]}) as own:
        client = CallRecordingClient(auth=grant, base_url=sandbox.base_url, http_client=own)
        with pytest.raises(NotFoundError):
            client.company_recordings.get(1)


def test_two_ways_to_send_are_one_too_many() -> None:
    with pytest.raises(ConfigurationError, match="http_client, transport and proxy contradict each other"):
        CallRecordingClient(auth="t", transport=httpx.HTTPTransport(), proxy="http://127.0.0.1:1")


@pytest.mark.slow
def test_one_client_serves_many_at_a_time(client: CallRecordingClient, sandbox: Sandbox) -> None:
    wanted = [recording.id for recording in sandbox.store.company()[:128]]

    with Pool(32) as pool:
        jobs = [pool.start(client.company_recordings.get, recording) for recording in wanted]
        got = [(job.result()).id for job in jobs]

    assert got == wanted
    assert [request.path for request in sandbox.requests].count("/token") == 1


def test_generated_functions_share_login_and_retries(client: CallRecordingClient, sandbox: Sandbox) -> None:
    sandbox.faults.next("GET", status=503)

    answer = list_company_recordings.sync_detailed("self", client=client.api, page_size=3)

    assert answer.parsed is not None
    assert answer.parsed.page_size == 3


def test_the_servers_clock_is_known(client: CallRecordingClient, sandbox: Sandbox) -> None:
    assert client._session.wire.server_time() is None

    client.company_recordings.get(sandbox.store.company()[0].id)

    assert client._session.wire.server_time() is not None


def test_the_generated_client_cannot_lose_its_login(client: CallRecordingClient) -> None:
    for settings in (client.api.with_headers, client.api.with_cookies, client.api.with_timeout):
        with pytest.raises(ConfigurationError, match="with_options"):
            settings({})


def test_the_generated_client_can_be_used_in_a_with_statement(
    client: CallRecordingClient, sandbox: Sandbox
) -> None:
    (recording, *_) = sandbox.store.company()
    for _ in range(2):
        with client.api as api:
            answer = get_company_recording.sync_detailed("self", recording.id, client=api)
        assert answer.status_code == 200
    assert (client.company_recordings.get(recording.id)).id == recording.id


@pytest.mark.parametrize("bad", ["x" * 70_000, "\udc80"])
def test_what_cannot_stand_in_a_url_is_refused_for_generated_functions_too(
    client: CallRecordingClient, bad: str
) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        list_company_recordings.sync_detailed("self", client=client.api, cnam=bad)


def test_a_clone_ends_with_its_client(client: CallRecordingClient, sandbox: Sandbox) -> None:
    clone = client.with_options(retries=0)
    client.close()

    with pytest.raises(ConfigurationError, match="closed, or the one whose `with_options` made it"):
        clone.company_recordings.get(5)

    assert not [request for request in sandbox.requests if "/api/" in request.path]


def test_answers_in_one_piece_can_be_downloaded(tmp_path: Path) -> None:
    """What a mock of the user's gives back has often been read already."""
    audio = b"ID3" + bytes(500)

    def answer(request: httpx.Request) -> httpx.Response:
        if "/audio/" in request.url.path:
            return httpx.Response(200, content=audio, headers={"Content-Type": "audio/mpeg"})
        return httpx.Response(200, json={"id": 5, "download_url": "/audio/5", "file_name": "a.mp3"})

    with CallRecordingClient(auth="t", transport=httpx.MockTransport(answer)) as client:
        saved = client.company_recordings.download(5, tmp_path)

    assert saved.path is not None
    assert saved.path.read_bytes() == audio


def test_hooks_of_the_generated_client_see_each_answer(client: CallRecordingClient, sandbox: Sandbox) -> None:
    seen: list[object] = []

    def asked(request: httpx.Request) -> None:
        seen.append(request.method)

    def answered(response: httpx.Response) -> None:
        seen.append(response.status_code)

    client.api.get_httpx_client().event_hooks = {"request": [asked], "response": [answered]}
    with pytest.raises(NotFoundError):
        client.company_recordings.get(1)

    assert seen == ["POST", 200, "GET", 404]
