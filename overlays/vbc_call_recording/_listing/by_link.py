"""Pages reached by following `next` links, as the job lists are: no `page` parameter is documented. Pure.

| what a server does                         | what meets it                                  | example      |
|--------------------------------------------|------------------------------------------------|--------------|
| leads past an empty or repeated page       | `take` follows up to 3 pages with nothing new  | [1], [], [2] |
| leads in a circle                          | `_followed`: no page is asked for twice        | a, b, a      |
| leads to ever new links without new items  | `take` stops after 3; the outcome says so      | c=1, c=2, …  |
| counts pages that no link leads to         | `take`: the outcome says so                    | page 1 of 3  |
| gives relative links                       | `page_reply` resolved them against their page  | ?page=2      |
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from .pages import Listing, PageReply, PageRequest
from .resume import Position
from .walk import BARREN_LIMIT, Page, Walk

T = TypeVar("T")


class LinkWalk(Walk[T]):
    """One page after the other, each by the `next` link of the one before."""

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        super().__init__(listing, filters, position)
        self._next = PageRequest(filters=filters, url=position.url)
        self._followed = {position.url}
        self._is_resumed = position.url is not None

    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        link = reply.next_url
        is_short = self.received < (reply.total_items or 0)
        page = self._count(reply, holding_items=is_short, url=request.url)
        if link is None or link in self._followed:
            if len(self._followed) < (reply.total_pages or 0) and not self._is_resumed:
                self._still_told_of = "`total_pages`"
        elif self._barren < BARREN_LIMIT:
            self._next = PageRequest(filters=self._filters, url=link)
            self._followed.add(link)
        else:
            self._still_told_of = "a `next` link"
        return page
