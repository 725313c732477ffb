"""The days of an archive: how each is, and what was recorded on it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from attrs import frozen

from ..catalogue import SpanTally
from ..overview import SourceOverview, coverage
from ..windows import Span

DayState = Literal["proven", "complete", "open", "incomplete", "gap", ""]
"""As a window's state. `gap` was never looked at; `""` belongs to no window, as days to come."""

TROUBLE: tuple[DayState, ...] = ("gap", "incomplete")
SETTLED: tuple[DayState, ...] = ("proven", "complete")
_WORST_FIRST: tuple[DayState, ...] = ("gap", "incomplete", "open", "complete", "proven", "")

DIRECTIONS = {"INBOUND": "inbound", "OUTBOUND": "outbound", "INTRA_PBX": "internal", "": "other"}
"""By the vendor's word. What is none of these, or was not said, is `other`."""
_PLACES = {word: place for place, word in enumerate(DIRECTIONS)}

_MOST = 3660  # ten years: some servers say year 1 where they do not know


@frozen
class Day:
    """A day of the company's calendar.

    Attributes:
        counts: Recordings, in the order of `DIRECTIONS`.
        bytes: Of their files that are here.
    """

    date: date
    state: DayState
    counts: tuple[int, ...]
    bytes: int

    @property
    def recordings(self) -> int:
        return sum(self.counts)


def states_of(sources: Iterable[SourceOverview], zone: ZoneInfo, today: date) -> dict[date, DayState]:
    """The worst that is known of each day of the last ten years, whatever the source."""
    first = today - timedelta(days=_MOST)
    states: dict[date, DayState] = {}
    for source in sources:
        late = dict.fromkeys(coverage(source.unsettled, zone), "incomplete")
        missed = {day: "gap" for gap in source.gaps for day in days_of(gap, zone, first)}
        for known in (source.days, late, missed):
            for day, state in known.items():
                both = (states.get(day, ""), state)
                states[day] = next(each for each in _WORST_FIRST if each in both)
    return states


def days_of(span: Span, zone: ZoneInfo, first: date) -> Iterator[date]:
    """The days that any of the span is in, from `first` on."""
    day = max(span.start.astimezone(zone).date(), first)
    last = (span.end - timedelta(seconds=1)).astimezone(zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def calendar_of(states: dict[date, DayState], today: date) -> list[date]:
    """Every day from the first one known to today, or to the last one known."""
    if not states:
        return []
    last = max(today, *states)
    first = max(min(states), last - timedelta(days=_MOST))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def spans_of(days: Iterable[date], zone: ZoneInfo) -> list[Span]:
    """From when to when each day is."""

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), zone)

    return [Span(midnight(day), midnight(day + timedelta(days=1))) for day in days]


def filled(
    days: Sequence[date], states: dict[date, DayState], tallies: Iterable[SpanTally]
) -> tuple[Day, ...]:
    """The days with what was recorded on them. The tallies' spans are the days' places."""
    counts: dict[int, list[int]] = defaultdict(lambda: [0] * len(DIRECTIONS))
    sizes: dict[int, int] = defaultdict(int)
    for tally in tallies:
        counts[tally.span][_PLACES.get(tally.direction.upper(), _PLACES[""])] += tally.recordings
        sizes[tally.span] += tally.bytes
    return tuple(
        Day(day, states.get(day, ""), tuple(counts[place]), sizes[place]) for place, day in enumerate(days)
    )
