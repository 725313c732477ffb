"""Legal holds: what must not be deleted, whatever a plan says. A text file, one rule a line.

    # Matter 4711, until further notice
    id 193228
    call c91150a6-8cc4-4e73-9fef-17fd925c6448
    number +1 732 555 0100
    user 745250
    dates 2026-01-01 2026-03-31

| rule | holds |
|---|---|
| `id` | the recording with this id, of the company or of a user |
| `call` | the recordings of the call with this id |
| `number` | calls from or to this number or extension; signs between digits do not count |
| `user` | the on-demand recordings of this user |
| `dates` | calls that started on these days, both included, in the archive's time zone; one date is one day |

A number of seven digits or more also holds its longer forms, with a prefix, and shorter ones, without.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import define, field

from vbc_call_recording import InputError

from ..catalogue import StoredRecording
from ..instants import to_text

_ACCEPTED = "id ID, call ID, number NUMBER, user ID, dates 2026-01-01 2026-03-31"
_ENOUGH = 7  # digits that tell a subscriber; fewer are an extension
_NOT_DIGITS = re.compile(r"\(0\)|[^0-9]")  # +44 (0)20 7946 0000: that nought is dialled at home only


@define
class Hold:
    """The rules of hold files. Each is kept with where it stands.

    Attributes:
        texts: `("id", "193228")` and the like, and where that stands.
        endings: Where numbers stand, by their last digits.
        periods: First and last second, and where that stands.
    """

    texts: dict[tuple[str, str], str] = field(factory=dict[tuple[str, str], str])
    endings: dict[str, list[tuple[str, str]]] = field(factory=dict[str, list[tuple[str, str]]])
    periods: list[tuple[str, str, str]] = field(factory=list[tuple[str, str, str]])

    def why(self, row: StoredRecording) -> str:
        """Which rule holds a recording, as `hold.txt:3`; empty if none does."""
        user = row.source.partition(":")[2]
        for key in (("id", row.id), ("call", row.call_id), ("user", user)):
            if key[1] and key in self.texts:
                return self.texts[key]
        for number in (row.caller_id, row.dnis, *row.extensions):
            if found := self._of_number(_NOT_DIGITS.sub("", number)):
                return found
        return next((where for first, last, where in self.periods if first <= row.start <= last), "")

    def add(self, text: str, where: str, zone: ZoneInfo) -> None:
        """Take over a rule. ValueError if it cannot be one."""
        kind, _, value = text.partition(" ")
        value = value.strip()
        if kind == "dates":
            self.periods.append((*_period(value.split(), zone), where))
        elif kind == "number":
            digits = _NOT_DIGITS.sub("", value)
            if not digits or re.search(r"[A-Za-z]", value):
                raise ValueError(value)
            self.endings.setdefault(digits[-_ENOUGH:], []).append((digits, where))
        elif kind in ("id", "call", "user") and value and " " not in value:
            self.texts.setdefault((kind, value), where)
        else:
            raise ValueError(text)

    def _of_number(self, digits: str) -> str:
        for held, where in self.endings.get(digits[-_ENOUGH:], ()) if digits else ():
            is_long = min(len(held), len(digits)) >= _ENOUGH
            short, long = sorted((held.lstrip("0"), digits.lstrip("0")), key=len)  # 0 and 00 are prefixes
            if held == digits or (is_long and long.endswith(short)):
                return where
        return ""


def read_hold(paths: Iterable[Path], zone: ZoneInfo) -> Hold:
    """The rules of hold files.

    Raises:
        InputError: A file cannot be read, or a line cannot be read. The message names the line.
    """
    hold = Hold()
    for path in paths:
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"the hold file {path} cannot be read: {error}") from error
        for number, line in enumerate(lines, start=1):
            text = " ".join(line.partition("#")[0].split())
            try:
                if text:
                    hold.add(text, f"{path.name}:{number}", zone)
            except ValueError:
                raise InputError(f"{path}:{number} says {text!r}; accepted: {_ACCEPTED}") from None
    return hold


def _period(days: list[str], zone: ZoneInfo) -> tuple[str, str]:
    if len(days) not in (1, 2):
        raise ValueError(days)
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    if last < first:
        raise ValueError(days)
    end = datetime.combine(last + timedelta(days=1), time(), zone).timestamp() - 1
    begin = datetime.combine(first, time(), zone)
    return to_text(begin), to_text(datetime.fromtimestamp(end, zone))
