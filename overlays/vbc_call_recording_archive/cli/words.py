"""How values are written for people. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
# A digit that at least four others follow, be they grouped as in "+1 (732) 555-0100".
_HIDDEN = re.compile(r"\d(?=(?:[ ().\-/]{0,3}\d){4})")
# What could move the cursor, turn the reading direction or hide: names come from whoever calls.
_UNSAFE_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")


def size(count: int | None) -> str:
    """Bytes in decimal units: `950 B`, `1.2 MB`."""
    if count is None:
        return ""
    value, unit = float(count), _UNITS[0]
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 99.95 else f"{value:.1f} {unit}"


def length(seconds: float | None) -> str:
    """A length of time as a clock shows it: `0:42`, `1:02:03`."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def span(seconds: float) -> str:
    """About how long something takes: `40 s`, `12 min`, `3 h`, `2 days`."""
    for limit, unit, word in ((90, 1, "s"), (5400, 60, "min"), (36 * 3600, 3600, "h")):
        if seconds < limit:
            return f"{max(seconds, 0) / unit:.0f} {word}"
    return f"{seconds / 86_400:.0f} days"


def instant(value: datetime | None, zone: tzinfo = UTC) -> str:
    """To the second, in `zone`. A naive one means UTC, as everywhere here."""
    if value is None:
        return ""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def count(number: int, thing: str, things: str | None = None) -> str:
    """`1 recording`, `3,000 recordings`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def listed(items: Iterable[str], most: int = 5) -> str:
    """`a, b, c and 4 more`."""
    every = list(items)
    left = len(every) - most
    return ", ".join(every[:most]) + (f" and {left:,} more" if left > 0 else "")


def masked(text: str) -> str:
    """Every digit but the last four of each number becomes `*`. Extensions are too short to be touched."""
    return _HIDDEN.sub("*", text)


def masked_in(text: str, numbers: Iterable[str]) -> str:
    """A path or a file name, with these numbers masked where it holds them."""
    for number in numbers:
        text = text.replace(number, masked(number))
    return text


def clean(value: object) -> str:
    """On one line and without anything that a terminal obeys; empty for None and what the API left out."""
    text = "" if value is None or value == () else str(value)
    return replaced(text, lambda _: "\N{REPLACEMENT CHARACTER}")


def replaced(text: str, by: Callable[[str], str]) -> str:
    """The text with another one for each character that a terminal obeys."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(by(sign) if _is_unsafe(sign) else sign for sign in text)


def _is_unsafe(sign: str) -> bool:
    return unicodedata.category(sign) in _UNSAFE_CATEGORIES
