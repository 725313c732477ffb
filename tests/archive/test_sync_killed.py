"""kill -9 at random points of sync, then sync again: the same bytes, the same catalogue, nothing twice.

A victim is a process of its own. Half of them kill themselves at a call that was drawn: of Python, of the
system or of SQLite. The others are killed from outside after a time that was drawn, in the middle of
anything.

    VBC_KILLS=200 python -m pytest tests/archive/test_sync_killed.py
"""

import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.archive.world import QUICK, SINCE, UNTIL, World, calls, rows
from vbc_call_recording import CallRecordingClient
from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.config import ArchiveConfig
from vbc_call_recording_archive.custody import hash_file, read_manifest
from vbc_call_recording_archive.sync import sync
from vbc_call_recording_sandbox import Sandbox

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("VBC_KILLS", "12"))
STATES = ("ready", "failed", "pending")

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    ["pytest", "vbc_call_recording", "vbc_call_recording_archive.sync", "vbc_call_recording_sandbox"]
)

Config = dict[str, Any]


def singly() -> tuple[list[Any], Config]:
    """Nine recordings that come one by one, with transcripts of every state, and metadata beside them."""
    recordings = [each for n in range(3) for each in calls(9, size=500, transcript=STATES[n])[n::3]]
    return recordings, {"metadata": "beside"}


def by_export() -> tuple[list[Any], Config]:
    """Thirty recordings that come by an export, of which two are lost, in a window that is a week."""
    return calls(30, size=300, transcript="ready"), {"window": "week"}


def work(variables: dict[str, str], folder: Path, changes: Config, at: int | None) -> None:
    """Runs sync, and dies at the call with this number."""
    os.fsync = lambda descriptor: None  # type: ignore[assignment] # see conftest
    config = ArchiveConfig(min_free=0, **changes)
    with CallRecordingClient.from_env(variables) as client:
        if at is not None:
            count_calls(at, lambda: os.kill(os.getpid(), signal.SIGKILL))
        with Archive(folder, config, writable=True) as archive:
            sync(archive, client, since=SINCE, until=UNTIL, poll=QUICK)


def count_calls(left: int, then: Callable[[], None]) -> list[int]:
    """Calls `then` at the call with this number, of those that this thread makes from now on."""
    count = [0]

    def profile(frame: object, event: str, argument: object) -> None:
        if event in ("call", "c_call"):
            count[0] += 1
            if count[0] == left:
                then()

    sys.setprofile(profile)
    return count


def all_of(folder: Path) -> dict[str, bytes]:
    """What a run leaves below the archive, but for what tells when."""
    kept = [path for part in ("data", "manifests") for path in (folder / part).rglob("*") if path.is_file()]
    kept += [folder / name for name in ("manifest-sha256.txt", "bag-info.txt", "bagit.txt")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}


def catalogued(folder: Path) -> list[list[tuple[Any, ...]]]:
    """What the catalogue holds, but for what tells when, and in which order."""
    path = folder / "catalogue.sqlite3"
    queries = (
        "SELECT source, id, start, cnam, wire, vanished_at, deleted_at FROM recordings ORDER BY 1, 2",
        "SELECT path, kind, size, sha256 FROM files ORDER BY 1",
        "SELECT r.id, t.state, t.reason, d.transcript, d.names FROM transcripts t "
        "JOIN recordings r ON r.key = t.recording JOIN documents d ON d.key = r.key ORDER BY 1",
        'SELECT source, start, "end", name, state, promised, listed, on_disk, pending, reason FROM windows',
        "PRAGMA integrity_check",
    )
    return [rows(path, query) for query in queries]


def require_nothing_false(folder: Path) -> None:
    """Right after the kill: what the catalogue and the manifests claim is there, is there."""
    if (folder / "catalogue.sqlite3").exists():
        for path, size, sha256 in claimed(folder):
            digest = hash_file(folder / path)
            assert (digest.size, digest.sha256) == (size, sha256)
    for manifest in folder.rglob("manifest-sha256.txt"):
        for path, sha256 in read_manifest(manifest):
            assert hash_file(folder / path).sha256 == sha256


def claimed(folder: Path) -> list[tuple[Any, ...]]:
    path = folder / "catalogue.sqlite3"
    tables = [name for (name,) in rows(path, "SELECT name FROM sqlite_master")]
    return rows(path, "SELECT path, size, sha256 FROM files") if "files" in tables else []


@pytest.mark.timeout(60 + 5 * KILLS)
@pytest.mark.parametrize("scene", [singly, by_export])
def test_a_run_after_a_kill_ends_as_if_there_had_been_none(
    world: World, sandbox: Sandbox, tmp_path: Path, scene: Callable[[], tuple[list[Any], Config]]
) -> None:
    recordings, changes = scene()
    sandbox.store.replace(recordings)
    sandbox.quirks.exports.files_lost = 2
    world.configure(**changes)
    began, count = time.monotonic(), count_calls(-1, lambda: None)
    try:
        assert world.sync().result == "ok"
    finally:
        sys.setprofile(None)
    duration, reference, known = time.monotonic() - began, all_of(world.folder), catalogued(world.folder)
    chance = random.Random(f"{scene.__name__} {os.environ.get('VBC_SEED', '')}")
    survived = 0
    for number in range(KILLS // 2):
        world.folder = tmp_path / f"killed-{number}"
        world.folder.mkdir()
        at = chance.randrange(1, count[0]) if number % 2 else None
        victim = processes.Process(target=work, args=(sandbox.environment, world.folder, changes, at))
        victim.start()
        victim.join(None if at else chance.uniform(0.1, 0.1 + 1.5 * duration))
        victim.kill()
        victim.join()
        survived += victim.exitcode == 0
        assert victim.exitcode in (0, -signal.SIGKILL), victim.exitcode
        require_nothing_false(world.folder)
        assert world.sync().result == "ok"
        assert all_of(world.folder) == reference
        assert catalogued(world.folder) == known
        world.require_everything(recordings)
        assert not any((world.folder / ".incoming").rglob("*"))
        assert not (world.folder / "set-aside").exists()
    assert survived < KILLS // 2
