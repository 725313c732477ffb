"""Whatever is passed in and whatever a server answers, a call ends in success or in an error of ours."""

import contextlib
import io
import json
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vbc_call_recording import (
    AsyncCallRecordingClient,
    AuthorizationCode,
    CallRecordingClient,
    CallRecordingError,
    FileTokenStore,
    PasswordGrant,
    RefreshToken,
    RetryPolicy,
)

pytestmark = pytest.mark.slow

SETTINGS = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
Call = Callable[[Any, Any], Any]

TEXT = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["\udc80", "x" * 70_000, "..", "%2e%2e", "a/b", "\0", "2019-01-01T00:00:00Z"]),
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    TEXT,
    st.binary(max_size=8),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from([datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]),
    st.timedeltas(),
    st.just(timedelta.max),
    st.lists(st.integers(), max_size=2),
    st.just(object()),
)
FILTERS = (
    "call_direction", "call_id", "caller_id", "cnam", "dnis", "duration_gte", "duration_lte", "extension",
    "start_gte", "start_lte", "order", "transcription_ready", "status", "limit", "page_size", "prefetch",
    "strict", "stable", "resume", "unheard_of",
)  # fmt: skip
OPTIONS = st.dictionaries(st.sampled_from(FILTERS), ODD, max_size=3)


def consumed(listing: Any) -> Any:
    return [item for _, item in zip(range(300), listing, strict=False)]


CALLS: dict[str, Call] = {
    "company list": lambda client, draw: consumed(client.company_recordings.list(**draw(OPTIONS))),
    "on-demand list": lambda client, draw: consumed(
        client.on_demand_recordings.list(user_id=draw(ODD), **draw(OPTIONS))
    ),
    "transcriptions": lambda client, draw: consumed(client.transcriptions.list(**draw(OPTIONS))),
    "jobs": lambda client, draw: consumed(client.export_jobs.list(kind=draw(ODD), **draw(OPTIONS))),
    "jobs of a kind": lambda client, draw: consumed(client.export_jobs.list(user_id=draw(ODD))),
    "get": lambda client, draw: client.company_recordings.get(draw(ODD)),
    "get of a user": lambda client, draw: client.on_demand_recordings.get(draw(ODD), user_id=draw(ODD)),
    "delete": lambda client, draw: client.company_recordings.delete(draw(ODD)),
    "job": lambda client, draw: client.export_jobs.get(draw(ODD), kind=draw(ODD), user_id=draw(ODD)),
    "export": lambda client, draw: client.company_recordings.export(**draw(OPTIONS)),
    "resume": lambda client, draw: client.export_jobs.resume(draw(ODD)),
    "adopt": lambda client, draw: client.export_jobs.adopt(draw(ODD)),
    "wait": lambda client, draw: client.export_jobs.adopt(["a"]).wait(timeout=draw(ODD), poll=draw(ODD)),
    "download": lambda client, draw: client.company_recordings.download(5, draw(ODD)),
    "download into an object": lambda client, draw: client.company_recordings.download(5, io.BytesIO()),
    "options": lambda client, draw: client.with_options(timeout=draw(ODD), retries=draw(ODD)),
}


def answering(response: Callable[[httpx.Request], httpx.Response]) -> CallRecordingClient:
    transport = httpx.MockTransport(response)
    return CallRecordingClient(
        auth="token-1", transport=transport, retries=RetryPolicy(tries=1), quota_wait=0, timeout=5
    )


def ends_well(call: Callable[[], object]) -> None:
    with warnings.catch_warnings(), contextlib.suppress(CallRecordingError):
        warnings.simplefilter("ignore")
        call()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a download may leave a file of any name."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", CALLS)
