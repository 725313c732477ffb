"""Many recordings come by an export, which takes fewer requests; what it lacks comes singly."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.archive.world import UNTIL, World, calls
from vbc_call_recording import Recording, ServerError
from vbc_call_recording_archive.accounting import Match, paired
from vbc_call_recording_archive.sync import ExportGivenUp, ExportProgressed, FetchBegan, FileDone
from vbc_call_recording_archive.sync.plan import export_is_cheaper

pytestmark = pytest.mark.slow

EXPORT = "create_company_recording_transcription_export"
SINGLE = "download_recording"


@pytest.fixture
def busy(world: World) -> World:
    """Sixty recordings in three days, of which the first window is fetched singly."""
    world.sandbox.store.replace(calls(60, size=300))
    world.configure(window="week")
    return world


def test_many_recordings_come_by_an_export_in_fewer_requests(busy: World) -> None:
    assert busy.sync().result == "ok"
    busy.require_everything(busy.sandbox.store.company())
    assert (busy.asked[EXPORT], busy.asked[SINGLE]) == (1, 0)
    assert busy.asked.total() <= 10
    assert {event.how for event in busy.of(FileDone)} == {"export"}
    assert busy.of(ExportProgressed)[-1].files_completed == 60
    assert not any((busy.folder / ".incoming").rglob("*"))


def test_what_an_export_lacks_is_fetched_singly(busy: World) -> None:
    busy.sandbox.quirks.exports.files_lost = 3
    assert busy.sync().result == "ok"
    busy.require_everything(busy.sandbox.store.company())
    assert busy.asked[SINGLE] == 3
    assert busy.of(ExportGivenUp) == [ExportGivenUp("company", "it brought less than it should")]


@pytest.mark.parametrize("statuses", [["failed"], ["queued", "complete"]])
def test_an_export_that_fails_or_whose_archive_is_gone_costs_requests_and_no_recording(
    busy: World, statuses: list[str]
) -> None:
    busy.sandbox.quirks.exports.statuses = statuses
    busy.sandbox.faults.play("file-gone", "bulkDownload", times=9)
    assert busy.sync().result == "ok"
    busy.require_everything(busy.sandbox.store.company())
    assert busy.asked[SINGLE] == 60


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_an_account_that_may_not_export_fetches_singly(busy: World, status: int) -> None:
    busy.sandbox.faults.next("POST .*company_call_recordings", status=status, times=9)
    assert busy.sync().result == "ok"
    assert busy.of(ExportGivenUp)
    busy.require_everything(busy.sandbox.store.company())


def test_an_archive_that_is_unsafe_is_given_up_and_everything_comes_singly(busy: World) -> None:
    twice = replace(calls(1)[0], id=7, file_name="../up.mp3")
    busy.sandbox.store.put(twice)
    assert busy.sync().result == "ok"
    assert busy.of(ExportGivenUp)[0].reason.startswith("UnsafeArchiveError")
    busy.require_everything(busy.sandbox.store.company())


def test_a_run_that_broke_off_goes_on_with_the_export_it_had_begun(busy: World) -> None:
    busy.sandbox.faults.next("bulkDownload", status=500, times=99)
    with pytest.raises(ServerError):
        busy.sync()
    assert busy.states() == ["incomplete"]
    assert "ServerError" in next(iter(busy.windows().values())).reason
    busy.sandbox.faults.reset()
    assert busy.sync().result == "ok"
    assert busy.asked[EXPORT] == 0
    busy.require_everything(busy.sandbox.store.company())


def test_an_export_that_expired_meanwhile_is_asked_for_again(busy: World) -> None:
    busy.sandbox.faults.next("bulkDownload", status=500, times=99)
    with pytest.raises(ServerError):
        busy.sync()
    busy.sandbox.faults.reset()
    jobs = set(busy.sandbox.exports.jobs)
    for job in busy.sandbox.exports.jobs.values():
        job.valid_until = UNTIL
    assert busy.sync().result == "ok"
    assert len(set(busy.sandbox.exports.jobs) - jobs) == 1
    busy.require_everything(busy.sandbox.store.company())


def test_a_few_that_are_new_among_many_come_singly(busy: World) -> None:
    busy.sync()
    busy.sandbox.store.put(replace(calls(1)[0], id=7))
    busy.sync()
    assert (busy.asked[EXPORT], busy.asked[SINGLE]) == (0, 1)
    assert busy.of(FetchBegan) == [FetchBegan("company", 1, 4000, "single")]


def test_on_demand_recordings_come_by_an_export_of_their_own(world: World) -> None:
    world.sandbox.store.replace([replace(each, owner="745250") for each in calls(40, size=300)])
    world.configure(window="week", company=False, users=("745250",))
    assert world.sync().result == "ok"
    assert world.asked["create_on_demand_recording_export"] == 1
    world.require_everything(world.sandbox.store.on_demand("745250"))


def test_transcripts_come_with_the_export_and_are_not_asked_for_singly(busy: World) -> None:
    busy.sandbox.store.replace(calls(60, size=300, transcript="ready"))
    assert busy.sync().transcripts == 60
    assert busy.asked["download_transcript"] == 0
    with busy.archive() as archive:
        assert archive.catalogue.count(transcript="ready") == 60
        assert len([file for file in archive.catalogue.files() if file.kind == "transcript"]) == 60


@pytest.mark.parametrize(
    ("lacking", "listed", "export"),
    [
        (0, 0, False),
        (8, 8, False),
        (9, 9, True),
        (9, 18, True),
        (9, 19, False),
        (12, 1000, False),
        (600, 1000, True),
    ],
)
def test_an_export_is_chosen_where_it_saves_requests_and_not_at_the_price_of_the_bytes(
    lacking: int, listed: int, export: bool
) -> None:
    assert export_is_cheaper(lacking, listed) is export


def test_an_entry_is_a_recordings_only_where_there_is_no_doubt() -> None:
    def named(number: int, name: str, size: int | None) -> Recording:
        recording = Recording(id=number, file_name=name)
        if size is not None:
            recording.file_size_in_bytes = size
        return recording

    recordings = [
        named(1, "a.mp3", 5),
        named(2, "b.mp3", None),
        named(3, "twin.mp3", 5),
        named(4, "twin.mp3", 5),
        named(5, "sized.mp3", 5),
        named(6, "sized.mp3", 6),
        named(7, "wrong.mp3", 5),
        named(8, "doubtful.mp3", 5),
        named(9, "doubtful.mp3", None),
    ]
    entries = [("x/A.MP3", 5), ("a.mp3.txt", 9), ("b.mp3", 7), ("1/twin.mp3", 5), ("2/twin.mp3", 5)]
    entries += [("sized.mp3", 6), ("sized.mp3.txt", 9), ("wrong.mp3", 4), ("doubtful.mp3", 5)]
    assert paired(recordings, entries) == {
        "1": Match("x/A.MP3", "a.mp3.txt"),
        "2": Match("b.mp3"),
        "6": Match("sized.mp3"),
    }


def test_an_export_is_of_the_windows_that_lack_something_only(world: World) -> None:
    world.sandbox.store.replace(calls(90, size=300))
    world.sync()
    world.sandbox.store.replace([*calls(90, size=300), *late(40)])
    assert world.sync().files == 40
    assert (world.asked[EXPORT], world.asked[SINGLE]) == (1, 0), "less than half of the three days is lacking"
    (asked,) = (request for request in world.sandbox.requests if request.operation == EXPORT)
    assert asked.parameters["start:gte"].startswith("2026-01-07T00:00:00")
    world.require_everything(world.sandbox.store.company())


def late(count: int) -> list[Recording]:
    """So many recordings of the last day."""
    return [
        replace(each, id=each.id + 500, start=UNTIL - timedelta(hours=1)) for each in calls(count, size=300)
    ]
