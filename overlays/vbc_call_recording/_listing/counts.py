"""What has come, against what the server promised. Pure."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Any, Generic, TypeVar

from .._errors import MalformedResponseError
from .pages import ItemId, Listing, ListingOutcome, PageReply, Position

T = TypeVar("T")

BARREN_LIMIT = 3  # pages in a row without anything new that end a walk, whatever the server still tells of
COUNT_LIMIT = 10_000  # where search engines stop counting by default: such a total may stand for any number
NO_TOTAL = "the server did not say how many items there are"


class Counts(Generic[T]):
    """Counts distinct items, and remembers the server's totals.

    Ids of all items seen are remembered, 60 to 90 bytes for each number: nothing less keeps the promise that
    no item comes twice from a server that repeats pages at any distance. `keep_only` is for who knows more.

    Attributes:
        received: How many distinct items have come.
        promised: The first total, None if there was none. A zero beside items or other pages is not a total.
        latest: The last total.
        doubt: Why nobody can know whether everything came, None if nothing speaks against it.
        barren: How many pages in a row brought nothing new.
        still_told_of: What told of more when the walk gave up, None if nothing did.
    """

    def __init__(self, listing: Listing[T], position: Position) -> None:
        self.listing = listing
        self.received = position.received
        self.promised = position.promised
        self.latest = position.promised
        self.doubt = position.doubt
        self.barren = 0
        self.still_told_of: str | None = None
        self._seen: set[ItemId] = {*position.ids, *position.opening}
        self._resuming = bool(position.ids)

    @property
    def total(self) -> int | None:
        """What the server promised, as long as that can be true."""
        if self.promised is None or self.promised < self.received:
            return None
        return self.promised

    @property
    def outstanding(self) -> int:
        """How many items the server still promises. If some were deleted meanwhile, its total has fallen."""
        return 0 if self.total is None else max(min(self.total, self.latest or 0) - self.received, 0)

    def note_total(self, reply: PageReply[T]) -> None:
        total = reply.total_items
        if total is None or (total == 0 and (self.received or self.promised or reply.tells_of_others)):
            return
        if not self.promised:
            self.promised = total
        elif total != self.promised:
            self.note_doubt(
                f"the server's total changed from {self.promised} to {total} (stable=True copes with that)"
            )
        self.latest = total

    def note_doubt(self, reason: str) -> None:
        self.doubt = self.doubt or reason

    def new_of(self, items: Sequence[T]) -> list[T]:
        """The items not seen before."""
        new: list[T] = []
        for item in items:
            key = self.id_of(item)
            if key not in self._seen:
                self._seen.add(key)
                new.append(item)
        self.received += len(new)
        # The page a walk was interrupted on is asked for again, and nothing new on it means nothing.
        self.barren = 0 if new or self._resuming else self.barren + 1
        self._resuming = False
        return new

    def require_page(self, reply: PageReply[T], *, holding_items: bool) -> None:
        """Refuses what must not pass for the end of a listing, such as a gateway's account of a fault."""
        if not reply.is_a_page:
            raise self.malformed("the answer is not a page: no list of items, number, total or link", None)
        if holding_items and not reply.embedded and reply.total_items:
            raise self.malformed(
                f"a page holds no list of items, though {reply.total_items} are promised", "_embedded"
            )

    def id_of(self, item: T) -> ItemId:
        return item_id(self.listing, item)

    def keep_only(self, ids: Collection[ItemId]) -> None:
        """Forget what cannot come again."""
        self._seen = set(ids)

    def malformed(self, message: str, field: str | None) -> MalformedResponseError:
        error = MalformedResponseError(message, operation=self.listing.operation, method="GET")
        error.field = field
        return error

    @property
    def outcome(self) -> ListingOutcome:
        """How the walk ended."""
        received, promised = self.received, self.promised
        if promised is not None and received < promised:
            return self.short(
                promised, "the listing may have changed meanwhile (stable=True copes with that)"
            )
        if received != promised and self.still_told_of is not None:
            reason = (
                f"{received} distinct items came; {self.still_told_of} told of more and led to nothing new"
            )
            return ListingOutcome(False, reason, received, None)
        if promised is None or (promised == 0 and received):
            return self.unknown(NO_TOTAL)
        if received > promised:
            return self.unknown(f"{received} distinct items came, more than the {promised} promised")
        if promised and promised % COUNT_LIMIT == 0:
            return self.unknown(f"{promised} is where some servers stop counting; ask for shorter windows")
        return self.unknown(self.doubt) if self.doubt else ListingOutcome(True, "", received, promised)

    def short(self, expected: int, explanation: str) -> ListingOutcome:
        reason = (
            f"{self.received} distinct items came of the {expected} the server had promised; {explanation}"
        )
        return ListingOutcome(False, reason, self.received, expected)

    def unknown(self, reason: str) -> ListingOutcome:
        return ListingOutcome(None, reason, self.received, self.total)


class WindowCounts(Counts[T]):
    """Counts for windows that begin where the one before ended: each total is compared with the last.

    Attributes:
        rest: How many items of the window have not come yet, by the server's totals; None if it gave none.
        lacking: How many the server had counted that will not come.
        reaches_beyond_a_page: Whether a total was ever more than its page held, so that totals are not the
            pages' own lengths.
    """

    def __init__(self, listing: Listing[T], position: Position) -> None:
        super().__init__(listing, position)
        self.rest = position.rest
        self.lacking = position.lacking
        self.reaches_beyond_a_page = False

    def compare(self, reply: PageReply[T], overlap: int, *, must_overlap: bool) -> None:
        """Whether what the server counted behind the last page is what it counts now, without the overlap."""
        total = total_of(reply)
        if self.promised is None:
            self.promised = total
        if total is None:
            self.note_doubt(NO_TOTAL)
            self.rest = None
            return
        self.reaches_beyond_a_page |= total > len(reply.items)
        if self.rest is not None and total - overlap < self.rest:
            self.lacking += self.rest - (total - overlap)
        elif must_overlap and not overlap and total != self.rest:
            self.note_doubt("two pages did not overlap, and no total tells what is between them")
        self.rest = total - overlap

    def new_of(self, items: Sequence[T]) -> list[T]:
        new = super().new_of(items)
        self.rest = None if self.rest is None else max(self.rest - len(new), 0)
        return new

    @property
    def outcome(self) -> ListingOutcome:
        if self.lacking:
            explanation = "others may have deleted them, or the server kept them back"
            return self.short(self.received + self.lacking, explanation)
        if self.doubt is not None:
            return self.unknown(self.doubt)
        return ListingOutcome(True, "", self.received, self.received)


def total_of(reply: PageReply[Any]) -> int | None:
    """The server's total, None if it gave none or one that the rest of its answer contradicts."""
    total = reply.total_items
    is_wrong = total is None or total < len(reply.items) or (total == 0 and reply.tells_of_others)
    return None if is_wrong else total


def item_id(listing: Listing[T], item: T) -> ItemId:
    """The item's id, or what it says if it has none: two that say the same are one."""
    key = listing.key(item)
    if isinstance(key, int | str):
        return key
    return "~" + hashlib.sha256(repr(item).encode("utf-8", "backslashreplace")).hexdigest()[:32]
