"""An export held against the listing: what it lacks is named, and fetched singly, over real sockets."""

import dataclasses
import io
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from vbc_call_recording import (
    CallRecordingClient,
    Export,
    ExportExpiredError,
    ExportFailedError,
    IncompleteListingError,
    InputError,
)
from vbc_call_recording_archive import ExportReport, check_export, fetch_missing
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth
from vbc_call_recording_sandbox._data import Recording as Stored

ARCHIVE = "bulkDownload"
QUICK = 0.01


def bytes_of(content: truth.Content) -> bytes:
    return b"".join(content.chunks(0, content.size))


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def newest(sandbox: Sandbox, count: int) -> list[Stored]:
    return sorted(sandbox.store.company(), key=lambda recording: recording.start)[-count:]


def checked(client: CallRecordingClient, export: Export, folder: Path) -> ExportReport:
    return check_export(client, export, export.download(folder, allow_missing=True))


def fetched(client: CallRecordingClient, export: Export, folder: Path, **options: Any) -> ExportReport:
    return fetch_missing(client, checked(client, export, folder), folder, **options)


@pytest.fixture
def wanted(sandbox: Sandbox) -> list[Stored]:
    """The newest recordings, which the export is for; twelve, unless several start at the same instant."""
    sandbox.faults.exports.job_size = 5
    since = newest(sandbox, 12)[0].start
    return [recording for recording in sandbox.store.company() if recording.start >= since]


@pytest.fixture
def client(sandbox: Sandbox) -> Any:
    with CallRecordingClient.from_env(sandbox.environment) as client:
        yield client


@pytest.fixture
def export(client: CallRecordingClient, wanted: list[Stored]) -> Export:
    """An export over several jobs, just started."""
    return client.company_recordings.export(start_gte=min(recording.start for recording in wanted))


def test_everything_delivered_is_complete(
    client: CallRecordingClient, export: Export, wanted: list[Stored], tmp_path: Path
) -> None:
    export.wait(poll=QUICK)
    report = checked(client, export, tmp_path)
    assert set(report.included) == {item.id for item in wanted}
    assert (report.missing, report.unclaimed, report.files_lost) == ((), (), 0)
    assert report.complete


def test_transcripts_are_unclaimed_and_do_no_harm(
    client: CallRecordingClient, wanted: list[Stored], tmp_path: Path
) -> None:
    export = client.company_recordings.export(
        include_transcriptions=True, start_gte=min(recording.start for recording in wanted)
    )
    export.wait(poll=QUICK)
    report = checked(client, export, tmp_path)
    assert set(report.unclaimed) == {f"{item.file_name}.txt" for item in wanted if item.transcript == "ready"}
    assert report.complete


