"""What the ways through a listing have in common. Pure.

A *walk* decides which page is next and when to stop. It hands out requests and takes the replies in the same
order. It sends nothing itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import attrs

from .._errors import StatusError
from .counts import Counts
from .pages import ItemId, PageReply, PageRequest
from .resume import Position

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """The items of one reply that had not been seen before, and where the walk stood before them."""

    items: Sequence[T]
    before: Position


class Walk(ABC, Generic[T]):
    """One way through a listing. `_next` is the request to make next, None at the end."""

    def __init__(self, counts: Counts[T], filters: Mapping[str, Any], position: Position) -> None:
        self.counts = counts
        self._filters = filters
        self._size = position.size
        self._ids: Sequence[ItemId] = position.ids
        self._next: PageRequest | None = None

    def ask(self, ahead: int) -> PageRequest | None:
        """The next request, if it can be known now, with `ahead` requests under way."""
        if ahead:
            return None
        request, self._next = self._next, None
        return request

    @abstractmethod
    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        """Take a reply. Raises MalformedResponseError if it cannot belong to the listing."""

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        """Whether the refusal of this page counts as an empty page."""
        return False

    def _count(self, reply: PageReply[T], *, holding_items: bool, **where: Any) -> Page[T]:
        """Count what came. `where` is the page's place among the others."""
        before = self._stand(**where)
        self.counts.require_page(reply, holding_items=holding_items)
        self.counts.note_total(reply)
        self._ids = [self.counts.listing.id_of(item) for item in reply.items]
        return Page(self.counts.new_of(reply.items), before)

    def _stand(self, **where: Any) -> Position:
        return Position(
            size=self._size,
            received=self.counts.received,
            promised=self.counts.promised,
            ids=self._ids,
            doubt=self.counts.doubt,
            **where,
        )
