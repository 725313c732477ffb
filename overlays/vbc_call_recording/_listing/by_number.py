"""Pages asked for by number. Pure.

The walk does not trust the server's numbers. Only an item not seen before shows that a page was worth asking
for. Totals, `next` links and `total_pages` say where to look, and are compared with what came.

| what a server does                           | what meets it                            | example        |
|----------------------------------------------|------------------------------------------|----------------|
| counts pages from 1 (the vendor's tutorial)  | `_learn_numbers`                         | none, 2, 3     |
| counts pages from 0 (links on its page)      | `_learn_numbers`                         | none, 1, 2     |
| gives number and link that disagree          | `_learn_numbers`: the lower; `_goes_on`  | none, 1, 2, 3  |
| begins with page 1, and links to a page 0    | `begins_late`: from there                | none, 0, 1, 2  |
| gives the page's own length as the total     | `_goes_on` looks behind, without links   | 10 of 10       |
| answers past the end: empty, a page, 404     | `_goes_on`, `forgives`                   |                |
| promises more than it has, `next` for ever   | `_goes_on` stops after 3 and says so     |                |

Odder servers are noticed by their totals, and the outcome says so: a page 0 that no link leads to, pages with
wrong numbers, pages cut short while the server counts in the size asked for.
"""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from .._errors import StatusError
from .pages import Listing, PageReply, PageRequest
from .resume import Position
from .walk import BARREN_LIMIT, Page, Walk

T = TypeVar("T")

DOCUMENTED_PAGE_SIZE = 10  # by default: a page with fewer is a short one, not one cut by the server
NO_SUCH_PAGE = frozenset({400, 404, 416, 422})


class NumberWalk(Walk[T]):
    """The first page without a number, then rising numbers, ahead of the replies as far as totals reach."""

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        super().__init__(listing, filters, position)
        self._number = position.page  # None: the first page
        self._low = position.low or 0
        self._is_over = False
        self._total_pages = 0
        self._largest = 0
        self._has_seen_next = False

    def ask(self, ahead: int) -> PageRequest | None:
        number = self._number
        if self._is_over or (ahead and (number is None or not self._is_promised(number))):
            return None
        self._number = None if number is None else number + 1
        return PageRequest(filters=self._filters, page=number, page_size=self._size)

    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        number = request.page
        should_exist = number is None or self._is_promised(number)
        page = self._count(reply, holding_items=should_exist, page=number, low=self._low)
        self._largest = max(self._largest, len(reply.items))
        self._total_pages = reply.total_pages or self._total_pages
        self._has_seen_next |= reply.next_url is not None
        if number is None:
            self._learn_numbers(reply)
        told = self._told_of_more(number, reply)
        self._is_over = not self._goes_on(number, reply, told)
        self._still_told_of = None if self.received == self.promised else told
        return page

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        """A refused number is a page that does not exist. If it was promised, the outcome says so."""
        if request.page is None:
            return False
        is_optional = self.received == self.promised
        return error.status_code in NO_SUCH_PAGE or (is_optional and (error.status_code or 0) >= 500)

    def _learn_numbers(self, opening: PageReply[T]) -> None:
        """Take the second page's number from the first page: the lower if number and link disagree."""
        counted = None if opening.page is None else opening.page + 1
        hints = [hint for hint in (page_number(opening.next_url), counted) if hint is not None]
        self._number = self._low = 0 if begins_late(opening) else min(max(min(hints, default=1), 1), 2)

    def _told_of_more(self, number: int | None, reply: PageReply[T]) -> str | None:
        """What says that there are pages behind this one."""
        if reply.next_url is not None:
            return "a `next` link"
        if number is None and begins_late(reply):
            return "a `prev` link"
        if self._has_seen_next and reply.has_links:
            return None
        if (self._total or 0) > self.received:
            return "the total"
        return "`total_pages`" if self._index(number) + 1 < self._total_pages else None

    def _goes_on(self, number: int | None, reply: PageReply[T], told: str | None) -> bool:
        if number is not None and number < self._low:
            return False  # a token of version 0.1.0, which looked for page 0 last
        may_repeat_the_first = number == 1
        if self.received == self.promised:
            # When all that was promised has come, one page more is enough.
            is_behind = self._barren and number is not None and not may_repeat_the_first
            return not is_behind and (told is not None or self._is_full(reply))
        if self._barren:
            return self._barren < BARREN_LIMIT and (told is not None or may_repeat_the_first)
        return told is not None or self._total is not None or not self._has_seen_next

    def _is_full(self, reply: PageReply[T]) -> bool:
        """Whether there may be more than the total says. Servers with links would link to the next page."""
        held = len(reply.items)
        return held >= (reply.page_size or min(self._size, DOCUMENTED_PAGE_SIZE)) and not reply.has_links

    def _index(self, number: int | None) -> int:
        """How many pages come before."""
        return 0 if number is None else number - self._low + 1

    def _is_promised(self, number: int) -> bool:
        pages = self._total_pages
        if self._total is not None:
            pages = -(-self._total // (self._largest or self._size))
        return self._index(number) < pages


def begins_late(opening: PageReply[Any]) -> bool:
    """Whether a page may come before the first: there is a `prev` link, or the answer says nothing."""
    return opening.prev_url is not None or not (opening.items or opening.total_items or opening.has_links)


def page_number(url: str | None) -> int | None:
    """The number in a link's `page` parameter, None if it has none."""
    try:
        return int(parse_qs(urlsplit(url or "").query)["page"][-1])
    except (KeyError, ValueError):
        return None
