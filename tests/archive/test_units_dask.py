"""Units on a Dask cluster of processes: a worker is killed in the middle, and nobody can tell afterwards."""

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster, Semaphore

from tests.archive.test_sync_killed import all_of, catalogued
from tests.archive.world import QUICK, SINCE, UNTIL, World, calls
from vbc_call_recording import CallRecordingClient
from vbc_call_recording_archive.config import CONFIG, config_text
from vbc_call_recording_archive.custody import write_whole
from vbc_call_recording_archive.sync import FileDone
from vbc_call_recording_archive.units import Receipt, Unit, absorb, planning, run
from vbc_call_recording_sandbox import Sandbox

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "many_machines.py"
SETTINGS = {
    "distributed.worker.multiprocessing-method": "forkserver",
    "distributed.scheduler.locks.lease-timeout": "4s",  # then the turn of a dead worker passes on
    "distributed.scheduler.locks.lease-validation-interval": "100ms",
    "distributed.comm.timeouts.connect": "60s",
}
multiprocessing.set_forkserver_preload(["pytest", "distributed", "vbc_call_recording_archive.units"])


@pytest.fixture(scope="module")
def company() -> Iterator[Sandbox]:
    with Sandbox(recordings=0, on_demand=0) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def cluster(company: Sandbox) -> Iterator[Client]:
    """Two worker processes, which log in by their own environment."""
    with (
        dask.config.set(SETTINGS),
        # Not by this process's own: the server that workers are forked from may be older than these.
        LocalCluster(2, threads_per_worker=1, dashboard_address=None, env=company.environment) as workers,
        Client(workers) as client,
    ):
        yield client


@pytest.fixture
def three_days(company: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Nine recordings, of which a unit has three."""
    company.store.replace(calls(9, size=500, transcript="ready"))
    monkeypatch.setattr(planning, "STRETCH", 3)
    with CallRecordingClient.from_env(company.environment) as client:
        world = World(company, client, tmp_path / "archive")
        world.folder.mkdir()
        yield world


@contextmanager
def written_down(folder: Path) -> Iterator[None]:
    """That somebody is at work, for as long as it takes."""
    mine = folder / f"{time.monotonic_ns()}-{os.getpid()}"
    mine.touch()
    yield
    mine.write_text(str(time.monotonic_ns()))


def dies_once(unit: Unit, turns: Semaphore, notes: Path) -> Receipt:
    """Does a unit when it is its turn. The first worker that has two files is killed."""
    files = itertools.count(1)

    def kill(event: object) -> None:
        if isinstance(event, FileDone) and next(files) == 2:
            try:
                (notes / "killed").touch(exist_ok=False)
            except FileExistsError:
                return
            os.kill(os.getpid(), signal.SIGKILL)

    with turns, written_down(notes):
        return run(unit, on_event=kill, poll=QUICK)


def test_with_a_worker_killed_in_the_middle_it_ends_as_on_one_machine(
    three_days: World, cluster: Client, tmp_path: Path
) -> None:
    world, notes = three_days, tmp_path / "notes"
    notes.mkdir()
    turns = Semaphore(max_leases=1, name="vbc account")
    executor = cluster.get_executor(pure=False)
    period = {"since": SINCE, "until": UNTIL}
    receipts: list[Receipt] = []
    with world.archive(writable=True) as archive:
        units = planning.plan(archive, world.client, **period)
        task = partial(dies_once, turns=turns, notes=notes)
        receipts += executor.map(task, units)
        assert absorb(archive, world.client, receipts).result == "ok"
    assert (notes / "killed").exists()
    began = sorted(notes.glob("[0-9]*"), key=lambda path: int(path.name.partition("-")[0]))
    assert len(began) == len(units) + 1 == 4
    require_one_at_a_time(began)

    alone = World(world.sandbox, world.client, tmp_path / "alone")
    alone.folder.mkdir()
    with alone.archive(writable=True) as archive:
        once = [run(unit, client=world.client) for unit in planning.plan(archive, world.client, **period)]
        assert absorb(archive, world.client, once).result == "ok"
    assert [without_archive(each) for each in receipts] == [without_archive(each) for each in once]
    single = World(world.sandbox, world.client, tmp_path / "single")
    single.folder.mkdir()
    single.sync()
    for other in (alone, single):
        assert all_of(world.folder) == all_of(other.folder)
        assert catalogued(world.folder) == catalogued(other.folder)
    world.require_everything(world.sandbox.store.company())


def require_one_at_a_time(began: list[Path]) -> None:
    """The quota is one login's: nobody begins before the one before has ended, or is dead."""
    ends = [int(path.read_text() or 0) for path in began]
    starts = [int(path.name.partition("-")[0]) for path in began]
    assert ends.count(0) == 1
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


def without_archive(receipt: Receipt) -> Any:
    """Two archives differ in their names, and in nothing else."""
    return {**receipt, "unit": {**receipt["unit"], "archive": "", "id": receipt["unit"]["id"][8:]}}


@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_the_example_does_it(three_days: World, cluster: Client, engine: str) -> None:
    world = three_days
    world.sandbox.store.replace(calls(6, size=500))
    world.configure(window="month")
    write_whole(world.folder / CONFIG, [config_text(world.config)])
    arguments = ["--scheduler", cluster.scheduler.address, "--quota", "6000"] if engine == "dask" else []
    done = subprocess.run(
        [sys.executable, EXAMPLE, world.folder, "--since", "2026-01-05", *arguments],
        env=os.environ | world.sandbox.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ok: 6 recordings, windows: {'proven': ")
    world.require_everything(world.sandbox.store.company())
