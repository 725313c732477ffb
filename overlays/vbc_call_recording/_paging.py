"""Which page next, when to stop, what is a duplicate. Pure: no request is made here.

A *walk* is asked for the next request and given the replies, in the order of the requests. Three of them:
`NumberWalk` and `LinkWalk` (here), and `SeekWalk` (`_seeking`) for `stable=True`.

What the vendor's docs leave open, `NumberWalk` finds out, with two convictions. Asking for a page too many
costs a request, skipping one costs recordings: so of two readings it believes the one with the lower number
first. And the only proof of progress is an item not seen before: the server's numbers and links are hints.

Ids of all items seen are remembered, some 70 bytes each: nothing less keeps the promise that no item comes
twice from a server that repeats pages at any distance. `SeekWalk` needs no more than one instant's.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit

import attrs

from ._errors import MalformedResponseError, StatusError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
ItemId = int | str

NO_SUCH_PAGE = frozenset({400, 404, 416, 422})
BARREN_LIMIT = 3  # consecutive pages without anything new that end a walk, whatever the server still promises


class IncompleteListingWarning(UserWarning):
    """A listing ended with fewer distinct items than the server had promised."""


def _count(value: object) -> int | None:
    """The server's number, or None for anything that is no plain count: absent, null, negative, a string."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _href(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


_IS_COUNT = attrs.validators.and_(attrs.validators.instance_of(int), attrs.validators.ge(0))
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

    size: int = attrs.field(validator=attrs.validators.and_(_IS_COUNT, attrs.validators.ge(1)))
    received: int = attrs.field(default=0, validator=_IS_COUNT)
    promised: int | None = attrs.field(default=None, validator=attrs.validators.optional(_IS_COUNT))
    ids: Sequence[ItemId] = attrs.field(default=(), validator=attrs.validators.deep_iterable(_IS_ID))
    opening: Sequence[ItemId] = attrs.field(default=(), validator=attrs.validators.deep_iterable(_IS_ID))
    page: int | None = attrs.field(default=None, validator=attrs.validators.optional(_IS_COUNT))
    low: int | None = attrs.field(default=None, validator=attrs.validators.optional(_IS_COUNT))
    first: int = attrs.field(default=0, validator=_IS_COUNT)
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
    """What has come, against what was promised."""

    def __init__(self, listing: Listing[T], position: Position) -> None:
        self.listing = listing
        self.received = position.received
        self.promised = (
            position.promised
        )  # by the first reply that said: later ones tell of a changed listing
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

    def require_embedded(self, reply: PageReply[T]) -> None:
        """For a page that should hold items if any are promised."""
        if not reply.embedded and reply.total_items:
            raise self.malformed(
                f"a page holds no list of items, though {reply.total_items} are promised", "_embedded"
            )

    def id_of(self, item: T) -> ItemId:
        return item_id(self.listing, item)

    def keep_only(self, ids: Collection[ItemId]) -> None:
        """Forget what cannot come again."""
        self._seen = set(ids)

    def malformed(self, message: str, field: str) -> MalformedResponseError:
        error = MalformedResponseError(message, operation=self.listing.operation)
        error.field = field
        return error


def item_id(listing: Listing[T], item: T) -> ItemId:
    """The item's id, or what it says if it has none: two that say the same are one."""
    key = listing.key(item)
    if isinstance(key, int | str):
        return key
    return "~" + hashlib.sha256(repr(item).encode("utf-8", "backslashreplace")).hexdigest()[:32]


