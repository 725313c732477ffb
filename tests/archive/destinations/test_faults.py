"""Destinations on bad days: nothing is lost, nothing false is claimed, and it is said."""

import random
from typing import Any

import pytest

from tests.archive.store import Store
from tests.archive.world import UNTIL, World, audio, calls
from vbc_call_recording_archive.errors import NoDestinationError
from vbc_call_recording_archive.overview import overview
from vbc_call_recording_archive.sync import CopyFailed, Trouble
from vbc_call_recording_archive.verify import Finding, VerifyResult, verify

BUCKET = "s3://bucket/calls"
PLACE = "bucket/calls"


@pytest.fixture
def both(world: World, store: Store) -> World:
    """The folder, and a bucket."""
    world.configure(destinations=("local", BUCKET), concurrency=1)
    return world


def claimed(world: World) -> set[str]:
    """What the catalogue says that the bucket holds."""
    with world.archive() as archive:
        return {file.path for file in archive.catalogue.files() if BUCKET in file.holders}


def require_true(world: World, store: Store) -> None:
    """What is claimed of the bucket is there, with the vendor's bytes."""
    wanted = {f"data/{path}": content for path, content in world.brought().items()}
    kept = store.below(PLACE)
    for path in claimed(world):
        assert kept[path] == wanted[path]


def checked(world: World, **options: Any) -> tuple[VerifyResult, list[Finding]]:
    found: list[Finding] = []

    def tell(event: object) -> None:
        if isinstance(event, Finding) and event.sign != "=":
            found.append(event)

    with world.archive(writable=True) as archive:
        return verify(archive, world.client, on_event=tell, **options), found


def test_one_that_fails_in_the_middle_is_said_and_made_up_for(both: World, store: Store) -> None:
    chance = random.Random(1)
    store.refuse = lambda method, path: (
        500 if method == "PUT" and "data/" in path and chance.random() < 0.7 else None
    )
    result = both.sync()
    assert result.result == "incomplete"
    assert 0 < result.uncopied <= 9 + 6
    assert both.states() == ["proven"] * 3  # nothing is missing of what the vendor has
    assert {event.destination for event in both.of(CopyFailed)} == {BUCKET}
    require_true(both, store)
    with both.archive() as archive:
        assert not overview(archive, at=UNTIL).is_complete
    store.heal()
    result = both.sync()
    assert (result.result, result.files, result.uncopied) == ("ok", 0, 0)
    assert len(claimed(both)) == 9
    require_true(both, store)


def test_one_that_hangs_up_in_the_middle_of_an_upload_holds_nothing(both: World, store: Store) -> None:
    both.sandbox.store.replace(calls(9, size=5000))
    store.cut = 3000
    result = both.sync()
    assert result.result == "incomplete"
    assert claimed(both) == set()
    both.require_everything(calls(9, size=5000))
    store.heal()
    assert both.sync().result == "ok"
    require_true(both, store)


def test_a_full_one_is_given_up_for_the_run_and_filled_by_the_next(both: World, store: Store) -> None:
    both.sandbox.store.replace(calls(9, size=3000))
    store.room = 13_000
    result = both.sync()
    assert result.result == "incomplete"
    assert "InsufficientStorage: for a test" in both.of(CopyFailed)[0].reason
    assert 1 <= len(claimed(both)) <= 4
    store.heal()
    assert both.sync().result == "ok"
    require_true(both, store)
    assert len(claimed(both)) == 9


def test_one_that_is_not_there_costs_three_tries(both: World, store: Store) -> None:
    both.sync()
    store.refuse = lambda method, path: 503
    both.sandbox.store.replace(calls(40, first_id=2000))
    store.asked.clear()
    result = both.sync()
    assert (result.result, result.files) == ("incomplete", 40)
    assert store.asked.total() <= 2 * 3  # each is tried twice


def test_papers_that_did_not_get_there_make_a_run_incomplete(both: World, store: Store) -> None:
    store.refuse = lambda method, path: 500 if method == "PUT" and "manifest" in path else None
    result = both.sync()
    assert (result.result, result.uncopied) == ("incomplete", 4)
    store.refuse = lambda method, path: 503
    assert both.sync().uncopied == 4
    store.heal()
    assert both.sync().result == "ok"
    assert checked(both)[0].result == "ok"


