"""sync against a real server: what is new comes, verified and written down, and what was kept is true."""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import bagit
import pytest

from tests.archive.world import FIRST, SINCE, UNTIL, World, audio, calls
from vbc_call_recording import CallRecordingClient, InputError, PermissionDeniedError
from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.errors import ArchiveBusyError, ArchiveError, NoSpaceError
from vbc_call_recording_archive.instants import to_text
from vbc_call_recording_archive.overview import overview
from vbc_call_recording_archive.sync import (
    FetchBegan,
    FileDone,
    FileFailed,
    FileLost,
    PlanMade,
    QuotaWait,
    Trouble,
    WindowDone,
    sync,
)
from vbc_call_recording_sandbox import Recording

LISTING = "list_company_recordings"
AUDIO = "download_recording"


def test_the_first_run_brings_everything_and_proves_every_window(world: World) -> None:
    result = world.sync()
    world.require_everything(world.sandbox.store.company())
    assert (result.result, result.files) == ("ok", 9)
    assert result.bytes == sum(recording.size for recording in world.sandbox.store.company())
    assert [
        (w.name, w.state, w.promised, w.listed, w.on_disk) for w in reversed(world.windows().values())
    ] == [
        ("2026-01-05", "proven", 3, 3, 3),
        ("2026-01-06", "proven", 3, 3, 3),
        ("2026-01-07", "proven", 3, 3, 3),
    ]
    assert {event.id for event in world.of(FileDone)} == {str(1000 + number) for number in range(9)}
    assert "audio/2026/01/05/INBOUND-17325550100-1000.mp3" in world.brought()


def test_a_second_run_transfers_nothing_and_changes_nothing(world: World) -> None:
    world.sync()
    before = {path: path.stat().st_mtime_ns for path in (world.folder / "data").rglob("*")}
    ledger = (world.folder / "ledger.jsonl").read_bytes()
    result = world.sync()
    assert (result.result, result.files) == ("ok", 0)
    assert set(world.asked) <= {LISTING, "list_company_transcriptions"}
    assert world.asked.total() <= 5
    assert {path: path.stat().st_mtime_ns for path in (world.folder / "data").rglob("*")} == before
    assert (world.folder / "ledger.jsonl").read_bytes() == ledger


def test_a_settled_window_is_left_alone_once_it_is_out_of_the_overlap(world: World) -> None:
    world.sync()
    world.configure(overlap=0)
    world.sync()
    assert world.asked[LISTING] == 0
    world.configure(overlap=1)
    world.sync()
    assert world.of(PlanMade) == [PlanMade("company", ("2026-01-07",))]


def test_what_appears_late_is_found_in_the_windows_looked_at_again(world: World) -> None:
    world.sync()
    late = Recording(id=77, start=FIRST + timedelta(hours=1))
    world.sandbox.store.put(late)
    world.configure(overlap=1)
    assert world.sync().files == 0
    world.configure(overlap=3)
    assert world.sync().files == 1
    world.require_everything(world.sandbox.store.company())


def test_without_a_beginning_it_begins_with_the_oldest_recording(world: World) -> None:
    world.sync(since=None)
    assert world.of(PlanMade)[0].windows == ("2026-01-05", "2026-01-06", "2026-01-07")
    world.require_everything(world.sandbox.store.company())
    world.sync(since=None)
    assert world.asked.total() <= 5


def test_an_account_without_recordings_is_no_trouble(world: World) -> None:
    world.sandbox.store.replace([])
    assert world.sync(since=None).result == "ok"
    assert world.of(PlanMade) == [PlanMade("company", ())]


def test_on_demand_recordings_of_users_are_kept_apart(world: World) -> None:
    mine = [replace(recording, id=recording.id + 500, owner="745250") for recording in calls(4)]
    world.sandbox.store.replace([*calls(3), *mine])
    world.configure(users=("745250",))
    assert world.sync().files == 7
    found = world.brought()
    assert sorted(path for path in found if path.startswith("users/745250/")) == sorted(
        path for path in found if "-15" in path
    )
    world.require_everything([*calls(3), *mine])
    assert world.states("user:745250") == ["proven"] * 3


