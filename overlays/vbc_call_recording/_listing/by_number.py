"""Pages asked for by number. Pure.

The walk believes no number that the server gives. Only an item not seen before shows that a page was worth
asking for. Totals, `next` links and `total_pages` say where to look, and are compared with what came.

| what a server does                           | what meets it                           | example        |
|----------------------------------------------|-----------------------------------------|----------------|
| counts pages from 1 (the vendor's tutorial)  | `_learn_numbers`                        | none, 2, 3     |
| counts pages from 0 (links on its page)      | `_learn_numbers`                        | none, 1, 2     |
| gives number and link that disagree          | `_learn_numbers`: the lower; `_goes_on` | none, 1, 2, 3  |
| calls page 2 something else than 2           | `take` goes back to 1                   | none, 2, 1, 2  |
| begins with page 1 and has a page 0          | `_look_below`, if a total or link tells | none, 2, 3, 0  |
| gives fewer than asked for, and says so      | `_learn_numbers` asks for as many       | 100, then 50   |
| gives the page's own length as the total     | `_is_full` looks behind, without links  | 10 of 10       |
| answers past the end: empty, a page, 404     | `_goes_on`, `forgives`                  |                |
| promises more than it has, `next` for ever   | `_goes_on` stops after 3 and says so    |                |

Anything odder is noticed by its total and told in the outcome: pages cut without a word, for example, while
the server counts in the size asked for.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from .._errors import StatusError
from .counts import BARREN_LIMIT, Counts
from .pages import ItemId, Listing, Page, PageReply, PageRequest, Position

T = TypeVar("T")

DOCUMENTED_PAGE_SIZE = 10  # by default: a page with fewer is a short one, not one cut by the server
NO_SUCH_PAGE = frozenset({400, 404, 416, 422})


class Phase(Enum):
    OPENING = "the first page is asked for, without a number"
    CLIMBING = "pages are asked for by rising numbers, ahead of the replies as far as the totals reach"
    BELOW = "items are missing, and numbers below the first one asked for are tried"
    OVER = "there is nothing more to ask for"


class NumberWalk(Generic[T]):
    """Opening, climbing, looking below: see `Phase`."""

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        self.counts = Counts(listing, position)
        self._filters = filters
        self._size = position.size
        self._next = position.page or 0
        self._low = position.low or 0
        self._opening_ids = position.opening
        self._previous_ids: Sequence[ItemId] = position.ids
        self._numbers_are_proven = position.page is not None
        self._below = list(range(self._low)) if position.opening else []
        self._was_preceded = False
        self._total_pages = 0
        self._largest = 0
        self._has_seen_next = False
        if position.page is None:
            self._phase = Phase.OPENING
        elif position.page < self._low:
            self._phase, self._below = Phase.BELOW, list(range(position.page, self._low))
        else:
            self._phase = Phase.CLIMBING

    def ask(self, ahead: int) -> PageRequest | None:
        if ahead and not (self._phase is Phase.CLIMBING and self._may_run_ahead()):
            return None
        if self._phase is Phase.OPENING:
            return self._request(None)
        if self._phase is Phase.BELOW:
            return self._request(self._below[0])
        if self._phase is Phase.OVER:
            return None
        self._next += 1
        return self._request(self._next - 1)

    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        number, counts = request.page, self.counts
        before = self._position(number)
        if number == self._low == 2 and not self._numbers_are_proven and reply.page != 2:
            self._low = self._next = 1
            self._below = [0] if self._below else []
            return Page((), before)
        counts.require_page(reply, holding_items=number is None or self._should_exist(number))
        counts.note_total(reply)
        new = counts.new_of(reply.items)
        self._note(reply)
        if number is not None and number < self._low:
            self._below = [other for other in self._below if other != number]
            self._phase = self._look_below()
        else:
            if number is None:
                self._learn_numbers(reply)
            self._numbers_are_proven |= number is not None and bool(new)
            self._phase = (
                Phase.CLIMBING if self._goes_on(number, reply) else self._end_of_climb(number, reply)
            )
        self._previous_ids = [counts.id_of(item) for item in reply.items]
        return Page(new, before)

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        """A refused number is a page that does not exist. If one was promised, the outcome says so."""
        if request.page is None:
            return False
        was_optional = request.page < self._low or self.counts.received == self.counts.promised
        return error.status_code in NO_SUCH_PAGE or (was_optional and (error.status_code or 0) >= 500)

    def _request(self, number: int | None) -> PageRequest:
        return PageRequest(filters=self._filters, page=number, page_size=self._size)

    def _position(self, number: int | None) -> Position:
        return Position(
            size=self._size,
            received=self.counts.received,
            promised=self.counts.promised,
            ids=self._previous_ids,
            doubt=self.counts.doubt,
            opening=self._opening_ids,
            page=number,
            low=self._low,
        )

    def _note(self, reply: PageReply[T]) -> None:
        self._largest = max(self._largest, len(reply.items))
        self._total_pages = reply.total_pages or self._total_pages
        self._has_seen_next |= reply.next_url is not None

    def _learn_numbers(self, opening: PageReply[T]) -> None:
        """Take the second page's number from the first page: the lower if number and link disagree."""
        linked = page_number(opening.next_url)
        counted = None if opening.page is None else opening.page + 1
        hints = [hint for hint in (linked, counted) if hint is not None]
        second = min(max(min(hints, default=1), 1), 2)
        self._numbers_are_proven = linked == counted == second
        self._low = self._next = second
        if 0 < (opening.page_size or 0) < self._size and len(opening.items) <= (opening.page_size or 0):
            self._size = opening.page_size or self._size
        self._was_preceded = opening.prev_url is not None
        first = page_number(opening.first_url)
        if first is None or first != page_number(opening.self_url):
            self._opening_ids = [self.counts.id_of(item) for item in opening.items]
            self._below = list(range(second)) if opening.items else [0]

    def _goes_on(self, number: int | None, reply: PageReply[T]) -> bool:
        counts = self.counts
        if counts.barren and number == 1 and not self._numbers_are_proven:
            return True  # page 1 was the first page again: pages count from 1
        if counts.received == counts.promised:
            was_behind = counts.barren and number is not None
            return not was_behind and (self._tells_of_more(number, reply) or self._is_full(reply))
        if counts.barren:
            return counts.barren < BARREN_LIMIT and self._tells_of_more(number, reply)
        links_end_here = self._has_seen_next and reply.next_url is None
        return counts.total is not None or not links_end_here

    def _tells_of_more(self, number: int | None, reply: PageReply[T]) -> bool:
        counts = self.counts
        if self._has_seen_next and reply.has_links:
            return reply.next_url is not None
        return counts.outstanding > 0 or self._index(number) + 1 < self._total_pages

    def _is_full(self, reply: PageReply[T]) -> bool:
        """Whether there may be more than the total says. Servers with links would tell of the next page."""
        held = len(reply.items)
        return held >= (reply.page_size or min(self._size, DOCUMENTED_PAGE_SIZE)) and not reply.has_links

    def _end_of_climb(self, number: int | None, reply: PageReply[T]) -> Phase:
        self.counts.still_told_of = "a `next` link" if reply.next_url is not None else None
        if self.counts.still_told_of is None and self._tells_of_more(number, reply):
            self.counts.still_told_of = "`total_pages`"
        return self._look_below()

    def _look_below(self) -> Phase:
        is_wanted = self.counts.outstanding or not self.counts.received or self._was_preceded
        return Phase.BELOW if self._below and is_wanted else Phase.OVER

    def _may_run_ahead(self) -> bool:
        return self._numbers_are_proven and self._is_promised(self._next)

    def _index(self, number: int | None) -> int:
        """How many pages come before, where the climb began with the second page."""
        return 0 if number is None else number - self._low + 1

    def _should_exist(self, number: int) -> bool:
        return number >= self._low and self._is_promised(number)

    def _is_promised(self, number: int) -> bool:
        pages = self._total_pages
        if self.counts.total is not None:
            pages = -(-(self.counts.latest or 0) // (self._largest or self._size))
        return self._index(number) < pages


def page_number(url: str | None) -> int | None:
    """The number in a link's `page` parameter, None if it has none."""
    if url is None:
        return None
    try:
        return int(parse_qs(urlsplit(url).query)["page"][-1])
    except (KeyError, ValueError):
        return None