def test_the_only_one_failing_ends_the_run_and_nothing_is_fetched_twice(world: World, store: Store) -> None:
    world.configure(destinations=(BUCKET,), concurrency=1)
    world.sandbox.store.replace(calls(9, size=700))
    store.refuse = lambda method, path: 500 if method == "PUT" and "data/" in path else None
    with pytest.raises(NoDestinationError, match=r"no destination takes files any more: .*Unwell"):
        world.sync()
    assert world.states()[0] == "incomplete"
    fetched = world.asked["download_recording"]
    assert fetched
    store.heal()
    assert world.sync().result == "ok"
    assert world.asked["download_recording"] <= 9 - 3
    with world.archive() as archive:
        kept = store.below(PLACE)
        for row in archive.catalogue.recordings():
            (recording,) = (each for each in calls(9, size=700) if str(each.id) == row.id)
            assert kept[row.path] == audio(recording)


# -- what comes back is not what was put


def test_an_old_version_is_not_taken_for_the_file(both: World, store: Store) -> None:
    """A store that answers with an old state of an object: the upload is not believed."""
    probe = dict(store.stale)
    both.sync(since=None)
    keys = [key for key in store.objects if "/data/" in key]
    with both.archive(writable=True) as archive:
        archive.note("lost", path=keys[0].removeprefix(f"{PLACE}/"), reason="for a test", destination=BUCKET)
    store.stale = {**probe, keys[0]: b"an old version"}
    result = both.sync()
    assert (result.result, result.uncopied) == ("incomplete", 1)
    assert "something else in the place of" in both.of(CopyFailed)[0].reason
    result_of_check, found = checked(both)
    assert [finding.sign for finding in found] == ["*"]
    assert result_of_check.result == "incomplete"
    repaired, found = checked(both, repair=True)
    assert repaired.result == "incomplete"  # it still answers so
    assert "not repaired" in found[0].repair
    require_true(both, store)
    store.heal()
    assert checked(both, repair=True)[0].result == "ok"
    assert both.sync().result == "ok"
    assert len(claimed(both)) == 9


def test_what_is_broken_here_is_not_copied_to_a_new_destination(world: World, store: Store) -> None:
    world.sync()
    broken = min((world.folder / "data").rglob("*.mp3"))
    broken.write_bytes(bytes(broken.stat().st_size))
    world.configure(destinations=("local", BUCKET))
    result = world.sync(since=UNTIL)  # no window in which it would look for the file
    assert (result.result, result.copied, result.uncopied) == ("incomplete", 8, 1)
    assert "no other destination has it as it should be" in world.of(CopyFailed)[0].reason
    assert len([key for key in store.objects if "/data/" in key]) == 8
    assert checked(world, repair=True)[0].result == "ok"
    assert world.sync().result == "ok"
    require_true(world, store)


def test_what_is_broken_there_is_not_copied_here(both: World, store: Store) -> None:
    both.sync()
    key = min(key for key in store.objects if "/data/" in key)
    lost = both.folder / key.removeprefix(f"{PLACE}/")
    content = lost.read_bytes()
    lost.unlink()
    store.objects[key] = bytes(len(content)), {}
    result = both.sync()
    assert (result.result, result.lost, result.uncopied) == ("incomplete", 1, 1)
    assert not lost.exists()
    assert checked(both, repair=True)[0].result == "ok"
    assert lost.read_bytes() == content == store.objects[key][0]


def test_what_the_only_bucket_does_not_take_is_missing_and_said(world: World, store: Store) -> None:
    """Somebody has put something else in its place."""
    world.configure(destinations=(BUCKET,))
    world.sandbox.store.replace(calls(9, transcript="ready"))
    world.sync()
    audio_path, text_path = (
        next(key for key in store.objects if key.endswith(name)) for name in ("1000.mp3", "1001.txt")
    )
    others = {audio_path: (b"another", {}), text_path: (b"another", {})}
    store.objects = dict(others)
    for path in (*world.folder.glob("catalogue*"), world.folder / "ledger.jsonl"):
        path.unlink()
    result = world.sync()
    assert (result.result, result.files, result.failed) == ("incomplete", 8, 2)
    assert "1000 (no destination has taken it)" in world.windows()["2026-01-05"].reason
    assert {key: store.objects[key] for key in others} == others
    with world.archive() as archive:
        told = archive.catalogue.transcript("company", 1001)
        assert (told.state, told.reason) == ("pending", "no destination has taken it")
    for key in others:
        del store.objects[key]
    assert world.sync().result == "ok"
    assert world.states() == ["proven"] * 3


