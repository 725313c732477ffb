"""Filters of recordings, as the client has them, and full text; to SQL. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, TypedDict

from vbc_call_recording import InputError

from ..instants import to_text


class RecordingFilters(TypedDict, total=False):
    """Which catalogued recordings: all that match every filter given.

    Keys:
        source: `company`, or `user:<id>`.
        start_gte, start_lte: Only calls that started at this instant or later, or earlier; aware.
        duration_gte, duration_lte: Only calls at least, or at most, this long: timedelta, or milliseconds.
        call_direction, call_id, caller_id, cnam, dnis, extension: As in the client. Letter case of `cnam` and
            `call_direction` does not count.
        on_disk: Only those whose audio is here, or is not.
        vanished, deleted: Only those that are, or are not.
        transcript: State of the transcript.
        listing: Only those that this listing was the last to name.
        text: Words that its names, numbers or transcript hold, all of them; the last may be the beginning of
            one.
    """

    source: str
    start_gte: datetime
    start_lte: datetime
    duration_gte: timedelta | int
    duration_lte: timedelta | int
    call_direction: str
    call_id: str
    caller_id: str
    cnam: str
    dnis: str
    extension: str | int
    on_disk: bool
    vanished: bool
    deleted: bool
    transcript: Literal["none", "pending", "ready", "failed"]
    listing: int
    text: str


_CONDITIONS: Mapping[str, str] = {
    "source": "r.source = ?",
    "start_gte": "r.start >= ?",
    "start_lte": "r.start <= ?",
    "duration_gte": "r.duration >= ?",
    "duration_lte": "r.duration <= ?",
    "call_direction": "r.direction = ? COLLATE NOCASE",
    "call_id": "r.call_id = ?",
    "caller_id": "r.caller_id = ?",
    "cnam": "r.cnam = ? COLLATE NOCASE",
    "dnis": "r.dnis = ?",
    "extension": "r.extensions LIKE '% ' || ? || ' %'",
    "on_disk": "(f.path IS NOT NULL) = ?",
    "vanished": "(r.vanished_at <> '') = ?",
    "deleted": "(r.deleted_at <> '') = ?",
    "transcript": "coalesce(t.state, 'none') = ?",
    "listing": "r.listing = ?",
    "text": "r.key IN (SELECT rowid FROM search WHERE search MATCH ?)",
}


def where(filters: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The condition, and its values. InputError for a filter that there is not, or text without a word."""
    conditions: list[str] = []
    values: list[Any] = []
    for name, value in filters.items():
        if name not in _CONDITIONS:
            raise InputError(f"unknown filter {name!r}; accepted: {', '.join(_CONDITIONS)}")
        conditions.append(_CONDITIONS[name])
        values.append(words(value) if name == "text" else _value(value))
    return " AND ".join(conditions) or "TRUE", values


def words(text: str) -> str:
    """Text that somebody typed, as FTS5 is asked for it: every word, the last of which may go on."""
    found = re.findall(r"\w+", text)
    if not found:
        raise InputError(f"text is {text!r}; accepted: at least one word or number")
    return " ".join(f'"{word}"' for word in found) + "*"


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InputError(f"an instant is {value!r}; accepted: one with a time zone")
        return to_text(value)
    if isinstance(value, timedelta):
        return value // timedelta(milliseconds=1)
    return value
