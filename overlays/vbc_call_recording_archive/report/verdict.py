"""The sentence at the top, and what needs attention. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

from attrs import frozen

from ..catalogue import Run
from ..cli import words
from ..overview import instant
from .days import SETTLED, TROUBLE, Day
from .figures import Figures

Level = Literal["good", "bad", "none"]
_KILLED_AFTER = timedelta(days=1)  # a run that has not ended by then was killed


@frozen
class Verdict:
    """How the archive is.

    Attributes:
        until: The last day that is settled, None if none is.
        points: What needs attention, a sentence each.
    """

    level: Level
    headline: str
    until: date | None
    points: tuple[str, ...]


@frozen
class Stretch:
    """Days that follow each other and are in the same state."""

    first: date
    last: date
    state: str
    days: int

    def __str__(self) -> str:
        if self.first == self.last:
            return day(self.first)
        is_near = (self.first.year, self.first.month) == (self.last.year, self.last.month)
        return f"{self.first.day if is_near else day(self.first)} to {day(self.last)} ({self.days} days)"


def verdict(figures: Figures) -> Verdict:
    """Complete up to which day, except for which days, and what else is wrong."""
    until = max((each.date for each in figures.days if each.state in SETTLED), default=None)
    bad = [each for each in figures.days if each.state in TROUBLE]
    points = (
        *_of_days(bad, until),
        *_of_recordings(figures),
        *_of_destinations(figures),
        *_of_runs(figures),
    )
    if until is None:
        return Verdict("bad" if points else "none", "Nothing is archived yet", None, points)
    before = sum(each.date < until for each in bad)
    is_late = len(bad) > before
    headline = f"Complete {'only ' if is_late else ''}up to {day(until)}"
    if before:
        headline += f", except for {words.count(before, 'day')}"
    return Verdict("bad" if points else "good", headline, until, points)


def stretches(days: Sequence[Day]) -> Iterator[Stretch]:
    """The days that need attention, the latest first, those that follow each other together."""
    first = last = None
    for each in reversed([each for each in days if each.state in TROUBLE]):
        if first is not None and last is not None:
            if first.date - each.date == timedelta(days=1) and first.state == each.state:
                first = each
                continue
            yield _stretch(first, last)
        first = last = each
    if first is not None and last is not None:
        yield _stretch(first, last)


def day(value: date) -> str:
    """As people write it who are not of one country: `24 Nov 2026`."""
    return f"{value.day} {value:%b} {value.year}"


def _stretch(first: Day, last: Day) -> Stretch:
    return Stretch(first.date, last.date, last.state, (last.date - first.date).days + 1)


def _of_days(bad: Sequence[Day], until: date | None) -> Iterator[str]:
    missed = [each for each in bad if each.state == "gap"]
    if short := len(bad) - len(missed):
        yield f"{words.count(short, 'day')} incomplete: recordings, or a part of the list, did not come."
    if missed:
        since = " since then" if until and all(each.date > until for each in missed) else ""
        told = f"{words.count(len(missed), 'day')}{since} {'was' if len(missed) == 1 else 'were'}"
        yield f"{told} never looked at: is sync still run every night?"


def _of_recordings(figures: Figures) -> Iterator[str]:
    if missing := figures.totals.missing:
        is_or_are = "is" if missing == 1 else "are"
        yield f"{words.count(missing, 'recording')} listed by the vendor {is_or_are} not here yet."
    if lost := figures.totals.never_came:
        yield f"{words.count(lost, 'recording')} vanished at the vendor before they could be fetched."


def _of_destinations(figures: Figures) -> Iterator[str]:
    for each in figures.destinations:
        if each.lacking:
            yield f"{each.name} lacks {words.count(each.lacking, 'file')}."


def _of_runs(figures: Figures) -> Iterator[str]:
    seen = set[str]()
    for run in figures.runs:
        if run.command in seen:
            continue
        seen.add(run.command)
        if run.command == "sync" and ended(run, figures) in ("failed", "was killed"):
            yield "The last sync did not end well."
        if run.command == "verify":
            left = int(run.counts.get("troubles", 0)) - int(run.counts.get("repaired", 0))
            if left > 0:
                yield f"The last verification left {words.count(left, 'difference')}: verify --repair mends."


def ended(run: Run, figures: Figures) -> str:
    """How a run ended, in words."""
    if run.result == "running":
        began = instant(run.started_at)
        is_last = run.id == figures.runs[0].id
        return "running" if is_last and began and figures.at - began < _KILLED_AFTER else "was killed"
    return {"ok": "done"}.get(run.result, run.result)
