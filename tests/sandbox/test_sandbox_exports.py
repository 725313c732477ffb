"""The sandbox's exports: snapshot, jobs that get on when looked at, archives, and the rules they follow."""

import dataclasses
import io
import zipfile
from datetime import datetime, timedelta

import httpx
import pytest

from vbc_call_recording_sandbox import REFERENCE, USER_IDS, ExportRules, Sandbox

MINE = "/users/self/call_recordings"
MONTH = {"start:gte": "2024-10-01T00:00:00+0000", "start:lte": "2024-10-31T23:59:59+0000"}


def _export(http: httpx.Client, path: str = "/company_call_recordings", **filters: object) -> list[str]:
    answer = http.post(f"{path}/export", json=filters)
    answer.raise_for_status()
    job_ids: list[str] = answer.json()["job_ids"]
    return job_ids


def _look(http: httpx.Client, job_id: str, folder: str = "") -> dict[str, object]:
    answer = http.get(f"{MINE}{folder}/jobs/{job_id}")
    answer.raise_for_status()
    job: dict[str, object] = answer.json()
    return job


def _archive(http: httpx.Client, job_id: str, folder: str = "") -> zipfile.ZipFile:
    while "download_url" not in (job := _look(http, job_id, folder)):
        pass
    answer = http.get(str(job["download_url"]))
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert len(archive.namelist()) == job["files_total"]
    return archive


def _of_the_month(sandbox: Sandbox) -> set[str]:
    return {r.file_name for r in sandbox.store.company() if (r.start.year, r.start.month) == (2024, 10)}


