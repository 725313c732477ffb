"""What the archive promises, held against a vendor of whom nothing is taken for granted."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from attrs import define, evolve, field

from tests.archive.vendor import Vendor, sound, vending
from vbc_call_recording import ApiConnectionError, CallRecordingClient, ExportTimeoutError, PollSchedule
from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.config import ArchiveConfig
from vbc_call_recording_archive.errors import ArchiveError
from vbc_call_recording_archive.overview import overview
from vbc_call_recording_archive.retention import apply, plan
from vbc_call_recording_archive.retention.hold import Hold
from vbc_call_recording_archive.sync import SyncResult, exporting, fetching, sync
from vbc_call_recording_archive.sync.exporting import take_all
from vbc_call_recording_archive.sync.work import Work
from vbc_call_recording_archive.verify import verify

SINCE, UNTIL = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC)
OLD, NEW = sound(b"old"), sound(b"new")


@define
class Keeper:
    """An archive of that vendor's recordings."""

    vendor: Vendor
    folder: Path
    config: ArchiveConfig = field(factory=lambda: ArchiveConfig(min_free=0, metadata="beside"))

    def open(self, **options: Any) -> Archive:
        return Archive(self.folder, self.config, **options)

    def client(self, **changes: str) -> CallRecordingClient:
        return CallRecordingClient.from_env(self.vendor.environment | changes)

    def sync(self, **changes: str) -> SyncResult:
        with self.client(**changes) as client, self.open(writable=True) as archive:
            return sync(archive, client, since=SINCE, until=UNTIL)

    def verify(self, **options: Any) -> Any:
        with self.client() as client, self.open(writable=True) as archive:
            return verify(archive, client, **options)

    def states(self) -> dict[str, str]:
        with self.open() as archive:
            return {window.name: window.state for window in archive.catalogue.windows()}

    def contents(self) -> list[bytes]:
        """The audio that the catalogue knows."""
        with self.open() as archive:
            return sorted(
                archive.path(file.path).read_bytes()
                for file in archive.catalogue.files()
                if file.kind == "audio"
            )


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    folder = tmp_path / "archive"
    folder.mkdir()
    with vending() as vendor:
        vendor.add(7, "2026-01-05T10:00:00Z", OLD)
        yield Keeper(vendor, folder)


@pytest.mark.parametrize("size", [400, 0])
def test_another_recording_under_a_used_id_is_fetched_and_the_first_one_stays(
    keeper: Keeper, size: int
) -> None:
    keeper.sync()
    keeper.vendor.add(7, "2026-01-06T10:00:00Z", NEW, file_size_in_bytes=size)
    keeper.sync()
    assert keeper.contents() == sorted([OLD, NEW])
    assert set(keeper.states().values()) == {"proven"}
    assert keeper.verify().result == "ok"


def test_a_tombstone_does_not_hide_another_recording_under_its_id(keeper: Keeper) -> None:
    keeper.sync()
    with keeper.client() as client, keeper.open(writable=True) as archive:
        apply(archive, client, plan(archive, UNTIL))
    assert keeper.vendor.deleted == [7]
    keeper.vendor.add(7, "2026-01-06T10:00:00Z", NEW)
    keeper.sync()
    assert keeper.contents() == sorted([OLD, NEW])


def test_retention_leaves_another_recording_under_a_planned_id_alone(keeper: Keeper) -> None:
    keeper.sync()
    with keeper.open() as archive:
        planned = plan(archive, UNTIL)
    keeper.vendor.add(7, "2026-01-06T10:00:00Z", NEW, file_size_in_bytes=0)
    keeper.sync()
    with keeper.client() as client, keeper.open(writable=True) as archive:
        apply(archive, client, planned)
    assert keeper.vendor.deleted == []


def test_a_recording_whose_size_has_changed_since_does_not_pass_for_the_one_that_is_here(
    keeper: Keeper,
) -> None:
    keeper.sync()
    keeper.vendor.add(7, "2026-01-05T10:00:00Z", sound(b"longer", 500))
    keeper.sync()
    with keeper.open() as archive:
        window = archive.catalogue.window_at("company", "2026-01-05T10:00:00Z")
        complete = overview(archive, at=UNTIL).is_complete
    assert window is not None
    assert window.state == "incomplete"
    assert "7" in window.reason
    assert not complete
    assert OLD in keeper.contents()


