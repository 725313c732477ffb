"""The token to go on with: what a resume token holds, written and read. Pure."""

import base64
import contextlib
import json
from collections.abc import Mapping
from typing import Any, cast

import attrs

from .._checks import shown
from .._errors import InputError
from .pages import IS_COUNT, Position

VERSION = 1


@attrs.frozen
class ResumeToken:
    """Everything a token says.

    Attributes:
        operation: Operation id of the listing.
        scope: Its path parameters.
        filters: Its filters, as users give them.
        stable: Whether it is walked with `stable=True`.
        offset: How many new items of the page at `position` had been passed on.
        position: Where the walk stood before that page, with the ids of these items added at the end.
    """

    operation: str = attrs.field(validator=attrs.validators.instance_of(str))
    scope: Mapping[str, str] = attrs.field(validator=attrs.validators.instance_of(dict))
    filters: Mapping[str, Any] = attrs.field(validator=attrs.validators.instance_of(dict))
    stable: bool = attrs.field(validator=attrs.validators.instance_of(bool))
    offset: int = attrs.field(validator=IS_COUNT)
    position: Position = attrs.field(validator=attrs.validators.instance_of(Position))

    def __attrs_post_init__(self) -> None:
        if self.offset > len(self.position.ids):
            raise ValueError(f"{self.offset} items are said to be passed on, not all of them by id")

    @property
    def start(self) -> Position:
        """Where to go on: before the same page, with what had been passed on of it counted."""
        rest = None if self.position.rest is None else max(self.position.rest - self.offset, 0)
        return attrs.evolve(self.position, received=self.position.received + self.offset, rest=rest)

    def encode(self) -> str:
        data = {"version": VERSION, **attrs.asdict(self)}
        return base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: object) -> "ResumeToken":
        """Read a token.

        Raises:
            InputError: It is not one, or one of a version this package does not know.
        """
        data = _json_of(text)
        version = data.pop("version", None)
        if version != VERSION:
            raise InputError(f"resume is a token of version {shown(version)}; accepted: version {VERSION}")
        try:
            position = dict(data.pop("position"))
            position.pop("first", None)  # version 0.1.0 wrote it; nothing needs it
            return cls(position=Position(**position), **data)
        except (TypeError, ValueError, KeyError) as error:
            raise InputError(f"resume is a damaged token: {shown(str(error))}; {_ACCEPTED}") from error


def _json_of(text: object) -> dict[str, Any]:
    data: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        if isinstance(text, str):
            data = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if type(data) is not dict:
        raise InputError(f"resume is {shown(text)[:40]}; {_ACCEPTED}")
    return cast("dict[str, Any]", data)


_ACCEPTED = "accepted: the `token` of a paginator"
