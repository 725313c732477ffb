"""Transcripts are asked for until each is ready or has failed, and can be searched."""

import json
from dataclasses import replace

import pytest

from tests.archive.world import World, calls, text
from vbc_call_recording_archive.sync import PlanMade, TranscriptDone, Trouble
from vbc_call_recording_sandbox import Recording

LISTING = "list_company_transcriptions"


@pytest.fixture
def late(world: World) -> World:
    """Nine recordings: one transcript is ready, one has failed, one is in the making."""
    recordings = calls(9)
    for at, state in ((0, "ready"), (1, "failed"), (2, "pending")):
        recordings[at] = replace(recordings[at], transcript=state)  # type: ignore[arg-type]
    world.sandbox.store.replace(recordings)
    return world


def make_ready(world: World, recording_id: int) -> Recording:
    ready = replace(world.sandbox.store.get(recording_id), transcript="ready")  # type: ignore[type-var]
    world.sandbox.store.put(ready)
    return ready


def test_what_is_ready_comes_and_the_rest_is_noted(late: World) -> None:
    assert late.sync().transcripts == 1
    beside = late.brought()["audio/2026/01/05/INBOUND-17325550100-1000.txt"]
    assert beside == text(calls(9, transcript="ready")[0])
    with late.archive() as archive:
        ready, failed, pending, none = (archive.catalogue.transcript("company", 1000 + n) for n in range(4))
        assert (ready.state, ready.text) == ("ready", beside.decode())
        assert (failed.state, failed.reason) == ("failed", "Transcription job failed at AI")
        assert (pending.state, none.state) == ("pending", "none")
        assert archive.catalogue.totals()[0].transcripts_pending == 1
    assert late.windows()["2026-01-05"].pending == 1
    assert late.states() == ["proven"] * 3


def test_a_finished_window_is_looked_at_again_until_its_transcripts_are_ready(late: World) -> None:
    late.sync()
    late.configure(overlap=0)
    late.sync()
    assert late.of(PlanMade) == [PlanMade("company", (), ("2026-01-05",))]
    assert (late.asked[LISTING], late.asked["list_company_recordings"]) == (1, 0)
    make_ready(late, 1002)
    late.sync()
    assert late.of(TranscriptDone) == [TranscriptDone("company", "1002")]
    assert late.windows()["2026-01-05"].pending == 0
    assert "1002.txt" in (late.folder / "manifests/company/2026-01-05/manifest-sha256.txt").read_text()
    late.sync()
    assert late.asked.total() == 0


def test_transcripts_can_be_searched_with_the_names(late: World) -> None:
    late.sync()
    with late.archive() as archive:
        words = archive.catalogue.transcript("company", 1000).text.split()
        long = max((word.strip(".,:!?") for word in words), key=len)
        (found, excerpt), *others = archive.catalogue.search(long)
    assert (found.id, others) == ("1000", [])
    assert f"«{long}»".lower() in excerpt.lower()


def test_transcripts_may_be_kept_in_the_catalogue_only_or_not_at_all(late: World) -> None:
    late.configure(transcripts="catalogue")
    assert late.sync().transcripts == 1
    assert not [path for path in late.brought() if path.endswith(".txt")]
    with late.archive() as archive:
        assert archive.catalogue.transcript("company", 1000).text
    assert late.sync().transcripts == 0
    late.configure(transcripts="none")
    late.sync()
    assert late.asked[LISTING] == 0


def test_a_transcript_that_cannot_be_fetched_is_asked_for_again(late: World) -> None:
    late.sandbox.faults.next("transcription/1000", status=404, times=1)
    assert late.sync().transcripts == 0
    assert "NotFoundError" in late.of(Trouble)[0].reason
    with late.archive() as archive:
        assert archive.catalogue.transcript("company", 1000).state == "pending"
    assert late.sync().transcripts == 1


def test_a_transcript_that_was_fetched_stays_ready_whatever_the_server_says_later(late: World) -> None:
    late.sync()
    late.sandbox.store.put(replace(late.sandbox.store.get(1000), transcript="pending"))  # type: ignore[type-var]
    late.sync()
    with late.archive() as archive:
        assert archive.catalogue.transcript("company", 1000).state == "ready"


def test_an_account_without_transcription_is_archived_all_the_same(late: World) -> None:
    late.sandbox.faults.next("transcriptions", status=403, times=9)
    assert late.sync().files == 9
    assert late.states() == ["proven"] * 3
    assert "transcripts cannot be listed" in late.of(Trouble)[0].reason


def test_transcripts_that_may_have_been_left_out_leave_the_window_incomplete(late: World) -> None:
    told = {
        "page": 1,
        "page_size": 100,
        "total_items": 5,
        "total_pages": 1,
        "_embedded": {"transcriptions": []},
    }
    late.sandbox.faults.next(
        "transcriptions", body=json.dumps(told).encode(), headers={"Content-Type": "application/json"}
    )
    assert late.sync().result == "incomplete"
    assert "transcripts: " in late.windows()["2026-01-05"].reason
