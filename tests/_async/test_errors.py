"""Every way an answer can be wrong becomes one typed error that carries what is known about it."""

import pickle

import httpx
import pytest
from pytest_httpx import HTTPXMock

from vbc_call_recording import (
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    AsyncCallRecordingClient,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    MalformedResponseError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    StatusError,
    UnprocessableEntityError,
    UntrustedUrlError,
)
from vbc_call_recording_generated.api.company_recordings import get_company_recording, list_company_recordings
from vbc_call_recording_sandbox import Sandbox

URL = "https://api.vonage.com/t/vbc.prod/call_recording/api/accounts/self/company_call_recordings/5"


@pytest.fixture
def bare() -> AsyncCallRecordingClient:
    return AsyncCallRecordingClient(auth="t0ken", retries=0)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, UnprocessableEntityError),
        (429, RateLimitError),
        (500, ServerError),
        (503, ServerError),
        (520, ServerError),
        (599, ServerError),
        (418, StatusError),
        (499, StatusError),
        (302, StatusError),
        (304, StatusError),
        (799, StatusError),
    ],
)
async def test_each_status_has_its_class_and_data(
    bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock, status: int, cls: type[StatusError]
) -> None:
    headers = {"X-Request-Id": "r-1"}
    httpx_mock.add_response(status_code=status, json={"message": "no"}, headers=headers)

    with pytest.raises(StatusError) as caught:
        await bare.with_options(quota_wait=0).company_recordings.get(5)

    error = caught.value
    assert type(error) is cls
    assert (error.operation, error.method, error.url) == ("get_company_recording", "GET", URL)
    assert (error.status_code, error.request_id) == (status, "r-1")
    assert error.body_excerpt == '{"message":"no"}'
    assert str(status) in str(error)
    assert "get_company_recording" in str(error)
    assert "r-1" in str(error)


@pytest.mark.anyio
async def test_errors_survive_pickling(bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=429, headers={"Retry-After": "7"})

    with pytest.raises(RateLimitError) as caught:
        await bare.with_options(quota_wait=0).company_recordings.get(5)

    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy), copy.retry_after) == (RateLimitError, str(caught.value), 7.0)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"<html>Sign in</html>", None),
        (b'{"id": 5', None),
        (b"", None),
        (b"[]", None),
        (b"null", None),
        (b'"text"', None),
        (b"\xff\xfe\x00", None),
        (b'{"start": "yesterday"}', "start"),
        (b'{"_links": {"self": 3}}', "_links.self"),
        (b"[" * 20_000, None),
    ],
    ids=["html", "cut", "empty", "list", "null", "string", "not-utf8", "date", "link", "deep"],
)
async def test_an_answer_that_cannot_be_read_is_malformed(
    bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock, body: bytes, field: str | None
) -> None:
    httpx_mock.add_response(content=body, headers={"Content-Type": "text/html"})

    with pytest.raises(MalformedResponseError) as caught:
        await bare.company_recordings.get(5)

    assert caught.value.operation == "get_company_recording"
    assert caught.value.status_code == 200
    assert caught.value.field == field
    assert caught.value.__cause__ is not None


@pytest.mark.anyio
async def test_generated_functions_raise_the_same_errors(
    bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(json={"_embedded": {"recordings": [{"end": 3}]}})
    httpx_mock.add_response(status_code=404)

    with pytest.raises(MalformedResponseError) as caught:
        await list_company_recordings.asyncio_detailed("self", client=bare.api)
    with pytest.raises(NotFoundError):
        await get_company_recording.asyncio_detailed("self", "5", client=bare.api)

    assert caught.value.field == "_embedded.recordings[0].end"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("failure", "cls"),
    [
        (httpx.ConnectError("refused"), ApiConnectionError),
        (httpx.ConnectTimeout("slow"), ApiTimeoutError),
        (httpx.ReadTimeout("slow"), ApiTimeoutError),
        (httpx.PoolTimeout("busy"), ApiTimeoutError),
        (httpx.ReadError("reset"), ApiConnectionError),
        (httpx.RemoteProtocolError("closed"), ApiConnectionError),
        (httpx.DecodingError("gzip"), MalformedResponseError),
        (httpx.TooManyRedirects("round"), UntrustedUrlError),
        (httpx.ProxyError("proxy"), ApiConnectionError),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_nothing_of_httpx_reaches_the_user_unwrapped(
    bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock, failure: httpx.HTTPError, cls: type[ApiError]
) -> None:
    httpx_mock.add_exception(failure)

    with pytest.raises(ApiError) as caught:
        await bare.company_recordings.get(5)

    assert type(caught.value) is cls
    cause = caught.value.__cause__  # a copy: the original refers to a request that bears the token
    assert (type(cause), str(cause)) == (type(failure), str(failure))
    assert (caught.value.operation, caught.value.url) == ("get_company_recording", URL)


@pytest.mark.anyio
async def test_a_long_body_is_cut_and_secrets_in_it_are_masked(
    bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    body = 'Authorization: Bearer t0ken {"access_token": "other", "password":"x"} ' + "long " * 1000
    httpx_mock.add_response(status_code=500, text=body)

    with pytest.raises(ServerError) as caught:
        await bare.company_recordings.get(5)

    excerpt = caught.value.body_excerpt
    assert len(excerpt) < 600
    for secret in ("t0ken", "other", '"x"'):
        assert secret not in excerpt


@pytest.mark.anyio
async def test_an_answer_about_something_else_tells_its_request(
    bare: AsyncCallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    base = URL.removesuffix("/company_call_recordings/5")
    answers = {
        "get_company_recording": ({"id": 6}, lambda: bare.company_recordings.get(5)),
        "get_recording_transcription_export_job": (
            {"id": "b"},
            lambda: bare.export_jobs.get("a", kind="recordings_transcriptions"),
        ),
        "create_company_recording_transcription_export": (
            {"job_ids": None},
            lambda: bare.company_recordings.export(include_transcriptions=True),
        ),
    }
    for operation, (answer, call) in answers.items():
        httpx_mock.add_response(json=answer, headers={"X-Request-Id": "req-1"})
        with pytest.raises(MalformedResponseError) as caught:
            await call()
        error = caught.value
        assert (error.operation, error.request_id, error.status_code) == (operation, "req-1", 200)
        assert str(error.url).startswith(base)
        assert error.method == ("POST" if operation.startswith("create") else "GET")


@pytest.mark.anyio
async def test_a_closed_client_says_so(bare: AsyncCallRecordingClient) -> None:
    await bare.aclose()

    with pytest.raises(ConfigurationError, match="closed"):
        await bare.company_recordings.get(5)


@pytest.mark.anyio
async def test_a_body_that_breaks_off_is_no_answer(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    sandbox.faults.next("GET .*/company_call_recordings/", times=9, truncate=10)

    with pytest.raises(ApiConnectionError):
        await client.company_recordings.get(sandbox.store.company()[0].id)