def test_an_export_holds_what_matched_when_it_was_asked_for(sandbox: Sandbox, http: httpx.Client) -> None:
    """Over all of its jobs, each recording's audio under its file name, whatever is deleted afterwards."""
    sandbox.faults.exports.job_size = 40
    expected = _of_the_month(sandbox)
    job_ids = _export(http, **MONTH)
    assert len(job_ids) == -(-len(expected) // 40) > 1
    for recording in sandbox.store.company():
        sandbox.store.delete(recording.id)
    archives = [_archive(http, job_id) for job_id in job_ids]
    names = [name for archive in archives for name in archive.namelist()]
    assert len(names) == len(set(names))
    assert set(names) == expected
    assert all(archive.read(name).startswith(b"ID3") for archive in archives for name in archive.namelist())


def test_transcripts_lie_beside_the_recordings_that_have_one(sandbox: Sandbox, http: httpx.Client) -> None:
    folder = "/recordings_transcriptions"
    (job_id,) = _export(http, f"/company_call_recordings{folder}", **MONTH)
    names = set(_archive(http, job_id, folder).namelist())
    recordings = _of_the_month(sandbox)
    ready = {r.file_name for r in sandbox.store.company() if r.transcript == "ready"}
    assert names == recordings | {f"{name}.txt" for name in recordings & ready}


def test_on_demand_exports_are_of_the_user_asked_for(sandbox: Sandbox, http: httpx.Client) -> None:
    """The user and whoever started the export see the job; others don't."""
    (job_id,) = _export(http, f"/users/{USER_IDS[1]}/call_recordings")
    assert set(_archive(http, job_id).namelist()) == {
        r.file_name for r in sandbox.store.on_demand(USER_IDS[1])
    }
    assert http.get(f"/users/{USER_IDS[1]}/call_recordings/jobs/{job_id}").status_code == 200
    assert http.get(f"/users/{USER_IDS[2]}/call_recordings/jobs/{job_id}").status_code == 404


def test_nothing_to_export_is_no_job(http: httpx.Client) -> None:
    assert _export(http, cnam="NOBODY") == []


def test_a_job_gets_on_each_time_it_is_looked_at(http: httpx.Client) -> None:
    (job_id,) = _export(http, **MONTH)
    looks = [_look(http, job_id) for _ in range(4)]
    assert [job["status"] for job in looks] == ["queued", "in_progress", "complete", "complete"]
    done = [job["files_completed"] for job in looks]
    assert done[0] == 0 < done[1] < done[2] == done[3] == looks[0]["files_total"]  # type: ignore[operator]
    assert ["download_url" in job for job in looks] == [False, False, True, True]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"duration:gte": "60000"}',
        b'{"duration:gte": true}',
        b'{"extension": 101}',
        b'{"call_direction": "inbound"}',
        b'{"start:gte": "2024-10-01"}',
        b'{"start_gte": "2024-10-01T00:00:00+0000"}',
        b'{"order": "start:ASC"}',
    ],
)
def test_a_wrong_export_body_is_refused(body: bytes, sandbox: Sandbox, http: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    answer = http.post("/company_call_recordings/export", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    assert sandbox.exports.jobs == {}


def test_each_kind_of_job_is_in_its_own_list(http: httpx.Client) -> None:
    (plain,) = _export(http, **MONTH)
    (with_transcripts,) = _export(http, "/company_call_recordings/recordings_transcriptions", **MONTH)
    folder = "/recordings_transcriptions"
    listed = {
        kind: [job["id"] for job in http.get(f"{MINE}{kind}/jobs").json()["_embedded"]["jobs"]]
        for kind in ("", folder)
    }
    assert listed == {"": [plain], folder: [with_transcripts]}
    assert http.get(f"{MINE}/jobs/{with_transcripts}").status_code == 404
    assert http.get(f"{MINE}{folder}/jobs/{plain}").status_code == 404


def test_the_job_list_is_paged_by_its_links_and_filtered_by_status(
    sandbox: Sandbox, http: httpx.Client
) -> None:
    sandbox.faults.exports.job_size = 25
    job_ids = _export(http)
    for _ in range(3):
        page = http.get(f"{MINE}/jobs", params={"status": "complete"})
    listed = [job["id"] for job in page.json()["_embedded"]["jobs"]]
    while "next" in page.json()["_links"]:
        page = http.get(page.json()["_links"]["next"]["href"])
        listed += [job["id"] for job in page.json()["_embedded"]["jobs"]]
    assert listed == job_ids
    assert http.get(f"{MINE}/jobs", params={"status": "queued"}).json()["total_items"] == 0


def test_an_archive_is_the_same_bytes_every_time_and_comes_in_ranges(http: httpx.Client) -> None:
    (job_id,) = _export(http, **MONTH)
    _archive(http, job_id)
    url = str(_look(http, job_id)["download_url"])
    whole = http.get(url)
    head = http.get(url, headers={"Range": "bytes=0-999", "If-Range": whole.headers["etag"]})
    tail = http.get(url, headers={"Range": "bytes=1000-", "If-Range": whole.headers["etag"]})
    assert (head.status_code, tail.status_code) == (206, 206)
    assert head.content + tail.content == whole.content
    assert http.get(url.replace("/api/bulk", "/v1/api/bulk")).content == whole.content


def test_an_archive_is_only_there_once_the_job_is_complete(sandbox: Sandbox, http: httpx.Client) -> None:
    (job_id,) = _export(http, **MONTH)
    url = f"{sandbox.base_url}/api/bulkDownload/retrieve"
    assert http.get(url, params={"jobId": job_id}).status_code == 404
    _archive(http, job_id)
    assert http.get(url, params={"jobId": job_id}).status_code == 200
    assert http.get(url).status_code == 404
    other = f"{sandbox.base_url}/api/bulkDownload/recordings_transcriptions/retrieve"
    assert http.get(other, params={"jobId": job_id}).status_code == 404


def _instant(text: object) -> datetime:
    return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%S%z")


def test_an_archive_expires_by_the_servers_clock(sandbox: Sandbox, http: httpx.Client) -> None:
    (job_id,) = _export(http, **MONTH)
    _archive(http, job_id)
    job = _look(http, job_id)
    left = _instant(job["valid_until"]) - sandbox.faults.now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    sandbox.faults.clock_offset = timedelta(hours=25)
    assert http.get(str(job["download_url"])).status_code == 410
    assert _look(http, job_id)["status"] == "complete"


def test_rules_apply_to_jobs_created_after_them(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.exports = ExportRules(
        success_status=201,
        job_size=30,
        statuses=("QUEUED", "zipping", "COMPLETE"),
        lifetime=timedelta(hours=-1),
        hidden_for=2,
        files_lost=3,
    )
    answer = http.post("/company_call_recordings/export", json=MONTH)
    assert answer.status_code == 201
    job_id = answer.json()["job_ids"][0]
    assert [http.get(f"{MINE}/jobs/{job_id}").status_code for _ in range(2)] == [404, 404]
    looks = [_look(http, job_id) for _ in range(3)]
    assert [job["status"] for job in looks] == ["QUEUED", "zipping", "COMPLETE"]
    assert (looks[2]["files_completed"], looks[2]["files_total"]) == (27, 30)
    assert http.get(str(looks[2]["download_url"])).status_code == 410


@pytest.mark.parametrize("word", ["queued", "in_progress", "failed", "zombie"])
def test_a_job_with_another_last_word_never_completes(
    word: str, sandbox: Sandbox, http: httpx.Client
) -> None:
    sandbox.faults.exports.statuses = ("queued", word)
    (job_id,) = _export(http, **MONTH)
    last = [_look(http, job_id) for _ in range(5)][-1]
    assert last["status"] == word
    assert "download_url" not in last
    assert int(str(last["files_completed"])) < int(str(last["files_total"]))


def test_a_file_that_is_lost_is_not_in_the_archive(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.exports.files_lost = 2
    (job_id,) = _export(http, **MONTH)
    for _ in range(3):
        job = _look(http, job_id)
    names = zipfile.ZipFile(io.BytesIO(http.get(str(job["download_url"])).content)).namelist()
    assert len(names) == job["files_completed"] == int(str(job["files_total"])) - 2


def test_one_job_of_several_can_be_made_to_fail(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.exports.job_size = 40
    first, second, *_ = _export(http, **MONTH)
    sandbox.exports.jobs[second].statuses = ("failed",)
    assert [_look(http, first)["status"] for _ in range(3)][-1] == "complete"
    assert [_look(http, second)["status"] for _ in range(3)][-1] == "failed"


def test_file_names_go_into_the_archive_as_they_are(sandbox: Sandbox, http: httpx.Client) -> None:
    """So that tests can find out what happens to a client that unpacks a hostile archive."""
    newest = dataclasses.replace(sandbox.store.company()[0], file_name="../evil.mp3", start=REFERENCE)
    sandbox.store.put(newest)
    (job_id,) = _export(http, **{"start:gte": "2025-01-01T00:00:00+0000"})
    assert _archive(http, job_id).namelist() == ["../evil.mp3"]
