"""What an export job's state means, when to ask again, and how progress looks. Pure.

The vendor documents one word for a job's `status`, `complete`. That word alone is success. Failure is a short
list of our own. Any other word means that the job is not finished.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from attrs import frozen

from vbc_call_recording_generated.models import ExportJob

from .._checks import read_count, seconds
from .._errors import InputError

COMPLETE_WORD = "complete"
# Our assumption: nowhere documented. A word missing here costs a wait until the timeout, a wrong word costs
# an export. So these are only words that cannot mean anything else.
FAILURE_WORDS = frozenset(
    {"failed", "failure", "error", "errored", "aborted", "canceled", "cancelled", "rejected", "timed_out"}
)
# All files may be finished while the archive is still being made.
_ALMOST = 0.99


class JobState(Enum):
    """What a status word means to us."""

    GOING = "going"
    COMPLETE = "complete"
    FAILED = "failed"


def job_state(status: object) -> JobState:
    """Reads a status word, whatever its case. No word, or an unknown one, is `GOING`, never success."""
    word = status.strip().casefold() if isinstance(status, str) else ""
    if word == COMPLETE_WORD:
        return JobState.COMPLETE
    return JobState.FAILED if word in FAILURE_WORDS else JobState.GOING


def state_of(job: ExportJob | None) -> JobState:
    """The state of a job. One that was never seen is still going."""
    return JobState.GOING if job is None else job_state(job.status)


def status_word(job: ExportJob | None) -> str | None:
    """The status as the server wrote it. None if there is none, or the job was never seen."""
    status = job.status if job is not None else None
    return status if isinstance(status, str) else None


def is_partial(job: ExportJob) -> bool:
    """Whether the job says that it is complete, but finished fewer files than it has."""
    done, total = read_count(job.files_completed), read_count(job.files_total)
    falls_short = done is not None and total is not None and done < total
    return falls_short and state_of(job) is JobState.COMPLETE


def is_expired(job: ExportJob, now: datetime) -> bool:
    """Whether the archive is past `valid_until`. Without an offset, that is UTC (our choice)."""
    valid_until = job.valid_until
    if not isinstance(valid_until, datetime):
        return False
    if valid_until.tzinfo is None:
        valid_until = valid_until.replace(tzinfo=UTC)
    return valid_until <= now


def is_without_files(job: ExportJob) -> bool:
    """Whether a complete job has nothing to deliver: no URL, and 0 files."""
    return not job.download_url and read_count(job.files_total) == 0


@frozen
class ExportProgress:
    """How far an export has got, summed over its jobs.

    Attributes:
        files_completed: Files finished. Never falls while a job is going; in the end it is the true sum.
        files_total: Files to finish, as far as the server said. The same holds for it.
        jobs_complete: Jobs that are complete.
        jobs_total: Jobs of the export.
        partial: Whether a complete job finished fewer files than it has.
        fraction: Between 0 and 1. Never falls, and is 1 once every job is complete, not before.
    """

    files_completed: int = 0
    files_total: int = 0
    jobs_complete: int = 0
    jobs_total: int = 0
    partial: bool = False
    fraction: float = 0.0

    def __str__(self) -> str:
        note = ", partial" if self.partial else ""
        return (
            f"{self.files_completed} of {self.files_total} files, "
            f"{self.jobs_complete} of {self.jobs_total} jobs complete{note}"
        )


def progress_of(jobs: Iterable[ExportJob | None], before: ExportProgress | None = None) -> ExportProgress:
    """Adds up jobs; None is one never seen. Until all are complete, nothing falls below `before`."""
    before = before or ExportProgress()
    everything = list(jobs)
    seen = [job for job in everything if job is not None]
    done = sum(read_count(job.files_completed) or 0 for job in seen)
    total = sum(read_count(job.files_total) or 0 for job in seen)
    complete = sum(state_of(job) is JobState.COMPLETE for job in seen)
    fraction = 1.0
    if complete < len(everything):
        done, total = max(done, before.files_completed), max(total, before.files_total)
        fraction = max(before.fraction, min(_ALMOST, done / total if total else 0.0))
    return ExportProgress(
        files_completed=done,
        files_total=total,
        jobs_complete=complete,
        jobs_total=len(everything),
        partial=any(is_partial(job) for job in seen),
        fraction=fraction,
    )


@frozen
class ExportDownload:
    """What `Export.download` brought.

    Attributes:
        archives: The archives, one for each job that has one.
        extracted: The files unpacked from them, with `extract=True`. Those of `export-1.zip` are below
            `export-1/`.
        unavailable: Ids of jobs that failed or whose archive is gone. Empty unless `allow_missing=True`.
        partial: Whether a job is complete, but finished fewer files than it has.
        unproven: Archives that could not be read to the last entry. An entry is encrypted, for example, or
            the archive is damaged and you chose a `verify` that lets that pass.
    """

    archives: tuple[Path, ...] = ()
    extracted: tuple[Path, ...] = ()
    unavailable: tuple[str, ...] = ()
    partial: bool = False
    unproven: tuple[Path, ...] = ()


@frozen
class PollSchedule:
    """When to ask again: soon at first, for small exports, then ever less often.

    The default asks at once, about 4, 12 and 28 s later, and then every 30 s: five times in the first minute.

    Attributes:
        first: Seconds between the first look and the second.
        ceiling: The longest pause in seconds.
        growth: Factor from one pause to the next.
        jitter: Share by which a pause may be shortened at random, so that many clients do not ask at once.
    """

    first: float = 4.0
    ceiling: float = 30.0
    growth: float = 2.0
    jitter: float = 0.2

    def __attrs_post_init__(self) -> None:
        for name in ("first", "ceiling", "growth", "jitter"):
            seconds(getattr(self, name), f"PollSchedule.{name}", zero=name == "jitter")
        if not (self.first <= self.ceiling and self.growth >= 1 and self.jitter < 1):
            raise InputError(f"poll is {self!r}; accepted: first <= ceiling, growth >= 1, 0 <= jitter < 1")

    def pauses(self, chance: random.Random | None = None) -> Iterator[float]:
        """Endless pauses in seconds."""
        chance = chance or random.Random()  # noqa: S311 - spreads load, guards nothing
        pause = self.first
        while True:
            yield pause * chance.uniform(1 - self.jitter, 1)
            pause = min(self.ceiling, pause * self.growth)


def schedule(poll: float | PollSchedule | None) -> PollSchedule:
    """Reads the `poll` argument: None for the default, a number for that many seconds, always the same."""
    if poll is None:
        return PollSchedule()
    if isinstance(poll, PollSchedule):
        return poll
    pause = seconds(poll, "poll", also="a PollSchedule")
    return PollSchedule(first=pause, ceiling=pause, jitter=0)
