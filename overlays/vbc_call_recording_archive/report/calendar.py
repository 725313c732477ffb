"""The calendar: a small picture for each month. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from attrs import frozen

from .days import DIRECTIONS, Day

CELL = 22
STATES = {
    "proven": "complete and proven",
    "complete": "complete",
    "open": "not over yet",
    "incomplete": "incomplete",
    "gap": "never looked at",
}


@frozen
class Month:
    """A month of the calendar, and its row in the table.

    Attributes:
        paths: State and path of its days: a path for all days of a state.
        numbers: Day, x and y of the middle of its cell, and its state.
        top, height: Of the weeks that are drawn.
        told: What the picture shows, in words.
    """

    name: str
    paths: tuple[tuple[str, str], ...]
    numbers: tuple[tuple[int, int, int, str], ...]
    top: int
    height: int
    told: str
    states: dict[str, int]
    counts: tuple[int, ...]
    bytes: int


def months(days: Sequence[Day]) -> Iterator[Month]:
    """The months of an archive, the earliest first. Weeks begin on Monday."""
    for (year, month), group in groupby(days, key=lambda day: (day.date.year, day.date.month)):
        yield _month(date(year, month, 1), list(group))


def _month(first: date, days: list[Day]) -> Month:
    paths: dict[str, str] = {}
    numbers = list[tuple[int, int, int, str]]()
    for each in days:
        place = each.date.day - 1 + first.weekday()
        x, y = place % 7 * CELL, place // 7 * CELL
        state = each.state or "none"
        paths[state] = paths.get(state, "") + f"M{x + 1} {y + 1}h{CELL - 2}v{CELL - 2}h-{CELL - 2}z"
        numbers.append((each.date.day, x + CELL // 2, y + CELL // 2 + 4, state))
    found = {
        state: numbered
        for state in STATES
        if (numbered := [each.date.day for each in days if each.state == state])
    }
    return Month(
        name=f"{first:%b %Y}",
        paths=tuple(paths.items()),
        numbers=tuple(numbers),
        top=(weeks := [y - y % CELL for _, _, y, _ in numbers])[0],
        height=weeks[-1] - weeks[0] + CELL,
        told=_told(found),
        states={state: len(numbered) for state, numbered in found.items()},
        counts=tuple(sum(each.counts[place] for each in days) for place in range(len(DIRECTIONS))),
        bytes=sum(each.bytes for each in days),
    )


def _told(found: dict[str, list[int]]) -> str:
    """Days that need attention by their number, the others counted."""
    parts = list[str]()
    for state, numbered in found.items():
        if state in ("incomplete", "gap"):
            parts.append(f"{STATES[state]}: {', '.join(map(str, numbered))}")
        else:
            parts.append(f"{len(numbered)} {STATES[state]}")
    return "; ".join(parts) or "nothing known"
