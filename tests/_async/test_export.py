"""Exports over real sockets: waited for, downloaded, compared, resumed, and nothing lost on the way."""

import io
import json
import logging
import math
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from vbc_call_recording import (
    AsyncCallRecordingClient,
    AsyncExport,
    AuthenticationError,
    ExportDownload,
    ExportError,
    ExportExpiredError,
    ExportFailedError,
    ExportProgress,
    ExportTimeoutError,
    InputError,
    MalformedResponseError,
    NotFoundError,
    RetryPolicy,
    UnsafeArchiveError,
    UntrustedUrlError,
    VerificationError,
)
from vbc_call_recording._async import watch as awaited_watch
from vbc_call_recording._sync import watch as sync_watch
from vbc_call_recording_sandbox import PagingQuirks, Sandbox
from vbc_call_recording_sandbox import _content as truth
from vbc_call_recording_sandbox._data import USER_IDS
from vbc_call_recording_sandbox._data import Recording as Stored

JOB = r"GET .*/jobs/"
ARCHIVE = "bulkDownload"
QUICK = 0.01


def bytes_of(content: truth.Content) -> bytes:
    return b"".join(content.chunks(0, content.size))


def newest(sandbox: Sandbox, count: int) -> list[Stored]:
    return sorted(sandbox.store.company(), key=lambda recording: recording.start)[-count:]


