"""More than one machine: units do what sync does, wherever they run, however often, and whoever dies."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from filelock import FileLock

from tests.archive.test_sync_killed import all_of, catalogued
from tests.archive.world import QUICK, SINCE, UNTIL, World, calls
from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.destinations import Seen
from vbc_call_recording_archive.errors import ArchiveBusyError, ArchiveError
from vbc_call_recording_archive.sync import FileDone, SyncResult
from vbc_call_recording_archive.units import Receipt, Unit, absorb, plan, run, sync_with
from vbc_call_recording_archive.units.shapes import File
from vbc_call_recording_sandbox import Recording

STATES = ("ready", "failed", "pending")


def journey(value: Any) -> Any:
    """Through JSON, as from one machine to another."""
    return json.loads(json.dumps(value))


@pytest.fixture
def here(world: World) -> Iterator[Archive]:
    """An archive of eight recordings: too few for an export, with transcripts of every state."""
    world.sandbox.store.replace([each for n in range(3) for each in calls(8, transcript=STATES[n])[n::3]])
    world.configure(metadata="beside")
    with world.archive(writable=True) as archive:
        yield archive


def planned(world: World, archive: Archive) -> list[Unit]:
    return journey(plan(archive, world.client, since=SINCE, until=UNTIL))  # type: ignore[no-any-return]


def done(world: World, unit: Unit, **options: Any) -> Receipt:
    return journey(run(unit, client=world.client, poll=QUICK, **options))  # type: ignore[no-any-return]


def absorbed(world: World, archive: Archive, receipts: list[Receipt]) -> SyncResult:
    return absorb(archive, world.client, receipts)


@pytest.fixture
def reference(world: World, tmp_path: Path) -> World:
    """The same company archived by sync, on one machine."""
    return World(world.sandbox, world.client, tmp_path / "reference", world.config)


def require_same(world: World, reference: World) -> None:
    reference.config = world.config
    reference.folder.mkdir(exist_ok=True)
    reference.sync()
    assert all_of(world.folder) == all_of(reference.folder)
    assert catalogued(world.folder) == catalogued(reference.folder)


def test_units_leave_what_sync_leaves(world: World, here: Archive, reference: World) -> None:
    result = absorbed(world, here, [done(world, unit) for unit in planned(world, here)])
    assert (result.result, result.files, result.transcripts, result.missing) == ("ok", 8, 3, 0)
    assert result.windows == {"proven": 3, "complete": 0, "incomplete": 0, "open": 0}
    require_same(world, reference)
    world.require_everything(world.sandbox.store.company())


def test_many_come_by_an_export_in_a_unit_too(world: World, here: Archive, reference: World) -> None:
    world.sandbox.store.replace(calls(30, size=300, transcript="ready"))
    world.sandbox.quirks.exports.files_lost = 2
    units = planned(world, here)
    assert len(units) == 1
    receipt = done(world, units[0])
    assert {file["how"] for file in receipt["files"]} == {"export", "single", "listing"}
    assert absorbed(world, here, [receipt]).result == "ok"
    require_same(world, reference)


def test_what_is_here_is_not_fetched_again_and_what_is_new_comes(
    world: World, here: Archive, reference: World
) -> None:
    absorbed(world, here, [done(world, unit) for unit in planned(world, here)])
    world.sandbox.store.put(Recording(id=77, start=calls(8)[4].start))
    world.sandbox.store.delete(1003)
    world.sandbox.store.put(replace(world.sandbox.store.get(1005), transcript="ready"))
    world.sandbox.requests.clear()
    result = absorbed(world, here, [done(world, unit) for unit in planned(world, here)])
    assert (result.files, result.transcripts, result.vanished) == (1, 1, 1)
    assert world.asked["download_recording"] == 1
    assert set(world.states()) == {"proven"}
    assert "audio/2026/01/06/INBOUND-17325550100-77.mp3" in world.brought()


def test_transcripts_in_the_making_are_asked_for_again_by_a_unit_of_their_own(
    world: World, here: Archive, reference: World
) -> None:
    absorbed(world, here, [done(world, unit) for unit in planned(world, here)])
    here.config = evolve(here.config, overlap=0)
    for each in world.sandbox.store.company():
        world.sandbox.store.put(replace(each, transcript="ready"))
    world.sandbox.requests.clear()
    (unit,) = planned(world, here)
    assert unit["only_transcripts"]
    assert absorbed(world, here, [done(world, unit)]).transcripts == 4
    assert world.asked["list_company_recordings"] == 0
    assert {window.pending for window in world.windows().values()} == {0}
    assert planned(world, here) == []


def test_a_plan_asks_little_and_puts_windows_together(world: World, here: Archive) -> None:
    world.sandbox.requests.clear()
    units = planned(world, here)
    assert world.asked == {"list_company_recordings": 1}
    assert [[name for _, _, name in unit["windows"]] for unit in units] == [
        ["2026-01-05", "2026-01-06", "2026-01-07"]
    ]
    assert units[0]["expected"] == 8
    world.sandbox.store.replace(calls(1500, size=10))
    assert [len(unit["windows"]) for unit in planned(world, here)] == [2, 1]


def test_units_hold_no_secret(world: World, here: Archive) -> None:
    told = json.dumps([planned(world, here), done(world, planned(world, here)[0])])
    given = world.sandbox.credentials
    for secret in (given.password, given.client_secret, given.username, "Bearer", "access_token"):
        assert secret not in told


def test_a_unit_done_twice_gives_the_same_receipt_and_leaves_the_same(
    world: World, here: Archive, reference: World
) -> None:
    (unit,) = planned(world, here)
    first = done(world, unit)
    files = {path: path.stat().st_mtime_ns for path in (world.folder / "data").rglob("*.mp3")}
    assert done(world, unit) == first
    assert {path: path.stat().st_mtime_ns for path in (world.folder / "data").rglob("*.mp3")} == files
    absorbed(world, here, [first])
    ledger = (world.folder / "ledger.jsonl").read_bytes()
    assert absorbed(world, here, [first]).result == "ok"
    assert (world.folder / "ledger.jsonl").read_bytes() == ledger
    require_same(world, reference)


def test_two_workers_may_do_the_same_unit_at_a_time(world: World, here: Archive, reference: World) -> None:
    (unit,) = planned(world, here)
    with ThreadPoolExecutor(2) as executor:
        first, second = executor.map(lambda unit: done(world, unit), [unit, unit])
    assert first == second
    assert absorbed(world, here, [first, second]).result == "ok"
    require_same(world, reference)


def test_in_one_scratch_folder_a_unit_is_done_once_at_a_time(
    world: World, here: Archive, tmp_path: Path
) -> None:
    (unit,) = planned(world, here)
    (tmp_path / unit["id"]).mkdir()
    with FileLock(tmp_path / unit["id"] / ".lock"), pytest.raises(ArchiveBusyError):
        done(world, unit, scratch=tmp_path)
    done(world, unit, scratch=tmp_path)
    assert not (tmp_path / unit["id"]).exists()


@pytest.mark.parametrize("name", ["", ".", "..", "../mine", "/mine"])
def test_a_unit_whose_id_leads_out_of_the_scratch_folder_removes_nothing(
    world: World, here: Archive, tmp_path: Path, name: str
) -> None:
    (unit,) = planned(world, here)
    mine, scratch = tmp_path / "mine", tmp_path / "scratch"
    for folder in (mine, scratch):
        folder.mkdir()
        (folder / "kept").touch()
    with pytest.raises(ArchiveError, match="the unit is not valid: ValueError: id is"):
        done(world, {**unit, "id": str(mine) if name == "/mine" else name}, scratch=scratch)
    assert [list(folder.iterdir()) for folder in (mine, scratch)] == [[mine / "kept"], [scratch / "kept"]]


def test_a_unit_whose_source_leads_out_of_the_scratch_folder_is_refused(
    world: World, here: Archive, tmp_path: Path
) -> None:
    (unit,) = planned(world, here)
    with pytest.raises(ArchiveError, match="source is 'user:x"):
        done(world, {**unit, "source": "user:x/../../kept"}, scratch=tmp_path / "scratch")
    assert not (tmp_path / "scratch").exists()


def test_what_a_stopped_worker_had_is_of_use_to_the_next(
    world: World, here: Archive, reference: World, tmp_path: Path
) -> None:
    (unit,), stop, seen = planned(world, here), threading.Event(), list[FileDone]()

    def after_two(event: object) -> None:
        seen.extend([event] if isinstance(event, FileDone) else [])
        if len(seen) == 2:
            stop.set()

    with pytest.raises(ArchiveError, match="was stopped"):
        done(world, unit, scratch=tmp_path / "scratch", on_event=after_two, stop=stop)
    world.sandbox.requests.clear()
    receipt = done(world, unit, scratch=tmp_path / "scratch")
    assert world.asked["download_recording"] <= 6
    assert receipt == done(world, unit)
    absorbed(world, here, [receipt])
    require_same(world, reference)


def test_a_worker_without_the_archives_folder_is_refused_before_it_asks(
    world: World, here: Archive, tmp_path: Path
) -> None:
    (unit,) = planned(world, here)
    world.sandbox.requests.clear()
    with pytest.raises(ArchiveError, match="is not the archive"):
        done(world, unit, folder=tmp_path / "not-mounted")
    assert not (tmp_path / "not-mounted").exists()
    assert not world.sandbox.requests


def test_a_unit_of_another_account_is_refused(world: World, here: Archive) -> None:
    (unit,) = planned(world, here)
    with pytest.raises(ArchiveError, match="the unit is of account '549825'"):
        done(world, {**unit, "account": "549825"})
    with pytest.raises(ArchiveError, match="holds recordings of account 1"):
        done(world, {**unit, "owner": "1"})
    here.note("account", number="1")
    with pytest.raises(ArchiveError, match="holds recordings of account 1"):
        planned(world, here)


def test_a_new_archive_knows_its_account_before_workers_bring_recordings_of_another(
    world: World, here: Archive
) -> None:
    """Every login calls its own account "self"."""
    (unit,) = planned(world, here)
    assert unit["owner"] == "549825"
    receipt = done(world, unit)
    for wire in receipt["recordings"]:
        wire["_links"]["self"]["href"] = wire["_links"]["self"]["href"].replace("549825", "1")
    (trouble,) = absorbed(world, here, [receipt]).troubles
    assert "holds recordings of account 549825" in trouble


def test_a_worker_logs_in_by_its_own_environment(
    world: World, here: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in world.sandbox.environment.items():
        monkeypatch.setenv(name, value)
    (unit,) = planned(world, here)
    assert run(unit)["received"] == 8


WRONG: dict[str, tuple[Callable[[Receipt], object], str]] = {
    "another archive": (lambda receipt: receipt["unit"].update(archive="{}"), "is of another archive"),
    "another account": (lambda receipt: receipt["unit"].update(account="7"), "is of account '7'"),
    "an older plan": (lambda receipt: receipt["unit"].update(listing=0), "is of an older plan"),
    "another version": (lambda receipt: receipt.update(version=2), "is of version 2"),
    "another time": (
        lambda receipt: receipt["recordings"][0].update(start="2020-01-01T00:00:00+0000"),
        "names recordings of another time",
    ),
    "no files": (lambda receipt: receipt.pop("files"), "is not valid: KeyError"),  # type: ignore[misc]
    "no text": (
        lambda receipt: receipt["unit"].update(windows=[("a", "b", "c")]),
        "is not valid: ValueError",
    ),
    "no truth": (lambda receipt: receipt.update(complete="yes"), "is not valid: TypeError"),  # type: ignore[typeddict-item]
    "another folder": (
        lambda receipt: receipt["unit"].update(
            windows=[(start, end, "../../../../x") for start, end, _ in receipt["unit"]["windows"]]
        ),
        "is of windows that the archive does not have",
    ),
    "longer windows": (
        lambda receipt: receipt["unit"].update(
            windows=[("2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "x")]
        ),
        "is of windows that the archive does not have",
    ),
    "no windows": (
        lambda receipt: receipt["unit"].update(windows=[]),
        "windows that the archive does not have",
    ),
    "no source": (
        lambda receipt: receipt["unit"].update(source="../../x"),
        "is not valid: ValueError: source is",
    ),
    "no folder": (
        lambda receipt: receipt["unit"].update(id="../x"),
        "is not valid: ValueError: id is '../x'",
    ),
    "no hash": (
        lambda receipt: receipt["files"][0].update(sha256="0\n"),
        "is not valid: ValueError: a file has",
    ),
    "nothing as a hash": (
        lambda receipt: receipt["files"][0].update(sha256=None),
        "files[0].sha256 is 'None'",
    ),  # type: ignore[typeddict-item]
    "no size": (lambda receipt: receipt["files"][0].update(size=True), "files[0].size is 'True'"),
    "no kind": (lambda receipt: receipt["files"][0].update(kind="x"), "files[0].kind is 'x'"),  # type: ignore[typeddict-item]
    "no reason": (lambda receipt: receipt["transcripts"][0].update(reason=None), "transcripts[0].reason is"),  # type: ignore[typeddict-item]
    "no id": (
        lambda receipt: receipt["recordings"][0].pop("id"),
        "is not valid: TypeError: a recording has no id",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_receipt_that_cannot_be_taken_is_said_and_settles_nothing(
    world: World, here: Archive, wrong: str
) -> None:
    (unit,) = planned(world, here)
    receipt = done(world, unit)
    change, message = WRONG[wrong]
    change(receipt)
    result = absorbed(world, here, [receipt])
    assert result.result == "incomplete"
    assert [message in trouble for trouble in result.troubles] == [True]
    assert world.windows() == {}


@pytest.mark.parametrize("name", ["../up", "..", "", ".", "absolute"])
def test_a_unit_cannot_lead_a_worker_to_another_folder(world: World, here: Archive, name: str) -> None:
    """Its scratch folder is removed at the end: no name here leads out of the test's own folder."""
    (unit,) = planned(world, here)
    scratch = world.folder.parent / "scratch" / "own"
    if name == "absolute":
        name = str(world.folder.parent / "scratch" / "elsewhere")
    with pytest.raises(ArchiveError, match="the unit is not valid: ValueError: id is"):
        done(world, {**unit, "id": name}, scratch=scratch)
    assert not scratch.parent.exists()


