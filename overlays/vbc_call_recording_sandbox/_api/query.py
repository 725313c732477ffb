"""Which recordings a request asks for: the filters and the order, parsed strictly and applied."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from .._data import Recording, Store
from .._quirks.paging import ListQuirks
from .._quirks.panel import Quirks
from .numbers import integer
from .refusals import Misfit, bad_request

Criteria = tuple[tuple[str, Any], ...]

_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:?\d\d)"


def _instant(text: str) -> datetime:
    if not re.fullmatch(_INSTANT, text, re.ASCII):
        raise ValueError(f"{text!r} is not an instant")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")


def _direction(text: str) -> str:
    if text not in ("INBOUND", "OUTBOUND", "INTRA_PBX"):
        raise ValueError
    return text


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


@dataclass(frozen=True, slots=True)
class _Filter:
    parse: Callable[[str], Any]
    keeps: Callable[[Recording, Any], bool]
    accepts: str
    json_type: type = str


Filters = Mapping[str, _Filter]

_FILTERS = {
    "call_direction": _Filter(
        _direction, lambda r, value: r.call_direction == value, "INBOUND, OUTBOUND or INTRA_PBX"
    ),
    "call_id": _Filter(str, lambda r, value: r.call_id == value, "a string"),
    "caller_id": _Filter(str, lambda r, value: r.caller_id == value, "a string"),
    "cnam": _Filter(str, lambda r, value: r.cnam == value, "a string"),
    "dnis": _Filter(str, lambda r, value: r.dnis == value, "a string"),
    "duration:gte": _Filter(integer, lambda r, value: r.duration >= value, "an integer", int),
    "duration:lte": _Filter(integer, lambda r, value: r.duration <= value, "an integer", int),
    "extension": _Filter(str, lambda r, value: value in map(str, r.extensions), "a string"),
    "start:gte": _Filter(_instant, lambda r, value: r.start >= value, "yyyy-MM-ddTHH:mm:ssZ"),
    "start:lte": _Filter(_instant, lambda r, value: r.start <= value, "yyyy-MM-ddTHH:mm:ssZ"),
}
_TRANSCRIPTION_FILTERS = {
    "transcription_ready": _Filter(
        _boolean, lambda r, value: (r.transcript == "ready") == value, "true or false"
    ),
}
_ALL_FILTERS = _FILTERS | _TRANSCRIPTION_FILTERS
_PAGING = ("order", "page", "page_size")
FILTER_NAMES = tuple(_FILTERS)
TRANSCRIPTION_FILTER_NAMES = tuple(_ALL_FILTERS)

_ORDERS: dict[str, Callable[[Recording], Any]] = {
    "start": lambda r: r.start,
    "end": lambda r: r.end,
    "duration": lambda r: r.duration,
    "id": lambda r: r.id,
    "call_direction": lambda r: r.call_direction,
    "caller_id": lambda r: r.caller_id,
    "cnam": lambda r: r.cnam,
    "dnis": lambda r: r.dnis,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the server makes of a list request: `ListQuirks` as they are at the time."""

    order_ignored: bool = False
    start_gte_exclusive: bool = False
    start_lte_ignored: bool = False
    window_days: int | None = None
    reachable: int | None = None

    @classmethod
    def by(cls, quirks: ListQuirks) -> "Reading":
        """Of the moment."""
        return cls(**{name: getattr(quirks, name) for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list or an export is about: whose recordings, which of them, in which order.

    `owner` is a user's id for on-demand recordings and None for company recordings.
    """

    owner: str | None
    criteria: Criteria
    order: str = "start:DESC"
    transcribed: bool = False
    reading: Reading = Reading()

    def keeps(self, recording: Recording) -> bool:
        """Whether this recording is among those asked for."""
        if recording.owner != self.owner or (self.transcribed and recording.transcript is None):
            return False
        return all(self._passes(name, recording, value) for name, value in self.criteria)

    def _passes(self, name: str, recording: Recording, value: Any) -> bool:
        if name == "start:lte" and self.reading.start_lte_ignored:
            return True
        if name == "start:gte" and self.reading.start_gte_exclusive:
            return bool(recording.start > value)
        return _ALL_FILTERS[name].keeps(recording, value)

    def apply(self, recordings: Iterable[Recording]) -> list[Recording]:
        """The recordings asked for, in the order asked for; the id decides between equal ones."""
        key, direction = _order("start:DESC" if self.reading.order_ignored else self.order)
        kept = self._within_window([recording for recording in recordings if self.keeps(recording)])
        kept.sort(key=lambda recording: (key(recording), recording.id), reverse=direction == "DESC")
        return kept[: self.reading.reachable]

    def _within_window(self, kept: list[Recording]) -> list[Recording]:
        if self.reading.window_days is None or not kept:
            return kept
        days, bounds = timedelta(days=self.reading.window_days), dict(self.criteria)
        if "start:gte" in bounds:
            return [recording for recording in kept if recording.start - bounds["start:gte"] < days]
        end = bounds.get("start:lte") or max(recording.start for recording in kept)
        return [recording for recording in kept if end - recording.start < days]


def _order(order: str) -> tuple[Callable[[Recording], Any], str]:
    field, _, direction = order.partition(":")
    if not _is_order(order):
        accepted = f"one of {', '.join(_ORDERS)}, followed by :ASC or :DESC"
        raise bad_request(f"order is {order!r}; accepted: {accepted}.")
    return _ORDERS[field], direction


class Catalogue:
    """Answers selections from the store, remembering the answers until the store changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = -1
        self._answers: dict[Selection, list[Recording]] = {}

    def select(self, selection: Selection) -> list[Recording]:
        """The recordings asked for. Read only: the list is shared."""
        if self._version != self._store.version:
            self._version = self._store.version
            self._answers.clear()
        if selection not in self._answers:
            self._answers[selection] = selection.apply(self._store.recordings())
        return self._answers[selection]


def from_query(
    parameters: Mapping[str, str], owner: str | None, quirks: Quirks, *, transcribed: bool = False
) -> Selection:
    """Read the selection from the query of a list request."""
    filters = _ALL_FILTERS if transcribed else _FILTERS
    given = {name: value for name, value in parameters.items() if name not in _PAGING}
    criteria = _criteria(filters, given, _parsed, is_lenient=quirks.requests.lenient)
    order = parameters.get("order", "start:DESC")
    if quirks.requests.lenient and not _is_order(order):
        order = "start:DESC"
    return Selection(owner, criteria, order, transcribed, Reading.by(quirks.lists))


def from_body(body: Any, owner: str | None, quirks: Quirks) -> Selection:
    """Read the selection from the decoded body of an export request."""
    if not isinstance(body, dict):
        raise bad_request("The body is not a JSON object; accepted: an object of filters.")
    given = cast("dict[str, Any]", body)
    criteria = _criteria(_FILTERS, given, _parsed_json, is_lenient=quirks.requests.lenient)
    reading = Reading(
        window_days=quirks.lists.window_days, start_gte_exclusive=quirks.lists.start_gte_exclusive
    )
    return Selection(owner, criteria, "start:ASC", reading=reading)


def _criteria(
    filters: Filters,
    given: Mapping[str, Any],
    parse: Callable[[Filters, str, Any], tuple[str, Any]],
    *,
    is_lenient: bool,
) -> Criteria:
    found: list[tuple[str, Any]] = []
    for name, value in sorted(given.items()):
        try:
            found.append(parse(filters, name, value))
        except Misfit:
            if not is_lenient:
                raise
    return tuple(found)


def _is_order(order: str) -> bool:
    field, _, direction = order.partition(":")
    return field in _ORDERS and direction in ("ASC", "DESC")


def _parsed_json(filters: Filters, name: str, value: Any) -> tuple[str, Any]:
    known = filters.get(name)
    if known and type(value) is not known.json_type:
        raise bad_request(f"{name} is {value!r}; accepted: {known.accepts}.")
    return _parsed(filters, name, str(value))


def _parsed(filters: Filters, name: str, text: str) -> tuple[str, Any]:
    known = filters.get(name)
    if known is None:
        raise bad_request(f"{name!r} is not a filter; accepted: {', '.join(filters)}.")
    try:
        return name, known.parse(text)
    except (ValueError, KeyError) as error:
        raise bad_request(f"{name} is {text!r}; accepted: {known.accepts}.") from error
