"""kill -9 at random points of a sync into a bucket, then sync again. As test_sync_killed, with VBC_KILLS.

What the catalogue claims of the bucket right after a kill is there. In the end all is as if nobody had been
killed, in the folder and in the bucket, without anything set aside.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.archive.store import Store
from tests.archive.test_sync_killed import KILLS, all_of, catalogued, count_calls, processes, work
from tests.archive.world import World, calls, rows
from vbc_call_recording_archive.custody import hash_blocks

PLACE = "bucket/killed"
Config = dict[str, Any]


def into_both() -> tuple[list[Any], Config]:
    """Nine recordings that come one by one, into the folder and the bucket, with two files each beside."""
    recordings = calls(9, size=500, transcript="ready")
    return recordings, {"destinations": ("local", f"s3://{PLACE}"), "metadata": "beside"}


def into_the_bucket() -> tuple[list[Any], Config]:
    """Thirty recordings that come by an export, into the bucket only."""
    recordings = calls(30, size=300, transcript="ready")
    return recordings, {"destinations": (f"s3://{PLACE}",), "window": "week"}


def victim(stores: dict[str, str], *arguments: Any) -> None:
    """As the other victims, with the variables that lead to the bucket."""
    os.environ.update(stores)
    work(*arguments)


def require_nothing_false(folder: Path, store: Store) -> None:
    """What the catalogue says that the bucket holds, it holds."""
    path, kept = folder / "catalogue.sqlite3", store.below(PLACE)
    tables = [name for (name,) in rows(path, "SELECT name FROM sqlite_master")] if path.exists() else []
    if "papers" in tables:
        for key, size, sha256, held in rows(path, "SELECT path, size, sha256, held FROM files"):
            if f"s3://{PLACE}" in held:
                digest = hash_blocks([kept[key]])
                assert (digest.size, digest.sha256) == (size, sha256)


def in_the_bucket(store: Store) -> dict[str, bytes]:
    return {key: content for key, content in store.below(PLACE).items() if key != "ledger.jsonl"}


@pytest.mark.timeout(60 + 5 * KILLS)
@pytest.mark.parametrize("scene", [into_both, into_the_bucket])
def test_a_run_after_a_kill_ends_as_if_there_had_been_none(
    world: World, store: Store, tmp_path: Path, scene: Callable[[], tuple[list[Any], Config]]
) -> None:
    recordings, changes = scene()
    world.sandbox.store.replace(recordings)
    world.configure(**changes)
    began, count = time.monotonic(), count_calls(-1, lambda: None)
    try:
        assert world.sync().result == "ok"
    finally:
        sys.setprofile(None)
    duration, reference, known = time.monotonic() - began, all_of(world.folder), catalogued(world.folder)
    wanted, stores = (
        in_the_bucket(store),
        {name: value for name, value in os.environ.items() if "AWS" in name},
    )
    assert len([key for key in wanted if key.startswith("data/")]) >= 27
    chance, survived = random.Random(f"{scene.__name__} {os.environ.get('VBC_SEED', '')}"), 0
    for number in range(KILLS // 4):
        world.folder = tmp_path / f"killed-{number}"
        world.folder.mkdir()
        store.objects.clear()
        at = chance.randrange(1, count[0]) if number % 2 else None
        arguments = (stores, world.sandbox.environment, world.folder, changes, at)
        process = processes.Process(target=victim, args=arguments)
        process.start()
        process.join(None if at else chance.uniform(0.1, 0.1 + 1.5 * duration))
        process.kill()
        process.join()
        survived += process.exitcode == 0
        assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
        require_nothing_false(world.folder, store)
        assert world.sync().result == "ok"
        assert all_of(world.folder) == reference
        assert catalogued(world.folder) == known
        assert in_the_bucket(store) == wanted
        assert store.objects[f"{PLACE}/ledger.jsonl"][0] == (world.folder / "ledger.jsonl").read_bytes()
        assert not any((world.folder / ".incoming").rglob("*"))
        assert not (world.folder / "set-aside").exists()
    assert survived < max(1, KILLS // 4)
