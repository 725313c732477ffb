"""kill -9 at random points of `verify --repair` and of `retention apply`, then the same again.

As in test_sync_killed, half of the victims kill themselves at a call that was drawn, and the others are
killed from outside after a time that was drawn. VBC_KILLS says how many, VBC_SEED which.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import define

from tests.archive.test_sync_killed import KILLS, all_of, catalogued, count_calls, processes
from tests.archive.world import World, audio, calls, rows
from vbc_call_recording import CallRecordingClient
from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.config import ArchiveConfig
from vbc_call_recording_archive.retention import apply, plan, plan_text, read_plan
from vbc_call_recording_archive.verify import verify
from vbc_call_recording_sandbox import Recording, Sandbox

pytestmark = pytest.mark.slow

CONFIG = ArchiveConfig(min_free=0, metadata="beside")
RETRIES = 0  # so that a lost answer stays lost
BEFORE = datetime(2026, 1, 7, tzinfo=UTC)

Work = Callable[[CallRecordingClient, Path], object]


def repair(client: CallRecordingClient, folder: Path) -> object:
    with Archive(folder, CONFIG, writable=True) as archive:
        return verify(archive, client, repair=True)


def retain(client: CallRecordingClient, folder: Path) -> object:
    with Archive(folder, CONFIG, writable=True) as archive:
        return apply(archive, client, read_plan(folder / "plan.json"))


def victim(variables: dict[str, str], folder: Path, work: Work, at: int | None) -> None:
    """Works, and dies at the call with this number."""
    os.fsync = lambda descriptor: None  # type: ignore[assignment] # see conftest
    with CallRecordingClient.from_env(variables, retries=RETRIES) as client:
        if at is not None:
            count_calls(at, lambda: os.kill(os.getpid(), signal.SIGKILL))
        work(client, folder)


@pytest.fixture
def full(world: World) -> World:
    world.sandbox.store.replace(calls(9, size=500, transcript="ready"))
    world.configure(metadata="beside")
    assert world.sync().result == "ok"
    return world


@define
class Killer:
    """Kills a piece of work at a point drawn from all of it, which was measured once."""

    sandbox: Sandbox
    work: Work
    calls: int
    seconds: float
    chance: random.Random

    @classmethod
    def measured(cls, world: World, work: Work, folder: Path) -> "Killer":
        began, count = time.monotonic(), count_calls(-1, lambda: None)
        try:
            work(world.client.with_options(retries=RETRIES), folder)
        finally:
            sys.setprofile(None)
        chance = random.Random(f"{work.__name__} {os.environ.get('VBC_SEED', '')}")
        return cls(world.sandbox, work, count[0], time.monotonic() - began, chance)

    def kill(self, number: int, folder: Path) -> bool:
        """Whether it was killed before it had ended."""
        at = self.chance.randrange(1, self.calls) if number % 2 else None
        arguments = (self.sandbox.environment, folder, self.work, at)
        process = processes.Process(target=victim, args=arguments)
        process.start()
        process.join(None if at else self.chance.uniform(0.1, 0.1 + 1.5 * self.seconds))
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
        return process.exitcode != 0


def damaged(folder: Path) -> dict[str, bytes]:
    """Hurts an archive in every way, and gives what is broken in it, by path."""
    data = sorted((folder / "data").rglob("*.mp3"))
    data[0].unlink()
    data[1].write_bytes(bytes([data[1].read_bytes()[0] ^ 1]) + data[1].read_bytes()[1:])
    data[2].with_suffix(".txt").write_bytes(b"half of i")
    data[3].with_suffix(".json").write_bytes(b"{}")
    data[4].write_bytes(b"")
    data[4].with_suffix(".txt").unlink()
    manifest = min((folder / "manifests").rglob("*.txt"))
    manifest.write_text("not a manifest")
    (folder / "manifest-sha256.txt").unlink()
    hurt = (data[1], data[2].with_suffix(".txt"), data[3].with_suffix(".json"), data[4])
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in hurt}


def require_not_worse(folder: Path, right: dict[str, bytes], broken: dict[str, bytes]) -> None:
    """What was whole is whole. What was broken is as it was; or aside, with the right bytes or none there."""
    aside = [path.read_bytes() for path in (folder / "set-aside").glob("*/*")]
    for path, content in right.items():
        if not path.startswith("data/"):
            continue
        here = (folder / path).read_bytes() if (folder / path).exists() else None
        if path in broken:
            assert here == broken[path] or (broken[path] in aside and here in (None, content)), path
        else:
            assert here in (None, content), path


@pytest.mark.timeout(60 + 5 * KILLS)
def test_a_repair_after_a_kill_ends_as_if_there_had_been_none(full: World, tmp_path: Path) -> None:
    reference, known = all_of(full.folder), catalogued(full.folder)
    broken = damaged(full.folder)
    hurt = shutil.copytree(full.folder, tmp_path / "hurt")
    killer, killed = Killer.measured(full, repair, full.folder), 0
    for number in range(KILLS // 2):
        folder = shutil.copytree(hurt, tmp_path / f"killed-{number}")
        killed += killer.kill(number, folder)
        require_not_worse(folder, reference, broken)
        with Archive(folder, CONFIG, writable=True) as archive:
            assert verify(archive, full.client, repair=True).result == "ok"
            assert verify(archive).troubles == 0
        assert all_of(folder) == reference
        assert catalogued(folder) == known
        require_not_worse(folder, reference, broken)
        assert {path.read_bytes() for path in (folder / "set-aside").glob("*/*")} == {*broken.values()}
    assert killed >= KILLS // 4


def require_safe(sandbox: Sandbox, folder: Path, wanted: set[int]) -> None:
    """What is gone at the vendor was to be deleted, and is here; what is called deleted is gone there."""
    there = {recording.id for recording in sandbox.store.recordings()}
    here = {int(path.stem.rpartition("-")[2]): path for path in (folder / "data").rglob("*.mp3")}
    told = [json.loads(line) for line in (folder / "ledger.jsonl").read_bytes().split(b"\n")[:-1]]
    asked = {int(entry["id"]) for entry in told if entry["what"] == "deleting"}
    for number in {recording.id for recording in calls(9)} - there:
        assert number in wanted & asked
        assert here[number].read_bytes() == audio(Recording(id=number, start=BEFORE, size=500))
    for entry in told:
        if entry["what"] == "deleted":
            assert int(entry["id"]) not in there
    tombstones = rows(folder / "catalogue.sqlite3", "SELECT id FROM recordings WHERE deleted_at <> ''")
    assert not {int(number) for (number,) in tombstones} & there


@pytest.mark.timeout(60 + 5 * KILLS)
def test_a_retention_after_a_kill_deletes_the_same_and_nothing_else(full: World, tmp_path: Path) -> None:
    """Of six recordings of the plan one is held by now, one broken, one is another one at the vendor."""
    (tmp_path / "hold.txt").write_text("id 1\n")
    with full.archive() as archive:
        made = plan(archive, BEFORE, hold=tmp_path / "hold.txt")
    (full.folder / "plan.json").write_text("".join(plan_text(made)))
    (tmp_path / "hold.txt").write_text("id 1000\n")
    (full.folder / made.recordings[1].path).write_bytes(b"")
    every = full.sandbox.store.recordings()
    every[2] = replace(every[2], duration=1)
    fresh, wanted, files = (
        shutil.copytree(full.folder, tmp_path / "fresh"),
        {1003, 1004, 1005},
        full.brought(),
    )
    full.sandbox.store.replace(every)
    killer, killed = Killer.measured(full, retain, full.folder), 0
    for number in range(KILLS // 2):
        full.sandbox.store.replace(every)
        full.sandbox.faults.next("DELETE", drop=True, acts=True, times=9, probability=0.2, seed=number)
        full.sandbox.faults.next("DELETE", drop=True, times=9, probability=0.1, seed=number)
        folder = shutil.copytree(fresh, tmp_path / f"killed-{number}")
        killed += killer.kill(number, folder)
        require_safe(full.sandbox, folder, wanted)
        full.sandbox.faults.forget()
        with Archive(folder, CONFIG, writable=True) as archive:
            result = apply(archive, full.client, read_plan(folder / "plan.json"))
            assert archive.ledger.check(archive.catalogue.head).first_bad is None
        require_safe(full.sandbox, folder, wanted)
        assert (result.result, result.counts["kept"], result.left) == ("incomplete", 3, 0)
        assert result.counts.get("deleted", 0) + result.counts.get("already", 0) == 3
        assert [each.id for each in full.sandbox.store.recordings()] == [1000, 1001, 1002, 1006, 1007, 1008]
        assert World(full.sandbox, full.client, folder).brought() == files
    assert killed >= KILLS // 4