def test_a_user_who_cannot_be_listed_does_not_keep_the_others_back(world: World) -> None:
    world.configure(users=("999",))
    world.sandbox.faults.next("/users/999/", status=403, times=9)
    result = world.sync()
    assert result.result == "incomplete"
    assert result.troubles[0].startswith("user:999: PermissionDeniedError")
    assert world.of(Trouble) != []
    world.require_everything(world.sandbox.store.company())
    world.configure(company=False)
    world.sandbox.faults.next("/users/999/", status=403, times=9)
    with pytest.raises(PermissionDeniedError):
        world.sync()


def test_what_vanished_upstream_is_noted_and_stays_here(world: World) -> None:
    world.sync()
    world.sandbox.store.delete(1004)
    assert world.sync().vanished == 1
    assert world.sync().vanished == 0
    with world.archive() as archive:
        row = archive.catalogue.get("company", 1004)
        assert row is not None
        assert row.vanished_at
        assert archive.path(row.path).exists()
        assert archive.catalogue.totals()[0].vanished == 1
    assert set(world.states()) == {"proven"}
    world.sandbox.store.put(calls(9)[4])
    world.sync()
    with world.archive() as archive:
        assert archive.catalogue.totals()[0].vanished == 0


def test_nothing_is_taken_for_vanished_while_the_listing_falls_short(world: World) -> None:
    world.sync()
    world.sandbox.store.delete(1004)
    world.sandbox.quirks.paging.total_items = 20
    assert world.sync().vanished == 0


def test_a_recording_that_fails_leaves_its_window_incomplete_until_it_comes(world: World) -> None:
    world.sandbox.faults.next("audio/recording/1004", status=404, times=2)
    result = world.sync()
    assert (result.result, result.failed, result.files) == ("incomplete", 1, 8)
    window = world.windows()["2026-01-06"]
    assert window.state == "incomplete"
    assert window.reason.startswith("not on disk: 1004 (NotFoundError")
    assert world.of(FileFailed)[0].id == "1004"
    world.configure(overlap=0)
    world.sandbox.faults.reset()
    assert world.sync().files == 1
    assert world.of(PlanMade)[0].windows == ("2026-01-06",)
    assert world.states() == ["proven"] * 3


@pytest.mark.parametrize(
    ("total", "state", "reason"),
    [("missing", "complete", "the listing: "), (20, "incomplete", "the listing: ")],
)
def test_the_state_says_what_the_listing_lets_one_know(
    world: World, total: str | int, state: str, reason: str
) -> None:
    world.sandbox.quirks.paging.total_items = total
    result = world.sync()
    assert result.windows[state] == 3
    assert all(window.reason.startswith(reason) for window in world.windows().values())
    assert result.result == ("ok" if state == "complete" else "incomplete")


def test_a_window_that_is_not_over_stays_open(world: World) -> None:
    recent = [Recording(id=1, start=UNTIL.now(UNTIL.tzinfo).replace(microsecond=0) - timedelta(minutes=1))]
    world.sandbox.store.replace(recent)
    world.sync(since=recent[0].start, until=None)
    assert world.states()[-1] == "open"
    world.require_everything(recent)
    world.configure(overlap=0)
    world.sync(since=recent[0].start, until=None)
    assert world.asked[LISTING] == 1


def test_none_is_missed_where_one_goes_and_another_comes_between_two_pages(world: World) -> None:
    """By its counts, the first walk brought everything: one that stays slipped from page 2 to page 1."""
    world.sandbox.store.replace(calls(130, size=300))
    world.configure(window="week")

    def change(_: object) -> None:
        world.sandbox.store.delete(1129)
        world.sandbox.store.put(Recording(id=5000, start=FIRST, size=300))

    world.sandbox.faults.before(r"company_call_recordings\?.*page=2", change, times=1)
    world.sync()
    here = {recording.id for recording in world.sandbox.store.company()}
    assert 5000 in here
    with world.archive() as archive:
        assert here <= {int(row.id) for row in archive.catalogue.recordings(on_disk=True)}


def test_a_file_that_went_is_fetched_again_and_one_that_changed_is_set_aside(world: World) -> None:
    world.sync()
    gone, changed = sorted((world.folder / "data").rglob("*.mp3"))[:2]
    gone.unlink()
    changed.write_bytes(b"short")
    result = world.sync()
    assert (result.lost, result.files) == (2, 2)
    assert {event.path for event in world.of(FileLost)} == {
        path.relative_to(world.folder).as_posix() for path in (gone, changed)
    }
    world.require_everything(world.sandbox.store.company())
    assert [path.read_bytes() for path in (world.folder / "set-aside").rglob("*.mp3")] == [b"short"]


