"""Pages: what is asked for, what is answered, and where a walk stands. Pure.

A *walk* decides which page is next and when to stop. It is asked for requests and given the replies, in the
order of the requests. It sends nothing itself.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import urljoin

import attrs

from vbc_call_recording_generated.models import (
    ExportJobPage,
    Link,
    RecordingPage,
    TranscriptionPage,
)
from vbc_call_recording_generated.types import Unset

from .._checks import LARGEST

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
ItemId = int | str


def _count(value: object) -> int | None:
    """The server's number, also as text ("14"); None for anything that is not a count."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST:
        return value
    return None


def _href(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


IS_COUNT = attrs.validators.and_(
    attrs.validators.instance_of(int), attrs.validators.ge(0), attrs.validators.le(LARGEST)
)
_MAY_BE_COUNT = attrs.validators.optional(IS_COUNT)
_MAY_BE_TEXT = attrs.validators.optional(attrs.validators.instance_of(str))
_IS_ID = attrs.validators.instance_of((int, str))


@attrs.frozen
class PageRequest:
    """One page to ask the server for.

    Attributes:
        filters: Keyword arguments for the generated function, without `page` and `page_size`. Complete:
            nothing has to be merged in.
        page: The page's number, None to ask without one.
        page_size: How many items to ask for.
        url: The link to follow instead, where pages are reached by links. Nobody has checked yet whether it
            may be followed.
    """

    filters: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    page: int | None = None
    page_size: int | None = None
    url: str | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """All keyword arguments for the generated function.

        The generated functions have defaults of their own for `page` and `page_size`: None keeps them off
        the wire.
        """
        return {**self.filters, "page": self.page, "page_size": self.page_size}


@attrs.frozen
class PageReply(Generic[T_co]):
    """What the server answered. Numbers and links may be passed as they came.

    Attributes:
        items: The page's items, in the server's order.
        embedded: Whether the answer held a list of items at all (`_embedded.recordings`).
        page: Number of this page, as the server says.
        page_size: Page size, as the server says.
        total_items: How many items there are on all pages, as the server says.
        total_pages: How many pages there are, as the server says.
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

    @property
    def has_links(self) -> bool:
        return any((self.first_url, self.prev_url, self.self_url, self.next_url))

    @property
    def tells_of_others(self) -> bool:
        """Whether the answer holds anything that cannot be if the listing is empty."""
        return bool(self.items or self.total_pages or self.prev_url or self.next_url)

    @property
    def is_a_page(self) -> bool:
        """Whether anything in the answer is what a page consists of: items, number, totals, links."""
        told = (self.page, self.total_items, self.total_pages)
        return self.embedded or self.has_links or any(number is not None for number in told)


@attrs.frozen
class Listing(Generic[T]):
    """What is being listed, as far as paging has to know it.

    Attributes:
        operation: Operation id from openapi.yaml. Appears in errors and ties a resume token to its listing.
        scope: Path parameters (account, user): a resume token for one account is refused for another.
        allowed: TypedDict of the filters there are.
        key: The item's id. None or UNSET if it has none.
        instant: When the item's call started, None or UNSET if it does not say. For `stable=True`.
        linked: Whether pages are reached by following `next` links, because no `page` parameter exists.
    """

    operation: str
    scope: Mapping[str, str]
    allowed: type
    key: Callable[[T], object]
    instant: Callable[[T], object] | None = None
    linked: bool = False


class IncompleteListingWarning(UserWarning):
    """A listing ended with less than the server had told of."""


@attrs.frozen
class ListingOutcome:
    """How a listing ended, and why that is known or not.

    | `complete` | the server |
    |---|---|
    | True | promised a number of items, and as many distinct ones came |
    | False | told of more, by its total, a `next` link or `total_pages`, than it gave |
    | None | did not give what it takes to know: no total, one that changed, one that contradicts the items |

    Attributes:
        complete: True, False or None, as above.
        reason: Why it is not True, in one sentence. Empty if it is.
        received: How many distinct items came, in earlier walks that were resumed too.
        expected: How many the server told of; None if it gave no number.
    """

    complete: bool | None
    reason: str
    received: int
    expected: int | None


@attrs.frozen
class Position:
    """Where a walk stands before a page: enough to go on from there in another process. Holds no secret.

    Attributes:
        size: Page size in use.
        received: How many distinct items had come.
        promised: How many the server had promised.
        ids: Ids already passed on that may turn up again.
        doubt: Why the listing cannot be known to be complete, as far as it has been walked.
        opening: Ids on the page that came first, if others may come before it (NumberWalk).
        page: Number of the page (NumberWalk).
        low: The lowest number asked for while climbing (NumberWalk).
        url: The link that led to the page (LinkWalk).
        since, until: The window still to be walked, as on the wire (SeekWalk).
        ids_until: The latest second that what `ids` stand for may have started in (SeekWalk).
        rest: How many items of the window had not come yet, by the server's totals (SeekWalk).
        lacking: How many the server had counted that will not come (SeekWalk).
    """

    size: int = attrs.field(validator=attrs.validators.and_(IS_COUNT, attrs.validators.ge(1)))
    received: int = attrs.field(default=0, validator=IS_COUNT)
    promised: int | None = attrs.field(default=None, validator=_MAY_BE_COUNT)
    ids: Sequence[ItemId] = attrs.field(default=(), validator=attrs.validators.deep_iterable(_IS_ID))
    doubt: str | None = attrs.field(default=None, validator=_MAY_BE_TEXT)
    opening: Sequence[ItemId] = attrs.field(default=(), validator=attrs.validators.deep_iterable(_IS_ID))
    page: int | None = attrs.field(default=None, validator=_MAY_BE_COUNT)
    low: int | None = attrs.field(default=None, validator=_MAY_BE_COUNT)
    url: str | None = attrs.field(default=None, validator=_MAY_BE_TEXT)
    since: str | None = attrs.field(default=None, validator=_MAY_BE_TEXT)
    until: str | None = attrs.field(default=None, validator=_MAY_BE_TEXT)
    ids_until: str | None = attrs.field(default=None, validator=_MAY_BE_TEXT)
    rest: int | None = attrs.field(default=None, validator=_MAY_BE_COUNT)
    lacking: int = attrs.field(default=0, validator=IS_COUNT)


@attrs.frozen
class Page(Generic[T]):
    """The items of one reply that had not been seen before, and where the walk stood before them."""

    items: Sequence[T]
    before: Position


def page_reply(
    page: RecordingPage | TranscriptionPage | ExportJobPage, items: list[T] | Unset, *, url: str = ""
) -> PageReply[T]:
    """What the paginator wants to know of a page. Links are resolved against the page's own `url`."""
    links = page.hal_links
    return PageReply(
        items=items or [],
        embedded=not isinstance(items, Unset),
        page=page.page,
        page_size=page.page_size,
        total_items=page.total_items,
        total_pages=page.total_pages,
        first_url=_target(links.first, url) if links else None,
        prev_url=_target(links.prev, url) if links else None,
        self_url=_target(links.self_, url) if links else None,
        next_url=_target(links.next_, url) if links else None,
    )


def _target(link: Link | Unset, url: str) -> str | None:
    href = _href(link.href) if link else None
    try:
        return urljoin(url, href) if href else None
    except ValueError:  # as `http://[`: whoever follows it says what is wrong
        return href
