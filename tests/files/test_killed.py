"""kill -9 at any byte and at any step on disk, then run again: the same result as without it.

The victims are processes of their own that kill themselves with SIGKILL at a chosen point; nothing of them
gets a chance to clean up.
"""

import multiprocessing
import os
import random
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vbc_call_recording import CallRecordingClient, PasswordGrant
from vbc_call_recording._files import part_file
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth

SIZE = 400_000
# Whatever changes a disk, as Python's audit hooks name it.
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "shutil.rmtree"}

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["pytest", "vbc_call_recording", "vbc_call_recording_sandbox"])

Job = Callable[[CallRecordingClient, Path, Any], None]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at_byte(at: int) -> None:
    """Lets so many bytes of the download reach the disk."""
    write_all = part_file.write_all
    written = 0

    def write_until_death(file: Any, chunk: bytes) -> None:
        nonlocal written
        write_all(file, chunk[: max(0, at - written)])
        written += len(chunk)
        if written >= at:
            die()

    part_file.write_all = write_until_death


def die_at_step(at: int, folder: Path) -> None:
    """Lets so many steps happen below a folder, and dies before the next."""
    left = at

    def count(event: str, args: tuple[Any, ...]) -> None:
        nonlocal left
        if event in STEPS and str(args[0]).startswith(str(folder)):
            left -= 1
            if left < 0:
                die()

    sys.addaudithook(count)


def work(
    variables: dict[str, str], job: Job, folder: Path, what: Any, byte: int | None, step: int | None
) -> None:
    grant = PasswordGrant(
        variables["VBC_USERNAME"],
        variables["VBC_PASSWORD"],
        variables["VBC_CLIENT_ID"],
        variables["VBC_CLIENT_SECRET"],
        token_url=variables["VBC_TOKEN_URL"],
    )
    with CallRecordingClient(auth=grant, base_url=variables["VBC_BASE_URL"]) as client:
        if byte is not None:
            die_at_byte(byte)
        if step is not None:
            die_at_step(step, folder)
        job(client, folder, what)


def survives(
    sandbox: Sandbox, job: Job, folder: Path, what: Any, *, byte: int | None = None, step: int | None = None
) -> bool:
    """Runs a job in a process that dies at a point, if it gets there. False if it was killed."""
    process = processes.Process(target=work, args=(sandbox.environment, job, folder, what, byte, step))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), "it was to end well or to be killed"
    return process.exitcode == 0


def download(client: CallRecordingClient, folder: Path, recording_id: int) -> None:
    client.company_recordings.download(recording_id, folder)


def export(client: CallRecordingClient, folder: Path, since: str) -> None:
    """Waits for an export, whose token is kept outside of the folder, and unpacks it."""
    token = folder.with_suffix(".token")
    if token.exists():
        handle = client.export_jobs.resume(token.read_text())
    else:
        handle = client.company_recordings.export(start_gte=since)
        token.with_suffix(".new").write_text(handle.token)
        token.with_suffix(".new").replace(token)

    def note(_: object) -> None:
        (folder / "progress").touch()

    handle.wait(poll=0.01, on_progress=note)
    (folder / "progress").unlink(missing_ok=True)
    handle.download(folder, extract=True)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


@pytest.mark.parametrize("with_validator", [True, False])
def test_a_download_killed_at_any_byte_ends_in_the_same_bytes(
    with_validator: bool, sandbox: Sandbox, folder: Path
) -> None:
    stored = sandbox.store.put(replace(sandbox.store.company()[0], size=SIZE))
    if not with_validator:
        sandbox.faults.next("/audio/recording/", headers={"ETag": None}, times=float("inf"))
    chance = random.Random(20)
    there = 0
    for position in (1, *sorted(chance.sample(range(2, SIZE), 4)), SIZE):
        still_to_come = position - there if with_validator else position
        assert not survives(sandbox, download, folder, stored.id, byte=still_to_come)
        (part,) = folder.glob("*.part")
        there = part.stat().st_size
        assert there == position
    assert survives(sandbox, download, folder, stored.id)
    audio = truth.audio(stored)
    assert list(contents(folder).values()) == [b"".join(audio.chunks(0, SIZE))]
    resumed = [request for request in sandbox.requests if "range" in request.headers]
    assert bool(resumed) is with_validator


def test_a_download_killed_before_any_step_on_disk_ends_in_the_same_bytes(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    stored = sandbox.store.company()[0]
    audio = truth.audio(stored)
    for step in range(100):
        folder = tmp_path / str(step)
        folder.mkdir()
        survived = survives(sandbox, download, folder, stored.id, step=step)
        assert survived or survives(sandbox, download, folder, stored.id)
        assert list(contents(folder).values()) == [b"".join(audio.chunks(0, audio.size))], f"step {step}"
        if survived:
            break
    assert step > 6, "the download was to be killed at several steps"


def test_an_export_killed_before_any_step_ends_in_the_same_files(sandbox: Sandbox, tmp_path: Path) -> None:
    """Every look at the jobs, and every step of downloading and unpacking the archives, is a step on disk."""
    recordings = sorted(sandbox.store.company(), key=lambda recording: recording.start)[-4:]
    sandbox.faults.exports.job_size = 2
    wanted = {item.file_name: b"".join(truth.audio(item).chunks(0, item.size)) for item in recordings}
    for step in range(0, 200, 5):
        folder = tmp_path / str(step)
        folder.mkdir()
        since = recordings[0].start.isoformat()
        survived = survives(sandbox, export, folder, since, step=step)
        assert survived or survives(sandbox, export, folder, since)
        found = contents(folder)
        unpacked = {Path(name).name: data for name, data in found.items() if name.endswith(".mp3")}
        assert unpacked == wanted, f"step {step}"
        assert len(found) == len(wanted) + 2, f"step {step} leaves more than archives and recordings"
        if survived:
            break
    assert step > 20, "the export was to be killed at many steps"
