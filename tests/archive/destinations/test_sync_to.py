"""sync to several destinations: the same files at each, with papers that others can check.

VBC_MANY=2000 python -m pytest tests/archive/destinations/test_sync_to.py -k same
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import bagit
import pytest

from tests.archive.store import Store
from tests.archive.world import UNTIL, World, calls
from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.destinations import Destination, Seen
from vbc_call_recording_archive.overview import overview
from vbc_call_recording_archive.verify import verify

MANY = int(os.environ.get("VBC_MANY", "12"))
BUCKET = "s3://bucket/calls"
PAPERS = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "ledger.jsonl", "create-only.txt"}


def brought(world: World) -> dict[str, bytes]:
    return {f"data/{path}": content for path, content in world.brought().items()}


def data(kept: dict[str, bytes]) -> dict[str, bytes]:
    return {key: content for key, content in kept.items() if key.startswith("data/")}


def downloaded(destination: Destination, folder: Path) -> Path:
    """A destination as somebody without this program would fetch it."""
    for seen in [*destination.list(""), *(seen for seen in map(destination.look, PAPERS) if seen)]:
        target = folder / seen.key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"".join(destination.read(seen.key)))
    return folder


def require_valid(folder: Path) -> None:
    """By sha256sum and by the Library of Congress."""
    assert bagit.Bag(str(folder)).validate()
    for manifest in folder.rglob("manifest-sha256.txt"):
        check = ["sha256sum", "--check", "--strict", "--quiet", manifest.relative_to(folder)]
        assert subprocess.run(check, cwd=folder, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["s3://bucket/same", "az://bucket/same"])
@pytest.mark.timeout(60 + MANY)
def test_a_bucket_has_the_same_as_the_folder_and_can_be_checked_without_this_program(
    world: World, tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("s3" if name.startswith("s3") else "azure")
    world.sandbox.store.replace(calls(MANY, size=700, transcript="ready"))
    assert world.sync().result == "ok"
    manifests = {
        path.relative_to(world.folder): path.read_bytes()
        for path in world.folder.rglob("manifest-sha256.txt")
    }
    world.folder = tmp_path / "second"
    world.folder.mkdir()
    world.configure(destinations=(name,))
    result = world.sync()
    assert (result.result, result.uncopied, result.files) == ("ok", 0, MANY)
    with world.archive() as archive:
        (destination,) = archive.places.others
        folder = downloaded(destination, tmp_path / "downloaded")
    assert {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("manifest-sha256.txt")
    } == manifests
    require_valid(folder)
    assert (folder / "ledger.jsonl").read_bytes() == (world.folder / "ledger.jsonl").read_bytes()
    assert world.brought() == {}


def test_every_destination_has_every_file(world: World, store: Store) -> None:
    world.configure(destinations=("local", BUCKET, "gs://other/calls"), metadata="beside")
    assert world.sync().result == "ok"
    world.require_everything(calls(9))
    for place in ("bucket/calls", "other/calls"):
        assert data(store.below(place)) == brought(world)
        assert {key for key in store.below(place) if "/" not in key} == PAPERS
    with world.archive() as archive:
        assert {file.held for file in archive.catalogue.files()} == {f"gs://other/calls local {BUCKET}"}
    assert not any((world.folder / ".incoming").rglob("*"))


def test_a_night_with_nothing_new_asks_the_bucket_nothing(world: World, store: Store) -> None:
    world.configure(destinations=("local", BUCKET))
    world.sync()
    store.asked.clear()
    assert world.sync().result == "ok"
    assert store.asked.total() == 0


def test_without_the_folder_the_audio_is_in_the_bucket_only(world: World, store: Store) -> None:
    world.configure(destinations=(BUCKET,), metadata="beside")
    world.sandbox.store.replace(calls(9, transcript="ready"))
    assert world.sync().result == "ok"
    assert world.states() == ["proven"] * 3
    assert world.brought() == {}
    assert len(data(store.below("bucket/calls"))) == 27
    assert not any((world.folder / ".incoming").rglob("*"))
    assert world.sync().files == 0
    with world.archive() as archive:
        assert overview(archive, at=UNTIL).is_complete
        assert "refund" not in archive.catalogue.transcript("company", 1000).text


def test_a_lost_catalogue_is_made_anew_without_fetching_audio(world: World, store: Store) -> None:
    world.configure(destinations=(BUCKET,))
    world.sandbox.store.replace(calls(9, transcript="ready"))
    world.sync()
    with world.archive() as archive:
        text = archive.catalogue.transcript("company", 1000).text
    for path in world.folder.glob("catalogue.sqlite3*"):
        path.unlink()
    result = world.sync()
    assert (result.result, result.files, result.transcripts) == ("ok", 0, 0)
    with world.archive() as archive:
        assert archive.catalogue.transcript("company", 1000).text == text != ""


def test_a_destination_that_is_added_later_gets_everything(world: World, store: Store) -> None:
    world.sync()
    world.configure(destinations=("local", BUCKET))
    with world.archive() as archive:
        assert not overview(archive, at=UNTIL).is_complete
        assert [each.lacking for each in overview(archive, at=UNTIL).destinations] == [0, 9]
    result = world.sync()
    assert (result.result, result.files, result.copied, result.uncopied) == ("ok", 0, 9, 0)
    assert world.asked["download_recording"] == 0
    assert data(store.below("bucket/calls")) == brought(world)
    with world.archive() as archive:
        assert overview(archive, at=UNTIL).is_complete
        assert verify(archive).result == "ok"


def test_an_archive_can_move_into_a_bucket_and_back(world: World, store: Store) -> None:
    world.sync()
    before = world.brought()
    world.configure(destinations=(BUCKET,))
    world.sync()
    for path in (world.folder / "data").rglob("*.mp3"):
        path.unlink()
    with world.archive() as archive:
        assert overview(archive, at=UNTIL).is_complete
    world.configure(destinations=("local", BUCKET))
    result = world.sync()
    assert world.brought() == before
    assert (result.result, world.asked["download_recording"]) == ("ok", 0)


def test_what_is_lost_here_is_copied_from_the_bucket(world: World, store: Store) -> None:
    world.configure(destinations=("local", BUCKET))
    world.sync()
    before = world.brought()
    first, second, *_ = sorted((world.folder / "data").rglob("*.mp3"))
    first.unlink()
    second.write_bytes(b"broken")
    result = world.sync()
    assert (result.result, result.lost, result.copied, result.files) == ("ok", 2, 2, 0)
    assert world.brought() == before
    assert world.asked["download_recording"] == 0
    assert [path.read_bytes() for path in (world.folder / "set-aside").rglob("*.mp3")] == [b"broken"]


class Drawer:
    """Somebody's own destination."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kept: dict[str, bytes] = {}

    def create(self, key: str, source: Path, sha256: str) -> None:
        if key in self.kept:
            raise FileExistsError(key)
        self.kept[key] = source.read_bytes()

    def replace(self, key: str, source: Path, sha256: str) -> None:
        self.kept[key] = source.read_bytes()

    def read(self, key: str) -> Iterator[bytes]:
        if key not in self.kept:
            raise FileNotFoundError(key)
        yield self.kept[key]

    def look(self, key: str) -> Seen | None:
        return Seen(key, len(self.kept[key])) if key in self.kept else None

    def list(self, prefix: str) -> Iterator[Seen]:
        return (Seen(key, len(content)) for key, content in self.kept.items() if key.startswith(prefix))


def test_others_can_add_a_destination(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its scheme, as an installed package would announce it."""
    drawer = Drawer("drawer://two")

    class Point:
        def load(self) -> Callable[..., Destination]:
            return lambda name, settings: drawer if (name, dict(settings)) == (drawer.name, {}) else None  # type: ignore[return-value]

    monkeypatch.setattr(
        "vbc_call_recording_archive.destinations.opening.entry_points",
        lambda group, name: [Point()] if (group, name) == ("vbc_recordings.destinations", "drawer") else [],
    )
    world.configure(destinations=("local", "drawer://two"))
    assert world.sync().result == "ok"
    assert data(drawer.kept) == brought(world)


def test_destinations_may_be_given_in_code(world: World) -> None:
    drawer = Drawer("drawer://two")
    with Archive(world.folder, world.config, writable=True, destinations=[drawer]) as archive:
        assert archive.places.names == ("drawer://two",)
        assert not archive.places.has_local