def test_one_that_forgets_at_once_is_not_believed(both: World, store: Store) -> None:
    store.refuse = lambda method, path: 404 if method == "GET" and "data/" in path else None
    result = both.sync()
    assert result.result == "incomplete"
    assert "took data/" in both.of(CopyFailed)[0].reason
    assert claimed(both) == set()


def test_what_it_says_of_a_file_counts_for_nothing(both: World, store: Store) -> None:
    """Its metadata have the right SHA-256, its bytes are others."""
    both.sync()
    key = next(key for key in store.objects if "/data/" in key)
    content, metadata = store.objects[key]
    store.objects[key] = bytes(len(content)), metadata
    result, found = checked(both)
    assert [(finding.sign, finding.name) for finding in found] == [("*", key.replace(PLACE, BUCKET))]
    assert "its SHA-256 is" in found[0].reason
    assert result.result == "incomplete"


def test_one_that_replaces_what_it_has_is_looked_at_first(both: World, store: Store) -> None:
    store.conditions = False
    both.sync()
    key = next(key for key in store.objects if "/data/" in key)
    store.objects[key] = b"of somebody else", {}
    with both.archive(writable=True) as archive:
        archive.note("lost", path=key.removeprefix(f"{PLACE}/"), reason="for a test", destination=BUCKET)
    result = both.sync()
    assert (result.result, result.uncopied) == ("incomplete", 1)
    assert store.objects[key][0] == b"of somebody else"
    assert [event.source for event in both.of(Trouble)] == [BUCKET]
    assert "replaces what is there" in both.of(Trouble)[0].reason


def test_the_bucket_of_another_archive_is_left_alone(both: World, store: Store) -> None:
    store.objects[f"{PLACE}/ledger.jsonl"] = b'{"seq":1,"archive":"another"}\n', {}
    result = both.sync()
    assert result.result == "incomplete"
    assert [*store.below(PLACE)] == ["ledger.jsonl"]
    assert "holds another archive" in both.of(Trouble)[0].reason
    assert len(both.brought()) == 9


def test_a_repair_leaves_the_bucket_of_another_archive_alone(both: World, store: Store) -> None:
    both.sync()
    papers = {key: content for key, content in store.objects.items() if "/data/" not in key}
    other = {**papers, f"{PLACE}/ledger.jsonl": (b"another\n", {}), f"{PLACE}/bagit.txt": (b"another", {})}
    store.objects = {**other, f"{PLACE}/{min(claimed(both))}": (b"another", {})}
    before = dict(store.objects)
    assert checked(both, repair=True)[0].result == "incomplete"
    assert {key: store.objects[key] for key in before} == before
    assert set(store.objects) - set(before) <= {f"{PLACE}/create-only.txt"}


# -- verify --repair


@pytest.mark.parametrize("harm", ["gone", "broken", "truncated"])
def test_what_the_bucket_lost_is_copied_from_here(both: World, store: Store, harm: str) -> None:
    both.sync()
    key = next(key for key in store.objects if "/data/" in key)
    content, _ = store.objects.pop(key)
    if harm != "gone":
        store.objects[key] = (b"x" * len(content) if harm == "broken" else content[:-1]), {}
    result, found = checked(both)
    assert [(each.sign, each.name) for each in found] == [
        ("+" if harm == "gone" else "*", key.replace(PLACE, BUCKET))
    ]
    with both.archive() as archive:
        assert not overview(archive, at=UNTIL).is_complete
    both.sandbox.requests.clear()
    result, found = checked(both, repair=True)
    assert (result.result, result.repaired) == ("ok", 1)
    assert found[0].repair.startswith("copied from local")
    assert store.objects[key][0] == content
    assert not both.sandbox.requests  # the vendor was not asked
    kept = [body for path, body in store.below(PLACE).items() if path.startswith("set-aside/")]
    assert kept == ([] if harm == "gone" else [b"x" * len(content) if harm == "broken" else content[:-1]])
    with both.archive() as archive:
        assert overview(archive, at=UNTIL).is_complete
        assert archive.ledger.check(archive.catalogue.head).first_bad is None
    assert checked(both)[0].result == "ok"


