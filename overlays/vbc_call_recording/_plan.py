"""From what the caller of `list(...)` asked for to the walk that does it, and the token to go on. Pure."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import attrs

from ._errors import InputError
from ._filters import plain_filters, positive, wire_filters
from ._paging import Listing, Page, Position, Walk, item_id
from ._resume import Bookmark, decode, encode
from ._seeking import SeekWalk
from ._walks import LinkWalk, NumberWalk

T = TypeVar("T")

MOST_PREFETCH = 16
SEEK_ORDER = "start:ASC"


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
        start=Position(size=positive(page_size, "page_size")),
        stable=stable,
        limit=None if limit is None else positive(limit, "limit"),
        prefetch=_checked_prefetch(prefetch),
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


def _checked_prefetch(prefetch: object) -> int:
    if isinstance(prefetch, int) and not isinstance(prefetch, bool) and 0 <= prefetch <= MOST_PREFETCH:
        return prefetch
    raise InputError(f"prefetch must be an int from 0 to {MOST_PREFETCH}, not {prefetch!r}")


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
