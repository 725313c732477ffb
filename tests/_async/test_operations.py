"""The exact request each of the 14 operations makes, through the overlay."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from vbc_call_recording import AsyncCallRecordingClient, InputError, MalformedResponseError, Recording

BASE = "https://api.vonage.com/t/vbc.prod/call_recording/api/accounts/self"
FILTERS = {
    "call_direction": "INTRA_PBX",
    "call_id": "c9 1",
    "caller_id": "+17325550100",
    "cnam": "ÅSA & CO",
    "dnis": "1/2",
    "duration_gte": timedelta(seconds=1),
    "duration_lte": 60_000,
    "extension": 999,
    "start_gte": datetime(2019, 1, 1, tzinfo=UTC),
    "start_lte": "2019-02-01T01:00:00+01:00",
}
QUERY = (
    "call_direction=INTRA_PBX&call_id=c9+1&caller_id=%2B17325550100&cnam=%C3%85SA+%26+CO&dnis=1%2F2"
    "&duration%3Agte=1000&duration%3Alte=60000&extension=999&order=start%3ADESC&page_size=100"
    "&start%3Agte=2019-01-01T00%3A00%3A00%2B0000&start%3Alte=2019-02-01T00%3A00%3A00%2B0000"
)
BODY = {
    "call_direction": "INTRA_PBX",
    "call_id": "c9 1",
    "caller_id": "+17325550100",
    "cnam": "ÅSA & CO",
    "dnis": "1/2",
    "duration:gte": 1000,
    "duration:lte": 60000,
    "extension": "999",
    "start:gte": "2019-01-01T00:00:00+0000",
    "start:lte": "2019-02-01T00:00:00+0000",
}


@pytest.fixture
def client() -> AsyncCallRecordingClient:
    return AsyncCallRecordingClient(auth="t0ken")


def sent(httpx_mock: HTTPXMock) -> tuple[str, str, bytes]:
    request = httpx_mock.get_requests()[0]
    assert request.headers["Authorization"] == "Bearer t0ken"
    return request.method, str(request.url), request.content


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("resource", "path", "query"),
    [
        ("company_recordings", "/company_call_recordings", QUERY),
        ("on_demand_recordings", "/users/self/call_recordings", QUERY),
        (
            "transcriptions",
            "/company_call_recordings/transcriptions",
            QUERY + "&transcription_ready=true",
        ),
    ],
)
async def test_lists(
    client: AsyncCallRecordingClient, httpx_mock: HTTPXMock, resource: str, path: str, query: str
) -> None:
    embedded = {"recordings": [{"id": 1}], "transcriptions": [{"recording_id": 1}]}
    httpx_mock.add_response(json={"_embedded": embedded, "total_items": 1})
    filters = FILTERS | ({"transcription_ready": True} if resource == "transcriptions" else {})

    assert len([item async for item in getattr(client, resource).list(**filters)]) == 1

    assert sent(httpx_mock) == ("GET", f"{BASE}{path}?{query}", b"")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("recordings", "/users/self/call_recordings/jobs"),
        ("recordings_transcriptions", "/users/self/call_recordings/recordings_transcriptions/jobs"),
    ],
)
async def test_list_export_jobs(
    client: AsyncCallRecordingClient, httpx_mock: HTTPXMock, kind: str, path: str
) -> None:
    httpx_mock.add_response(json={"_embedded": {"jobs": [{"id": "j1"}]}})

    jobs = [job async for job in client.export_jobs.list(kind=kind, status="complete")]

    assert [job.id for job in jobs] == ["j1"]
    assert sent(httpx_mock) == ("GET", f"{BASE}{path}?status=complete", b"")


@pytest.mark.anyio
async def test_get_company_recording(client: AsyncCallRecordingClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json={"id": 193228})

    assert (await client.company_recordings.get(193228)).id == 193228

    assert sent(httpx_mock) == ("GET", f"{BASE}/company_call_recordings/193228", b"")


@pytest.mark.anyio
async def test_delete_company_recording(client: AsyncCallRecordingClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=204)

    await client.company_recordings.delete("193228")

    assert sent(httpx_mock) == ("DELETE", f"{BASE}/company_call_recordings/193228", b"")


@pytest.mark.anyio
async def test_get_on_demand_recording(client: AsyncCallRecordingClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json={"id": 5})

    assert (await client.on_demand_recordings.get(5, user_id=745249)).id == 5

    assert sent(httpx_mock) == ("GET", f"{BASE}/users/745249/call_recordings/5", b"")


@pytest.mark.anyio
async def test_delete_on_demand_recording(client: AsyncCallRecordingClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=204)

    await client.on_demand_recordings.delete(5)

    assert sent(httpx_mock) == ("DELETE", f"{BASE}/users/self/call_recordings/5", b"")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("recordings", "/users/self/call_recordings/jobs/j-1"),
        ("recordings_transcriptions", "/users/self/call_recordings/recordings_transcriptions/jobs/j-1"),
    ],
)
async def test_get_export_job(
    client: AsyncCallRecordingClient, httpx_mock: HTTPXMock, kind: str, path: str
) -> None:
    httpx_mock.add_response(json={"id": "j-1", "status": "complete"})

    assert (await client.export_jobs.get("j-1", kind=kind)).status == "complete"

    assert sent(httpx_mock) == ("GET", BASE + path, b"")


@pytest.mark.anyio
@pytest.mark.parametrize("status_code", [200, 201, 202])
@pytest.mark.parametrize(
    ("resource", "options", "path"),
    [
        ("company_recordings", {}, "/company_call_recordings/export"),
        (
            "company_recordings",
            {"include_transcriptions": True},
            "/company_call_recordings/recordings_transcriptions/export",
        ),
        ("on_demand_recordings", {"user_id": 7}, "/users/7/call_recordings/export"),
    ],
)
async def test_exports(
    client: AsyncCallRecordingClient,
    httpx_mock: HTTPXMock,
    resource: str,
    options: dict[str, object],
    path: str,
    status_code: int,
) -> None:
    httpx_mock.add_response(status_code=status_code, json={"job_ids": ["j-1", "j-2"]})

    export = await getattr(client, resource).export(**options, **FILTERS)

    assert list(export.job_ids) == ["j-1", "j-2"]
    method, url, content = sent(httpx_mock)
    assert (method, url, json.loads(content)) == ("POST", BASE + path, BODY)


@pytest.mark.anyio
async def test_an_export_of_everything_sends_an_empty_object(
    client: AsyncCallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(status_code=202, json={"job_ids": []})

    await client.company_recordings.export()

    assert sent(httpx_mock)[2] == b"{}"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "bad", ["", ".", "..", "a/b", "a\\b", "%2e%2e", "%2F", "..;", " ", "a\n", True, None]
)
async def test_an_id_that_could_lead_elsewhere_never_reaches_a_url(
    client: AsyncCallRecordingClient, httpx_mock: HTTPXMock, bad: str
) -> None:
    for call in (
        client.company_recordings.get,
        client.company_recordings.delete,
        client.on_demand_recordings.get,
        client.on_demand_recordings.delete,
        client.export_jobs.get,
    ):
        with pytest.raises(InputError):
            await call(bad)
    for user_call in (client.on_demand_recordings.get, client.on_demand_recordings.delete):
        with pytest.raises(InputError, match="user_id"):
            await user_call(5, user_id=bad)
    assert httpx_mock.get_requests() == []


@pytest.mark.anyio
@pytest.mark.parametrize("bad", ["", "a\0b", 7, None, io.StringIO()])
async def test_a_target_that_cannot_be_written_to_is_refused_before_any_request(
    client: AsyncCallRecordingClient, httpx_mock: HTTPXMock, bad: Path
) -> None:
    for download in (client.company_recordings.download, client.on_demand_recordings.download):
        with pytest.raises(InputError, match="to is"):
            await download(5, bad)
    assert httpx_mock.get_requests() == []


@pytest.mark.anyio
async def test_a_recording_that_does_not_say_where_its_audio_is_is_asked_for_again(
    client: AsyncCallRecordingClient, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(json={"id": 5, "download_url": "/audio/5"})
    httpx_mock.add_response(content=b"ID3" + bytes(50), headers={"Content-Type": "audio/mpeg"})

    await client.company_recordings.download(Recording(id=5), tmp_path / "a.mp3")

    assert (tmp_path / "a.mp3").stat().st_size == 53


@pytest.mark.anyio
async def test_a_recording_is_as_good_as_its_id(
    client: AsyncCallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(json={"id": 7})
    httpx_mock.add_response(status_code=204)

    await client.company_recordings.get(Recording(id=7))
    await client.on_demand_recordings.delete(Recording(id=7))

    assert [request.url.path.rsplit("/")[-1] for request in httpx_mock.get_requests()] == ["7", "7"]
    with pytest.raises(InputError, match="no id"):
        await client.company_recordings.delete(Recording())


@pytest.mark.anyio
async def test_somebody_elses_answer_is_no_export_of_nothing_and_no_recording(
    client: AsyncCallRecordingClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(json={"fault": {"code": 900}}, is_reusable=True)

    with pytest.raises(MalformedResponseError, match="fault") as caught:
        await client.company_recordings.export()
    assert caught.value.operation == "create_company_recording_export"
    for call in (client.company_recordings.get, client.on_demand_recordings.get, client.export_jobs.get):
        with pytest.raises(MalformedResponseError, match="fault"):
            await call("5")
