"""What an export job's state means, when to ask again, and how progress adds up."""

import random
import time
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording._errors import InputError
from vbc_call_recording._exports.jobs import (
    FAILURE_WORDS,
    ExportProgress,
    JobState,
    PollSchedule,
    is_expired,
    is_partial,
    job_state,
    progress_of,
    schedule,
)
from vbc_call_recording_generated.models import ExportJob
from vbc_call_recording_generated.types import UNSET

counts = st.one_of(st.just(UNSET), st.integers(0, 1000))
jobs = st.builds(
    ExportJob,
    files_completed=counts,
    files_total=counts,
    status=st.one_of(st.just(UNSET), st.sampled_from(["complete", "COMPLETE", "queued", "failed"])),
)


@pytest.mark.parametrize("word", ["complete", "COMPLETE", "Complete", " complete "])
def test_complete_is_success_in_any_case(word: str) -> None:
    assert job_state(word) is JobState.COMPLETE


@pytest.mark.slow
@given(st.text())
def test_no_other_word_is_ever_success(word: str) -> None:
    if word.strip().casefold() != "complete":
        assert job_state(word) is not JobState.COMPLETE


@pytest.mark.parametrize("word", [*sorted(FAILURE_WORDS), "FAILED"])
def test_words_of_the_table_are_failure(word: str) -> None:
    assert job_state(word) is JobState.FAILED


@pytest.mark.parametrize("word", ["queued", "in_progress", "completed", "incomplete", "", UNSET, None, 5])
def test_everything_unknown_is_still_going(word: object) -> None:
    assert job_state(word) is JobState.GOING


def test_complete_with_files_missing_is_partial() -> None:
    assert is_partial(ExportJob(status="complete", files_completed=9, files_total=10))
    text = {"status": "complete", "files_completed": "5", "files_total": "10"}
    assert is_partial(ExportJob.from_dict(text)), (
        "as totals of listings, counts are read if they come as text"
    )
    assert not is_partial(ExportJob(status="complete", files_completed=10, files_total=10))
    assert not is_partial(ExportJob(status="queued", files_completed=9, files_total=10))
    assert not is_partial(ExportJob(status="complete"))


NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("valid_until", "expired"),
    [
        (NOW - timedelta(seconds=1), True),
        (NOW, True),
        (NOW + timedelta(seconds=1), False),
        (datetime(2026, 3, 1, 11, 59), True),
        (datetime(2026, 3, 1, 12, 1), False),
        (datetime(2026, 3, 1, 13, 30, tzinfo=timezone(timedelta(hours=2))), True),
        (UNSET, False),
    ],
)
def test_valid_until_is_compared_in_utc_wherever_this_machine_is(
    valid_until: datetime, expired: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        assert is_expired(ExportJob(valid_until=valid_until), NOW) is expired
    time.tzset()


@given(st.lists(st.lists(st.one_of(st.none(), jobs), min_size=3, max_size=3), min_size=1, max_size=6))
def test_progress_never_goes_backwards(looks: list[list[ExportJob | None]]) -> None:
    before = ExportProgress()
    for look in looks:
        now = progress_of(look, before)
        assert 0 <= before.fraction <= now.fraction <= 1
        if now.jobs_complete < now.jobs_total:
            assert now.files_completed >= before.files_completed
            assert now.files_total >= before.files_total
            assert now.fraction < 1 or before.fraction == 1
        else:
            assert now.fraction == 1
        before = now


def test_a_job_that_shows_up_late_does_not_set_the_fraction_back() -> None:
    first = ExportJob(status="queued", files_completed=8, files_total=10)
    before = progress_of([first, None])
    late = progress_of([first, ExportJob(status="queued", files_completed=0, files_total=90)], before)
    assert before.fraction == late.fraction == 0.8


def test_all_files_finished_is_not_yet_complete() -> None:
    assert progress_of([ExportJob(status="zipping", files_completed=10, files_total=10)]).fraction < 1


def test_once_complete_the_sums_are_true() -> None:
    before = progress_of([ExportJob(status="queued", files_completed=9, files_total=1000)])
    final = progress_of([ExportJob(status="complete", files_completed=8, files_total=10)], before)
    assert (final.files_completed, final.files_total, final.fraction) == (8, 10, 1.0)


def test_progress_sums_over_jobs_and_reads_well() -> None:
    progress = progress_of(
        [
            ExportJob(status="complete", files_completed=250, files_total=250),
            ExportJob(status="queued", files_completed=3, files_total=50),
            None,
        ]
    )
    assert str(progress) == "253 of 300 files, 1 of 3 jobs complete"


def test_no_jobs_are_a_finished_export() -> None:
    assert progress_of([]).fraction == 1.0


def test_pauses_grow_from_four_seconds_to_thirty_with_jitter() -> None:
    pauses = list(islice(PollSchedule().pauses(random.Random(1)), 40))
    assert 3.2 <= pauses[0] <= 4
    assert all(3.2 <= pause <= 30 for pause in pauses)
    assert all(24 <= pause <= 30 for pause in pauses[-20:])
    assert len(set(pauses[-20:])) == 20, "every waiter would ask at the same moment"


def test_a_number_of_seconds_is_a_steady_schedule() -> None:
    assert list(islice(schedule(2.5).pauses(), 3)) == [2.5, 2.5, 2.5]


@pytest.mark.parametrize("poll", [0, -1, True, float("nan")])
def test_a_poll_that_cannot_be_right_is_refused(poll: float) -> None:
    with pytest.raises(InputError, match="seconds above 0"):
        schedule(poll)


@pytest.mark.parametrize("wrong", [{"first": 0}, {"first": 60}, {"growth": 0.5}, {"jitter": 1}])
def test_a_schedule_that_cannot_be_right_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="accepted"):
        PollSchedule(**wrong)
