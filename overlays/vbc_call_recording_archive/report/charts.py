"""Shapes of the page's charts: numbers to paths of SVG. Pure.

Charts are as wide as the page. Their paths are in a plot that is stretched to that; words stand beside it,
placed in per cent, so that they keep their size on a phone.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise

from attrs import frozen

from ..cli import words
from .days import DIRECTIONS, TROUBLE, Day

HEIGHT = 160
"""Of a plot, in pixels."""

_LABELS = 5  # along the bottom: so many fit on a phone


@frozen
class Tick:
    """A label, and where it stands: in pixels from above, or in per cent from the left."""

    at: float
    label: str


@frozen
class Chart:
    """What is drawn.

    Attributes:
        width: Of the plot, in its own units.
        paths: Class and path of each shape, from the bottom up.
        alarms: Path of the days that need attention.
        rug: From where to where these are, below the plot.
    """

    width: float
    paths: tuple[tuple[str, str], ...]
    alarms: str
    rug: tuple[tuple[int, int], ...]
    ticks: tuple[Tick, ...]
    labels: tuple[Tick, ...]


def bars(days: Sequence[Day], every: int = 1) -> Chart:
    """Recordings a day by direction, stacked: one bar for so many days, with their average.

    Days that were never looked at count neither for nor against the average.
    """
    # What does not fill a group joins the first one: alone, its average would stand out.
    starts = [0, *range(every + len(days) % every, len(days), every)] if days else []
    groups = [days[start:end] for start, end in pairwise([*starts, len(days)])]
    means = [_mean(group) for group in groups]
    top = _ceiling(max((sum(mean) for mean in means), default=0))
    paths = list[tuple[str, str]]()
    below = [0.0] * len(groups)
    for place, name in enumerate(DIRECTIONS.values()):
        drawn = list[str]()
        for at, (start, mean) in enumerate(zip(starts, means, strict=True)):
            low, high = (_height(value, top) for value in (below[at], below[at] + mean[place]))
            if low > high:
                width = len(groups[at])
                left, right = _number(start + 0.1 * width), _number(start + 0.9 * width)
                drawn.append(f"M{left} {_number(low)}V{_number(high)}H{right}V{_number(low)}z")
            below[at] += mean[place]
        paths.append((name, "".join(drawn)))
    rug = tuple(_alarms(days))
    band = "".join(f"M{start} 0H{end}V{HEIGHT}H{start}z" for start, end in rug)
    return Chart(len(days), tuple(paths), band, rug, _ticks(top, _count), _labels(days))


def growth(days: Sequence[Day]) -> Chart:
    """Bytes of all recordings up to each day."""
    sums, so_far = list[int](), 0
    for each in days:
        so_far += each.bytes
        sums.append(so_far)
    top = _ceiling(so_far)
    line = "".join(f"L{place + 1} {_number(_height(size, top))}" for place, size in _turns(sums))
    area = f"M0 {HEIGHT}{line}V{HEIGHT}z" if so_far else ""
    return Chart(len(days), (("size", area),), "", (), _ticks(top, words.size), _labels(days))


def shares(parts: Sequence[tuple[str, int]]) -> list[tuple[str, float, float]]:
    """Parts of a whole side by side: class, beginning and width in per cent."""
    whole = sum(number for _, number in parts)
    result, at = list[tuple[str, float, float]](), 0.0
    for name, number in parts:
        if number:
            width = 100 * number / whole
            result.append((name, round(at, 2), round(width, 2)))
            at += width
    return result


def _mean(group: Sequence[Day]) -> list[float]:
    seen = sum(each.state != "gap" for each in group) or 1
    return [sum(counts) / seen for counts in zip(*(each.counts for each in group), strict=True)]


def _turns(sums: Sequence[int]) -> list[tuple[int, int]]:
    """Where the line goes on at another slope: what is between is on it."""
    kept = list[tuple[int, int]]()
    for place, value in enumerate(sums):
        is_flat = 0 < place < len(sums) - 1 and sums[place - 1] == value == sums[place + 1]
        if not is_flat:
            kept.append((place, value))
    return kept


def _ceiling(value: float) -> float:
    """The next round number that is not less, and half of which is round, too."""
    if value <= 2:
        return 2
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value)


def _height(value: float, top: float) -> float:
    return HEIGHT - HEIGHT * value / top


def _ticks(top: float, written: Callable[[int], str]) -> tuple[Tick, ...]:
    """At the top and half-way, where that is a whole number."""
    values = [int(top), *([int(top / 2)] if top % 2 == 0 else [])]
    return tuple(Tick(round(_height(value, top), 1), written(value).replace(".0 ", " ")) for value in values)


def _labels(days: Sequence[Day]) -> tuple[Tick, ...]:
    """First days of months, or of years, as far apart as there is room for."""
    if not days:
        return ()
    first, last = days[0].date, days[-1].date
    steps = (_firsts(first, last, months) for months in (1, 2, 3, 6, 12, 24, 60))
    found = next(step for step in steps if len(step) <= _LABELS)
    if len(found) < 2:
        found = [first + timedelta(days=number) for number in range(0, len(days), max(len(days) // 3, 1))][:4]
        return tuple(_label(each, first, len(days), f"{each.day} {each:%b}") for each in found)
    return tuple(_label(each, first, len(days), f"{each:%b %Y}") for each in found)


def _firsts(first: date, last: date, months: int) -> list[date]:
    found = list[date]()
    for number in range(first.year * 12, last.year * 12 + 12, months):
        day = date(number // 12, number % 12 + 1, 1)
        if first <= day <= last:
            found.append(day)
    return found


def _label(day: date, first: date, days: int, text: str) -> Tick:
    return Tick(round(100 * (day - first).days / days, 2), text)


def _alarms(days: Sequence[Day]) -> Iterator[tuple[int, int]]:
    """From where to where days need attention."""
    numbered = groupby(enumerate(days), key=lambda each: each[1].state in TROUBLE)
    for is_bad, group in numbered:
        places = [place for place, _ in group]
        if is_bad:
            yield places[0], places[-1] + 1


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _count(value: int) -> str:
    return f"{value:,}"