def test_a_listing_of_another_time_proves_nothing(keeper: Keeper) -> None:
    keeper.vendor.add(8, "2026-01-06T03:00:00Z", NEW)
    honest = keeper.vendor.lists
    keeper.vendor.lists = lambda first, last: honest(
        *(each.replace("T00:00", "T05:00") for each in (first, last))
    )
    keeper.sync()
    assert "proven" not in keeper.states().values()


def test_what_is_lost_here_and_at_the_vendor_stays_known_as_lost(keeper: Keeper) -> None:
    keeper.sync()
    with keeper.open() as archive:
        (path,) = [archive.path(file.path) for file in archive.catalogue.files() if file.kind == "audio"]
    path.unlink()
    keeper.vendor.remove(7)
    keeper.sync()
    with keeper.open() as archive:
        assert not overview(archive, at=UNTIL).is_complete
    assert keeper.verify().result == "incomplete"


def test_metadata_that_is_lost_is_not_forgotten(keeper: Keeper) -> None:
    keeper.sync()
    (path,) = keeper.folder.glob("data/**/*.json")
    path.unlink()
    keeper.sync()
    assert path.exists()
    assert keeper.verify().result == "ok"


def test_a_repair_by_the_listing_leaves_what_it_cannot_repair_where_it_is(keeper: Keeper) -> None:
    keeper.sync()
    with keeper.open() as archive:
        (path,) = [archive.path(file.path) for file in archive.catalogue.files() if file.kind == "audio"]
    path.write_bytes(b"cut")
    keeper.vendor.audio.pop(7)
    keeper.vendor.add(8, "2026-01-05T11:00:00Z", NEW)
    assert keeper.verify(listing=True, repair=True).result == "incomplete"
    assert path.read_bytes() == b"cut"
    assert keeper.verify().result == "incomplete"


def test_a_recording_that_vanished_before_it_came_is_told(keeper: Keeper) -> None:
    keeper.vendor.audio.pop(7)
    keeper.sync()
    keeper.vendor.remove(7)
    keeper.sync()
    with keeper.open() as archive:
        assert not overview(archive, at=UNTIL).is_complete


def test_two_logins_of_one_server_do_not_mix(keeper: Keeper) -> None:
    keeper.sync()
    keeper.vendor.account = "111111"
    keeper.vendor.recordings.clear()
    keeper.vendor.add(9, "2026-01-06T10:00:00Z", NEW)
    with pytest.raises(ArchiveError, match="account"):
        keeper.sync(VBC_USERNAME="joe")
    (keeper.folder / "catalogue.sqlite3").unlink()
    with pytest.raises(ArchiveError, match="account"):
        keeper.sync(VBC_USERNAME="joe")
    assert keeper.contents() == [OLD]


def test_no_secret_is_kept(keeper: Keeper) -> None:
    keeper.sync()
    for path in keeper.folder.rglob("*"):
        assert not path.is_file() or b"hush-" not in path.read_bytes(), path


def test_what_is_shelved_from_an_export_is_not_the_audio_of_a_twin_that_is_here(keeper: Keeper) -> None:
    """Two recordings of one name and size: the export holds only the one that came before."""
    keeper.vendor.add(8, "2026-01-05T11:00:00Z", NEW, file_name="7.mp3")
    keeper.vendor.audio.pop(8)
    keeper.sync()
    assert keeper.contents() == [OLD]
    with keeper.open(writable=True) as archive:
        rows = {row.id: row for row in archive.catalogue.recordings()}
        folder = archive.incoming / "export"
        folder.mkdir(parents=True, exist_ok=True)
        entry = folder / "7.mp3"
        entry.write_bytes(OLD)
        work = Work(archive, keeper.client(), print, Event(), PollSchedule())
        take_all(work, [row.recording for row in rows.values()], [rows["8"]], [entry])
    assert keeper.contents() == [OLD]


def test_a_catalogue_that_was_lost_knows_reused_ids_from_the_ledger(keeper: Keeper) -> None:
    keeper.sync()
    keeper.vendor.add(7, "2026-01-06T10:00:00Z", NEW)
    keeper.sync()
    (keeper.folder / "catalogue.sqlite3").unlink()
    keeper.sync()
    assert keeper.contents() == sorted([OLD, NEW])
    assert keeper.verify().result == "ok"