@pytest.fixture(autouse=True)
def two_jobs_are_looked_at_singly(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that faults can be planned for looks at single jobs. Three and more are listed."""
    for module in (awaited_watch, sync_watch):
        monkeypatch.setattr(module, "LISTED_FROM", 3)


@pytest.fixture
def wanted(sandbox: Sandbox) -> list[Stored]:
    """The newest recordings, which the export is for; twelve, unless several start at the same instant."""
    sandbox.faults.exports.job_size = 8
    since = newest(sandbox, 12)[0].start
    return [recording for recording in sandbox.store.company() if recording.start >= since]


@pytest.fixture
async def export(client: AsyncCallRecordingClient, wanted: list[Stored]) -> AsyncExport:
    """An export over several jobs, just started."""
    return await client.company_recordings.export(start_gte=min(recording.start for recording in wanted))


def job_requests(sandbox: Sandbox) -> int:
    return sum("/jobs/" in request.path for request in sandbox.requests)


@pytest.mark.anyio
async def test_waiting_covers_all_jobs_and_progress_only_grows(
    export: AsyncExport, sandbox: Sandbox, wanted: list[Stored]
) -> None:
    seen: list[ExportProgress] = []
    final = await export.wait(poll=QUICK, on_progress=seen.append)
    assert len(export.job_ids) > 1
    assert final == export.progress == seen[-1]
    assert final.files_completed == final.files_total == len(wanted)
    assert final.jobs_complete == final.jobs_total == len(export.job_ids)
    assert [step.files_completed for step in seen] == sorted(step.files_completed for step in seen)
    assert [step.files_total for step in seen] == sorted(step.files_total for step in seen)
    assert not export.partial


@pytest.mark.anyio
async def test_the_archives_hold_every_recording_byte_for_byte(
    export: AsyncExport, wanted: list[Stored], tmp_path: Path
) -> None:
    await export.wait(poll=QUICK)
    brought = await export.download(tmp_path / "new", extract=True)
    assert [path.name for path in brought.archives] == [f"export-{job_id}.zip" for job_id in export.job_ids]
    assert {path.parent for path in brought.extracted} == {path.with_suffix("") for path in brought.archives}
    assert {path.name: path.read_bytes() for path in brought.extracted} == {
        recording.file_name: bytes_of(truth.audio(recording)) for recording in wanted
    }
    assert brought.unavailable == ()
    assert not brought.partial


@pytest.mark.anyio
async def test_transcriptions_come_along_when_asked_for(
    client: AsyncCallRecordingClient, wanted: list[Stored], tmp_path: Path
) -> None:
    export = await client.company_recordings.export(
        include_transcriptions=True, start_gte=min(recording.start for recording in wanted)
    )
    await export.wait(poll=QUICK)
    brought = await export.download(tmp_path, extract=True)
    transcripts = {f"{item.file_name}.txt" for item in wanted if item.transcript == "ready"}
    assert {path.name for path in brought.extracted} == transcripts | {item.file_name for item in wanted}


@pytest.mark.anyio
async def test_an_on_demand_export_works_alike(
    client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    export = await client.on_demand_recordings.export()
    await export.wait(poll=QUICK)
    brought = await export.download(tmp_path, extract=True)
    assert len(brought.extracted) == len(sandbox.store.on_demand())


@pytest.mark.anyio
async def test_an_export_of_nothing_is_finished_and_empty(
    client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    export = await client.company_recordings.export(start_gte=datetime(2090, 1, 1, tzinfo=UTC))
    assert export.job_ids == ()
    assert (await export.wait()).fraction == 1
    brought = await export.download(tmp_path, extract=True)
    assert (brought.archives, brought.extracted) == ((), ())
    assert job_requests(sandbox) == 0


@pytest.mark.anyio
@pytest.mark.parametrize("word", ["COMPLETE", "Complete"])
async def test_complete_counts_in_any_case(
    word: str, client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored]
) -> None:
    sandbox.faults.exports.statuses = ("Queued", word)
    export = await client.company_recordings.export(start_gte=wanted[-1].start)
    assert (await export.wait(poll=QUICK)).fraction == 1


@pytest.mark.anyio
async def test_an_unknown_word_is_never_success_is_logged_once_and_named_when_time_is_up(
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    wanted: list[Stored],
    caplog: pytest.LogCaptureFixture,
) -> None:
    sandbox.faults.exports.statuses = ("queued", "completed-ish")
    export = await client.company_recordings.export(start_gte=min(item.start for item in wanted))
    with (
        caplog.at_level(logging.INFO, "vbc_call_recording"),
        pytest.raises(ExportTimeoutError, match="completed-ish") as caught,
    ):
        await export.wait(timeout=0.3, poll=QUICK)
    assert [record.getMessage() for record in caplog.records].count(
        f"export job {export.job_ids[0]} is 'completed-ish', a word not documented: taken for still going"
    ) == 1
    assert sum("completed-ish" in record.getMessage() for record in caplog.records) == 1
    assert caught.value.token == export.token
    assert caught.value.jobs == dict.fromkeys(export.job_ids, "completed-ish")


@pytest.mark.anyio
async def test_a_deadline_of_zero_looks_at_each_job_once(export: AsyncExport, sandbox: Sandbox) -> None:
    with pytest.raises(ExportTimeoutError):
        await export.wait(timeout=0)
    assert job_requests(sandbox) == len(export.job_ids)


@pytest.mark.anyio
async def test_a_deadline_of_zero_finds_a_complete_export_complete(
    client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored]
) -> None:
    sandbox.faults.exports.statuses = ("complete",)
    export = await client.company_recordings.export(start_gte=min(item.start for item in wanted))
    assert len(export.job_ids) > 1
    assert (await export.wait(timeout=0)).fraction == 1


@pytest.mark.anyio
async def test_a_deadline_holds_for_looks_that_fail_and_for_looks_without_an_answer(
    export: AsyncExport, client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    """Neither the client's retries nor its timeouts make a wait longer."""
    patient = client.with_options(retries=RetryPolicy(tries=9, first_wait=30))
    patiently = patient.export_jobs.resume(export.token)
    for trouble in ({"status": 503}, {"delay": 60}):
        sandbox.faults.next(JOB, times=math.inf, **trouble)  # type: ignore[arg-type]
        sandbox.requests.clear()
        started = time.monotonic()
        with pytest.raises(ExportTimeoutError):
            await patiently.wait(timeout=0.5, poll=QUICK)
        assert time.monotonic() - started < 25
        sandbox.faults.reset()
    assert job_requests(sandbox) == 1, "once time is up, the other jobs are not asked for"


@pytest.mark.anyio
async def test_a_job_without_status_is_said_to_have_none(export: AsyncExport, sandbox: Sandbox) -> None:
    sandbox.faults.next(JOB, status=503, times=math.inf)
    with pytest.raises(ExportTimeoutError, match=f"{export.job_ids[0]} without status[,)]"):
        await export.wait(timeout=0)


@pytest.mark.anyio
async def test_a_failed_job_is_told_with_the_state_of_every_job_once_the_others_are_done(
    export: AsyncExport, sandbox: Sandbox
) -> None:
    first, *others = export.job_ids
    sandbox.exports.jobs[first].statuses = ("queued", "FAILED")
    with pytest.raises(ExportFailedError) as caught:
        await export.wait(poll=QUICK)
    assert caught.value.jobs == {first: "FAILED"} | dict.fromkeys(others, "complete")
    assert caught.value.token == export.token


@pytest.mark.anyio
async def test_transient_errors_do_not_end_the_wait(export: AsyncExport, sandbox: Sandbox) -> None:
    sandbox.faults.next(JOB, status=503, times=7)
    sandbox.faults.next(JOB, status=500, times=2)
    sandbox.faults.next(JOB, status=408, times=2)
    sandbox.faults.next(JOB, drop=True, times=7)
    sandbox.faults.next(JOB, body="<html>Bad gateway</html>", times=2)
    assert (await export.wait(poll=QUICK, timeout=60)).fraction == 1


@pytest.mark.anyio
async def test_trouble_that_lasts_is_the_cause_of_the_timeout(export: AsyncExport, sandbox: Sandbox) -> None:
    sandbox.faults.next(JOB, status=500, times=math.inf)
    with pytest.raises(ExportTimeoutError) as caught:
        await export.wait(poll=QUICK, timeout=0.2)
    assert "500" in str(caught.value.__cause__)


@pytest.mark.anyio
async def test_trouble_that_waiting_cannot_cure_ends_the_wait_and_names_the_token(
    export: AsyncExport, sandbox: Sandbox
) -> None:
    sandbox.faults.next(JOB, status=401, times=math.inf)
    with pytest.raises(AuthenticationError) as caught:
        await export.wait(poll=QUICK)
    assert export.token in caught.value.__notes__[0]


@pytest.mark.anyio
async def test_a_404_just_after_creation_is_granted_some_time(
    client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored]
) -> None:
    sandbox.faults.exports.hidden_for = 3
    export = await client.company_recordings.export(start_gte=wanted[-1].start)
    assert (await export.wait(poll=QUICK)).fraction == 1


