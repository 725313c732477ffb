"""Which recordings a request asks for: the filters and the order, parsed strictly and applied."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from ._data import Recording, Store
from ._numbers import integer
from ._refusals import bad_request

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
class Selection:
    """What a list or an export is about: whose recordings, which of them, in which order.

    `owner` is a user's id for on-demand recordings and None for company recordings.
    """

    owner: str | None
    criteria: Criteria
    order: str = "start:DESC"
    transcribed: bool = False

    def keeps(self, recording: Recording) -> bool:
        """Whether this recording is among those asked for."""
        if recording.owner != self.owner or (self.transcribed and recording.transcript is None):
            return False
        return all(_ALL_FILTERS[name].keeps(recording, value) for name, value in self.criteria)

    def apply(self, recordings: Iterable[Recording]) -> list[Recording]:
        """The recordings asked for, in the order asked for; the id decides between equal ones."""
        field, _, direction = self.order.partition(":")
        key = _ORDERS.get(field)
        if key is None or direction not in ("ASC", "DESC"):
            accepted = f"one of {', '.join(_ORDERS)}, followed by :ASC or :DESC"
            raise bad_request(f"order is {self.order!r}; accepted is {accepted}.")
        kept = [recording for recording in recordings if self.keeps(recording)]
        kept.sort(key=lambda recording: (key(recording), recording.id), reverse=direction == "DESC")
        return kept


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


def from_query(parameters: Mapping[str, str], owner: str | None, *, transcribed: bool = False) -> Selection:
    """Read the selection from the query of a list request."""
    filters = _ALL_FILTERS if transcribed else _FILTERS
    given = {name: value for name, value in parameters.items() if name not in _PAGING}
    criteria = tuple(_parsed(filters, name, value) for name, value in sorted(given.items()))
    return Selection(owner, criteria, parameters.get("order", "start:DESC"), transcribed)


def from_body(body: Any, owner: str | None) -> Selection:
    """Read the selection from the decoded body of an export request."""
    if not isinstance(body, dict):
        raise bad_request("The body must be a JSON object.")
    given = cast("dict[str, Any]", body)
    return Selection(
        owner, tuple(_parsed_json(name, value) for name, value in sorted(given.items())), "start:ASC"
    )


def _parsed_json(name: str, value: Any) -> tuple[str, Any]:
    known = _FILTERS.get(name)
    if known and type(value) is not known.json_type:
        raise bad_request(f"{name} is {value!r}; accepted is {known.accepts}.")
    return _parsed(_FILTERS, name, str(value))


def _parsed(filters: Mapping[str, _Filter], name: str, text: str) -> tuple[str, Any]:
    known = filters.get(name)
    if known is None:
        raise bad_request(f"{name!r} is not a filter; accepted are {', '.join(filters)}.")
    try:
        return name, known.parse(text)
    except (ValueError, KeyError) as error:
        raise bad_request(f"{name} is {text!r}; accepted is {known.accepts}.") from error
