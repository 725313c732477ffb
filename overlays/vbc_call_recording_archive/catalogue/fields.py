"""A recording of the client as the catalogue's columns. Pure."""

import json
from datetime import UTC, datetime
from typing import Any, cast

from vbc_call_recording import Recording

from ..instants import to_text

COLUMNS = (
    "start",
    '"end"',
    "direction",
    "caller_id",
    "cnam",
    "dnis",
    "call_id",
    "duration",
    "extensions",
    "file_name",
    "promised_size",
    "wire",
)


def columns_of(recording: Recording, start: str) -> tuple[str | int | None, ...]:
    """The values of `COLUMNS`. Whatever type the API sent, no value keeps a recording from being catalogued.

    Args:
        start: Of the window it was listed for, in case the API does not say when the call started.
    """
    return (
        _instant(recording.start) or start,
        _instant(recording.end),
        *map(
            _text,
            (
                recording.call_direction,
                recording.caller_id,
                recording.cnam,
                recording.dnis,
                recording.call_id,
            ),
        ),
        _number(recording.duration),
        "".join(f" {each}" for each in recording.extensions or ()) + (" " if recording.extensions else ""),
        _text(recording.file_name),
        # No audio has 0 bytes: it can only mean that the size is not known.
        _number(recording.file_size_in_bytes) or None,
        json.dumps(recording.to_dict(), default=str, separators=(",", ":")),
    )


def start_of(recording: Recording) -> datetime | None:
    """When the call started, aware; None if the API did not say. Without offset it means UTC, our choice."""
    start = cast(object, recording.start)
    if not isinstance(start, datetime):
        return None
    return start if start.tzinfo else start.replace(tzinfo=UTC)


def _instant(value: object) -> str:
    if not isinstance(value, datetime):
        return ""
    return to_text(value if value.tzinfo else value.replace(tzinfo=UTC))


def _text(value: Any) -> str:
    text = str(value) if value or value == 0 else ""
    return text.encode("utf-8", "replace").decode("utf-8")  # half of a surrogate pair, which SQLite refuses


def _number(value: object) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return cast(int, value) if is_number else None