@pytest.mark.anyio
async def test_a_404_is_believed_once_the_export_is_older_and_names_the_way_out(
    export: AsyncExport, client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored]
) -> None:
    fields = json.loads(export.token)
    gone, *others = fields["job_ids"]
    sandbox.exports.jobs.pop(gone)
    old = client.export_jobs.resume(json.dumps(fields | {"created": 1.0}))
    with pytest.raises(ExportExpiredError, match="reexport") as caught:
        await old.wait(poll=QUICK)
    assert caught.value.token == old.token
    assert caught.value.jobs == {gone: None} | dict.fromkeys(others, "queued")
    assert (await (await old.reexport()).wait(poll=QUICK)).files_total == len(wanted)


@pytest.mark.anyio
async def test_a_404_on_one_of_several_adopted_jobs_tells_of_the_others(
    export: AsyncExport, client: AsyncCallRecordingClient
) -> None:
    adopted = client.export_jobs.adopt(["nowhere", *export.job_ids])
    with pytest.raises(NotFoundError) as caught:
        await adopted.wait(poll=QUICK)
    (note,) = caught.value.__notes__
    assert adopted.token in note
    assert f"{export.job_ids[-1]} 'queued'" in note


@pytest.mark.anyio
async def test_ids_in_one_string_are_refused(client: AsyncCallRecordingClient) -> None:
    with pytest.raises(InputError, match=r"'abc-def'.*accepted"):
        client.export_jobs.adopt("abc-def")


@pytest.mark.anyio
async def test_a_job_named_twice_is_one_job(
    client: AsyncCallRecordingClient, export: AsyncExport, sandbox: Sandbox
) -> None:
    first, *_ = export.job_ids
    assert client.export_jobs.adopt([first, first]).job_ids == (first,)
    sandbox.faults.reshape = lambda _, answer: {"job_ids": [first, first]}
    assert (await client.company_recordings.export()).job_ids == (first,)


@pytest.mark.anyio
async def test_a_job_that_disappears_while_waited_for_is_an_error_with_the_token(
    export: AsyncExport, sandbox: Sandbox
) -> None:
    await export.refresh()
    sandbox.exports.jobs.clear()
    with pytest.raises(ExportExpiredError, match="gone") as caught:
        await export.wait(poll=QUICK)
    assert caught.value.token == export.token


