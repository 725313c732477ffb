"""From the arguments of `list(...)` to the walk that does it. Pure."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Generic, TypeVar

import attrs

from .._checks import checked_by, flag, whole_number
from .._errors import InputError
from .by_link import LinkWalk
from .by_number import NumberWalk
from .by_start import SeekWalk
from .filters import plain_filters, wire_filters
from .pages import Listing
from .resume import Position, ResumeToken, decode
from .walk import Page, Walk

T = TypeVar("T")

MOST_PREFETCH = 16
SEEK_ORDER = "start:ASC"


def pages_ahead(taken: int, prefetch: int) -> int:
    """How many pages to request ahead once so many were taken: as many again, up to `prefetch`.

    A loop that is left early has then requested twice as many pages as it took at most. To get up to speed
    takes about as many round trips as doubling does.
    """
    return min(taken, prefetch)


@attrs.frozen
class ListingSettings(Generic[T]):
    """A listing with everything the caller chose, checked. `filters` are as on the wire."""

    listing: Listing[T]
    filters: Mapping[str, Any]
    start: Position
    limit: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(checked_by(whole_number, least=1))
    )
    prefetch: int = attrs.field(default=8, validator=checked_by(whole_number, most=MOST_PREFETCH))
    strict: bool = attrs.field(default=False, validator=checked_by(flag))
    stable: bool = attrs.field(default=False, validator=checked_by(flag))


def check_settings(
    listing: Listing[T],
    filters: Mapping[str, object],
    *,
    page_size: int = 100,
    resume: str | None = None,
    **paging: Any,
) -> ListingSettings[T]:
    """Check the arguments of `PagingOptions` against each other and against the token.

    Raises:
        InputError: One is invalid, or the token belongs to another listing.
    """
    start = Position(size=whole_number(page_size, "page_size", least=1))
    settings = ListingSettings(listing, wire_filters(filters, listing.allowed), start, **paging)
    if resume is not None:
        settings = _resumed(settings, decode(resume))
    if settings.stable:
        _require_seekable(settings)
    return settings


def begin_walk(settings: ListingSettings[T]) -> Walk[T]:
    arguments = (settings.listing, settings.filters, settings.start)
    if settings.stable:
        return SeekWalk(*arguments)
    return LinkWalk(*arguments) if settings.listing.linked else NumberWalk(*arguments)


def token_at(settings: ListingSettings[T], page: Page[T] | None, passed_on: int) -> str:
    """The token to go on with after `passed_on` items of `page`, from the start if there is no page yet."""
    position = settings.start
    if page is not None:
        passed = settings.listing.ids_of(page.items[:passed_on])
        position = attrs.evolve(page.before, ids=[*page.before.ids, *passed])
    return ResumeToken(
        operation=settings.listing.operation,
        scope=dict(settings.listing.scope),
        filters=plain_filters(settings.filters),
        stable=settings.stable,
        offset=passed_on,
        position=position,
    ).encode()


def shown_settings(settings: ListingSettings[Any]) -> str:
    """What is listed, as a repr has it."""
    chosen = {**plain_filters(settings.filters), "page_size": settings.start.size}
    chosen |= {name: True for name in ("strict", "stable") if getattr(settings, name)}
    chosen |= {} if settings.limit is None else {"limit": settings.limit}
    said = [f"{name}={_plain(value)!r}" for name, value in chosen.items()]
    return ", ".join([settings.listing.operation, *said])


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _resumed(settings: ListingSettings[T], token: ResumeToken) -> ListingSettings[T]:
    listing, given = settings.listing, plain_filters(settings.filters)
    if (token.operation, token.scope) != (listing.operation, dict(listing.scope)):
        raise InputError(
            f"resume is a token of {token.operation} of {token.scope}; "
            f"accepted: one of {listing.operation} of {dict(listing.scope)}"
        )
    if given and given != token.filters:
        raise InputError(
            f"resume is a token of a listing with the filters {token.filters}, not {given}; "
            "accepted: the same filters, or none"
        )
    if settings.stable and not token.stable:
        raise InputError("resume is a token of a listing without stable=True; accepted: one that was stable")
    filters = wire_filters(token.filters, listing.allowed)
    resumed = attrs.evolve(settings, filters=filters, start=token.start, stable=token.stable)
    try:
        begin_walk(resumed)
    except ValueError as error:
        raise InputError(f"resume is a damaged token: {error}") from error
    return resumed


def _require_seekable(settings: ListingSettings[T]) -> None:
    if settings.listing.instant is None:
        raise InputError(
            f"stable is True; accepted: False, as {settings.listing.operation} has no start to go by"
        )
    order = settings.filters.get("order", SEEK_ORDER)
    if order != SEEK_ORDER:
        raise InputError(f"order is {order!r}; accepted with stable=True: {SEEK_ORDER!r}")
