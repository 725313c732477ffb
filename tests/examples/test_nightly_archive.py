"""The nightly archive: a whole day or an honest failure, and never the same work twice."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth
from vbc_call_recording_sandbox._data import Recording as Stored
from vbc_call_recording_sandbox._data import Store

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "nightly_archive.py"


def run(sandbox: Sandbox, folder: Path, day: date) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, PROGRAM, "--directory", folder, "--day", str(day)],
        env=os.environ | sandbox.environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def busy(sandbox: Sandbox) -> tuple[date, list[Stored]]:
    """The day with the most recordings, and these."""
    sandbox.faults.exports.statuses = ("complete",)
    recordings = sandbox.store.company()
    day = Counter(recording.start.date() for recording in recordings).most_common(1)[0][0]
    return day, [recording for recording in recordings if recording.start.date() == day]


def check_complete(folder: Path, recordings: list[Stored]) -> None:
    """Every recording's audio is there, byte for byte, and every transcript there is."""
    manifest = json.loads((folder / "manifest.json").read_text())
    files = Counter((folder / name).read_bytes() for name in manifest["files"])
    assert any(recording.transcript == "ready" for recording in recordings)
    wanted = [truth.audio(recording) for recording in recordings]
    wanted += [truth.transcript(recording) for recording in recordings if recording.transcript == "ready"]
    assert files == Counter(b"".join(content.chunks(0, content.size)) for content in wanted)


def test_a_day_is_archived_whole_and_then_left_alone(
    sandbox: Sandbox, busy: tuple[date, list[Stored]], tmp_path: Path
) -> None:
    day, recordings = busy
    done = run(sandbox, tmp_path, day)
    assert (done.returncode, done.stderr) == (0, "")
    check_complete(tmp_path / str(day), recordings)
    sandbox.requests.clear()
    again = run(sandbox, tmp_path, day)
    assert again.returncode == 0
    assert "archived already" in again.stdout
    assert sandbox.requests == []


def test_an_export_that_expired_meanwhile_is_asked_for_again(
    sandbox: Sandbox, busy: tuple[date, list[Stored]], tmp_path: Path
) -> None:
    day, recordings = busy
    folder = tmp_path / str(day)
    sandbox.faults.next("bulkDownload", status=410)
    done = run(sandbox, tmp_path, day)
    assert done.returncode == 0, done.stderr
    assert "asking again" in done.stdout
    check_complete(folder, recordings)


def test_a_job_the_server_has_forgotten_is_asked_for_again(
    sandbox: Sandbox, busy: tuple[date, list[Stored]], tmp_path: Path
) -> None:
    day, recordings = busy
    sandbox.faults.next("bulkDownload", status=403)
    assert run(sandbox, tmp_path, day).returncode == 1
    sandbox.exports.jobs.clear()
    kept = tmp_path / str(day) / "export.token"
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"created": 1.0}))
    done = run(sandbox, tmp_path, day)
    assert done.returncode == 0, done.stderr
    assert "asking again" in done.stdout
    check_complete(tmp_path / str(day), recordings)


def test_archives_that_came_before_the_export_expired_serve(
    sandbox: Sandbox, busy: tuple[date, list[Stored]], tmp_path: Path
) -> None:
    day, recordings = busy
    sandbox.faults.next("GET .*/transcriptions", status=403)
    assert run(sandbox, tmp_path, day).returncode == 1
    for job in sandbox.exports.jobs.values():
        job.valid_until = datetime(2020, 1, 1, tzinfo=UTC)
    sandbox.requests.clear()
    assert run(sandbox, tmp_path, day).returncode == 0
    assert not any(request.path.endswith("/export") for request in sandbox.requests)
    check_complete(tmp_path / str(day), recordings)


def test_of_a_failed_job_the_transcripts_are_fetched_singly_too(
    sandbox: Sandbox, busy: tuple[date, list[Stored]], tmp_path: Path
) -> None:
    day, recordings = busy
    sandbox.faults.exports.statuses = ("failed",)
    done = run(sandbox, tmp_path, day)
    assert done.returncode == 0, done.stderr
    check_complete(tmp_path / str(day), recordings)


def test_transcripts_that_an_archive_lacks_are_fetched_singly(
    sandbox: Sandbox, busy: tuple[date, list[Stored]], tmp_path: Path
) -> None:
    day, recordings = busy

    def lose_transcripts(_: Store) -> None:
        for job in sandbox.exports.jobs.values():
            job.files = sorted(job.files, key=lambda file: file.file_name.endswith(".txt"))
            job.files_lost = sum(file.file_name.endswith(".txt") for file in job.files)

    sandbox.faults.before("GET .*/jobs/", lose_transcripts)
    done = run(sandbox, tmp_path, day)
    assert done.returncode == 0, done.stderr
    check_complete(tmp_path / str(day), recordings)


def test_a_transcript_that_cannot_be_had_is_said_and_the_day_not_done(
    sandbox: Sandbox, busy: tuple[date, list[Stored]], tmp_path: Path
) -> None:
    day, _ = busy
    sandbox.faults.exports.statuses = ("failed",)
    sandbox.faults.next("GET /.*/transcription/", status=403)
    done = run(sandbox, tmp_path, day)
    assert done.returncode == 1
    assert "not fetched" in done.stderr
    assert not (tmp_path / str(day) / "manifest.json").exists()


@pytest.mark.parametrize("days", [0, 1])
def test_a_day_that_is_not_over_is_refused(days: int, sandbox: Sandbox, tmp_path: Path) -> None:
    done = run(sandbox, tmp_path, datetime.now(UTC).date() + timedelta(days=days))
    assert done.returncode == 2
    assert "is not over" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written_is_one_clear_line(
    sandbox: Sandbox, busy: tuple[date, list[Stored]], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no directory")
    done = run(sandbox, tmp_path / "file", busy[0])
    assert done.returncode == 1
    assert done.stderr.startswith(f"cannot write below {tmp_path / 'file'}: ")
    assert done.stderr.count("\n") == 1


def test_what_cannot_be_had_is_said_and_the_next_run_gets_it(
    sandbox: Sandbox, busy: tuple[date, list[Stored]], tmp_path: Path
) -> None:
    day, recordings = busy
    sandbox.faults.exports.files_lost = len(recordings)
    sandbox.faults.next("/audio/recording/", status=500)
    done = run(sandbox, tmp_path, day)
    assert done.returncode == 1
    assert "not fetched" in done.stderr
    assert not (tmp_path / str(day) / "manifest.json").exists()
    assert run(sandbox, tmp_path, day).returncode == 0