def test_something_else_in_the_place_of_a_recording_is_set_aside(world: World) -> None:
    stranger = world.folder / "data/audio/2026/01/05/INBOUND-17325550100-1000.mp3"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"mine")
    world.sync()
    world.require_everything(world.sandbox.store.company())
    assert [path.read_bytes() for path in (world.folder / "set-aside").rglob("*.mp3")] == [b"mine"]


def test_a_file_that_nobody_wrote_down_is_adopted_if_its_bytes_are_the_servers(world: World) -> None:
    orphan = world.folder / "data/audio/2026/01/05/INBOUND-17325550100-1000.mp3"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(audio(world.sandbox.store.company()[0]))
    inode = orphan.stat().st_ino
    world.sync()
    assert orphan.stat().st_ino == inode
    assert not (world.folder / "set-aside").exists()
    world.require_everything(world.sandbox.store.company())


def test_a_lost_catalogue_is_made_anew_from_the_ledger_and_no_audio_comes_twice(world: World) -> None:
    world.sandbox.store.replace(calls(9, transcript="ready"))
    world.sync()
    before = world.brought()
    (world.folder / "catalogue.sqlite3").unlink()
    result = world.sync()
    assert (result.files, result.transcripts) == (0, 0)
    assert world.asked[AUDIO] == world.asked["download_transcript"] == 0
    assert world.brought() == before
    assert world.states() == ["proven"] * 3
    with world.archive() as archive:
        assert len(archive.catalogue.search("JOHN SMITH")) == 9
        assert archive.catalogue.transcript("company", 1000).text


@pytest.mark.slow
def test_the_manifests_are_what_sha256sum_and_bagit_read(world: World) -> None:
    world.sandbox.store.replace(calls(9, transcript="ready"))
    world.configure(metadata="beside")
    world.sync()
    manifests = [path.relative_to(world.folder) for path in (world.folder / "manifests").rglob("*.txt")]
    assert sorted(map(str, manifests)) == [
        f"manifests/company/2026-01-0{day}/manifest-sha256.txt" for day in (5, 6, 7)
    ]
    named = "".join((world.folder / path).read_text() for path in manifests).splitlines()
    assert sorted(named) == sorted((world.folder / "manifest-sha256.txt").read_text().splitlines())
    assert len(named) == 27
    for manifest in (*manifests, "manifest-sha256.txt"):
        subprocess.run(
            ["sha256sum", "--check", "--strict", "--quiet", manifest], cwd=world.folder, check=True
        )
    assert bagit.Bag(str(world.folder)).is_valid()
    next((world.folder / "data").rglob("*.mp3")).write_bytes(b"tampered")
    assert not bagit.Bag(str(world.folder)).is_valid()


def test_metadata_beside_the_audio_holds_every_field_unknown_ones_too(world: World) -> None:
    world.configure(metadata="beside")
    world.sandbox.quirks.answers.unknown_fields = True
    world.sync()
    written = json.loads(world.brought()["audio/2026/01/05/INBOUND-17325550100-1000.json"])
    with world.archive() as archive:
        row = archive.catalogue.get("company", 1000)
        assert row is not None
        assert json.loads(row.wire) == written
        assert row.recording.to_dict() == written
        assert row.recording.additional_properties


def test_a_changed_template_moves_nothing_that_is_here(world: World) -> None:
    world.sync()
    before = set(world.brought())
    world.sandbox.store.put(Recording(id=77, start=FIRST))
    world.configure(layout="{cnam}/{start:%Y}/{id}")
    world.sync()
    assert set(world.brought()) - before == {"JOHN SMITH/2026/77.mp3"}
    assert before < set(world.brought())
    world.require_everything(world.sandbox.store.company())


def test_a_dry_run_says_what_would_come_and_writes_nothing(world: World) -> None:
    result = world.sync(dry_run=True)
    assert world.of(FetchBegan)[0].recordings > 0
    assert sum(event.recordings for event in world.of(FetchBegan)) == 9
    assert set(world.asked) == {LISTING}
    assert result.files == 0
    assert not (world.folder / "data").exists()
    with world.archive() as archive:
        assert archive.catalogue.totals() == []
        assert list(archive.catalogue.windows()) == []
    assert len(world.of(WindowDone)) == 3


