"""Retention: nothing is deleted in a dry run, nor whose file is not on disk, whole and verified."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth
from vbc_call_recording_sandbox._data import Recording as Stored

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "retention.py"


def run(sandbox: Sandbox, folder: Path, days: int, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, PROGRAM, "--directory", folder, "--older-than", str(days), *more],
        env=os.environ | sandbox.environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def days(sandbox: Sandbox) -> int:
    """An age that some forty of the sandbox's recordings exceed."""
    fortieth = sorted(sandbox.store.company(), key=lambda recording: recording.start)[40]
    return (datetime.now(UTC) - fortieth.start).days


def old_and_new(sandbox: Sandbox, days: int) -> tuple[list[Stored], list[Stored]]:
    now = datetime.now(UTC)
    old = [item for item in sandbox.store.company() if (now - item.start).total_seconds() > days * 86_400]
    return old, [item for item in sandbox.store.company() if item not in old]


def bytes_on_disk(folder: Path) -> set[bytes]:
    return {path.read_bytes() for path in folder.iterdir()}


def bytes_of(recordings: list[Stored]) -> set[bytes]:
    contents = [truth.audio(recording) for recording in recordings]
    return {b"".join(content.chunks(0, content.size)) for content in contents}


def test_without_delete_nothing_is_deleted_or_downloaded(sandbox: Sandbox, days: int, tmp_path: Path) -> None:
    before = sandbox.store.company()
    old, _ = old_and_new(sandbox, days)
    done = run(sandbox, tmp_path / "old", days)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"dry run: {len(old)} recordings" in done.stdout
    assert sandbox.store.company() == before
    assert not (tmp_path / "old").exists()
    assert {request.method for request in sandbox.requests} <= {"GET", "POST"}


def test_with_delete_the_old_ones_are_on_disk_and_gone_and_the_new_ones_stay(
    sandbox: Sandbox, days: int, tmp_path: Path
) -> None:
    old, new = old_and_new(sandbox, days)
    done = run(sandbox, tmp_path, days, "--delete")
    assert (done.returncode, done.stderr) == (0, "")
    assert bytes_on_disk(tmp_path) == bytes_of(old)
    assert sandbox.store.company() == new


def test_one_that_does_not_arrive_whole_is_kept_and_reported(
    sandbox: Sandbox, days: int, tmp_path: Path
) -> None:
    old, new = old_and_new(sandbox, days)
    for recording, fault in ((old[3], {"status": 500}), (old[5], {"body": "<html>Log in</html>"})):
        sandbox.faults.next(f"GET .*/audio/recording/{recording.id}", **fault)  # type: ignore[arg-type]
    done = run(sandbox, tmp_path, days, "--delete")
    assert done.returncode == 1
    assert f"kept {old[3].id}" in done.stderr
    assert f"kept {old[5].id}" in done.stderr
    assert {item.id for item in sandbox.store.company()} == {item.id for item in new} | {old[3].id, old[5].id}
    assert bytes_on_disk(tmp_path) == bytes_of([item for item in old if item not in (old[3], old[5])])


def test_one_whose_size_is_not_told_is_kept_with_the_reason(
    sandbox: Sandbox, days: int, tmp_path: Path
) -> None:
    before = sandbox.store.company()

    def without_sizes(_: str, answer: dict[str, Any]) -> dict[str, Any]:
        for recording in answer.get("_embedded", {}).get("recordings", []):
            del recording["file_size_in_bytes"]
        return answer

    sandbox.faults.reshape = without_sizes
    done = run(sandbox, tmp_path, days, "--delete")
    assert done.returncode == 1
    assert "does not tell its size" in done.stderr
    assert "None" not in done.stderr
    assert sandbox.store.company() == before


@pytest.mark.parametrize("wrong", [["--older-than", "0"], ["--older-than", "-3"], []])
def test_a_missing_or_senseless_age_is_refused(wrong: list[str], tmp_path: Path) -> None:
    command = [sys.executable, PROGRAM, "--directory", tmp_path, "--delete", *wrong]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--older-than" in done.stderr