def test_an_on_demand_export_is_held_against_its_users_listing(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    export = client.on_demand_recordings.export()
    export.wait(poll=QUICK)
    report = checked(client, client.export_jobs.resume(export.token), tmp_path)
    assert len(report.included) == len(sandbox.store.on_demand())
    assert report.complete


def test_jobs_adopted_by_id_cannot_be_compared(
    client: CallRecordingClient, export: Export, tmp_path: Path
) -> None:
    export.wait(poll=QUICK)
    with pytest.raises(InputError, match="adopted by job ids; accepted"):
        checked(client, client.export_jobs.adopt(export.job_ids), tmp_path)


def test_what_a_failed_job_would_have_held_can_be_fetched_singly(
    client: CallRecordingClient, export: Export, sandbox: Sandbox, wanted: list[Stored], tmp_path: Path
) -> None:
    failed = sandbox.exports.jobs[export.job_ids[0]]
    failed.statuses = ("failed",)
    with pytest.raises(ExportFailedError):
        export.wait(poll=QUICK)
    with pytest.raises(ExportFailedError):
        export.download(tmp_path)
    report = fetched(client, export, tmp_path)
    assert {cast(Path, result.path).read_bytes() for result in report.fetched} == {
        bytes_of(content) for content in failed.files
    }
    assert report.complete


def test_what_is_missing_is_named_and_fetched_singly(
    client: CallRecordingClient, sandbox: Sandbox, wanted: list[Stored], tmp_path: Path
) -> None:
    sandbox.faults.exports.job_size = 100
    sandbox.faults.exports.files_lost = 2
    export = client.company_recordings.export(start_gte=min(item.start for item in wanted))
    lost = {content.file_name for content in sandbox.exports.jobs[export.job_ids[0]].files[-2:]}
    export.wait(poll=QUICK)
    named = checked(client, export, tmp_path)
    assert {recording.file_name for recording in named.missing} == lost
    assert len(named.included) == len(wanted) - 2
    assert not named.complete
    report = fetched(client, export, tmp_path)
    assert report.complete
    there = {item.file_name: item for item in wanted}
    assert {cast(Path, result.path).read_bytes() for result in report.fetched} == {
        bytes_of(truth.audio(there[name])) for name in lost
    }


@pytest.mark.parametrize("by", ["valid_until", "answer"])
def test_what_is_gone_with_an_archive_can_be_fetched_singly(
    by: str, client: CallRecordingClient, export: Export, sandbox: Sandbox, tmp_path: Path
) -> None:
    gone = sandbox.exports.jobs[export.job_ids[0]]
    if by == "valid_until":
        gone.valid_until = datetime(2020, 1, 1, tzinfo=UTC)
        with pytest.raises(ExportExpiredError):
            export.wait(poll=QUICK)
    else:
        export.wait(poll=QUICK)
        sandbox.faults.next(ARCHIVE, status=410)
    report = fetched(client, export, tmp_path)
    names = [path.name for path in sorted(tmp_path.glob("export-*.zip"))]
    assert names == sorted(f"export-{job}.zip" for job in export.job_ids[1:])
    assert {cast(Path, result.path).read_bytes() for result in report.fetched} == {
        bytes_of(content) for content in gone.files
    }
    assert report.files_lost == len(gone.files)
    assert report.complete


def test_the_options_hold_for_what_is_fetched_singly_too(
    client: CallRecordingClient, export: Export, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.exports.jobs[export.job_ids[0]].statuses = ("failed",)
    with pytest.raises(ExportFailedError):
        export.wait(poll=QUICK)
    report = fetched(client, export, tmp_path)
    path = cast(Path, report.fetched[0].path)
    path.write_bytes(b"something else")
    assert not fetched(client, export, tmp_path).complete
    assert fetched(client, export, tmp_path, overwrite=True).complete
    path.unlink()
    sandbox.faults.next("/audio/recording/", stall=500)
    started = time.monotonic()
    assert fetched(client, export, tmp_path, stall_timeout=0.2).complete
    assert time.monotonic() - started < 20


def test_transcripts_lost_with_a_job_are_not_glossed_over(
    client: CallRecordingClient, sandbox: Sandbox, wanted: list[Stored], tmp_path: Path
) -> None:
    """All recordings are there in the end, but the failed job comprised transcripts as well."""
    for item in wanted:
        sandbox.store.put(dataclasses.replace(item, transcript="ready"))
    export = client.company_recordings.export(
        include_transcriptions=True, start_gte=min(item.start for item in wanted)
    )
    sandbox.exports.jobs[export.job_ids[0]].statuses = ("failed",)
    with pytest.raises(ExportFailedError):
        export.wait(poll=QUICK)
    report = fetched(client, export, tmp_path)
    assert len(report.fetched) == len(report.missing) == 5
    assert not report.complete


def test_a_file_lost_that_the_listing_does_not_know_is_not_glossed_over(
    client: CallRecordingClient, sandbox: Sandbox, wanted: list[Stored], tmp_path: Path
) -> None:
    sandbox.faults.exports.job_size = 100
    sandbox.faults.exports.files_lost = 1
    export = client.company_recordings.export(start_gte=min(item.start for item in wanted))
    lost = sandbox.exports.jobs[export.job_ids[0]].files[-1].file_name
    export.wait(poll=QUICK)
    sandbox.store.delete(next(item.id for item in wanted if item.file_name == lost))
    report = fetched(client, export, tmp_path)
    assert (report.missing, report.files_lost) == ((), 1)
    assert not report.complete


def test_a_listing_that_comes_short_compares_nothing(
    client: CallRecordingClient, export: Export, sandbox: Sandbox, tmp_path: Path
) -> None:
    export.wait(poll=QUICK)
    sandbox.faults.paging.total_items = 10_000
    with pytest.raises(IncompleteListingError):
        checked(client, export, tmp_path)


def test_a_listing_of_a_user_that_comes_short_compares_nothing_either(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    export = client.on_demand_recordings.export()
    export.wait(poll=QUICK)
    sandbox.faults.paging.total_items = 10_000
    with pytest.raises(IncompleteListingError):
        checked(client, export, tmp_path)


def test_an_entry_of_another_size_than_the_recording_is_missing(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    last = newest(sandbox, 1)[0]
    export = client.company_recordings.export(start_gte=last.start)
    export.wait(poll=QUICK)
    sandbox.faults.next(
        ARCHIVE, body=zipped({last.file_name: b""}), headers={"Content-Type": "application/zip"}
    )
    report = checked(client, export, tmp_path)
    assert last.id in [recording.id for recording in report.missing]


def test_twins_of_one_name_are_not_taken_for_one_recording(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Name and size do not tell which of the two the archive holds: both count as missing."""
    start = newest(sandbox, 1)[0].start + timedelta(days=1)
    first = sandbox.store.put(Stored(id=sandbox.store.new_id(), start=start, file_name="same.mp3"))
    export = client.company_recordings.export(start_gte=start)
    export.wait(poll=QUICK)
    twin = dataclasses.replace(first, id=sandbox.store.new_id())
    sandbox.store.put(twin)
    report = fetched(client, export, tmp_path)
    assert (len(report.included), len(report.missing), len(report.fetched)) == (0, 2, 2)
    assert report.complete