class NumberWalk(Generic[T]):
    """Pages asked for by number, from a server of which nothing is known but that it has pages.

    The first page is asked for without a number, and what comes back says which number is next. As long as no
    numbered page has brought anything new, pages are asked for one by one. Then the walk climbs, ahead of the
    replies as far as the server's totals reach. At the end, what is missing is looked for below.
    """

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        self.tally = Tally(listing, position)
        self._filters = filters
        self._size = position.size
        self._next = position.page
        self._low = position.low
        self._first = position.first
        self._settled = position.page is not None
        self._climbing = True
        self._opening_ids = position.opening
        # Numbers below the lowest, listed at the end. What a resumed walk cannot tell apart, it leaves out.
        self._below: list[int] | None = [] if self._settled and not position.opening else None
        if position.page is not None and self._is_below(position.page):
            self._climbing, self._below = False, [position.page]
        self._total_pages: int | None = None
        self._opening = PageReply[T](items=())
        self._echoes: set[int] = set()
        self._links_tell_the_end = False
        self._previous_ids: Sequence[ItemId] = position.ids

    @property
    def shortfall(self) -> int:
        return self.tally.shortfall

    def ask(self, ahead: int) -> PageRequest | None:
        if ahead and not self._may_run_ahead():
            return None
        if not self._climbing:
            return self._ask_below()
        number = self._next
        if number is not None:
            self._next = number + 1
        return self._request(number)

    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        number = request.page
        before = self._position(number)
        self._note_hints(number, reply)
        if number is None and self._is_not_the_first(reply):
            self.tally.promise(reply)
            self._climb_from(0)
            return Page((), before)
        if number is not None and self._has_skipped_one(number, reply):
            self._climb_from(number - 1)
            return Page((), before)
        if self._should_hold_items(number, reply):
            self.tally.require_embedded(reply)
        new = self.tally.count(reply)
        if number is None:
            self._learn_numbers(reply)
        elif new:
            self._settled = True
        if not self._is_below(number):
            self._climbing = self._goes_on(number, reply)
        self._previous_ids = [self.tally.id_of(item) for item in reply.items]
        return Page(new, before)

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        """A refused number is no page: whether one was promised shows in the end, when all is counted."""
        if request.page is None:
            return False
        return self._is_below(request.page) or error.status_code in NO_SUCH_PAGE

    def _request(self, number: int | None) -> PageRequest:
        return PageRequest(filters=self._filters, page=number, page_size=self._size)

    def _position(self, number: int | None) -> Position:
        return Position(
            size=self._size,
            received=self.tally.received,
            promised=self.tally.promised,
            ids=self._previous_ids,
            opening=self._opening_ids,
            page=number,
            low=self._low,
            first=self._first,
        )

    def _is_below(self, number: int | None) -> bool:
        return number is not None and self._low is not None and number < self._low

    def _note_hints(self, number: int | None, reply: PageReply[T]) -> None:
        if reply.total_pages is not None:
            self._total_pages = reply.total_pages
        if reply.next_url is not None:
            self._links_tell_the_end = True
        if number is None:
            self._opening = reply
        elif reply.page is not None:
            self._echoes.add(reply.page - number)

    def _is_not_the_first(self, reply: PageReply[T]) -> bool:
        """A server may count from 0 and yet answer with page 1 where no number is given."""
        if self.tally.received:
            return False
        here = page_number(reply.self_url)
        here = reply.page if here is None else here
        lowest = page_number(reply.first_url)
        promised_elsewhere = reply.embedded and not reply.items and bool(reply.total_items)
        first_is_lower = here is not None and lowest is not None and lowest < here
        return reply.prev_url is not None or first_is_lower or promised_elsewhere

    def _has_skipped_one(self, number: int, reply: PageReply[T]) -> bool:
        """The first reply's number led here, and this reply shows that such numbers are not to be trusted."""
        return not self._settled and number == self._low == 2 and reply.page != number

    def _climb_from(self, number: int) -> None:
        self._low = self._next = number
        self._first = max(number - 1, 0)

    def _learn_numbers(self, reply: PageReply[T]) -> None:
        hints = {page_number(reply.next_url), None if reply.page is None else reply.page + 1} - {None}
        second = min((hint for hint in hints if hint is not None), default=1)
        second = min(max(second, 1), 2)
        self._climb_from(second)
        self._settled = hints == {second} and reply.next_url is not None and reply.page is not None
        self._size = self._size_served(reply)
        if not self._opened_at_the_first():
            self._opening_ids = [self.tally.id_of(item) for item in reply.items]

    def _size_served(self, reply: PageReply[T]) -> int:
        """What the server is willing to give: it may cut pages short and yet count in the size asked for."""
        served = reply.page_size or self._size
        if (
            self._lags() and len(reply.items) >= 10
        ):  # fewer than the docs' default are a short page, not a cap
            served = min(served, len(reply.items))
        return min(self._size, served)

    def _lags(self) -> bool:
        return self.tally.latest is not None and self.tally.received < self.tally.latest

    def _goes_on(self, number: int | None, reply: PageReply[T]) -> bool:
        if self.tally.barren >= BARREN_LIMIT:
            return False
        if self._lags():
            return True
        if self.tally.barren:
            return self._goes_on_after_nothing_new(number, reply)
        if self.tally.received == self.tally.latest:
            full = len(reply.items) >= self._size
            return reply.next_url is not None or (full and not self._links_tell_the_end)
        return True

    def _goes_on_after_nothing_new(self, number: int | None, reply: PageReply[T]) -> bool:
        if number is not None and not self._settled:
            return bool(reply.items) or number < 2
        following = 1 if number is None else number + 1
        return self.tally.latest is None and (reply.next_url is not None or self._is_promised(following))

    def _may_run_ahead(self) -> bool:
        return self._climbing and self._settled and self._next is not None and self._is_promised(self._next)

    def _is_promised(self, number: int) -> bool:
        pages = self._total_pages or 0
        if self.tally.latest is not None:
            pages = -(-self.tally.latest // (self.tally.largest or self._size))
        return number < self._first + pages

    def _should_hold_items(self, number: int | None, reply: PageReply[T]) -> bool:
        promised = reply.total_items or 0
        index = 0 if number is None else number - self._first
        reached = index * (self.tally.largest or self._size)
        return index >= 0 and reached < promised and self.tally.received < promised

    def _ask_below(self) -> PageRequest | None:
        if self._below is None:
            self._below = self._unasked_below()
        if not self._below or not self._may_lack_something():
            return None
        return self._request(self._below.pop(0))

    def _may_lack_something(self) -> bool:
        if self.tally.promised is None or self.tally.received > self.tally.promised:
            return not self._opened_at_the_first()
        return self.tally.shortfall > 0

    def _opened_at_the_first(self) -> bool:
        lowest = page_number(self._opening.first_url)
        return lowest is not None and lowest == page_number(self._opening.self_url)

    def _unasked_below(self) -> list[int]:
        low = self._low or 0
        truthful = self._echoes == {0}
        opening = self._opening.page if truthful else None
        return [number for number in range(low) if number != opening]


class LinkWalk(Generic[T]):
    """Pages reached by following `next` links, as the job lists are, which document no `page` parameter."""

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        self.tally = Tally(listing, position)
        self._filters = filters
        self._size = position.size
        self._next: PageRequest | None = PageRequest(filters=filters, url=position.url)
        self._followed = {position.url}
        self._previous_ids: Sequence[ItemId] = position.ids

    @property
    def shortfall(self) -> int:
        return self.tally.shortfall

    def ask(self, ahead: int) -> PageRequest | None:
        if ahead:
            return None
        request, self._next = self._next, None
        return request

    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        before = Position(
            size=self._size,
            received=self.tally.received,
            promised=self.tally.promised,
            ids=self._previous_ids,
            url=request.url,
        )
        if self.tally.received < (reply.total_items or 0):
            self.tally.require_embedded(reply)
        new = self.tally.count(reply)
        if self._leads_on(reply.next_url):
            self._next = PageRequest(filters=self._filters, url=reply.next_url)
            self._followed.add(reply.next_url)
        self._previous_ids = [self.tally.id_of(item) for item in reply.items]
        return Page(new, before)

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        return False

    def _leads_on(self, url: str | None) -> bool:
        if url is None or url in self._followed:
            return False
        return self.tally.barren < (BARREN_LIMIT if self.tally.shortfall else 1)


def page_number(url: str | None) -> int | None:
    """The number in a link's `page` parameter, None if it has none."""
    if url is None:
        return None
    try:
        return int(parse_qs(urlsplit(url).query)["page"][-1])
    except (KeyError, ValueError):
        return None