@SETTINGS
@given(data=st.data())
def test_arguments_of_any_kind_end_in_success_or_an_error_of_ours(name: str, data: st.DataObject) -> None:
    def finished(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(201, json={"job_ids": []})
        return httpx.Response(200, json={"status": "complete", "_embedded": {}, "total_items": 0})

    with answering(finished) as client:
        ends_well(lambda: CALLS[name](client, data.draw))


URLS = st.sampled_from(
    [
        "http://[",
        "https://xn--/",
        "https://a..b",
        "https://h:99999",
        "https://h/\udc80",
        "?state=s&code=\udc80",
    ]
)
SETTING = st.one_of(ODD, URLS, st.builds(httpx.Timeout, ODD), st.just(10**5000))


def environment(draw: Any) -> dict[str, Any]:
    names = ("USERNAME", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET", "TOKEN_URL", "TOKEN_STORE", "BASE_URL")
    return {f"VBC_{name}": "x" for name in names[:4]} | {f"VBC_{draw(st.sampled_from(names))}": draw(SETTING)}


BUILT: dict[str, Callable[[Any], object]] = {
    "client": lambda draw: CallRecordingClient(
        **{"auth": "token-1", draw(st.sampled_from(SETTINGS_OF_A_CLIENT)): draw(SETTING)}
    ).close(),
    "password": lambda draw: PasswordGrant(draw(TEXT), draw(SETTING), draw(SETTING), draw(TEXT)).secrets(),
    "refresh token": lambda draw: RefreshToken(draw(SETTING), "id", draw(SETTING), token_url=draw(SETTING)),
    "redirect": lambda draw: AuthorizationCode.from_redirect(
        draw(SETTING), state=draw(SETTING), redirect_uri="x", client_id="x", client_secret="x"
    ),
    "sign-in page": lambda draw: AuthorizationCode.authorization_url(
        draw(TEXT), draw(SETTING), draw(SETTING), authorize_url=draw(SETTING)
    ),
    "store": lambda draw: FileTokenStore(draw(SETTING)),
    "policy": lambda draw: RetryPolicy(tries=draw(SETTING), total_time=draw(SETTING)),
    "environment": lambda draw: CallRecordingClient.from_env(draw(ODD)),
    "variable": lambda draw: CallRecordingClient.from_env(environment(draw)).close(),
}
SETTINGS_OF_A_CLIENT = (
    "auth", "base_url", "account_id", "timeout", "retries", "quota_wait", "rate_limit", "proxy",
)  # fmt: skip


@pytest.mark.parametrize("name", BUILT)
@SETTINGS
@given(data=st.data())
def test_settings_of_any_kind_end_in_success_or_an_error_of_ours(name: str, data: st.DataObject) -> None:
    ends_well(lambda: BUILT[name](data.draw))


PROPERTIES = st.sampled_from(
    [
        "_embedded",
        "_links",
        "recordings",
        "transcriptions",
        "jobs",
        "self",
        "next",
        "first",
        "prev",
        "href",
        "page",
        "page_size",
        "total_items",
        "total_pages",
        "id",
        "start",
        "duration",
        "status",
        "job_ids",
        "valid_until",
        "download_url",
        "files_total",
        "files_completed",
        "extensions",
        "rule_ids",
        "recording_id",
        "call_date",
        "file_size_in_bytes",
        "file_name",
        "transcription_url",
        "fault",
        "code",
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**40),
    st.floats(allow_nan=False),
    TEXT,
    st.sampled_from(
        ["complete", "2019-01-01T00:00:00+0000", "9999-12-31T23:59:59Z", "/x?page=1", "?page=2", "5"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PROPERTIES, inner, max_size=6),
    max_leaves=12,
)
BODIES = st.one_of(
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(PROPERTIES, VALUES).map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=40),
    st.sampled_from([b"[" * 50_000, b'{"a":' * 20_000, b"", b"ID3" + bytes(50), b"PK\x03\x04"]),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Date",
            "Location",
            "Retry-After",
            "Content-Type",
            "ETag",
            "Last-Modified",
            "Content-Range",
            "Content-Encoding",
        ]
    ),
    st.one_of(
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30),
        st.sampled_from(["Fri, 31 Dec 9999 23:59:59 GMT", "text/html", "/elsewhere", "bytes 0-0/1", '"v"']),
        st.sampled_from(["https://xn--/", "https://a..b/"]),
    ),
    max_size=4,
)
STATUSES = st.sampled_from(
    [200] * 6 + [201, 202, 204, 206, 301, 302, 304, 400, 401, 404, 410, 416, 429, 500, 799]
)
ANSWERS = st.lists(st.tuples(STATUSES, HEADERS, BODIES), min_size=1, max_size=6)


def served(answers: list[tuple[int, dict[str, str], bytes]]) -> Callable[[httpx.Request], httpx.Response]:
    """Gives these answers in turn, the last one again and again, and after forty of them 404."""
    left = iter([*answers, *answers[-1:] * 40])

    def answer(request: httpx.Request) -> httpx.Response:
        status, headers, body = next(left, (404, {}, b""))
        written = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        return httpx.Response(status, headers=written, stream=httpx.ByteStream(body))

    return answer


READ: dict[str, Callable[[CallRecordingClient], object]] = {
    "list": lambda client: consumed(client.company_recordings.list(prefetch=0)),
    "stable": lambda client: consumed(client.company_recordings.list(stable=True)),
    "transcriptions": lambda client: consumed(client.transcriptions.list(prefetch=0)),
    "jobs": lambda client: consumed(client.export_jobs.list()),
    "get": lambda client: client.company_recordings.get(5),
    "delete": lambda client: client.company_recordings.delete(5),
    "job": lambda client: client.export_jobs.get("a"),
    "export": lambda client: client.company_recordings.export(),
    "wait": lambda client: client.export_jobs.adopt(["a", "b", "c"]).wait(timeout=0),
    "archives": lambda client: client.export_jobs.adopt(["a"]).download("there"),
    "download": lambda client: client.company_recordings.download(5, "there.mp3", overwrite=True),
    "object": lambda client: client.company_recordings.download(5, io.BytesIO()),
}


@pytest.mark.parametrize("name", READ)
@SETTINGS
@given(drawn=ANSWERS)
def test_answers_of_any_kind_end_in_success_or_an_error_of_ours(
    name: str, drawn: list[tuple[int, dict[str, str], bytes]]
) -> None:
    with answering(served(drawn)) as client:
        ends_well(lambda: READ[name](client))


AWAITED: dict[str, Callable[[AsyncCallRecordingClient], Any]] = {
    "get": lambda client: client.company_recordings.get(5),
    "delete": lambda client: client.company_recordings.delete(5),
    "export": lambda client: client.company_recordings.export(),
    "object": lambda client: client.company_recordings.download(5, io.BytesIO()),
    "wait": lambda client: client.export_jobs.adopt(["a"]).wait(timeout=0),
}


@pytest.mark.parametrize("name", AWAITED)
@SETTINGS
@given(drawn=ANSWERS)
def test_the_async_client_is_no_different(name: str, drawn: list[tuple[int, dict[str, str], bytes]]) -> None:
    async def call() -> None:
        transport = httpx.MockTransport(served(drawn))
        retries = RetryPolicy(tries=1)
        client = AsyncCallRecordingClient(auth="token-1", transport=transport, retries=retries, quota_wait=0)
        async with client:
            await AWAITED[name](client)

    ends_well(lambda: anyio.run(call))
