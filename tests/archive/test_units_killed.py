"""The coordinator killed at any moment while it absorbs: the same receipts again leave what they should."""

import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from tests.archive.test_sync_killed import (
    KILLS,
    STATES,
    all_of,
    catalogued,
    count_calls,
    processes,
    require_nothing_false,
)
from tests.archive.world import QUICK, SINCE, UNTIL, World, calls
from vbc_call_recording import CallRecordingClient
from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.config import ArchiveConfig
from vbc_call_recording_archive.units import Receipt, absorb, plan, run
from vbc_call_recording_sandbox import Sandbox


def coordinate(variables: dict[str, str], folder: Path, receipts: list[Receipt], at: int) -> None:
    """Absorbs, and dies at the call with this number."""
    os.fsync = lambda descriptor: None  # type: ignore[assignment] # see conftest
    with (
        CallRecordingClient.from_env(variables) as client,
        Archive(folder, ArchiveConfig(min_free=0), writable=True) as archive,
    ):
        count_calls(at, lambda: os.kill(os.getpid(), signal.SIGKILL))
        absorb(archive, client, receipts)


def test_absorbing_again_after_a_kill_ends_as_if_there_had_been_none(
    world: World, sandbox: Sandbox, tmp_path: Path
) -> None:
    recordings = [each for n in range(3) for each in calls(8, size=500, transcript=STATES[n])[n::3]]
    sandbox.store.replace(recordings)
    reference, known, calls_made = brought(world)
    chance = random.Random(f"units {os.environ.get('VBC_SEED', '')}")
    killed = 0
    for number in range(KILLS // 4):
        world.folder = tmp_path / f"killed-{number}"
        receipts = prepared(world)
        at = chance.randrange(1, calls_made)
        victim = processes.Process(target=coordinate, args=(sandbox.environment, world.folder, receipts, at))
        victim.start()
        victim.join()
        assert victim.exitcode in (0, -signal.SIGKILL), victim.exitcode
        killed += victim.exitcode != 0
        require_nothing_false(world.folder)
        with world.archive(writable=True) as archive:
            assert absorb(archive, world.client, receipts).result == "ok"
        assert all_of(world.folder) == reference
        assert catalogued(world.folder) == known
        world.require_everything(recordings)
    assert killed


def prepared(world: World) -> list[Receipt]:
    """What workers did for a new archive."""
    world.folder.mkdir(exist_ok=True)
    with world.archive(writable=True) as archive:
        units = plan(archive, world.client, since=SINCE, until=UNTIL)
        return [run(unit, client=world.client, poll=QUICK) for unit in units]


def brought(world: World) -> tuple[dict[str, bytes], list[Any], int]:
    """What absorbing leaves that nobody kills, and in how many calls."""
    receipts = prepared(world)
    with world.archive(writable=True) as archive:
        count = count_calls(-1, lambda: None)
        try:
            assert absorb(archive, world.client, receipts).result == "ok"
        finally:
            sys.setprofile(None)
    return all_of(world.folder), catalogued(world.folder), count[0]
