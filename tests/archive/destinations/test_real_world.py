"""What befalls destinations in the long run: copies that differ, other machines, late listings, settings."""

import resource
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest

from tests.archive.store import Store
from tests.archive.world import UNTIL, World, audio, calls
from vbc_call_recording import ConfigurationError
from vbc_call_recording_archive.catalogue import Catalogue
from vbc_call_recording_archive.config import ArchiveConfig, read_config
from vbc_call_recording_archive.destinations import Seen
from vbc_call_recording_archive.errors import CatalogueError
from vbc_call_recording_archive.retention import apply, plan
from vbc_call_recording_archive.surroundings import destinations
from vbc_call_recording_archive.sync import CopyFailed, Trouble

from .test_faults import BUCKET, PLACE, both, checked, claimed

__all__ = ["both"]


def broken_everywhere(both: World, store: Store) -> tuple[str, Path]:
    """A recording that the vendor has no more, here and there with other bytes. Its key, and its place."""
    both.sandbox.store.replace(calls(9)[1:])
    key = next(key for key in store.objects if key.endswith("1000.mp3"))
    here = both.folder / key.removeprefix(f"{PLACE}/")
    here.write_bytes(b"x")
    store.objects[key] = b"y" * 500, {}
    return key, here


@pytest.mark.parametrize("repair", [False, True])
def test_what_is_broken_everywhere_is_not_forgotten(both: World, store: Store, repair: bool) -> None:
    """Its SHA-256 is what tells a backup from anything else."""
    both.sync()
    key, here = broken_everywhere(both, store)
    for _ in range(2):
        result, found = checked(both, repair=repair)
        assert (result.result, {each.sign for each in found}) == ("incomplete", {"*"})
    here.write_bytes(audio(calls(9)[0]))  # from a backup
    assert checked(both, repair=True)[0].result == "ok"
    assert store.objects[key][0] == here.read_bytes()


# -- the ledger there is not an earlier state of ours


def test_the_ledger_of_another_machine_is_not_replaced(both: World, store: Store) -> None:
    both.sync()
    content, metadata = store.objects[f"{PLACE}/ledger.jsonl"]
    theirs = content + b'{"seq":99,"what":"added"}\n', metadata
    store.objects[f"{PLACE}/ledger.jsonl"] = theirs
    both.sandbox.store.replace(calls(9) + calls(2, first_id=2000))
    result = both.sync()
    assert (result.result, result.files) == ("incomplete", 2)
    assert store.objects[f"{PLACE}/ledger.jsonl"] == theirs
    assert "another machine writes there, too" in both.of(Trouble)[0].reason
    assert len(claimed(both)) == 11  # files never replace anything, so they may go there
    store.objects[f"{PLACE}/ledger.jsonl"] = content, metadata
    assert both.sync().result == "ok"


def test_an_older_backup_is_made_whole_by_the_ledger_in_the_bucket(
    both: World, store: Store, tmp_path: Path
) -> None:
    both.sync()
    copytree(both.folder, tmp_path / "backup")
    both.sandbox.store.replace(calls(9) + calls(2, first_id=2000))
    both.sync()
    before = both.brought()
    both.sandbox.store.replace(calls(9))  # the vendor has the two no more
    rmtree(both.folder)
    copytree(tmp_path / "backup", both.folder)
    newest = store.objects[f"{PLACE}/ledger.jsonl"][0]
    both.sandbox.store.replace(calls(9) + calls(1, first_id=3000))
    assert both.sync().result == "incomplete"
    assert store.objects[f"{PLACE}/ledger.jsonl"][0] == newest
    rmtree(both.folder)
    copytree(tmp_path / "backup", both.folder)
    (both.folder / "ledger.jsonl").write_bytes(newest)
    assert both.sync().result == "ok"
    assert before.items() <= both.brought().items()
    assert checked(both)[0].result == "ok"


# -- a listing


def test_a_listing_that_is_late_is_not_believed(both: World, store: Store) -> None:
    both.sync()
    before = claimed(both)
    store.unlisted = {key for key in store.objects if "/data/" in key}
    result, found = checked(both, sample=1)
    assert (result.result, found) == ("ok", [])
    assert claimed(both) == before
    del store.objects[min(store.unlisted)]
    result, found = checked(both, sample=1, seed=1)
    assert [each.sign for each in found] == ["+"]


def test_folders_that_a_console_has_made_are_no_strangers(both: World, store: Store) -> None:
    both.sync()
    for name in ("data/", "data/audio/"):
        store.objects[f"{PLACE}/{name}"] = b"", {}
    assert checked(both)[0].result == "ok"
    store.objects[f"{PLACE}/data/audio/empty"] = b"", {}
    assert [each.name for each in checked(both)[1]] == [f"{BUCKET}/data/audio/empty"]


# -- one that does not answer


def test_verify_asks_a_dead_one_a_few_times_and_says_so_once(both: World, store: Store) -> None:
    both.sandbox.store.replace(calls(40))
    both.sync()
    store.refuse = lambda method, path: 503 if method == "GET" and path != "bucket" else None
    store.asked.clear()
    result, found = checked(both)
    assert result.result == "incomplete"
    assert store.asked["GET"] <= 2 * (3 + 1) + 1  # each is tried twice, one may be under way; and a listing
    assert [each.name for each in found if each.subject == "destination"] == [BUCKET]
    assert len(found) <= 4
    with both.archive() as archive:
        assert not [each for each in archive.catalogue.files() if each.verified_how == "verify"]


