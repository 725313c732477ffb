"""Python-side filters to wire parameters, and the guard for values that become part of a path.

Everything here is pure, and everything wrong is refused with `InputError` before a request exists.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypedDict
from urllib.parse import unquote

from vbc_call_recording_generated.models.call_direction import CallDirection

from ._errors import InputError

Instant = datetime | str
Duration = timedelta | int
Direction = CallDirection | Literal["INBOUND", "OUTBOUND", "INTRA_PBX"]


class ExportFilters(TypedDict, total=False):
    """Which recordings to export. All filters given must match; none at all means every recording.

    Keys:
        call_direction: `CallDirection` or its value, in upper or lower case.
        call_id: Only the call with this id.
        caller_id: Only calls from this caller id.
        cnam: Only calls with this CNAM (the caller's displayed name).
        dnis: Only calls to this DNIS (the dialled number).
        duration_gte: Only calls at least this long: a timedelta, or an int in milliseconds.
        duration_lte: Only calls at most this long.
        extension: Only calls of this extension number.
        start_gte: Only calls that started at this instant or later: an aware datetime, or an ISO 8601 string
            with an offset. The API knows whole seconds; fractions are rounded so that nothing is lost.
        start_lte: Only calls that started at this instant or earlier.
    """

    call_direction: Direction
    call_id: str
    caller_id: str
    cnam: str
    dnis: str
    duration_gte: Duration
    duration_lte: Duration
    extension: str | int
    start_gte: Instant
    start_lte: Instant


class ListFilters(ExportFilters, total=False):
    """Which recordings to list: the filters of an export, and in which order.

    Keys:
        order: Field and direction to sort by, as `"start:DESC"` (the default, and the only value documented).
    """

    order: str


class TranscriptionFilters(ListFilters, total=False):
    """Which transcriptions to list: the filters of recordings, and whether the transcript is ready.

    Keys:
        transcription_ready: Only transcriptions that are ready (True), or only those that are not (False).
    """

    transcription_ready: bool


class JobFilters(TypedDict, total=False):
    """Which export jobs to list.

    Keys:
        status: Only jobs with this status. Only `"complete"` is documented; other words occur.
    """

    status: str


def wire_filters(filters: Mapping[str, object], *, allowed: type) -> dict[str, Any]:
    """Check `filters` and translate them to keyword arguments of the generated functions and models.

    Args:
        filters: Filters as users give them, keyed by the names of the TypedDict.
        allowed: The TypedDict that says which names there are.

    Raises:
        InputError: A name or value that cannot be right, or bounds that contradict each other.
    """
    raise NotImplementedError


def plain_filters(wire: Mapping[str, Any]) -> dict[str, str | int | bool]:
    """The way back from `wire_filters`: names as users give them, values as JSON can hold them."""
    raise NotImplementedError


def path_segment(value: str | int, name: str) -> str:
    """Check an id that becomes one segment of a URL's path.

    Args:
        value: The id.
        name: What to call it in an error (`"recording_id"`).

    Returns:
        The id as text, not yet percent-encoded.

    Raises:
        InputError: It is empty, or could lead a server to another path (`..`, a slash, their encoded forms).
    """
    raise NotImplementedError
