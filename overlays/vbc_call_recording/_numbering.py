"""How a server numbers its pages, found out from what it answers. Pure.

The docs contradict themselves: `page` defaults to 1, their links begin with `page=0`, and a page's own number
disagrees with its link. So no number is believed where a page could be skipped by it: asking for a page too
many costs a request, skipping one costs recordings.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ._paging import PageReply, Position


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
