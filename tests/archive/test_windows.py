"""Windows follow the calendar of the company's zone, also where the clock is changed, and leave no gap."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbc_call_recording_archive.windows import (
    SIZES,
    Span,
    Window,
    WindowSize,
    due,
    gaps,
    merged,
    stretches,
    window_of,
    windows_between,
)

BERLIN = ZoneInfo("Europe/Berlin")
# Where midnight is skipped (Beirut, Cairo), or comes twice (Havana); half-hour changes; a skipped day (Apia).
ZONES = [
    *map(ZoneInfo, ("UTC", "Europe/Berlin", "America/New_York", "Asia/Beirut", "Africa/Cairo")),
    *map(ZoneInfo, ("America/Havana", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia")),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("instant", "size", "name", "start", "end"),
    [
        ("2026-11-24T13:30+01:00", "hour", "2026-11-24T12Z", "2026-11-24T12:00Z", "2026-11-24T13:00Z"),
        ("2026-11-24T00:00+01:00", "day", "2026-11-24", "2026-11-23T23:00Z", "2026-11-24T23:00Z"),
        ("2026-11-24T23:59:59+01:00", "day", "2026-11-24", "2026-11-23T23:00Z", "2026-11-24T23:00Z"),
        ("2026-03-29T12:00+02:00", "day", "2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),
        ("2026-10-25T12:00+01:00", "day", "2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),
        ("2027-01-01T12:00+01:00", "week", "2026-W53", "2026-12-27T23:00Z", "2027-01-03T23:00Z"),
        ("2026-03-15T12:00+01:00", "month", "2026-03", "2026-02-28T23:00Z", "2026-03-31T22:00Z"),
    ],
)
def test_a_window_is_that_of_the_companys_calendar(
    instant: str, size: WindowSize, name: str, start: str, end: str
) -> None:
    assert window_of(at(instant), size, BERLIN) == Window(at(start), at(end), name)


def test_days_on_which_the_clock_is_changed_have_23_and_25_hours() -> None:
    spring, autumn = (window_of(at(f"{day}T12:00Z"), "day", BERLIN) for day in ("2026-03-29", "2026-10-25"))
    assert spring.end - spring.start == timedelta(hours=23)
    assert autumn.end - autumn.start == timedelta(hours=25)


@settings(max_examples=40)
@given(
    instant=st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    size=st.sampled_from(SIZES),
    zone=st.sampled_from(ZONES),
    days=st.integers(0, 70),
)
def test_windows_hold_their_instant_and_follow_each_other_without_gap_or_overlap(
    instant: datetime, size: WindowSize, zone: ZoneInfo, days: int
) -> None:
    assert window_of(instant, size, zone).holds(instant)
    until = instant + timedelta(days=days if size != "hour" else days / 24)
    windows = list(windows_between(instant, until, size, zone))
    assert all(one.end == other.start for one, other in pairwise(windows))
    assert len({window.name for window in windows}) == len(windows)
    if windows:
        assert windows[0].holds(instant)
        assert windows[-1].start < until <= windows[-1].end
    else:
        assert until <= instant


def days(*numbers: int) -> list[Window]:
    return [window_of(datetime(2026, 1, number, tzinfo=UTC), "day", ZoneInfo("UTC")) for number in numbers]


def span(first: int, last: int) -> Span:
    return Span(datetime(2026, 1, first, tzinfo=UTC), datetime(2026, 1, last, tzinfo=UTC))


@pytest.mark.parametrize(
    ("settled", "overlap", "expected"),
    [
        ([], 0, [1, 2, 3, 4]),
        ([span(1, 5)], 0, []),
        ([span(1, 5)], 2, [3, 4]),
        ([span(1, 5)], 9, [1, 2, 3, 4]),
        ([span(1, 2), span(3, 5)], 1, [2, 4]),
        ([span(1, 3), span(2, 5)], 0, []),  # windows had another size once
    ],
)
def test_due_are_gaps_and_the_last_windows(settled: list[Span], overlap: int, expected: list[int]) -> None:
    assert due(days(1, 2, 3, 4), settled, overlap) == days(*expected)


def test_gaps_are_what_nothing_covers() -> None:
    since, until = span(1, 9).start, span(1, 9).end
    assert gaps(since, until, [span(2, 3), span(3, 4), span(6, 7)]) == [span(1, 2), span(4, 6), span(7, 9)]
    assert gaps(since, until, [span(1, 20)]) == []
    assert gaps(since, until, []) == [span(1, 9)]
    assert gaps(since, until, [span(8, 12)]) == [span(1, 8)]


def test_spans_that_touch_or_overlap_become_one() -> None:
    assert merged([span(3, 5), span(1, 2), span(2, 3), span(4, 4), span(7, 8), span(7, 9)]) == [
        span(1, 5),
        span(7, 9),
    ]


def test_windows_are_listed_together_only_if_they_follow_each_other() -> None:
    assert list(stretches(days(1, 2, 3, 5, 6), 2)) == [days(1, 2), days(3), days(5, 6)]
    assert list(stretches(days(1, 2, 3), 31)) == [days(1, 2, 3)]
    assert list(stretches([], 2)) == []
