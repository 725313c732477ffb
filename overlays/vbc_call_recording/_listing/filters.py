"""Python values of filters to the wire and back. Pure.

Everything wrong is refused with `InputError` before a request exists.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, TypedDict, cast

from vbc_call_recording_generated.models.call_direction import CallDirection
from vbc_call_recording_generated.types import read_datetime

from .._checks import LONGEST_ID, is_int, plain_text, refuse_unknown, shown, unprintable
from .._errors import InputError

Instant = datetime | str
Duration = timedelta | int
Direction = CallDirection | Literal["INBOUND", "OUTBOUND", "INTRA_PBX", "inbound", "outbound", "intra_pbx"]


class ExportFilters(TypedDict, total=False):
    """Which recordings to export. All filters given must match; none at all means every recording.

    A filter that is None is not given.

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

    call_direction: Direction | None
    call_id: str | None
    caller_id: str | None
    cnam: str | None
    dnis: str | None
    duration_gte: Duration | None
    duration_lte: Duration | None
    extension: str | int | None
    start_gte: Instant | None
    start_lte: Instant | None


class ListFilters(ExportFilters, total=False):
    """Which recordings to list: the filters of an export, and in which order.

    Keys:
        order: Field and direction to sort by, as `"start:DESC"` (the default, and the only value documented).
    """

    order: str | None


class TranscriptionFilters(ListFilters, total=False):
    """Which transcriptions to list: the filters of recordings, and whether the transcript is ready.

    Keys:
        transcription_ready: Only transcriptions that are ready (True), or only those that are not (False).
    """

    transcription_ready: bool | None


class JobFilters(TypedDict, total=False):
    """Which export jobs to list.

    Keys:
        status: Only jobs with this status. Only `"complete"` is documented; other words occur.
    """

    status: str | None


def wire_filters(filters: Mapping[str, object], allowed: type) -> dict[str, Any]:
    """Check `filters` and translate those that are not None to keyword arguments of the generated code.

    `allowed` is the TypedDict that says which names there are.

    Raises:
        InputError: A name or value is invalid, or bounds that contradict each other.
    """
    refuse_unknown("filter", filters, allowed)
    wire: dict[str, Any] = {}
    for name, value in filters.items():
        if value is None:
            continue
        kind = _KINDS[name]
        sent = kind.read(value, name.endswith("lte"))
        if sent is None:
            raise InputError(f"{name} is {shown(value)}; accepted: {kind.accepted}")
        wire[_wire_name(name)] = sent
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
    return {name: wire[_wire_name(name)] for name in _KINDS if _wire_name(name) in wire}


def wire_instant(instant: datetime) -> str:
    """The form the API documents: `yyyy-MM-ddTHH:mm:ssZ`, always in UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "+0000"


def _wire_name(name: str) -> str:
    """The generator drops the colon of `start:gte`."""
    return re.sub(r"_(?=[gl]te$)", "", name)


# Each reads a value, given whether it is an upper bound, and returns None for one that cannot be sent.


def _instant(value: object, is_upper: bool) -> str | None:
    """Whole seconds, rounded outwards: the window on the wire holds the window asked for."""
    try:
        instant = read_datetime(value) if isinstance(value, str) else value
        if not isinstance(instant, datetime):
            return None
        # Subclasses such as pandas.Timestamp have arithmetic of their own, so this is done on a plain one.
        day = (instant.year, instant.month, instant.day)
        time = (instant.hour, instant.minute, instant.second, instant.microsecond)
        exact = datetime(*day, *time) - cast("timedelta", instant.utcoffset())
        whole = exact.replace(microsecond=0, tzinfo=UTC)
        has_fraction = exact.microsecond > 0 or _is_finer_than_microseconds(value)
        return wire_instant(whole + timedelta(seconds=1) if is_upper and has_fraction else whole)
    except Exception:  # noqa: BLE001 - naive ones, time zones and subclasses such as pandas.NaT raise anything
        return None


def _is_finer_than_microseconds(value: object) -> bool:
    """As texts may be, and pandas.Timestamp."""
    if isinstance(value, str):
        return re.search(r"[.,][0-9]{6}[0-9]*[1-9]", value) is not None
    return bool(getattr(value, "nanosecond", 0))


def _milliseconds(value: object, is_upper: bool) -> int | None:
    """Whole milliseconds, rounded outwards."""
    if isinstance(value, timedelta):
        value, part = divmod(value, timedelta(milliseconds=1))
        value += bool(part) and is_upper
    return int(value) if is_int(value) and value >= 0 else None


def _direction(value: object, _: bool) -> CallDirection | None:
    if isinstance(value, str) and value.upper() in list(CallDirection):
        return CallDirection(value.upper())
    return None


def _text(value: object, _: bool) -> str | None:
    if isinstance(value, str) and value.strip() and len(value) <= LONGEST_ID and not unprintable(value):
        return plain_text(value)
    return None


def _order(value: object, _: bool) -> str | None:
    text = _text(value, _)
    return text if text is not None and re.fullmatch(r"[A-Za-z_]+:(ASC|DESC)", text) else None


def _extension(value: object, _: bool) -> str | None:
    return _text(plain_text(value) if is_int(value) else value, _)


def _flag(value: object, _: bool) -> bool | None:
    return value if isinstance(value, bool) else None


class _Kind(NamedTuple):
    read: Callable[[object, bool], str | int | None]
    accepted: str


_TEXT = f"text of 1 to {LONGEST_ID} characters, not blank, without control characters"
_KIND_OF_TYPE: Mapping[Any, _Kind] = {
    Direction | None: _Kind(_direction, ", ".join(CallDirection)),
    Duration | None: _Kind(_milliseconds, "a timedelta, or an int in milliseconds, 0 or more"),
    Instant | None: _Kind(
        _instant,
        "a datetime with a time zone, or ISO 8601 text with an offset, as '2019-01-01T00:00:00+00:00', "
        "within the years 1 to 9999 UTC",
    ),
    bool | None: _Kind(_flag, "True or False"),
    str | None: _Kind(_text, _TEXT),
    str | int | None: _Kind(_extension, _TEXT),
}
_TYPES = {**TranscriptionFilters.__annotations__, **JobFilters.__annotations__}
_KINDS = {name: _KIND_OF_TYPE[kind] for name, kind in sorted(_TYPES.items())}
_KINDS["order"] = _Kind(_order, "'field:ASC' or 'field:DESC', as in 'start:DESC'")