def test_what_listed_the_archive_since_outdates_a_receipt(world: World, here: Archive) -> None:
    old = done(world, planned(world, here)[0])
    world.sandbox.store.put(Recording(id=77, start=calls(8)[4].start))
    new = done(world, planned(world, here)[0])
    result = absorbed(world, here, [new, old])
    assert (result.files, result.vanished, len(result.troubles)) == (9, 0, 1)
    assert set(world.states()) == {"proven"}


LIES: dict[str, Callable[[World, File], object]] = {
    "it is not there": lambda world, file: (world.folder / file["path"]).unlink(),
    "it is shorter": lambda world, file: (world.folder / file["path"]).write_bytes(b"ID3"),
    "it is elsewhere": lambda world, file: moved(world, file),
    "it is nowhere": lambda world, file: file.update(held=["s3://else/where"]),
}


def moved(world: World, file: File) -> None:
    (world.folder / file["path"]).rename(world.folder / "data/elsewhere.mp3")
    file["path"] = "data/elsewhere.mp3"


@pytest.mark.parametrize("lie", LIES)
def test_a_file_that_is_not_as_the_receipt_says_does_not_count(world: World, here: Archive, lie: str) -> None:
    (unit,) = planned(world, here)
    receipt = done(world, unit)
    file = next(each for each in receipt["files"] if each["kind"] == "audio" and each["id"] == "1004")
    LIES[lie](world, file)
    result = absorbed(world, here, [receipt])
    assert (result.result, result.files, result.missing) == ("incomplete", 7, 1)
    assert world.states() == ["proven", "incomplete", "proven"]
    assert "1004" in world.windows()["2026-01-06"].reason
    if lie != "it is shorter":  # what is in the place of a recording is for sync to set aside
        result = absorbed(world, here, [done(world, unit) for unit in planned(world, here)])
        assert (result.result, result.files) == ("ok", 1)


