"""The nightly archive: a whole day or an honest failure, and never the same work twice."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth
from vbc_call_recording_sandbox._data import Recording as Stored

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
    files = {Path(name).name: (folder / name).read_bytes() for name in manifest["files"]}
    for recording in recordings:
        audio = truth.audio(recording)
        assert files.pop(recording.file_name) == b"".join(audio.chunks(0, audio.size))
        if recording.transcript == "ready":
            text = truth.transcript(recording)
            assert files.pop(f"{recording.file_name}.txt") == b"".join(text.chunks(0, text.size))
    assert files == {}


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