def test_single_files_that_may_not_be_read_do_not_keep_the_others_from_it(both: World, store: Store) -> None:
    """As those that were moved to a cold storage class."""
    both.sync()
    store.refuse = lambda method, path: 403 if method == "GET" and path[-8:] in COLD else None
    _, found = checked(both)
    assert [each.sign for each in found] == ["!"] * 4
    with both.archive() as archive:
        assert len([each for each in archive.catalogue.files() if each.verified_how == "verify"]) == 5


COLD = {f"{number}.mp3" for number in (1000, 1002, 1004, 1006)}


def test_retention_asks_a_dead_one_a_few_times(both: World, store: Store) -> None:
    both.sync()
    store.refuse = lambda method, path: 503
    store.asked.clear()
    with both.archive(writable=True) as archive:
        made = plan(archive, UNTIL)
        result = apply(archive, both.client, made)
    assert result.counts == {"kept": 9}
    assert store.asked["GET"] == 2 * 3


# -- what a store says


def test_what_an_answer_quotes_of_a_request_is_not_told(both: World, store: Store) -> None:
    """A proxy in between that shows what it was sent."""
    token = "FwoGZXIvYXdzEBYaD" * 4
    store.answer = (403, f"<html>denied: hush-aws-secret {token}</html>")
    both.sync()
    said = both.of(Trouble)[0].reason
    assert "it answers 403 Forbidden" in said
    store.answer = (403, f"<Error><Code>Denied</Code><Message>with {token} you may not</Message></Error>")
    _, found = checked(both)
    said += "".join(each.reason for each in found)
    assert "Denied: with … you may not" in said
    assert "hush" not in said
    assert token not in said


def test_one_that_cannot_be_reached_says_that_and_not_what_was_asked(
    both: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    both.sync()
    assert both.of(Trouble)[0].reason.endswith(
        "failed at ledger.jsonl: HTTP error: error sending request: tcp connect error"
    )


# -- settings


@pytest.mark.parametrize(
    "name",
    [
        "s3://b//x",
        "s3://b/x/../y",
        "s3://b/./x",
        "s3://b/a b",
        "S3://b",
        "s3:///x",
        "s3://b/x?y",
        "s3://k:s@b",
    ],
)
def test_a_second_spelling_of_a_place_is_refused_and_a_login_not_shown(tmp_path: Path, name: str) -> None:
    (tmp_path / "archive.toml").write_text(f'[archive]\ndestinations = ["{name}"]\n')
    with pytest.raises(ConfigurationError, match="no part of it empty") as caught:
        read_config(tmp_path)
    assert (name in str(caught.value)) == (not set("@?") & set(name))


def test_what_only_a_former_destination_has_is_fetched_again(both: World, store: Store) -> None:
    both.sync()
    both.configure(destinations=("local",))
    lost = min((both.folder / "data").rglob("*.mp3"))
    content = lost.read_bytes()
    lost.unlink()
    result = both.sync()
    assert (result.result, result.lost, result.files) == ("ok", 1, 1)
    assert lost.read_bytes() == content
    both.configure(destinations=("local", BUCKET))
    assert both.sync().result == "ok"
    assert len(claimed(both)) == 9


def test_what_only_a_former_destination_has_is_said_to_be_there(world: World, store: Store) -> None:
    world.configure(destinations=(BUCKET,))
    world.sync()
    world.configure(destinations=("s3://bucket/new",))
    assert world.sync().uncopied >= 9
    assert f"only {BUCKET} has it" in world.of(CopyFailed)[0].reason


# -- a machine on which nothing can be written


@pytest.fixture
def full_disk() -> Iterator[Callable[[], None]]:
    """From the call on, no file can be written."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_catalogue_can_be_read_where_nothing_can_be_written(
    both: World, full_disk: Callable[[], None]
) -> None:
    both.sync()
    full_disk()
    with Catalogue(both.folder / "catalogue.sqlite3", writable=False) as catalogue:
        assert catalogue.count() == 9


def test_what_a_killed_writer_left_is_not_passed_over(both: World, full_disk: Callable[[], None]) -> None:
    """It can be read again once there is room."""
    both.sync()
    (both.folder / "catalogue.sqlite3-wal").write_bytes(b"what is not in the database yet")
    full_disk()
    with pytest.raises(CatalogueError, match="cannot be opened"):
        Catalogue(both.folder / "catalogue.sqlite3", writable=False)


# -- doctor


def test_doctor_lists_and_hears_ctrl_c_while_a_store_hangs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: dict[str, bool] = {}

    class Kept:
        name = "drawer://two"
        content: bytes | None = None

        def create(self, key: str, source: Path, sha256: str) -> None:
            asked["create"] = threading.current_thread() is threading.main_thread()
            raise FileExistsError(key)

        def replace(self, key: str, source: Path, sha256: str) -> None:
            self.content = source.read_bytes()

        def read(self, key: str) -> Any:
            yield self.content

        def look(self, key: str) -> Seen | None:
            return None

        def list(self, prefix: str) -> Any:
            raise PermissionError("it may not be listed")

    monkeypatch.setattr("vbc_call_recording_archive.surroundings.open_destination", lambda *_: Kept())
    (found,) = destinations(tmp_path, ArchiveConfig(destinations=("drawer://two",)))
    assert (found.state, found.said) == ("failed", "it may not be listed")
    assert asked == {"create": False}