@pytest.mark.anyio
async def test_complete_with_files_missing_is_said_aloud(
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    wanted: list[Stored],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sandbox.faults.exports.job_size = 100
    sandbox.faults.exports.files_lost = 2
    export = await client.company_recordings.export(start_gte=min(item.start for item in wanted))
    final = await export.wait(poll=QUICK)
    assert final.partial
    assert export.partial
    assert f"complete with {len(wanted) - 2} of {len(wanted)} files" in caplog.text
    assert (await export.download(tmp_path)).partial


@pytest.mark.anyio
async def test_an_expired_archive_is_an_error_by_the_servers_clock_and_can_be_asked_for_again(
    client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored], tmp_path: Path
) -> None:
    sandbox.faults.clock_offset = timedelta(days=-400)
    export = await client.company_recordings.export(start_gte=min(item.start for item in wanted))
    await export.wait(poll=QUICK)
    await export.download(tmp_path / "fine")
    sandbox.faults.clock_offset = timedelta(days=-398)
    resumed = client.export_jobs.resume(export.token)
    with pytest.raises(ExportExpiredError, match="reexport") as caught:
        await resumed.wait(poll=QUICK)
    assert caught.value.token == export.token
    with pytest.raises(ExportExpiredError):
        await resumed.download(tmp_path / "late")
    await resumed.download(tmp_path / "fine")  # here already, and whole
    last = tmp_path / "fine" / f"export-{export.job_ids[-1]}.zip"
    last.write_text("something else")
    with pytest.raises(ExportExpiredError, match=export.job_ids[-1]):
        await resumed.download(tmp_path / "fine")
    last.unlink()
    with pytest.raises(ExportExpiredError, match=export.job_ids[-1]):
        await resumed.download(tmp_path / "fine")
    again = await resumed.reexport()
    assert set(again.job_ids).isdisjoint(export.job_ids)
    assert (await again.wait(poll=QUICK)).files_total == len(wanted)
    first, second = [request.body for request in sandbox.requests if request.path.endswith("/export")]
    assert first == second
    assert b"start:gte" in first


@pytest.mark.anyio
@pytest.mark.parametrize("with_transcriptions", [True, False])
async def test_asking_again_keeps_the_kind(
    with_transcriptions: bool,
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    wanted: list[Stored],
) -> None:
    export = await client.company_recordings.export(
        include_transcriptions=with_transcriptions, start_gte=wanted[-1].start, extension=107
    )
    await client.export_jobs.resume(export.token).reexport()
    first, second = [request for request in sandbox.requests if request.method == "POST"][-2:]
    assert first.path.endswith("recordings_transcriptions/export") is with_transcriptions
    assert (first.path, first.body) == (second.path, second.body)
    assert b"107" in first.body