def test_too_little_space_ends_it_before_a_file_is_asked_for(world: World) -> None:
    free = shutil.disk_usage(world.folder).free
    world.configure(min_free=free * 2)
    with pytest.raises(NoSpaceError, match="min_free"):
        world.sync()
    assert world.asked[AUDIO] == 0
    with world.archive() as archive:
        assert archive.catalogue.runs()[0].result == "failed"


def test_waiting_for_the_quota_is_told(world: World) -> None:
    world.sandbox.quirks.set({"quota.requests": 4, "quota.window": 1, "quota.retry_after": "seconds"})
    world.sandbox.store.replace(calls(4))
    assert world.sync().result == "ok"
    assert all(event.seconds > 0 for event in world.of(QuotaWait))
    assert world.of(QuotaWait)


def test_one_process_writes_and_others_read_meanwhile(world: World) -> None:
    world.sync()

    def look(event: object) -> None:
        if isinstance(event, FileDone):
            with world.archive() as reader:
                assert reader.catalogue.totals()[0].recordings == 10
                assert reader.catalogue.runs()[0].result == "running"
            with pytest.raises(ArchiveBusyError):
                world.archive(writable=True)

    world.sandbox.store.put(Recording(id=77, start=FIRST))
    assert world.sync(look).files == 1


def test_runs_are_kept_with_what_they_did(world: World) -> None:
    world.sync()
    with world.archive() as archive:
        run = archive.catalogue.runs()[0]
    assert (run.command, run.result, run.counts["files"], run.counts["proven"]) == ("sync", "ok", 9, 3)
    assert run.started_at <= run.ended_at


def test_what_cannot_be_right_is_refused_before_anything_is_sent(world: World) -> None:
    with pytest.raises(InputError, match="time zone"):
        world.sync(since=SINCE.replace(tzinfo=None))
    world.sync()
    world.sandbox.requests.clear()
    with world.archive() as reader, pytest.raises(ArchiveError, match="writable"):
        sync(reader, world.client)
    given = {**world.sandbox.environment, "VBC_ACCOUNT_ID": "549825"}
    with (
        CallRecordingClient.from_env(given) as other,
        world.archive(writable=True) as archive,
        pytest.raises(ArchiveError, match="belongs to account"),
    ):
        sync(archive, other)
    assert world.asked == {}


def test_there_is_nothing_to_read_before_the_first_run(world: World) -> None:
    with pytest.raises(ArchiveError, match="sync"):
        Archive(world.folder, world.config)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_a_server_does_nothing_false_is_proven(world: World, seed: int) -> None:
    """Servers that read the docs in ways of their own, with one page of recordings and with two."""
    world.sandbox.quirks.set(f"random:{seed}")
    world.sandbox.store.replace(calls(130 if seed % 3 == 0 else 14, size=300))
    world.configure(window="week" if seed % 3 == 0 else "day")
    world.sync()
    with world.archive() as archive:
        here = {int(row.id): archive.path(row.path) for row in archive.catalogue.recordings(on_disk=True)}
    assert here
    for recording in world.sandbox.store.company():
        if recording.id in here:
            assert here[recording.id].read_bytes() == audio(recording)
    for window in world.windows().values():
        missing = {
            recording.id
            for recording in world.sandbox.store.company()
            if window.start <= to_text(recording.start) < window.end and recording.id not in here
        }
        assert window.state != "proven" or not missing


def test_what_is_known_to_be_missing_ends_every_run_as_status_does(world: World) -> None:
    world.sandbox.faults.next("audio/recording/1004", status=404, times=9)
    assert world.sync().missing == 1
    world.sandbox.store.delete(1004)
    for _ in range(2):  # its window is proven now: nothing more can be had of it
        result = world.sync()
        assert (result.result, result.missing, result.windows["incomplete"]) == ("incomplete", 1, 0)
    with world.archive() as archive:
        assert not overview(archive).is_complete
    assert world.sync(since=UNTIL - timedelta(days=1)).result == "incomplete"


def test_a_recording_that_does_not_come_counts_while_its_window_is_not_over(world: World) -> None:
    world.sandbox.store.replace([Recording(id=5, start=datetime.now(UTC) - timedelta(seconds=5))])
    world.sandbox.faults.next("audio/recording/5", status=404, times=9)
    result = world.sync(since=datetime.now(UTC) - timedelta(days=1), until=None)
    assert (result.result, result.missing) == ("incomplete", 1)
    world.sandbox.faults.reset()
    assert world.sync(since=datetime.now(UTC) - timedelta(days=1), until=None).result == "ok"