def test_taking_the_ledger_over_again_keeps_reused_ids_apart(keeper: Keeper) -> None:
    keeper.sync()
    keeper.vendor.add(7, "2026-01-06T10:00:00Z", NEW)
    keeper.sync()
    connection = sqlite3.connect(keeper.folder / "catalogue.sqlite3")
    connection.execute("DELETE FROM files WHERE kind = 'metadata'")
    connection.commit()
    connection.close()
    assert keeper.verify(repair=True).repaired == 2
    assert keeper.verify().result == "ok"
    assert keeper.contents() == sorted([OLD, NEW])


def test_what_a_kill_left_of_one_recording_is_not_taken_for_the_next_one_with_its_id(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fetching, "shelve", killed)
        with pytest.raises(KeyboardInterrupt):
            keeper.sync()
    keeper.vendor.add(7, "2026-01-06T10:00:00Z", NEW)
    keeper.sync()
    assert keeper.contents() == [NEW]


def test_a_dry_run_leaves_reused_ids_and_the_ledger_alone(keeper: Keeper) -> None:
    keeper.sync()
    keeper.vendor.add(7, "2026-01-06T10:00:00Z", NEW)
    before = (keeper.folder / "ledger.jsonl").read_bytes()
    with keeper.client() as client, keeper.open(writable=True) as archive:
        sync(archive, client, since=SINCE, until=UNTIL, dry_run=True)
        assert [row.id for row in archive.catalogue.recordings()] == ["7"]
    assert (keeper.folder / "ledger.jsonl").read_bytes() == before


def test_an_export_is_not_waited_for_if_the_server_is_gone(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        looks = 0
        progress = SimpleNamespace(files_completed=0, files_total=1, jobs_complete=0, jobs_total=1)

        def wait(self, *, timeout: float) -> None:
            self.looks += 1
            assert self.looks < 50
            raise ExportTimeoutError("not complete") from ApiConnectionError("gone")

    monkeypatch.setattr(exporting, "PATIENCE", 0.01)
    with keeper.open(writable=True) as archive, keeper.client() as client:
        work = Work(archive, client, lambda event: None, Event(), PollSchedule(first=0.001, ceiling=0.002))
        with pytest.raises(ApiConnectionError):
            exporting.wait(work, "company", cast(Any, Gone()))


@pytest.mark.parametrize(
    ("held", "number", "is_held"),
    [
        ("020 7946 0000", "442079460000", True),
        ("+44 (0)20 7946 0000", "442079460000", True),
        ("0044 20 7946 0000", "442079460000", True),
        ("+1 732 555 0100", "7325550100", True),
        ("+1 732 555 0100", "17330550100", False),
    ],
)
def test_a_held_number_is_held_however_it_is_dialled(held: str, number: str, is_held: bool) -> None:
    hold = Hold()
    hold.add(f"number {held}", "hold.txt:1", ZoneInfo("UTC"))
    row = cast(
        Any, SimpleNamespace(id="1", call_id="", source="company", caller_id=number, dnis="", extensions=())
    )
    row.start = "2026-01-05T10:00:00Z"
    assert bool(hold.why(row)) == is_held


def test_a_hold_counts_for_what_the_vendor_says_now(keeper: Keeper, tmp_path: Path) -> None:
    hold = tmp_path / "hold.txt"
    hold.write_text("number +49 30 1234567")
    keeper.sync()
    with keeper.open() as archive:
        planned = plan(archive, UNTIL, hold=hold)
    keeper.vendor.recordings[0]["caller_id"] = "49301234567"
    with keeper.client() as client, keeper.open(writable=True) as archive:
        assert apply(archive, client, planned).counts == {"kept": 1}
    assert keeper.vendor.deleted == []


def test_days_proven_while_the_clock_was_ahead_are_looked_at_again(keeper: Keeper) -> None:
    keeper.sync()
    with keeper.open(writable=True) as archive:
        window = next(archive.catalogue.windows())
        tomorrow = evolve(window, start="2099-01-01T00:00:00Z", end="2099-01-02T00:00:00Z", name="2099-01-01")
        archive.catalogue.save_windows([tomorrow])
    assert keeper.states()["2099-01-01"] == "proven"
    keeper.sync()
    assert keeper.states()["2099-01-01"] == "open"