@pytest.mark.anyio
async def test_asking_again_for_an_on_demand_export_keeps_user_and_filters(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    user = USER_IDS[1]
    start = min(recording.start for recording in sandbox.store.on_demand(user))
    export = await client.on_demand_recordings.export(user_id=user, start_gte=start, extension=107)
    await client.export_jobs.resume(export.token).reexport()
    first, second = [request for request in sandbox.requests if request.method == "POST"][-2:]
    assert f"users/{user}/" in first.path
    assert (first.path, first.body) == (second.path, second.body)
    assert b"107" in first.body
    assert b"start:gte" in first.body


@pytest.mark.anyio
@pytest.mark.parametrize("status", [404, 410])
async def test_an_archive_that_is_gone_is_expired(
    status: int, export: AsyncExport, sandbox: Sandbox, tmp_path: Path
) -> None:
    await export.wait(poll=QUICK)
    sandbox.faults.next(ARCHIVE, status=status)
    with pytest.raises(ExportExpiredError, match="reexport"):
        await export.download(tmp_path)


@pytest.mark.anyio
async def test_archives_come_in_the_order_of_their_jobs_kept_ones_too(
    export: AsyncExport, client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    await export.wait(poll=QUICK)
    before = await export.download(tmp_path)
    sandbox.exports.jobs[export.job_ids[-1]].valid_until = datetime(2020, 1, 1, tzinfo=UTC)
    resumed = client.export_jobs.resume(export.token)
    assert (await resumed.download(tmp_path)).archives == before.archives


@pytest.mark.anyio
async def test_the_report_counts_what_the_jobs_say_in_the_end(
    export: AsyncExport, sandbox: Sandbox, wanted: list[Stored], tmp_path: Path
) -> None:
    """A job may at first promise more files than it turns out to comprise."""

    def more(operation: str, answer: dict[str, object]) -> dict[str, object]:
        if answer.get("status") == "queued":
            answer["files_total"] = 1_000
        return answer

    sandbox.faults.reshape = more
    seen: list[ExportProgress] = []
    final = await export.wait(poll=QUICK, on_progress=seen.append)
    assert (final.files_completed, final.files_total) == (len(wanted), len(wanted))
    assert [step.fraction for step in seen] == sorted(step.fraction for step in seen)
    assert not (await export.download(tmp_path)).partial


@pytest.mark.anyio
async def test_downloading_before_the_end_says_so(export: AsyncExport, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="wait") as caught:
        await export.download(tmp_path)
    assert caught.value.token == export.token


@pytest.mark.anyio
async def test_the_token_is_all_it_takes_to_go_on(
    export: AsyncExport, client: AsyncCallRecordingClient, wanted: list[Stored], tmp_path: Path
) -> None:
    fields = json.loads(export.token)
    assert fields["version"] == 1
    assert set(fields) == {"version", "job_ids", "kind", "user_id", "scope", "filters", "created"}
    resumed = client.export_jobs.resume(export.token)
    assert resumed.token == export.token
    await resumed.wait(poll=QUICK)
    brought = await resumed.download(tmp_path, extract=True)
    assert len(brought.extracted) == len(wanted)


@pytest.mark.anyio
async def test_jobs_started_elsewhere_can_be_adopted_by_id(
    export: AsyncExport, client: AsyncCallRecordingClient, wanted: list[Stored], tmp_path: Path
) -> None:
    ids = [job.id async for job in client.export_jobs.list() if job.id]
    assert set(ids) == set(export.job_ids)
    adopted = client.export_jobs.adopt(cast(list[str], ids))
    await adopted.wait(poll=QUICK)
    assert len((await adopted.download(tmp_path, extract=True)).extracted) == len(wanted)
    with pytest.raises(InputError, match="filters"):
        await adopted.reexport()
    assert client.export_jobs.resume(adopted.token).job_ids == adopted.job_ids


@pytest.mark.anyio
async def test_the_list_of_jobs_follows_its_links_by_status_and_kind_without_going_in_circles(
    client: AsyncCallRecordingClient, export: AsyncExport, sandbox: Sandbox
) -> None:
    await export.wait(poll=QUICK)
    sandbox.faults.paging.page_size_cap = 1
    sandbox.faults.paging.next_cycles = True
    done = [job.id async for job in client.export_jobs.list(status="complete")]
    assert sorted(cast(list[str], done)) == sorted(export.job_ids)
    assert [job async for job in client.export_jobs.list(kind="recordings_transcriptions")] == []
    sandbox.faults.paging.next_origin = "https://elsewhere.example"
    with pytest.raises(UntrustedUrlError):
        assert [job async for job in client.export_jobs.list()]


@pytest.mark.anyio
@pytest.mark.parametrize("change", [{"timeout": -1}, {"timeout": True}, {"poll": 0}, {"on_progress": "x"}])
async def test_a_wait_that_cannot_be_right_is_refused_before_any_request(
    change: dict[str, Any], export: AsyncExport, sandbox: Sandbox
) -> None:
    sandbox.requests.clear()
    with pytest.raises(InputError, match="accepted"):
        await export.wait(**change)
    assert sandbox.requests == []


@pytest.mark.anyio
async def test_a_server_that_asks_for_time_gets_it(
    export: AsyncExport, client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    """Retry-After is longer than the deadline: no further question is asked before that."""
    patient = client.with_options(retries=0)
    sandbox.requests.clear()
    sandbox.faults.next(JOB, status=429, headers={"Retry-After": "3600"}, times=math.inf)
    with pytest.raises(ExportTimeoutError):
        await patient.export_jobs.resume(export.token).wait(timeout=0.3, poll=QUICK)
    assert job_requests(sandbox) <= 2 * len(export.job_ids)


@pytest.mark.anyio
async def test_a_download_broken_off_goes_on_in_the_archive_where_it_was(
    export: AsyncExport, sandbox: Sandbox, tmp_path: Path
) -> None:
    await export.wait(poll=QUICK)
    sandbox.faults.next(ARCHIVE, truncate=9_000)
    seen: list[tuple[int, int | None]] = []
    brought = await export.download(tmp_path, on_progress=lambda done, total: seen.append((done, total)))
    size = sum(path.stat().st_size for path in brought.archives)
    assert seen[-1] == (size, size)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert "bytes=9000-" in [request.headers.get("range") for request in sandbox.requests]


@pytest.mark.anyio
async def test_what_a_callback_raises_is_not_taken_for_an_archive_that_is_gone(
    export: AsyncExport, tmp_path: Path
) -> None:
    raised = NotFoundError("mine", operation="mine", status_code=404)

    def stop(done: int, total: int | None) -> None:
        raise raised

    await export.wait(poll=QUICK)
    with pytest.raises(NotFoundError) as caught:
        await export.download(tmp_path, on_progress=stop)
    assert caught.value is raised


@pytest.mark.anyio
async def test_running_again_transfers_nothing_twice(
    export: AsyncExport, sandbox: Sandbox, tmp_path: Path
) -> None:
    await export.wait(poll=QUICK)
    first = await export.download(tmp_path, extract=True)
    sandbox.requests.clear()
    assert await export.download(tmp_path, extract=True) == first
    assert not [request for request in sandbox.requests if ARCHIVE in request.path]


def zipped(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.anyio
async def test_a_damaged_archive_is_not_published(
    export: AsyncExport, sandbox: Sandbox, tmp_path: Path
) -> None:
    await export.wait(poll=QUICK)
    damaged = zipped({"a.mp3": b"ID3 sound"}).replace(b"ID3 sound", b"ID3 Sound")
    sandbox.faults.next(ARCHIVE, body=damaged, headers={"Content-Type": "application/zip"})
    with pytest.raises(VerificationError, match="CRC"):
        await export.download(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.anyio
async def test_an_unsafe_archive_is_kept_and_nothing_of_it_unpacked(
    export: AsyncExport, sandbox: Sandbox, tmp_path: Path
) -> None:
    await export.wait(poll=QUICK)
    unsafe = zipped({"a.mp3": b"ID3", "../evil.mp3": b"ID3"})
    sandbox.faults.next(ARCHIVE, body=unsafe, headers={"Content-Type": "application/zip"})
    with pytest.raises(UnsafeArchiveError) as caught:
        await export.download(tmp_path / "in", extract=True)
    assert caught.value.entry == "../evil.mp3"
    assert not (tmp_path / "evil.mp3").exists()
    assert all(path.suffix == ".zip" for path in (tmp_path / "in").iterdir())


@pytest.mark.anyio
async def test_an_archive_elsewhere_is_refused_before_any_request(
    export: AsyncExport, sandbox: Sandbox, tmp_path: Path
) -> None:
    def elsewhere(operation: str, answer: dict[str, object]) -> dict[str, object]:
        if "download_url" in answer:
            answer["download_url"] = "https://elsewhere.example/archive.zip"
        return answer

    sandbox.faults.reshape = elsewhere
    await export.wait(poll=QUICK)
    with pytest.raises(UntrustedUrlError):
        await export.download(tmp_path)


@pytest.mark.anyio
async def test_a_complete_job_without_url_is_a_clear_error(
    export: AsyncExport, sandbox: Sandbox, tmp_path: Path
) -> None:
    def without_url(operation: str, answer: dict[str, object]) -> dict[str, object]:
        answer.pop("download_url", None)
        return answer

    sandbox.faults.reshape = without_url
    await export.wait(poll=QUICK)
    with pytest.raises(ExportFailedError, match="complete, but names no archive") as caught:
        await export.download(tmp_path)
    assert caught.value.token == export.token


@pytest.mark.anyio
async def test_a_complete_job_of_no_files_has_no_archive_and_that_is_fine(
    export: AsyncExport, sandbox: Sandbox, tmp_path: Path
) -> None:
    def empty(operation: str, answer: dict[str, object]) -> dict[str, object]:
        answer.pop("download_url", None)
        return answer | {"files_total": 0, "files_completed": 0}

    sandbox.faults.reshape = empty
    await export.wait(poll=QUICK)
    assert await export.download(tmp_path, extract=True) == ExportDownload()


@pytest.mark.anyio
async def test_a_job_that_answers_for_another_is_malformed_at_once(
    export: AsyncExport, client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    sandbox.faults.reshape = lambda operation, answer: answer | {"id": "another"}
    about = f"asked for '{export.job_ids[0]}', the answer is about 'another'"
    with pytest.raises(MalformedResponseError, match=about) as caught:
        await export.wait(timeout=30)
    assert caught.value.field == "id"
    with pytest.raises(MalformedResponseError, match=about):
        await client.export_jobs.get(export.job_ids[0])


@pytest.mark.anyio
async def test_a_job_that_does_not_say_its_id_is_known_by_the_one_asked_for(
    export: AsyncExport, sandbox: Sandbox, tmp_path: Path
) -> None:
    def nameless(operation: str, answer: dict[str, object]) -> dict[str, object]:
        answer.pop("id", None)
        return answer

    sandbox.faults.reshape = nameless
    await export.wait(poll=QUICK)
    brought = await export.download(tmp_path)
    assert [path.name for path in brought.archives] == [f"export-{job_id}.zip" for job_id in export.job_ids]


@pytest.mark.anyio
async def test_an_expiry_that_cannot_be_read_ends_the_wait_at_once(
    export: AsyncExport, sandbox: Sandbox
) -> None:
    sandbox.faults.reshape = lambda operation, answer: answer | {"valid_until": "soon"}
    with pytest.raises(MalformedResponseError) as caught:
        await export.wait(timeout=30)
    assert caught.value.field == "valid_until"
    assert export.token in "".join(caught.value.__notes__)


@pytest.mark.anyio
async def test_a_job_that_is_gone_for_good_ends_the_wait_at_once(
    client: AsyncCallRecordingClient, export: AsyncExport, sandbox: Sandbox
) -> None:
    """Also just after its creation: unlike 404, that cannot mean that it is not there yet."""
    sandbox.faults.next(JOB, status=410)
    with pytest.raises(ExportExpiredError, match="is gone; reexport"):
        await export.wait(timeout=30)
    adopted = client.export_jobs.adopt(
        export.job_ids
    )  # whose filters are not known, so that none can ask again
    sandbox.faults.next(JOB, status=410)
    with pytest.raises(ExportExpiredError, match=r"is gone \(jobs"):
        await adopted.wait(timeout=30)


@pytest.mark.anyio
async def test_many_jobs_are_looked_up_in_one_listing(
    client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored], tmp_path: Path
) -> None:
    sandbox.faults.exports.job_size = 2
    export = await client.company_recordings.export(start_gte=min(item.start for item in wanted))
    assert len(export.job_ids) > 5
    sandbox.requests.clear()
    looks: list[ExportProgress] = []
    await export.wait(poll=QUICK, on_progress=looks.append)
    assert len(sandbox.requests) == len(looks), "one request a look, however many jobs"
    assert len((await export.download(tmp_path)).archives) == len(export.job_ids)


@pytest.mark.anyio
async def test_a_list_that_fails_for_a_while_is_asked_for_again(
    client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored]
) -> None:
    sandbox.faults.exports.job_size = 2
    export = await client.company_recordings.export(start_gte=min(item.start for item in wanted))
    sandbox.faults.next(r"GET .*/jobs", status=503, times=4)
    sandbox.requests.clear()
    await export.wait(poll=QUICK)
    paths = [request.path.rpartition("/")[2] for request in sandbox.requests]
    assert paths[:4] == ["jobs", export.job_ids[0]] * 2, "a server that is down is asked twice a look"
    assert set(paths[4:]) == {"jobs"}, "its failures say nothing against the list"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 403}, id="refused"),
        pytest.param({"status": 501}, id="not there"),
        pytest.param({"body": "<html>"}, id="a page of a proxy"),
        pytest.param(
            {"body": {"_embedded": {"jobs": [{"id": "x", "valid_until": "soon"}]}}}, id="unreadable"
        ),
        pytest.param({"drop": True}, id="never answered"),
    ],
)
async def test_whatever_is_wrong_with_the_list_the_jobs_themselves_say_how_far_they_are(
    fault: dict[str, Any], client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored]
) -> None:
    """The list may hold jobs of others, and only saves requests."""
    sandbox.faults.exports.job_size = 2
    export = await client.company_recordings.export(start_gte=min(item.start for item in wanted))
    sandbox.faults.next(r"GET .*/jobs$", times=math.inf, **fault)
    assert (await export.wait(poll=QUICK, timeout=10)).fraction == 1


