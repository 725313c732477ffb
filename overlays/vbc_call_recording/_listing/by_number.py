"""Which page next, and when to stop: by number and by link. Pure.

The only proof of progress is an item not seen before. What a server says of totals and of further pages is a
promise: worth asking for, and reconciled in the end with what came.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from .._errors import StatusError
from .pages import ItemId, Listing, Page, PageReply, PageRequest, Position, Tally

T = TypeVar("T")

DOCUMENTED_PAGE_SIZE = 10  # by default: what holds fewer is a short page, not one cut short by the server
NO_SUCH_PAGE = frozenset({400, 404, 416, 422})
BARREN_LIMIT = 3  # consecutive pages without anything new that end a walk, whatever is still promised


class NumberWalk(Generic[T]):
    """Pages asked for by number, from a server of which nothing is known but that it has pages.

    The first page is asked for without a number, and what comes back says which number is next. As long as no
    numbered page has brought anything new, pages are asked for one by one. Then the walk climbs, ahead of the
    replies as far as the server's totals reach. At the end, what is missing is looked for below.
    """

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        self.tally = Tally(listing, position)
        self._filters = filters
        self._asked = self._size = position.size
        self._next = position.page
        self._numbering = Numbering(position)
        self._climbing = True
        self._opening_ids = position.opening
        # Numbers below the lowest, listed at the end. What a resumed walk cannot tell apart, it leaves out.
        self._below: list[int] | None = [] if position.page is not None and not position.opening else None
        if position.page is not None and self._numbering.is_below(position.page):
            self._climbing, self._below = False, [position.page]
        self._total_pages: int | None = None
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
        if number is None and not self.tally.received and self._numbering.opened_elsewhere(reply):
            self.tally.promise(reply)
            self._climb_from(0)
            return Page((), before)
        if number is not None and self._numbering.has_skipped_one(number, reply):
            self._climb_from(number - 1)
            return Page((), before)
        self.tally.require_page(reply, holding_items=self._should_hold_items(number, reply))
        new = self.tally.count(reply)
        if number is None:
            self._begin_to_climb(reply)
        elif new:
            self._numbering.settled = True
        if not self._numbering.is_below(number):
            self._climbing = self._goes_on(number, reply)
        self._previous_ids = [self.tally.id_of(item) for item in reply.items]
        return Page(new, before)

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        """A refused number is no page: whether one was promised shows in the end, when all is counted."""
        if request.page is None:
            return False
        return self._numbering.is_below(request.page) or error.status_code in NO_SUCH_PAGE

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
            low=self._numbering.low,
            first=self._numbering.first,
        )

    def _note_hints(self, number: int | None, reply: PageReply[T]) -> None:
        if reply.total_pages is not None:
            self._total_pages = reply.total_pages
        if reply.next_url is not None:
            self._links_tell_the_end = True
        self._numbering.note(number, reply)

    def _climb_from(self, number: int) -> None:
        self._numbering.climb_from(number)
        self._next = number

    def _begin_to_climb(self, opening: PageReply[T]) -> None:
        self._next = self._numbering.learn(opening)
        self._size = self._size_served(opening)
        if not self._numbering.opened_at_the_first:
            self._opening_ids = [self.tally.id_of(item) for item in opening.items]

    def _size_served(self, reply: PageReply[T]) -> int:
        """What the server is willing to give: it may cut pages short and yet count in the size asked for."""
        served = reply.page_size or self._size
        if len(reply.items) > served:  # which is not how it counts, then
            served = self._size
        if self._lags() and len(reply.items) >= DOCUMENTED_PAGE_SIZE:
            served = min(served, len(reply.items))
        return min(self._size, served)

    def _lags(self) -> bool:
        return self.tally.latest is not None and self.tally.received < self.tally.latest

    def _goes_on(self, number: int | None, reply: PageReply[T]) -> bool:
        if self.tally.barren >= self._patience:
            return False
        if self._lags():
            return True
        if self.tally.barren:
            return self._goes_on_after_nothing_new(number, reply)
        if self.tally.received == self.tally.latest:
            return reply.next_url is not None or self._total_may_be_of_one_page(number, reply)
        return True

    @property
    def _patience(self) -> int:
        """How many pages in a row may bring nothing new.

        A first page may have been short because items on it are hidden from us. Pages of its length go over
        the same stretch again.
        """
        return BARREN_LIMIT + self._asked // self._size - 1

    def _total_may_be_of_one_page(self, number: int | None, reply: PageReply[T]) -> bool:
        index = 0 if number is None else number - self._numbering.first
        if (reply.total_pages or 0) > index + 1:
            return True
        held = len(reply.items)
        may_be_cut = reply.page_size is None and DOCUMENTED_PAGE_SIZE <= held == self.tally.latest
        return (held >= self._size or may_be_cut) and not self._links_tell_the_end

    def _goes_on_after_nothing_new(self, number: int | None, reply: PageReply[T]) -> bool:
        if number is not None and not self._numbering.settled:
            return bool(reply.items) or number < 2
        following = 1 if number is None else number + 1
        return self.tally.latest is None and (reply.next_url is not None or self._is_promised(following))

    def _may_run_ahead(self) -> bool:
        return (
            self._climbing
            and self._numbering.settled
            and self._next is not None
            and self._is_promised(self._next)
        )

    def _is_promised(self, number: int) -> bool:
        pages = self._total_pages or 0
        if self.tally.latest is not None:
            pages = -(-self.tally.latest // (self.tally.largest or self._size))
        return number < self._numbering.first + pages

    def _should_hold_items(self, number: int | None, reply: PageReply[T]) -> bool:
        promised = reply.total_items or 0
        index = 0 if number is None else number - self._numbering.first
        reached = index * (self.tally.largest or self._size)
        return index >= 0 and reached < promised and self.tally.received < promised

    def _ask_below(self) -> PageRequest | None:
        if self._below is None:
            self._below = list(self._numbering.unasked_below())
        if not self._below or not self._may_lack_something():
            return None
        return self._request(self._below.pop(0))

    def _may_lack_something(self) -> bool:
        if not self.tally.promised or self.tally.received > self.tally.promised:
            return not self._numbering.opened_at_the_first
        return self.tally.shortfall > 0


class Numbering:
    """What is known of one listing's page numbers.

    Attributes:
        low: The lowest number asked for, None before any was.
        first: The number of the first page, as far as known.
        settled: Whether numbers are known well enough to ask for several pages at once.
    """

    def __init__(self, position: Position) -> None:
        self.low = position.low
        self.first = position.first
        self.settled = position.page is not None
        self._opening: PageReply[Any] = PageReply(items=())
        self._echoes: set[int] = set()

    def climb_from(self, number: int) -> None:
        self.low = number
        self.first = max(number - 1, 0)

    def note(self, number: int | None, reply: PageReply[Any]) -> None:
        if number is None:
            self._opening = reply
        elif reply.page is not None:
            self._echoes.add(reply.page - number)

    def learn(self, opening: PageReply[Any]) -> int:
        """The number of the second page: the lower, where the first page's number and link disagree."""
        linked = page_number(opening.next_url)
        counted = None if opening.page is None else opening.page + 1
        second = min((hint for hint in (linked, counted) if hint is not None), default=1)
        second = min(max(second, 1), 2)
        self.settled = linked == counted == second
        self.climb_from(second)
        return second

    def is_below(self, number: int | None) -> bool:
        return number is not None and self.low is not None and number < self.low

    def opened_elsewhere(self, opening: PageReply[Any]) -> bool:
        """Whether others come before the first page given: one may count from 0 and yet begin with page 1."""
        here = page_number(opening.self_url)
        here = opening.page if here is None else here
        lowest = page_number(opening.first_url)
        first_is_lower = here is not None and lowest is not None and lowest < here
        return opening.prev_url is not None or first_is_lower

    def has_skipped_one(self, number: int, reply: PageReply[Any]) -> bool:
        """The first page's number led here, and this page shows that such numbers are not to be trusted."""
        return not self.settled and number == self.low == 2 and reply.page != number

    @property
    def opened_at_the_first(self) -> bool:
        """Whether the server's links leave no doubt that nothing comes before the page it began with."""
        lowest = page_number(self._opening.first_url)
        return lowest is not None and lowest == page_number(self._opening.self_url)

    def unasked_below(self) -> Sequence[int]:
        """Numbers under which pages may be that nothing has told of."""
        opening = self._opening.page if self._echoes == {0} else None
        return [number for number in range(self.low or 0) if number != opening]


def page_number(url: str | None) -> int | None:
    """The number in a link's `page` parameter, None if it has none."""
    if url is None:
        return None
    try:
        return int(parse_qs(urlsplit(url).query)["page"][-1])
    except (KeyError, ValueError):
        return None
