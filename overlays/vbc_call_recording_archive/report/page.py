"""Writing the page: one HTML file that needs no other, runs nothing, and has markup of ours only.

Every value goes through Jinja's autoescape, names and numbers of callers among them, without the signs that
would turn the reading direction. The page forbids itself, by its Content-Security-Policy, to load or to run
anything; its own style is allowed by its SHA-256.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from itertools import count
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

from ..catalogue import Run, StoredRecording
from ..cli import words
from ..overview import instant
from ..retention import Reason
from .calendar import STATES, months
from .charts import HEIGHT, bars, growth, shares
from .days import DIRECTIONS, SETTLED, Day
from .figures import LATELY, Figures
from .verdict import day, ended, stretches, verdict

MARK = '<meta name="generator" content="vbc-recordings report">'
"""In the first lines of every page: by it, an older one is known that may be replaced."""

LATEST = 92
"""Days that are drawn one by one. Before that, weeks are."""

_MOST = 40  # lines of a table
_MONTHS = 25  # of the calendar, that are seen at once
_ENOUGH = 30  # days that tell what a month needs
_REASONS: Mapping[Reason, str] = {
    "window": "a day that is not complete",
    "transcript": "a transcript that is not here",
    "here": "audio that is not here",
    "vanished": "being gone there already",
}


def page(figures: Figures, *, mask: bool = False) -> Iterator[str]:
    """The page, in pieces. The same figures give the same bytes.

    Args:
        mask: Leave only the last digits of numbers, in names and reasons as well.
    """
    style = _text("page.css")
    yield from (
        _environment(figures.zone, mask=mask)
        .get_template("page")
        .generate(
            mark=MARK,
            style=style,
            style_hash=base64.b64encode(sha256(style.encode()).digest()).decode(),
            figures=figures,
            verdict=verdict(figures),
            **_drawn(figures.days),
            **_tables(figures),
        )
    )


@cache
def _environment(zone: tzinfo, *, mask: bool) -> Environment:
    environment = Environment(
        loader=DictLoader({"page": _text("page.html")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    filters: dict[str, Callable[..., str]] = {
        "clock": _clock,
        "counted": words.count,
        "day": day,
        "masked": words.masked if mask else str,
        "number": "{:,}".format,
        "size": words.size,
        "when": partial(_when, zone=zone),
    }
    environment.filters.update(filters)
    return environment


def _drawn(days: Sequence[Day]) -> dict[str, Any]:
    latest = days[-LATEST:]
    return {
        "months": list(months(days)),
        "shown_months": _MONTHS,
        "states": STATES,
        "latest": latest,
        "daily": bars(latest),
        "weekly": bars(days, every=7) if len(days) > LATEST else None,
        "storage": growth(days),
        "height": HEIGHT,
        "shares": shares,
        "kinds": _kinds(days),
    }


def _tables(figures: Figures) -> dict[str, Any]:
    return {
        "trouble": list(stretches(figures.days)),
        "unsettled": [window for source in figures.sources for window in source.unsettled],
        "most": _MOST,
        "settled": sum(each.state in SETTLED for each in figures.days),
        "over": sum(each.state not in ("open", "") for each in figures.days),
        "a_month": _a_month(figures.days),
        "lately": LATELY.days,
        "ended": partial(ended, figures=figures),
        "state_of": _state,
        "direction_of": _direction,
        "counts_of": _counts,
        "took": _took,
        "reasons": _REASONS,
    }


def _text(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text("utf-8")


def _shown(value: object) -> object:
    """Texts without what is not to be seen. Markup, which is a kind of text, is ours."""
    return words.clean(value) if type(value) is str else value


def _when(value: str | datetime, zone: tzinfo) -> str:
    """To the minute."""
    found = instant(value) if isinstance(value, str) else value
    return words.instant(found, zone)[:16]


def _clock(milliseconds: int | None) -> str:
    return words.length(None if milliseconds is None else milliseconds / 1000)


def _a_month(days: Sequence[Day]) -> int:
    """Bytes of thirty days' calls, by the last ninety; 0 if there are too few to tell."""
    last = days[-90:]
    return sum(each.bytes for each in last) * 30 // len(last) if len(last) >= _ENOUGH else 0


def _kinds(days: Sequence[Day]) -> list[tuple[int, str, int]]:
    """Place, name and number of each direction; `other` only if there is any."""
    numbers = [sum(each.counts[place] for each in days) for place in range(len(DIRECTIONS))]
    found = zip(count(), DIRECTIONS.values(), numbers, strict=False)
    return [(place, name, number) for place, name, number in found if number or name != DIRECTIONS[""]]


def _state(recording: StoredRecording) -> str:
    return "gone at the vendor" if recording.vanished_at else "missing"


def _direction(recording: StoredRecording) -> str:
    return DIRECTIONS.get(recording.direction.upper(), DIRECTIONS[""])


def _counts(run: Run) -> str:
    return ", ".join(
        words.size(value) if name == "bytes" else f"{value:,} {name.replace('_', ' ')}"
        for name, value in run.counts.items()
        if isinstance(value, int) and value
    )


def _took(run: Run) -> str:
    began, end = instant(run.started_at), instant(run.ended_at)
    return words.span((end - began).total_seconds()) if began and end else ""
