"""Pages: what is asked, what is answered, what has come so far, and where a walk stands. Pure.

A *walk* decides which page is next and when to stop. It is asked for requests and given the replies, in the
order of the requests; it makes none. `by_number` and `by_link` are walks through pages, `by_start` the one
behind `stable=True`.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

import attrs

from vbc_call_recording_generated.models import (
    ExportJobPage,
    Link,
    RecordingPage,
    TranscriptionPage,
)
from vbc_call_recording_generated.types import Unset

from .._checks import LARGEST
from .._errors import MalformedResponseError, StatusError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
ItemId = int | str


class IncompleteListingWarning(UserWarning):
    """A listing ended with fewer distinct items than the server had promised."""


def _count(value: object) -> int | None:
    """The server's number, or None for anything that is no plain count: absent, null, negative, a string."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST:
        return value
    return None


def _href(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


IS_COUNT = attrs.validators.and_(
    attrs.validators.instance_of(int), attrs.validators.ge(0), attrs.validators.le(LARGEST)
)
_IS_STR = attrs.validators.instance_of(str)
_IS_ID = attrs.validators.instance_of((int, str))


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

    @property
    def is_a_page(self) -> bool:
        """Whether anything in the answer is what a page consists of: items, number, totals, links."""
        told = (self.page, self.total_items, self.total_pages)
        links = (self.first_url, self.prev_url, self.self_url, self.next_url)
        return self.embedded or any(part is not None for part in told + links)


@attrs.frozen
class Listing(Generic[T]):
    """What is being listed, as far as paging has to know it.

    Attributes:
        operation: Operation id from openapi.yaml; appears in errors and ties a resume token to its listing.
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


@attrs.frozen
class Position:
    """Where a walk stands before a page: enough to go on from there in another process. Holds no secret.

    Attributes:
        size: Page size in use.
        received: How many distinct items had come.
        promised: How many the server had promised.
        ids: Ids already passed on that may turn up again.
        opening: Ids on the first page, if others may come before it (NumberWalk).
        page, low, first: Number of the page, lowest number asked for, number of the first page (NumberWalk).
        url: The link that led to the page (LinkWalk).
        since, until: The window still to be walked, as on the wire (SeekWalk).
        ids_until: The latest second that what `ids` stand for may have started in (SeekWalk).
    """

    size: int = attrs.field(validator=attrs.validators.and_(IS_COUNT, attrs.validators.ge(1)))
    received: int = attrs.field(default=0, validator=IS_COUNT)
    promised: int | None = attrs.field(default=None, validator=attrs.validators.optional(IS_COUNT))
    ids: Sequence[ItemId] = attrs.field(default=(), validator=attrs.validators.deep_iterable(_IS_ID))
    opening: Sequence[ItemId] = attrs.field(default=(), validator=attrs.validators.deep_iterable(_IS_ID))
    page: int | None = attrs.field(default=None, validator=attrs.validators.optional(IS_COUNT))
    low: int | None = attrs.field(default=None, validator=attrs.validators.optional(IS_COUNT))
    first: int = attrs.field(default=0, validator=IS_COUNT)
    url: str | None = attrs.field(default=None, validator=attrs.validators.optional(_IS_STR))
    since: str | None = attrs.field(default=None, validator=attrs.validators.optional(_IS_STR))
    until: str | None = attrs.field(default=None, validator=attrs.validators.optional(_IS_STR))
    ids_until: str | None = attrs.field(default=None, validator=attrs.validators.optional(_IS_STR))


@attrs.frozen
class Page(Generic[T]):
    """The items of one reply that had not been seen before, and where the walk stood before them."""

    items: Sequence[T]
    before: Position


class Walk(Protocol[T]):
    """One way through a listing."""

    tally: "Tally[T]"

    @property
    def shortfall(self) -> int:
        """How many items the server promised and did not send, at the end of the walk."""
        ...

    def ask(self, ahead: int) -> PageRequest | None:
        """What to ask next while `ahead` replies are outstanding; None to wait for these, or at the end."""
        ...

    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        """Learn from a reply. Replies come in the order of their requests."""
        ...

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        """Whether the error says no more than that there is no such page."""
        ...


class Tally(Generic[T]):
    """What has come, against what was promised.

    Ids of all items seen are remembered, 60 to 90 bytes for each number: nothing less keeps the promise that
    no item comes twice from a server that repeats pages at any distance. `keep_only` is for who knows more.
    """

    def __init__(self, listing: Listing[T], position: Position) -> None:
        self.listing = listing
        self.received = position.received
        # The first reply's total counts in the end: later ones tell of a listing that has changed meanwhile.
        self.promised = position.promised
        self.latest = position.promised
        self.largest = 0
        self.barren = 0
        self._seen: set[ItemId] = {*position.ids, *position.opening}
        self._resuming = bool(position.ids)

    @property
    def shortfall(self) -> int:
        """How many promised items have not come."""
        return max((self.promised or 0) - self.received, 0)

    def promise(self, reply: PageReply[T]) -> None:
        """Note the server's total. A zero beside items is no total."""
        if reply.total_items is None or (reply.total_items == 0 and (reply.items or self.received)):
            return
        self.latest = reply.total_items
        if self.promised is None:
            self.promised = reply.total_items

    def count(self, reply: PageReply[T]) -> list[T]:
        """The items not seen before."""
        self.promise(reply)
        new: list[T] = []
        for item in reply.items:
            key = self.id_of(item)
            if key not in self._seen:
                self._seen.add(key)
                new.append(item)
        self.received += len(new)
        self.largest = max(self.largest, len(reply.items))
        # The page a walk was interrupted on is asked for again, and nothing new on it means nothing.
        self.barren = 0 if new or self._resuming else self.barren + 1
        self._resuming = False
        return new

    def require_page(self, reply: PageReply[T], *, holding_items: bool) -> None:
        """An answer that is none, as a gateway's account of a fault, must not pass for the listing's end."""
        if not reply.is_a_page:
            raise self.malformed("the answer is no page: no list of items, number, total or link", None)
        if holding_items and not reply.embedded and reply.total_items:
            raise self.malformed(
                f"a page holds no list of items, though {reply.total_items} are promised", "_embedded"
            )

    def id_of(self, item: T) -> ItemId:
        return item_id(self.listing, item)

    def keep_only(self, ids: Collection[ItemId]) -> None:
        """Forget what cannot come again."""
        self._seen = set(ids)

    def malformed(self, message: str, field: str | None) -> MalformedResponseError:
        error = MalformedResponseError(message, operation=self.listing.operation, method="GET")
        error.field = field
        return error


def item_id(listing: Listing[T], item: T) -> ItemId:
    """The item's id, or what it says if it has none: two that say the same are one."""
    key = listing.key(item)
    if isinstance(key, int | str):
        return key
    return "~" + hashlib.sha256(repr(item).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def page_reply(
    page: RecordingPage | TranscriptionPage | ExportJobPage, items: list[T] | Unset
) -> PageReply[T]:
    """What the paginator wants to know of a page."""
    links = page.hal_links
    return PageReply(
        items=items or [],
        embedded=not isinstance(items, Unset),
        page=page.page,
        page_size=page.page_size,
        total_items=page.total_items,
        total_pages=page.total_pages,
        first_url=_link_target(links.first) if links else None,
        prev_url=_link_target(links.prev) if links else None,
        self_url=_link_target(links.self_) if links else None,
        next_url=_link_target(links.next_) if links else None,
    )


def _link_target(link: Link | Unset) -> str | Unset | None:
    return link.href if link else None
