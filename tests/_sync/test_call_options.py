# Written by scripts/mirror from tests/_async/test_call_options.py.
# Change that file and run `make generate`.
"""Options of single calls, answers with more than their body, and requests that are not documented."""

import inspect
import io
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from vbc_call_recording import (
    AccessToken,
    ApiTimeoutError,
    CallOptions,
    CallRecordingClient,
    InputError,
    ListOptions,
    MalformedResponseError,
    NotFoundError,
    Recording,
    RetryPolicy,
    ServerError,
    Transcription,
)
from vbc_call_recording_sandbox import Sandbox

API = "https://api.vonage.com"
BASE = f"{API}/t/vbc.prod/call_recording"
ONE = r"/company_call_recordings/\d+$"
EXTRA = {"extra_headers": {"X-Trace": "t-1", "User-Agent": "ours/1"}, "extra_query": {"beta": True, "n": 5}}


@pytest.fixture
def bare() -> CallRecordingClient:
    return CallRecordingClient(auth="t0ken", retries=0)


def everything(client: CallRecordingClient, folder: Path, options: Mapping[str, Any]) -> None:
    """Every call that sends something, with the same options."""
    audio = Recording(id=5, download_url=f"{API}/audio")
    text = Transcription(recording_id=5, transcription_url=f"{API}/text")
    for recordings in (client.company_recordings, client.on_demand_recordings):
        assert [item.id for item in recordings.list(**options)] == [5]
        recordings.get(5, **options)
        recordings.delete(5, **options)
        recordings.download(audio, io.BytesIO(), **options)
        assert [result.error for result in recordings.download_many([5], folder, **options)] == [None]
        export = recordings.export(**options)
        export.refresh()
    assert [item for item in client.transcriptions.list(**options)] == []
    client.transcriptions.download(text, io.BytesIO(), **options)
    assert [item for item in client.export_jobs.list(**options)] == []
    client.export_jobs.get("j", **options)
    client.export_jobs.adopt(["j"], **options).refresh()
    client.export_jobs.resume(export.token, **options).refresh()
    client.request("PUT", "/api/other", json={}, **options)


def answer(request: httpx.Request) -> httpx.Response:
    if request.method == "DELETE":
        return httpx.Response(204)
    if request.url.path.startswith(("/audio", "/text")):
        return httpx.Response(200, content=b"ID3" + bytes(97))
    if request.method == "POST":
        return httpx.Response(201, json={"job_ids": ["j"]})
    one = {"id": "j" if "jobs" in request.url.path or "export" in request.url.path else 5}
    if request.url.path.endswith("recordings"):
        return httpx.Response(200, json={"_embedded": {"recordings": [one]}, "total_items": 1})
    if request.url.path.endswith(("transcriptions", "jobs")):
        return httpx.Response(200, json={"total_items": 0})
    return httpx.Response(200, json={**one, "download_url": f"{API}/audio"})


def test_every_call_sends_what_is_extra(
    bare: CallRecordingClient, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_callback(answer, is_reusable=True)

    everything(bare, tmp_path, EXTRA)

    sent = httpx_mock.get_requests()
    assert len(sent) > 20
    for request in sent:
        assert request.headers["Authorization"] == "Bearer t0ken"
        assert (request.headers["X-Trace"], request.headers["User-Agent"]) == ("t-1", "ours/1"), request.url
        assert (request.url.params["beta"], request.url.params["n"]) == ("true", "5"), request.url


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"extra_headers": {"authorization": "Bearer x"}}, "'authorization', which the client sets itself"),
        ({"extra_headers": {"Host": "x"}}, "'Host'"),
        ({"extra_headers": {"Upgrade": "h2c"}}, "'Upgrade'"),
        ({"extra_headers": {"proxy-authorization": "Basic x"}}, "'proxy-authorization'"),
        ({"extra_headers": {"X-A": "b\r\nX-C: d"}}, r"extra_headers\['X-A'\] cannot be sent"),
        ({"extra_headers": {"X A": "b"}}, "names of headers"),
        ({"extra_headers": "X-A"}, "extra_headers"),
        ({"extra_query": {"": 1}}, "names of parameters"),
        ({"extra_query": {"a": object()}}, r"extra_query\['a'\] cannot be sent"),
        ({"extra_query": ["a"]}, "extra_query"),
        ({"timeout": -1}, "timeout is -1"),
        ({"retries": -1}, "retries is -1"),
        ({"time_out": 1}, "did you mean 'timeout'"),
    ],
)
def test_what_is_wrong_is_refused_by_every_call(
    bare: CallRecordingClient, wrong: dict[str, Any], told: str
) -> None:
    calls: list[Callable[..., Any]] = [
        bare.company_recordings.list,
        lambda **options: bare.company_recordings.download_many([], ".", **options),
        lambda **options: bare.export_jobs.adopt([], **options),
        bare.export_jobs.list,
        bare.transcriptions.list,
    ]
    for call in calls:
        with pytest.raises(InputError, match=told):
            call(**wrong)
    awaited: list[Callable[..., Awaitable[Any]]] = [
        lambda **options: bare.company_recordings.get(5, **options),
        lambda **options: bare.on_demand_recordings.delete(5, **options),
        lambda **options: bare.company_recordings.download(5, ".", **options),
        bare.company_recordings.export,
        lambda **options: bare.export_jobs.get("j", **options),
        lambda **options: bare.request("GET", "/api/x", **options),
    ]
    for call in awaited:
        with pytest.raises(InputError, match=told):
            call(**wrong)