def test_what_is_in_the_place_of_a_recording_is_left_alone_until_sync_sets_it_aside(
    world: World, here: Archive
) -> None:
    (unit,) = planned(world, here)
    stranger = world.folder / "data/audio/2026/01/06/INBOUND-17325550100-1004.mp3"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"somebody else's")
    receipt = done(world, unit)
    assert "has something else in the place" in receipt["failed"]["1004"]
    assert stranger.read_bytes() == b"somebody else's"
    assert absorbed(world, here, [receipt]).result == "incomplete"
    here.close()
    assert world.sync().result == "ok"
    world.require_everything(world.sandbox.store.company())


def test_what_fails_in_a_unit_is_told_and_the_rest_is_kept(world: World, here: Archive) -> None:
    world.sandbox.faults.next("audio/recording/1004", status=404, times=2)
    (unit,) = planned(world, here)
    receipt = done(world, unit)
    assert list(receipt["failed"]) == ["1004"]
    result = absorbed(world, here, [receipt])
    assert (result.result, result.files, result.failed) == ("incomplete", 7, 1)
    assert "1004 (NotFoundError" in world.windows()["2026-01-06"].reason
    world.sandbox.faults.reset()
    world.sandbox.faults.next("transcriptions", status=503, times=99)
    client = world.client.with_options(retries=0)
    receipt = run(planned(world, here)[0], client=client)
    assert "ServerError" in receipt["trouble"]
    result = absorbed(world, here, [receipt])
    assert (result.result, result.files) == ("incomplete", 1)
    assert set(world.states()) == {"incomplete"}


