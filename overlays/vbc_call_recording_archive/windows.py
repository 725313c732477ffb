"""Calendar windows: the pieces a period is brought in, which of them are due, and where there are gaps. Pure.

A window begins where the calendar of the company's time zone says, so that a day may have 23, 24 or 25 hours,
and ends where the next one begins. Its bounds are kept in UTC. Windows of an hour are those of UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from attrs import frozen
from dateutil.relativedelta import relativedelta

WindowSize = Literal["hour", "day", "week", "month"]
SIZES: tuple[WindowSize, ...] = ("hour", "day", "week", "month")

_STEP = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
}
_NAME = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}


@frozen(order=True)
class Window:
    """A piece of time, from `start` to just before `end`, both aware and in UTC.

    Attributes:
        name: As people say it: `2026-11-24`, `2026-W48`, `2026-11`, `2026-11-24T13Z`.
    """

    start: datetime
    end: datetime
    name: str

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


@frozen(order=True)
class Span:
    """From `start` to just before `end`, wherever windows begin."""

    start: datetime
    end: datetime


def window_of(instant: datetime, size: WindowSize, zone: ZoneInfo) -> Window:
    """The window that holds the instant, which must be aware."""
    if size == "hour":
        start = instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return Window(start, start + timedelta(hours=1), start.strftime("%Y-%m-%dT%HZ"))
    return _calendar_window(_first_day(instant.astimezone(zone).date(), size), size, zone)


def windows_between(since: datetime, until: datetime, size: WindowSize, zone: ZoneInfo) -> Iterator[Window]:
    """The windows that hold any instant from `since` to just before `until`, the earliest first."""
    if since >= until:
        return
    window = window_of(since, size, zone)
    while window.start < until:
        yield window
        window = window_of(window.end, size, zone)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few spans as possible, the earliest first."""
    result: list[Span] = []
    for span in sorted(spans):
        if result and span.start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        elif span.start < span.end:
            result.append(span)
    return result


def gaps(since: datetime, until: datetime, covered: Iterable[Span]) -> list[Span]:
    """What of the time from `since` to `until` no span covers."""
    result: list[Span] = []
    at = since
    for span in merged(covered):
        if span.start > at and at < until:
            result.append(Span(at, min(span.start, until)))
        at = max(at, span.end)
    if at < until:
        result.append(Span(at, until))
    return result


def due(windows: Sequence[Window], settled: Iterable[Span], overlap: int) -> list[Window]:
    """Which windows are to be looked at: those not wholly settled, and the last `overlap` in any case."""
    covered = merged(settled)
    again = set(windows[len(windows) - overlap :] if overlap else ())
    return [window for window in windows if window in again or not _is_covered(window, covered)]


def stretches(windows: Sequence[Window], most: int) -> Iterator[list[Window]]:
    """Windows that follow each other without a gap, together, but no more than `most`: one listing serves."""
    together: list[Window] = []
    for window in windows:
        if together and (len(together) >= most or together[-1].end != window.start):
            yield together
            together = []
        together.append(window)
    if together:
        yield together


def _is_covered(window: Window, covered: Sequence[Span]) -> bool:
    return any(span.start <= window.start and window.end <= span.end for span in covered)


def _first_day(day: date, size: WindowSize) -> date:
    if size == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if size == "month" else day


def _calendar_window(first: date, size: WindowSize, zone: ZoneInfo) -> Window:
    following: date = first + _STEP[size]
    return Window(_midnight(first, zone), _midnight(following, zone), first.strftime(_NAME[size]))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins. Where the clock skips midnight, that is when it skips it (PEP 495, fold=0)."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
