"""What the ways through a listing share: they compare what has come with what the server promised. Pure.

A *walk* decides which page is next and when to stop. It hands out requests and takes the replies in the same
order. It sends nothing itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import attrs

from .._errors import MalformedResponseError, StatusError
from .pages import ItemId, Listing, ListingOutcome, PageReply, PageRequest
from .resume import Position
from .seen import SeenIds

T = TypeVar("T")

BARREN_LIMIT = 3  # pages in a row without anything new that end a walk, whatever the server still tells of
COUNT_LIMIT = 10_000  # where search engines stop counting by default: such a total may stand for any number
NO_TOTAL = "the server did not say how many items there are"


@attrs.frozen
class Page(Generic[T]):
    """The items of one reply that had not been seen before, and where the walk stood before them."""

    items: Sequence[T]
    before: Position


class Walk(ABC, Generic[T]):
    """One way through a listing. Counts distinct items, and remembers the server's totals.

    The ids of all items are remembered. Otherwise an item could come twice from a server that repeats a page
    much later.
    """

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        self.listing = listing
        self.received = position.received
        self.promised = position.promised  # the server's first total
        self._filters = filters
        self._size = position.size
        self._ids: Sequence[ItemId] = position.ids
        self._next: PageRequest | None = None  # the request to make next, None at the end
        self._doubt = position.doubt  # why it cannot be known whether everything came
        self._barren = 0  # pages in a row that brought nothing new
        self._still_told_of: str | None = None  # what promised more when the walk gave up
        self._seen = SeenIds([*position.ids, *position.opening])
        self._resuming = bool(position.ids)

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

    @property
    def outcome(self) -> ListingOutcome:
        """How the walk ended."""
        received, promised = self.received, self.promised
        if promised is not None and received < promised:
            return self._short(
                promised, "the listing may have changed meanwhile (stable=True can handle that)"
            )
        if self._still_told_of is not None:
            told = f"{self._still_told_of} promised more, but led to nothing new"
            return ListingOutcome(False, f"{received} distinct items came; {told}", received, None)
        if promised is None or (promised == 0 and received):
            reason = NO_TOTAL
        elif received > promised:
            reason = f"{received} distinct items came, more than the {promised} promised"
        elif promised and promised % COUNT_LIMIT == 0:
            reason = f"{promised} is where some servers stop counting; ask for shorter windows"
        else:
            reason = self._doubt or ""
        return ListingOutcome(None if reason else True, reason, received, self._total)

    def _short(self, expected: int, explanation: str) -> ListingOutcome:
        came = f"{self.received} distinct items came of the {expected} the server had promised"
        return ListingOutcome(False, f"{came}; {explanation}", self.received, expected)

    @property
    def _total(self) -> int | None:
        """What the server promised, unless more has come already."""
        return None if (self.promised or 0) < self.received else self.promised

    def _count(self, reply: PageReply[T], *, holding_items: bool, **where: Any) -> Page[T]:
        """Count what came. `where` is the page's place among the others."""
        before = self._stand(**where)
        self._require_page(reply, holding_items=holding_items)
        self._note_total(reply)
        self._ids = self.listing.ids_of(reply.items)
        return Page(self._new_of(reply.items, self._ids), before)

    def _stand(self, **where: Any) -> Position:
        return Position(
            size=self._size,
            received=self.received,
            promised=self.promised,
            ids=self._ids,
            doubt=self._doubt,
            **where,
        )

    def _note_total(self, reply: PageReply[T]) -> None:
        """Remembers a total. A zero is not one if there are items or other pages."""
        total = reply.total_items
        if total is None or (total == 0 and (self.received or self.promised or reply.tells_of_others)):
            return
        if not self.promised:
            self.promised = total
        elif total != self.promised:
            changed = f"the server's total changed from {self.promised} to {total}"
            self._note_doubt(f"{changed} (stable=True can handle that)")

    def _note_doubt(self, reason: str) -> None:
        self._doubt = self._doubt or reason

    def _new_of(self, items: Sequence[T], ids: Sequence[ItemId]) -> list[T]:
        """The items not seen before, of those with these ids."""
        new = dict(zip(ids, items, strict=True))
        for key in self._seen.among(new):
            del new[key]
        self._seen.update(new)
        self.received += len(new)
        # After an interruption the same page is asked for again. It need not bring anything new.
        self._barren = 0 if new or self._resuming else self._barren + 1
        self._resuming = False
        return list(new.values())

    def _require_page(self, reply: PageReply[T], *, holding_items: bool = True) -> None:
        """Refuses an answer that must not be taken for the end of a listing, such as a gateway's error."""
        if not reply.is_a_page:
            message = "the answer is not a page: it has no list of items, number, total or link"
            raise self._malformed(message, None)
        if holding_items and not reply.embedded and reply.total_items:
            message = f"a page has no list of items, although {reply.total_items} are promised"
            raise self._malformed(message, "_embedded")

    def _malformed(self, message: str, field: str | None) -> MalformedResponseError:
        return MalformedResponseError(message, operation=self.listing.operation, method="GET", field=field)
