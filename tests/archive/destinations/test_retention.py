"""Nothing is deleted at the vendor that was not found right at every destination of the settings."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.archive.store import Store
from tests.archive.world import World
from vbc_call_recording_archive.retention import ApplyResult, Outcome, apply, plan

BEFORE = datetime(2026, 1, 7, tzinfo=UTC)  # six of the nine recordings are older
FIRST, SECOND = "s3://bucket/first", "s3://bucket/second"


@pytest.fixture
def full(world: World, store: Store) -> World:
    world.configure(destinations=("local", FIRST, SECOND))
    assert world.sync().result == "ok"
    return world


def applied(world: World) -> tuple[ApplyResult, dict[str, str]]:
    """The outcome, and why recordings were kept."""
    outcomes: list[Outcome] = []
    with world.archive(writable=True) as archive:
        result = apply(archive, world.client, plan(archive, BEFORE), on_event=outcomes.append)  # type: ignore[arg-type]
    return result, {each.id: each.text for each in outcomes if each.kind == "kept"}


def there(world: World) -> list[int]:
    return [each.id for each in world.sandbox.store.recordings()]


def key(store: Store, place: str, recording: int) -> str:
    (found,) = (
        path for path in store.objects if path.startswith(place) and path.endswith(f"{recording}.mp3")
    )
    return found


def test_it_is_deleted_if_it_is_right_everywhere(full: World, store: Store) -> None:
    store.asked.clear()
    result, kept = applied(full)
    assert (result.result, result.counts, kept) == ("ok", {"deleted": 6}, {})
    assert store.asked["GET"] >= 12  # each of the six was read at both
    assert there(full) == [1006, 1007, 1008]


def test_what_is_broken_or_gone_at_one_destination_is_kept(full: World, store: Store) -> None:
    path = key(store, "bucket/first", 1000)
    store.objects[path] = bytes(len(store.objects[path][0])), store.objects[path][1]
    del store.objects[key(store, "bucket/second", 1001)]
    with full.archive() as archive:
        row = archive.catalogue.get("company", 1002)
        assert row is not None
        Path(archive.path(row.path)).write_bytes(b"")
    result, kept = applied(full)
    assert result.counts == {"deleted": 3, "kept": 3}
    assert f"its audio at {FIRST}: its SHA-256 is" in kept["1000"]
    assert f"its audio at {SECOND}: it is not there" in kept["1001"]
    assert "its audio at local: it is truncated" in kept["1002"]
    assert there(full) == [1000, 1001, 1002, 1006, 1007, 1008]


def test_an_old_version_keeps_the_recording(full: World, store: Store) -> None:
    store.stale = {key(store, "bucket/first", 1000): b"an old version"}
    assert [*applied(full)[1]] == ["1000"]
    assert 1000 in there(full)


def test_a_destination_that_does_not_answer_keeps_everything(full: World, store: Store) -> None:
    store.refuse = lambda method, path: 503 if "second" in path else None
    result, kept = applied(full)
    assert (result.result, result.counts) == ("incomplete", {"kept": 6})
    assert all("read" in text and "--repair" not in text for text in kept.values())
    assert len(there(full)) == 9


def test_a_destination_that_was_named_since_has_to_have_it_too(full: World, store: Store) -> None:
    full.configure(destinations=("local", FIRST, SECOND, "s3://bucket/third"))
    result, kept = applied(full)
    assert result.counts == {"kept": 6}
    assert "its audio at s3://bucket/third: it is not there" in kept["1000"]
    assert full.sync().result == "ok"
    assert applied(full)[0].counts == {"deleted": 6}


def test_without_the_folder_the_bucket_counts(world: World, store: Store) -> None:
    world.configure(destinations=(FIRST,))
    world.sync()
    del store.objects[key(store, "bucket/first", 1000)]
    result, kept = applied(world)
    assert (result.counts, [*kept]) == ({"deleted": 5, "kept": 1}, ["1000"])