def test_secrets_in_extra_headers_are_not_quoted(bare: CallRecordingClient) -> None:
    with pytest.raises(InputError) as caught:
        bare.company_recordings.get(5, extra_headers={"X-Key": "canary\n"})

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["page_size", "page", "order", "start:gte", "duration:lte", "call_direction"]
)
def test_a_parameter_of_the_call_cannot_be_replaced(bare: CallRecordingClient, name: str) -> None:
    """Neither is one that it sends in a later request only, or not this time."""
    for resource in (bare.company_recordings, bare.on_demand_recordings, bare.transcriptions):
        with pytest.raises(InputError, match=f"extra_query has '{name}', which the call sets itself"):
            resource.list(extra_query={name: "5"})


def test_a_parameter_of_the_request_cannot_be_replaced(bare: CallRecordingClient) -> None:
    with pytest.raises(
        InputError, match=r"^extra_query has 'a', which the call sets itself; accepted: others$"
    ):
        bare.request("GET", "/api/x", params={"a": 1}, extra_query={"a": 2})


def test_links_that_repeat_what_is_extra_are_followed_as_they_are(
    bare: CallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    jobs = f"{BASE}/api/accounts/self/users/self/call_recordings/jobs"
    first = {"_embedded": {"jobs": [{"id": "a"}]}, "_links": {"next": {"href": f"{jobs}?beta=True&page=2"}}}
    httpx_mock.add_response(url=f"{jobs}?beta=true&n=5", json=first)
    httpx_mock.add_response(
        url=f"{jobs}?beta=True&page=2&n=5", json={"_embedded": {"jobs": [{"id": "b"}]}, "total_items": 2}
    )
    listed = bare.export_jobs.list(extra_query={"beta": True, "n": 5})
    assert [job.id for job in listed] == ["a", "b"]

    httpx_mock.add_response(url=f"{API}/audio?n=7", content=b"ID3" + bytes(97))
    recording = Recording(id=5, download_url=f"{API}/audio?n=7")
    bare.company_recordings.download(recording, io.BytesIO(), extra_query={"n": 5})


def test_extra_headers_do_not_follow_a_file_to_another_server(
    bare: CallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=f"{API}/audio", status_code=302, headers={"Location": f"{API}/moved"})
    httpx_mock.add_response(url=f"{API}/moved", status_code=302, headers={"Location": "https://cdn.test/x"})
    httpx_mock.add_response(url="https://cdn.test/x", content=b"ID3" + bytes(97))
    recording = Recording(id=5, download_url=f"{API}/audio")

    bare.company_recordings.download(recording, io.BytesIO(), extra_headers={"X-Key": "k"})

    sent = httpx_mock.get_requests()
    assert [request.headers.get("X-Key") for request in sent] == ["k", "k", None]
    assert [request.headers["Host"] for request in sent] == ["api.vonage.com", "api.vonage.com", "cdn.test"]


def test_retries_and_timeout_hold_for_one_call_only(client: CallRecordingClient, sandbox: Sandbox) -> None:
    wanted = sandbox.store.company()[0].id
    sandbox.faults.next(ONE, status=503)
    with pytest.raises(ServerError):
        client.company_recordings.get(wanted, retries=0)
    sandbox.faults.next(ONE, status=503)
    assert (client.company_recordings.get(wanted)).id == wanted
    sandbox.faults.next(ONE, delay=5)
    with pytest.raises(ApiTimeoutError):
        client.company_recordings.get(wanted, timeout=0.05, retries=RetryPolicy(tries=1))


def test_an_answer_tells_more_than_its_body(client: CallRecordingClient, sandbox: Sandbox) -> None:
    wanted = sandbox.store.company()[0].id
    sandbox.faults.next(ONE, status=503)

    answer = client.company_recordings.with_raw_response.get(wanted)

    assert answer.parsed == answer.parse()
    assert (answer.parsed.id, answer.status_code, answer.tries) == (wanted, 200, 2)
    assert (answer.operation, answer.method) == ("get_company_recording", "GET")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.url.startswith(sandbox.base_url)
    assert 0 < answer.waited < answer.elapsed < 10
    assert answer.content.startswith(b"{")


def test_pages_and_downloads_tell_of_their_answers(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.next(r"/company_call_recordings\?", status=503)
    pages = [page for page in client.company_recordings.list(page_size=10, limit=20).pages()]
    ids = [page.response.operation for page in pages]
    assert ids == ["list_company_recordings"] * 2
    assert sorted(page.response.tries for page in pages) == [1, 2]
    assert [page.response.status_code for page in pages] == [200, 200]
    assert all("page_size=10" in page.response.url for page in pages)
    assert pages[0].response.url != pages[1].response.url
    text = client.transcriptions.list(limit=1).first_page()
    assert text is not None
    assert text.response.operation == "list_company_transcriptions"

    result = client.company_recordings.download(pages[0].items[0], tmp_path)
    assert result.response is not None
    assert (result.response.operation, result.response.status_code) == ("download", 200)
    assert result.response.headers["Content-Length"] == str(result.bytes)
    again = client.company_recordings.download(pages[0].items[0], tmp_path)
    assert (again.skipped, again.response) == (True, None)


def test_pages_of_export_jobs_tell_of_their_answers(bare: CallRecordingClient, httpx_mock: HTTPXMock) -> None:
    following = f"{BASE}/api/accounts/self/users/self/call_recordings/jobs?page=2"
    jobs = {"_embedded": {"jobs": [{"id": "a"}]}, "_links": {"next": {"href": following}}}
    httpx_mock.add_response(json=jobs, headers={"X-Request-Id": "r-1"})
    httpx_mock.add_response(
        url=following, json={"_embedded": {"jobs": [{"id": "b"}]}}, headers={"X-Request-Id": "r-2"}
    )

    pages = [page for page in bare.export_jobs.list().pages()]

    assert [(page[0].id, page.response.request_id) for page in pages] == [("a", "r-1"), ("b", "r-2")]


def test_raw_answers_of_every_call_that_is_one_request(
    bare: CallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_callback(answer, is_reusable=True)

    for recordings in (bare.company_recordings, bare.on_demand_recordings):
        raw = recordings.with_raw_response
        assert (raw.get(5, extra_query={"access_token": "s3cret"})).url.endswith("access_token=***")
        assert (raw.delete(5)).parsed is None
        exported = raw.export(extension=5)
        assert (exported.status_code, exported.parsed.job_ids) == (201, ("j",))
    assert (bare.export_jobs.with_raw_response.get("j")).parsed.id == "j"
    assert all("t0ken" not in repr(each) for each in (exported, exported.headers))


def test_calls_made_by_hooks_do_not_get_into_an_answer(
    bare: CallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    def token() -> str:
        bare.company_recordings.get(6)
        return "other"

    httpx_mock.add_response(url=re.compile(".*/6$"), json={"id": 6})
    httpx_mock.add_response(url=re.compile(".*/5$"), json={"id": 5})
    client = CallRecordingClient(auth=AccessToken(token))

    answer = client.company_recordings.with_raw_response.get(5)

    assert (answer.url[-2:], answer.parsed.id) == ("/5", 5)


def test_the_request_id_is_told(bare: CallRecordingClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json={"id": 5}, headers={"X-Request-Id": "r-1\x1b[2J"})

    answer = bare.company_recordings.with_raw_response.get(5)

    assert answer.request_id == "r-1\ufffd[2J", "a terminal would obey"


def test_what_is_not_documented_can_be_requested(bare: CallRecordingClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{BASE}/api/new?a=1&b=x", json=[1], method="GET")
    httpx_mock.add_response(url=f"{BASE}/api/new/", method="DELETE", json={"deleted": 3})
    httpx_mock.add_response(url=f"{BASE}/api/new", method="POST", text="id;name", match_json={"c": 2})
    httpx_mock.add_response(url=f"{BASE}/api/new", method="PATCH", status_code=204)

    listed = bare.request("GET", "/api/new", params={"a": 1}, extra_query={"b": "x"})
    assert (listed.parsed, listed.operation, listed.status_code) == ([1], "request", 200)
    assert (bare.request("DELETE", "/api/new/")).parsed == {"deleted": 3}
    posted = bare.request("POST", "/api/new", json={"c": 2})
    assert (posted.parsed, posted.content) == (None, b"id;name")
    assert (bare.request("PATCH", "/api/new")).parsed is None
    assert {request.headers["Authorization"] for request in httpx_mock.get_requests()} == {"Bearer t0ken"}


@pytest.mark.parametrize(
    "path",
    [
        *("api/x", "//example.com/x", "https://api.vonage.com/x", "/api/../x", "/api/%2e%2e/x", "/a//b"),
        *("/a?b", "/a#b", "/a\\b", "/a/b%2Fc", "", "/", 5, None, "/a\n", "/" + "x" * 3000),
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused(
    bare: CallRecordingClient, httpx_mock: HTTPXMock, path: Any
) -> None:
    with pytest.raises(InputError, match=r"^path is .*; accepted: a path below the base URL"):
        bare.request("GET", path)

    assert httpx_mock.get_requests() == []


@pytest.mark.parametrize("method", ["get", "HEAD", "", None])
def test_only_known_methods_are_sent(bare: CallRecordingClient, method: Any) -> None:
    with pytest.raises(InputError, match="method is"):
        bare.request(method, "/api/x")


def test_requests_that_are_not_documented_fail_and_are_repeated_like_others(
    client: CallRecordingClient, sandbox: Sandbox
) -> None:
    with pytest.raises(NotFoundError) as caught:
        client.request("GET", "/api/nowhere")
    assert (caught.value.operation, caught.value.method) == ("request", "GET")
    wanted = sandbox.store.company()[0].id
    path = f"/api/accounts/self/company_call_recordings/{wanted}"
    sandbox.faults.next(ONE, status=503)
    assert (client.request("GET", path)).tries == 2
    sandbox.faults.next("POST", status=503)
    with pytest.raises(ServerError):
        client.request("POST", path)
    assert [request.method for request in sandbox.requests].count("POST") == 2, "one of them for the token"


def test_what_calls_itself_json_and_is_not_is_an_error(
    bare: CallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(text="{", headers={"Content-Type": "application/json"})

    with pytest.raises(MalformedResponseError):
        bare.request("GET", "/api/x")


def test_json_is_known_by_its_type_in_any_case(bare: CallRecordingClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(text="[1]", headers={"Content-Type": "Application/JSON"})

    assert (bare.request("GET", "/api/x")).parsed == [1]


@pytest.mark.parametrize("body", [{1}, float("nan"), object(), "\ud800"])
def test_what_json_cannot_hold_is_refused(bare: CallRecordingClient, body: object) -> None:
    with pytest.raises(InputError, match=r"what a URL and JSON can hold$"):
        bare.request("POST", "/api/x", json=body)


def test_help_shows_the_keywords(bare: CallRecordingClient) -> None:
    shown = set(inspect.signature(bare.company_recordings.list).parameters)
    assert shown == set(ListOptions.__annotations__)
    raw = inspect.signature(bare.company_recordings.with_raw_response.get).parameters
    assert set(raw) == {"recording", *CallOptions.__annotations__}
