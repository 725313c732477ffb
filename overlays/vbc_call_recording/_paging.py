"""Which page next, when to stop, what is a duplicate, and where to go on later. Pure: no requests are made here."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import attrs

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class IncompleteListingWarning(UserWarning):
    """A listing ended with fewer distinct items than the server had promised."""


def _count(value: object) -> int | None:
    """The server's number, or None for anything that is no plain count: absent, null, negative, a string."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _href(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


@attrs.frozen
class PageRequest:
    """One page to ask the server for.

    Attributes:
        filters: Keyword arguments for the generated function, less `page` and `page_size`. Complete: nothing
            is to be merged in.
        page: The page's number, None to ask without one.
        page_size: How many items to ask for.
        url: The link to follow instead, where pages are reached by links. Whether it may be followed has not
            been checked yet.
    """

    filters: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    page: int | None = None
    page_size: int | None = None
    url: str | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """All keyword arguments for the generated function, with `page` and `page_size` where they are set.

        The generated functions have defaults of their own for these two: None keeps them off the wire.
        """
        return {**self.filters, "page": self.page, "page_size": self.page_size}


@attrs.frozen
class PageReply(Generic[T_co]):
    """What the server answered.

    The numbers and links may be passed as they came: anything that is no count (`UNSET`, null, a string) is
    taken as absent.

    Attributes:
        items: The page's items, in the server's order.
        embedded: Whether the answer held a list of items at all (`_embedded.recordings`).
        page: Number of this page by the server's account.
        page_size: Page size by the server's account.
        total_items: How many items there are on all pages, by the server's account.
        total_pages: How many pages there are, by the server's account.
        first_url, prev_url, self_url, next_url: The page's links.
    """

    items: Sequence[T_co]
    embedded: bool = True
    page: int | None = attrs.field(default=None, converter=_count)
    page_size: int | None = attrs.field(default=None, converter=_count)
    total_items: int | None = attrs.field(default=None, converter=_count)
    total_pages: int | None = attrs.field(default=None, converter=_count)
    first_url: str | None = attrs.field(default=None, converter=_href)
    prev_url: str | None = attrs.field(default=None, converter=_href)
    self_url: str | None = attrs.field(default=None, converter=_href)
    next_url: str | None = attrs.field(default=None, converter=_href)


@attrs.frozen
class Listing(Generic[T]):
    """What is being listed, as far as paging has to know it.

    Attributes:
        operation: Operation id from openapi.yaml; appears in errors and ties a resume token to its listing.
        scope: Path parameters (account, user): a resume token for one account is refused for another.
        allowed: TypedDict of the filters there are.
        key: The item's id. None or UNSET if it has none.
        instant: When the item's call started, None or UNSET if it does not say. Needed for `stable=True` only.
        linked: Whether pages are reached by following `next` links, because no `page` parameter exists.
    """

    operation: str
    scope: Mapping[str, str]
    allowed: type
    key: Callable[[T], object]
    instant: Callable[[T], object] | None = None
    linked: bool = False