def test_lost_files_are_found_by_the_coordinator(world: World, here: Archive) -> None:
    absorbed(world, here, [done(world, unit) for unit in planned(world, here)])
    (world.folder / "data/audio/2026/01/06/INBOUND-17325550100-1004.mp3").unlink()
    result = absorbed(world, here, [done(world, unit) for unit in planned(world, here)])
    assert (result.result, result.lost, result.missing) == ("incomplete", 1, 1)
    assert absorbed(world, here, [done(world, unit) for unit in planned(world, here)]).result == "ok"
    world.require_everything(world.sandbox.store.company())


def test_threads_do_it_without_further_ado(world: World, here: Archive, reference: World) -> None:
    assert sync_with(here, world.client, since=SINCE, until=UNTIL).result == "ok"
    require_same(world, reference)


def test_a_unit_that_fails_does_not_keep_the_others_back(world: World, here: Archive) -> None:
    mine = [replace(each, id=each.id + 500, owner="745250") for each in calls(4)]
    world.sandbox.store.replace([*calls(3), *mine])

    def task(unit: Unit) -> Receipt:
        if unit["source"] == "company":
            world.sandbox.faults.next("company_call_recordings", status=403)
        return done(world, unit)

    with ThreadPoolExecutor(1) as executor:
        result = sync_with(
            here, world.client, executor, task, since=SINCE, until=UNTIL, sources=("company", "user:745250")
        )
    assert (result.result, result.files) == ("incomplete", 4)
    assert "PermissionDeniedError" in result.troubles[0]
    assert world.states("user:745250") == ["proven"] * 3


