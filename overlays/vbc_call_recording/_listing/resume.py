"""Where a walk stands, and the token to go on with there in another process. Pure."""

import base64
import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import attrs

from .._checks import LARGEST, shown
from .._errors import InputError
from .pages import ItemId

VERSION = 1

_IS_COUNT = attrs.validators.and_(
    attrs.validators.instance_of(int), attrs.validators.ge(0), attrs.validators.le(LARGEST)
)
_IS_TEXT = attrs.validators.instance_of(str)
_VALIDATORS: Mapping[Any, Any] = {
    bool: attrs.validators.instance_of(bool),
    int: _IS_COUNT,
    int | None: attrs.validators.optional(_IS_COUNT),
    str: _IS_TEXT,
    str | None: attrs.validators.optional(_IS_TEXT),
    Mapping[str, Any]: attrs.validators.instance_of(dict),
}


def _checked(_: type, fields: list["attrs.Attribute[Any]"]) -> list["attrs.Attribute[Any]"]:
    """Every field is checked by its type: tokens come from outside."""
    return [field.evolve(validator=_VALIDATORS.get(field.type)) for field in fields]


@attrs.frozen(field_transformer=_checked)
class Position:
    """Where a walk stands before a page. Holds no secret."""

    size: int  # page size in use
    received: int = 0  # distinct items that had come
    promised: int | None = None  # by the server's total
    ids: Sequence[ItemId] = ()  # passed on already, and may turn up again
    doubt: str | None = None  # why it cannot be known whether everything came so far
    opening: Sequence[ItemId] = ()  # more such ids, in tokens of version 0.1.0
    page: int | None = None  # NumberWalk: number of the page
    low: int | None = None  # NumberWalk: the first number asked for
    url: str | None = None  # LinkWalk: the link that led to the page
    since: str | None = None  # SeekWalk: the window still to be walked, as on the wire
    until: str | None = None
    ids_until: str | None = None  # SeekWalk: the latest second that what `ids` stand for may have started in
    rest: int | None = None  # SeekWalk: items of the window that had not come, by the server's totals
    lacking: int = 0  # SeekWalk: items that the server had counted and that will not come


@attrs.frozen(field_transformer=_checked)
class ResumeToken:
    """Everything a token says."""

    operation: str
    scope: Mapping[str, Any]
    filters: Mapping[str, Any]  # as users give them
    stable: bool
    offset: int  # new items of the page at `position` that had been passed on
    position: Position  # before that page, with the ids of these items added at the end

    def __attrs_post_init__(self) -> None:
        ids: tuple[object, ...] = (*self.position.ids, *self.position.opening)
        if any(type(each) not in (int, str) for each in ids):
            raise TypeError("an id is neither a number nor text")
        if self.offset > len(self.position.ids) or not self.position.size:
            raise ValueError("the page has no size, or not all that was passed on of it has an id")

    @property
    def start(self) -> Position:
        """Where to go on: before the same page, with what had been passed on of it counted."""
        rest = None if self.position.rest is None else max(self.position.rest - self.offset, 0)
        return attrs.evolve(self.position, received=self.position.received + self.offset, rest=rest)

    def encode(self) -> str:
        data = {"version": VERSION, **attrs.asdict(self)}
        return base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(text: object) -> ResumeToken:
    """Read a token. InputError if it is not a token, or of an unknown version."""
    data: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        if isinstance(text, str):
            data = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if type(data) is not dict:
        raise InputError(f"resume is {shown(text)[:40]}; {_ACCEPTED}")
    fields = cast("dict[str, Any]", data)
    version = fields.pop("version", None)
    if version != VERSION:
        raise InputError(f"resume is a token of version {shown(version)}; accepted: version {VERSION}")
    try:
        position = dict(fields.pop("position"))
        position.pop("first", None)  # version 0.1.0 wrote it; nothing needs it
        return ResumeToken(position=Position(**position), **fields)
    except (TypeError, ValueError, KeyError) as error:
        raise InputError(f"resume is a damaged token: {shown(str(error))}; {_ACCEPTED}") from error


_ACCEPTED = "accepted: the `token` of a paginator"
