"""Pages reached by following `next` links, as the job lists are: no `page` parameter is documented. Pure.

| what a server does                         | what meets it                                  | example      |
|--------------------------------------------|------------------------------------------------|--------------|
| leads past an empty or repeated page       | `_leads_on`: up to 3 pages with nothing new    | [1], [], [2] |
| leads in a circle                          | `_followed`: no page is asked for twice        | a, b, a      |
| leads to ever new links without new items  | `_leads_on` stops after 3; the outcome says so | c=1, c=2, …  |
| gives relative links                       | `page_reply` resolved them against their page  | ?page=2      |
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from .._errors import StatusError
from .counts import BARREN_LIMIT, Counts
from .pages import ItemId, Listing, Page, PageReply, PageRequest, Position

T = TypeVar("T")


class LinkWalk(Generic[T]):
    """One page after the other, each by the `next` link of the one before."""

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        self.counts = Counts(listing, position)
        self._filters = filters
        self._size = position.size
        self._next: PageRequest | None = PageRequest(filters=filters, url=position.url)
        self._followed = {position.url}
        self._previous_ids: Sequence[ItemId] = position.ids

    def ask(self, ahead: int) -> PageRequest | None:
        if ahead:
            return None
        request, self._next = self._next, None
        return request

    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        counts = self.counts
        before = Position(
            size=self._size,
            received=counts.received,
            promised=counts.promised,
            ids=self._previous_ids,
            doubt=counts.doubt,
            url=request.url,
        )
        counts.require_page(reply, holding_items=counts.received < (reply.total_items or 0))
        counts.note_total(reply)
        new = counts.new_of(reply.items)
        if reply.next_url is not None and reply.next_url not in self._followed:
            if self._leads_on():
                self._next = PageRequest(filters=self._filters, url=reply.next_url)
                self._followed.add(reply.next_url)
            else:
                counts.still_told_of = "a `next` link"
        self._previous_ids = [counts.id_of(item) for item in reply.items]
        return Page(new, before)

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        return False

    def _leads_on(self) -> bool:
        # Where everything promised has come, one look behind it is enough.
        patience = 1 if self.counts.received == self.counts.promised else BARREN_LIMIT
        return self.counts.barren < patience
