"""Pages reached by following `next` links. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from .._errors import StatusError
from .by_number import BARREN_LIMIT
from .pages import ItemId, Listing, Page, PageReply, PageRequest, Position, Tally

T = TypeVar("T")


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
        self.tally.require_page(reply, holding_items=self.tally.received < (reply.total_items or 0))
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