def test_what_is_broken_here_is_copied_from_the_bucket(both: World, store: Store) -> None:
    both.sync()
    before = both.brought()
    first, second, *_ = sorted((both.folder / "data").rglob("*.mp3"))
    first.unlink()
    second.write_bytes(b"broken")
    both.sandbox.requests.clear()
    result, found = checked(both, repair=True)
    assert (result.result, result.repaired) == ("ok", 2)
    assert [each.repair.partition(";")[0] for each in found] == [f"copied from {BUCKET}"] * 2
    assert not both.sandbox.requests
    assert both.brought() == before
    assert len(claimed(both)) == 9


def test_what_is_broken_everywhere_comes_from_the_vendor(both: World, store: Store) -> None:
    both.sync()
    before = both.brought()
    key = next(key for key in store.objects if "/data/" in key)
    content, metadata = store.objects[key]
    store.objects[key] = b"x" * len(content), metadata
    (both.folder / key.removeprefix(f"{PLACE}/")).write_bytes(b"")
    result, found = checked(both, repair=True)
    assert (result.result, result.repaired) == ("ok", 2)
    assert [each.repair.partition(";")[0] for each in found] == ["fetched again", "copied from local"]
    assert both.brought() == before
    assert store.objects[key][0] == content


def test_the_only_copy_in_a_bucket_comes_from_the_vendor(world: World, store: Store) -> None:
    world.configure(destinations=(BUCKET,))
    world.sync()
    key = next(key for key in store.objects if "/data/" in key)
    content, _ = store.objects.pop(key)
    assert checked(world)[0].result == "incomplete"
    result, found = checked(world, repair=True)
    assert (result.result, found[0].repair) == ("ok", "fetched again")
    assert store.objects[key][0] == content
    assert checked(world)[0].result == "ok"


def test_a_bucket_that_cannot_be_asked_is_a_finding(both: World, store: Store) -> None:
    both.sync()
    store.refuse = lambda method, path: 403
    result, found = checked(both, sample=1)
    assert (result.result, result.files) == ("incomplete", 9)
    assert ("!", "destination", BUCKET) in {(each.sign, each.subject, each.name) for each in found}
    store.heal()
    assert len(claimed(both)) == 9  # that nobody answered does not mean that it is lost
    assert checked(both)[0].result == "ok"


def test_a_sample_reads_few_and_looks_for_all(both: World, store: Store) -> None:
    both.sync()
    keys = [key for key in store.objects if "/data/" in key]
    del store.objects[keys[3]]
    store.objects[f"{PLACE}/data/stray.mp3"] = b"whose?", {}
    store.asked.clear()
    _, found = checked(both, sample=1, seed=1)
    assert [(each.sign, each.name) for each in found] == [
        ("+", keys[3].replace(PLACE, BUCKET)),
        ("-", f"{BUCKET}/data/stray.mp3"),
    ]
    assert store.asked["list"] == 1


def test_papers_that_were_changed_there_are_written_again(both: World, store: Store) -> None:
    both.sync()
    manifest = next(key for key in store.objects if "/manifests/" in key)
    good = store.objects[manifest]
    store.objects[manifest] = b"", {}
    del store.objects[f"{PLACE}/bagit.txt"]
    result, found = checked(both, repair=True)
    assert {(each.sign, each.is_repaired) for each in found} == {("*", True), ("+", True)}
    assert (result.result, store.objects[manifest]) == ("ok", good)


def test_a_ledger_that_differs_there_is_told_and_kept(both: World, store: Store) -> None:
    """One of the two was tampered with: it may be the one here."""
    both.sync()
    content, metadata = store.objects[f"{PLACE}/ledger.jsonl"]
    changed = content.replace(b"1000", b"1001", 1)
    store.objects[f"{PLACE}/ledger.jsonl"] = changed, metadata
    result, found = checked(both, repair=True)
    assert result.result == "incomplete"
    assert [(each.sign, each.name) for each in found] == [("*", f"{BUCKET}/ledger.jsonl")]
    assert store.objects[f"{PLACE}/ledger.jsonl"][0] == changed