class Shelf:
    """A destination that shares nothing with a folder."""

    name = "shelf://one"

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, str]] = {}

    def create(self, key: str, source: Path, sha256: str) -> None:
        if key in self.files:
            raise FileExistsError(key)
        self.files[key] = source.read_bytes(), sha256

    def replace(self, key: str, source: Path, sha256: str) -> None:
        self.files[key] = source.read_bytes(), sha256

    def read(self, key: str) -> Iterator[bytes]:
        if key not in self.files:
            raise FileNotFoundError(key)
        yield self.files[key][0]

    def look(self, key: str) -> Seen | None:
        found = self.files.get(key)
        return found and Seen(key, len(found[0]), found[1])

    def list(self, prefix: str) -> Iterator[Seen]:
        return (Seen(key, len(each)) for key, (each, _) in self.files.items() if key.startswith(prefix))


def test_workers_put_files_into_an_object_store_that_needs_no_folder(world: World, tmp_path: Path) -> None:
    shelf = Shelf()
    with Archive(world.folder, world.config, writable=True, destinations=[shelf]) as archive:
        (unit,) = planned(world, archive)
        receipt = done(world, unit, destinations=[shelf], folder=tmp_path / "nowhere")
        assert {tuple(file["held"]) for file in receipt["files"]} == {("shelf://one",)}
        assert absorbed(world, archive, [receipt]).result == "ok"
    audio = {key: content for key, (content, _) in shelf.files.items() if key.endswith(".mp3")}
    assert len(audio) == 9
    assert shelf.files["ledger.jsonl"][0] == (world.folder / "ledger.jsonl").read_bytes()
    assert not (world.folder / "data").exists() or not list((world.folder / "data").rglob("*.mp3"))
