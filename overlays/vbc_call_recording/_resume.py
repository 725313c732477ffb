"""The resume token: where a listing stands, as text that any process can go on from. Pure.

JSON inside, base64url outside, so that it survives files, environments and URLs. It holds what was listed,
with which filters, and the ids of the last items passed on: no secret, but filters may be telephone numbers.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

import attrs

from ._errors import InputError
from ._paging import IS_COUNT, Position

VERSION = 1


@attrs.frozen
class Bookmark:
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
        return attrs.evolve(self.position, received=self.position.received + self.offset)


def encode(bookmark: Bookmark) -> str:
    data = {"version": VERSION, **attrs.asdict(bookmark)}
    return base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(token: str) -> Bookmark:
    """Read a token.

    Raises:
        InputError: It is no token, or one of a version this package does not know.
    """
    try:
        data = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        version = data.pop("version")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"resume must be the `token` of a paginator, not {str(token)[:40]!r}") from error
    if version != VERSION:
        raise InputError(f"resume token has version {version!r}; this package reads version {VERSION}")
    try:
        return Bookmark(position=Position(**data.pop("position")), **data)
    except (TypeError, ValueError, KeyError) as error:
        raise InputError(f"resume token is damaged: {error}") from error
