"""From what the caller of `list(...)` asked for to the walk that does it, and the token to go on. Pure."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import attrs

from .._checks import whole_number
from .._errors import InputError
from .by_link import LinkWalk
from .by_number import NumberWalk
from .by_start import SeekWalk
from .filters import plain_filters, wire_filters
from .pages import IS_COUNT, Listing, Page, Position, Walk, item_id

T = TypeVar("T")

MOST_PREFETCH = 16
SEEK_ORDER = "start:ASC"


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


@attrs.frozen
class Plan(Generic[T]):
    """A listing with everything the caller chose, checked. `filters` are as on the wire."""

    listing: Listing[T]
    filters: Mapping[str, Any]
    start: Position
    stable: bool
    limit: int | None
    prefetch: int


def plan_listing(
    listing: Listing[T],
    filters: Mapping[str, object],
    limit: int | None,
    page_size: int,
    prefetch: int,
    *,
    stable: bool,
    resume: str | None,
) -> Plan[T]:
    """Check the arguments against each other and against the token.

    Raises:
        InputError: One cannot be right, or the token belongs to another listing.
    """
    plan = Plan(
        listing=listing,
        filters=wire_filters(filters, allowed=listing.allowed),
        start=Position(size=whole_number(page_size, "page_size", least=1)),
        stable=stable,
        limit=None if limit is None else whole_number(limit, "limit", least=1),
        prefetch=whole_number(prefetch, "prefetch", most=MOST_PREFETCH),
    )
    if resume is not None:
        plan = _resumed(plan, decode(resume))
    if plan.stable:
        _require_seekable(plan)
    return plan


def begin_walk(plan: Plan[T]) -> Walk[T]:
    if plan.stable:
        return SeekWalk(plan.listing, plan.filters, plan.start)
    kind = LinkWalk[T] if plan.listing.linked else NumberWalk[T]
    return kind(plan.listing, plan.filters, plan.start)


def token_at(plan: Plan[T], page: Page[T] | None, passed_on: int) -> str:
    """The token to go on with after `passed_on` items of `page`, from the start if there is no page yet."""
    position = plan.start
    if page is not None:
        passed = [item_id(plan.listing, item) for item in page.items[:passed_on]]
        position = attrs.evolve(page.before, ids=[*page.before.ids, *passed])
    return encode(
        Bookmark(
            operation=plan.listing.operation,
            scope=dict(plan.listing.scope),
            filters=plain_filters(plan.filters),
            stable=plan.stable,
            offset=passed_on,
            position=position,
        )
    )


def _resumed(plan: Plan[T], bookmark: Bookmark) -> Plan[T]:
    listing = plan.listing
    if (bookmark.operation, bookmark.scope) != (listing.operation, dict(listing.scope)):
        raise InputError(
            f"resume token belongs to {bookmark.operation} of {bookmark.scope}, "
            f"not to {listing.operation} of {dict(listing.scope)}"
        )
    given = plain_filters(plan.filters)
    if given and given != bookmark.filters:
        raise InputError(
            f"resume token belongs to a listing with the filters {bookmark.filters}, not {given}: "
            "give the same, or none"
        )
    if plan.stable and not bookmark.stable:
        raise InputError("resume token belongs to a listing without stable=True, which cannot become stable")
    resumed = attrs.evolve(
        plan,
        filters=wire_filters(bookmark.filters, allowed=listing.allowed),
        start=bookmark.start,
        stable=bookmark.stable,
    )
    try:
        begin_walk(resumed)
    except ValueError as error:
        raise InputError(f"resume token is damaged: {error}") from error
    return resumed


def _require_seekable(plan: Plan[T]) -> None:
    if plan.listing.instant is None:
        raise InputError(f"{plan.listing.operation} cannot be listed with stable=True: no start to go by")
    if plan.filters.get("order", SEEK_ORDER) != SEEK_ORDER:
        raise InputError(f"stable=True lists in the order {SEEK_ORDER!r}, not {plan.filters['order']!r}")


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
