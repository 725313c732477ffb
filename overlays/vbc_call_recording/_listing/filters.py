"""Python values of filters to the wire and back. Pure.

Everything wrong is refused with `InputError` before a request exists.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypedDict, cast

from vbc_call_recording_generated.models.call_direction import CallDirection

from .._checks import LONGEST_ID, flag, is_int, is_text_or_int, refuse_unknown, shown, unprintable
from .._errors import InputError

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


def wire_filters(filters: Mapping[str, object], *, allowed: type | None = None) -> dict[str, Any]:
    """Check `filters` and translate them to keyword arguments of the generated functions and models.

    Args:
        filters: Filters as users give them, keyed by the names of the TypedDict.
        allowed: The TypedDict that says which names there are. None: the names have been checked already.

    Raises:
        InputError: A name or value that cannot be right, or bounds that contradict each other.
    """
    if allowed is not None:
        refuse_unknown("filter", filters, allowed)
    wire: dict[str, Any] = {_wire_name(name): _TO_WIRE[name](name, value) for name, value in filters.items()}
    for field in ("start", "duration"):
        low, high = wire.get(f"{field}gte"), wire.get(f"{field}lte")
        if low is not None and high is not None and low > high:
            raise InputError(
                f"{field}_gte is {low}, after {field}_lte {high}: nothing could match; "
                f"accepted: {field}_gte up to {field}_lte"
            )
    return wire


def plain_filters(wire: Mapping[str, Any]) -> dict[str, Any]:
    """The way back from `wire_filters`: names as users give them, values as JSON can hold them."""
    return {name: wire[_wire_name(name)] for name in sorted(_TO_WIRE) if _wire_name(name) in wire}


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant, as leniently as the standard library and dateutil together.

    Raises:
        ValueError: It is not one.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        from dateutil.parser import isoparse  # imported only where it is needed: most texts never get here

        return isoparse(text)


def wire_instant(instant: datetime) -> str:
    """The form the API documents: `yyyy-MM-ddTHH:mm:ssZ`, always in UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "+0000"


def _instant(name: str, value: object) -> datetime:
    """In UTC, and never before (`gte`) or after (`lte`) what was meant."""
    try:
        instant = parse_instant(value) if isinstance(value, str) else value
        if isinstance(instant, datetime):
            is_finer = name.endswith("lte") and _is_finer_than_microseconds(value)
            return _plain_utc(instant) + timedelta(microseconds=1 if is_finer else 0)
    except Exception:  # noqa: BLE001, S110 - time zones and subclasses such as pandas.NaT raise anything
        pass
    raise _not_accepted(
        name,
        value,
        "a datetime with a time zone, or ISO 8601 text with an offset, as '2019-01-01T00:00:00+00:00', "
        "within the years 1 to 9999 UTC",
    )


def _plain_utc(instant: datetime) -> datetime:
    """The same instant without what subclasses of datetime do differently. TypeError if it is naive."""
    day = (instant.year, instant.month, instant.day)
    time = (instant.hour, instant.minute, instant.second, instant.microsecond)
    return (datetime(*day, *time) - cast("timedelta", instant.utcoffset())).replace(tzinfo=UTC)


def _is_finer_than_microseconds(value: object) -> bool:
    """As texts may be, and pandas.Timestamp."""
    if isinstance(value, str):
        return _FINER_THAN_MICROSECONDS.search(value) is not None
    return bool(getattr(value, "nanosecond", 0))


def _wire_bound(name: str, value: object) -> str:
    """Whole seconds, rounded outwards: the window on the wire holds the window asked for."""
    instant = _instant(name, value)
    whole = instant.replace(microsecond=0)
    if name.endswith("lte") and whole < instant:
        try:
            whole += timedelta(seconds=1)
        except OverflowError as error:
            raise _not_accepted(name, value, "an instant that rounds up within the year 9999") from error
    return wire_instant(whole)


def _milliseconds(name: str, value: object) -> int:
    """Whole milliseconds, rounded outwards."""
    milliseconds = value
    if isinstance(value, timedelta):
        milliseconds, part = divmod(value, timedelta(milliseconds=1))
        milliseconds += 1 if part and name.endswith("lte") else 0
    if is_int(milliseconds) and milliseconds >= 0:
        return milliseconds
    raise _not_accepted(name, value, "a timedelta, or an int in milliseconds, 0 or more")


def _direction(name: str, value: object) -> CallDirection:
    if isinstance(value, str) and value.upper() in list(CallDirection):
        return CallDirection(value.upper())
    raise _not_accepted(name, value, ", ".join(CallDirection))


def _text(name: str, value: object) -> str:
    if isinstance(value, str) and value.strip() and len(value) <= LONGEST_ID and not unprintable(value):
        return value
    raise _not_accepted(
        name, value, f"text of 1 to {LONGEST_ID} characters, not blank, without control characters"
    )


def _text_or_number(name: str, value: object) -> str:
    return _text(name, str(value) if is_text_or_int(value) else value)


def _sort_order(name: str, value: object) -> str:
    if isinstance(value, str) and len(value) <= LONGEST_ID and _SORT_ORDER.fullmatch(value):
        return value
    raise _not_accepted(name, value, "'field:ASC' or 'field:DESC', as in 'start:DESC'")


def _not_accepted(name: str, value: object, accepted: str) -> InputError:
    return InputError(f"{name} is {shown(value)}; accepted: {accepted}")


def _wire_name(name: str) -> str:
    """The generator drops the colon of `start:gte`."""
    return re.sub(r"_(?=[gl]te$)", "", name)


_SORT_ORDER = re.compile(r"[A-Za-z_]+:(ASC|DESC)")
_FINER_THAN_MICROSECONDS = re.compile(r"[.,][0-9]{6}[0-9]*[1-9]")
_TO_WIRE: Mapping[str, Callable[[str, object], str | int | bool]] = {
    "call_direction": _direction,
    "call_id": _text,
    "caller_id": _text,
    "cnam": _text,
    "dnis": _text,
    "duration_gte": _milliseconds,
    "duration_lte": _milliseconds,
    "extension": _text_or_number,
    "order": _sort_order,
    "start_gte": _wire_bound,
    "start_lte": _wire_bound,
    "status": _text,
    "transcription_ready": lambda name, value: flag(value, name),
}