@pytest.mark.anyio
async def test_a_list_of_several_pages_is_followed_as_long_as_that_saves_requests(
    client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored]
) -> None:
    sandbox.faults.exports.job_size = 1
    sandbox.faults.paging = PagingQuirks(page_size_cap=4)
    export = await client.company_recordings.export(start_gte=wanted[0].start)
    sandbox.requests.clear()
    await export.refresh()
    assert len(export.job_ids) >= 10
    assert len(sandbox.requests) <= len(export.job_ids) // 4 + 2
    assert None not in export.jobs.values()


@pytest.mark.anyio
async def test_a_complete_job_without_archive_in_the_list_is_looked_at_singly(
    client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored], tmp_path: Path
) -> None:
    sandbox.faults.exports.job_size = 2
    export = await client.company_recordings.export(start_gte=min(item.start for item in wanted))

    def terse(operation: str, answer: dict[str, Any]) -> dict[str, Any]:
        for job in answer.get("_embedded", {}).get("jobs", []):
            job.pop("download_url", None)
        return answer

    sandbox.faults.reshape = terse
    await export.wait(poll=QUICK)
    assert len((await export.download(tmp_path)).archives) == len(export.job_ids)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("count", "fault"),
    [
        (12, {"delay": 60}),
        (2, {"delay": 60}),
        (12, {"status": 429, "headers": {"Retry-After": "30"}}),
        (2, {"status": 429}),
    ],
)
async def test_a_wait_ends_in_time_whatever_the_server_does(
    count: int,
    fault: dict[str, Any],
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    wanted: list[Stored],
) -> None:
    sandbox.faults.exports.job_size = max(len(wanted) // count, 1)
    export = await client.company_recordings.export(start_gte=min(item.start for item in wanted))
    sandbox.faults.next("GET", times=math.inf, **fault)
    started = time.monotonic()
    with pytest.raises(ExportTimeoutError):
        await export.wait(timeout=1.5, poll=QUICK)
    assert time.monotonic() - started < 25


@pytest.mark.anyio
async def test_a_job_list_that_does_not_help_is_not_asked_for_again(
    client: AsyncCallRecordingClient, sandbox: Sandbox, wanted: list[Stored]
) -> None:
    """Unless the jobs are so young that it may not have caught up with them."""
    sandbox.faults.exports.job_size = 2
    for age, lists in (({"created": 1.0}, 1), ({}, 2)):
        started = await client.company_recordings.export(start_gte=min(item.start for item in wanted))
        export = client.export_jobs.resume(json.dumps(json.loads(started.token) | age))
        sandbox.faults.next(r"GET .*/jobs$", body={"_embedded": {"jobs": []}}, times=lists)
        sandbox.requests.clear()
        await export.refresh()
        await export.refresh()
        assert sum(request.path.endswith("/jobs") for request in sandbox.requests) == lists
        assert job_requests(sandbox) == 2 * len(export.job_ids)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body", [{}, {"job_ids": None}, {"job_ids": "abc"}, {"job_ids": [{"id": 1}]}, {"job_ids": [""]}]
)
async def test_an_export_answer_without_readable_job_ids_is_malformed_and_quoted(
    body: dict[str, object], client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    sandbox.faults.next("POST .*/export", status=201, body=body)
    with pytest.raises(MalformedResponseError, match=r"jobs were started|job_ids") as caught:
        await client.company_recordings.export()
    assert caught.value.field == "job_ids"
    assert json.loads(caught.value.body_excerpt) == body


@pytest.mark.anyio
async def test_job_ids_that_are_numbers_become_text(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    sandbox.faults.next("POST .*/export", status=201, body={"job_ids": [7, "8", 7]})
    assert (await client.company_recordings.export()).job_ids == ("7", "8")


@pytest.mark.anyio
async def test_a_handle_shows_how_far_it_is(export: AsyncExport) -> None:
    await export.refresh()
    assert export.job_ids[0] in repr(export)
    assert "jobs complete" in repr(export)
    assert set(export.jobs) == set(export.job_ids)
    with pytest.raises(TypeError):
        export.jobs["x"] = None  # type: ignore[index]
