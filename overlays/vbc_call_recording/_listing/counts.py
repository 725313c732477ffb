"""What has come, against what the server promised. Pure."""

from collections.abc import Collection, Sequence
from typing import Generic, TypeVar

from .._errors import MalformedResponseError
from .pages import ItemId, Listing, ListingOutcome, PageReply
from .resume import Position

T = TypeVar("T")

BARREN_LIMIT = 3  # pages in a row without anything new that end a walk, whatever the server still tells of
COUNT_LIMIT = 10_000  # where search engines stop counting by default: such a total may stand for any number
NO_TOTAL = "the server did not say how many items there are"


class Counts(Generic[T]):
    """Counts distinct items, and remembers the server's totals.

    Ids of all items seen are remembered, 60 to 90 bytes for each number: nothing less keeps the promise that
    no item comes twice from a server that repeats pages at any distance. `keep_only` is for who knows more.
    """

    def __init__(self, listing: Listing[T], position: Position) -> None:
        self.listing = listing
        self.received = position.received
        self.promised = position.promised  # the server's first total
        self.doubt = position.doubt  # why nobody can know whether everything came
        self.barren = 0  # pages in a row that brought nothing new
        self.still_told_of: str | None = None  # what told of more when the walk gave up
        self._seen: set[ItemId] = {*position.ids, *position.opening}
        self._resuming = bool(position.ids)

    @property
    def total(self) -> int | None:
        """What the server promised, as long as that can be true."""
        return None if (self.promised or 0) < self.received else self.promised

    @property
    def outstanding(self) -> int:
        """How many items the server still promises."""
        return max((self.total or 0) - self.received, 0)

    def note_total(self, reply: PageReply[T]) -> None:
        """A zero beside items or other pages is not a total."""
        total = reply.total_items
        if total is None or (total == 0 and (self.received or self.promised or reply.tells_of_others)):
            return
        if not self.promised:
            self.promised = total
        elif total != self.promised:
            changed = f"the server's total changed from {self.promised} to {total}"
            self.note_doubt(f"{changed} (stable=True copes with that)")

    def note_doubt(self, reason: str) -> None:
        self.doubt = self.doubt or reason

    def new_of(self, items: Sequence[T]) -> list[T]:
        """The items not seen before."""
        new = {key: item for item in items if (key := self.listing.id_of(item)) not in self._seen}
        self._seen.update(new)
        self.received += len(new)
        # The page a walk was interrupted on is asked for again, and nothing new on it means nothing.
        self.barren = 0 if new or self._resuming else self.barren + 1
        self._resuming = False
        return list(new.values())

    def require_page(self, reply: PageReply[T], *, holding_items: bool = True) -> None:
        """Refuses what must not pass for the end of a listing, such as a gateway's account of a fault."""
        if not reply.is_a_page:
            raise self.malformed("the answer is not a page: no list of items, number, total or link", None)
        if holding_items and not reply.embedded and reply.total_items:
            message = f"a page holds no list of items, though {reply.total_items} are promised"
            raise self.malformed(message, "_embedded")

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
        if self.still_told_of is not None:
            reason = (
                f"{received} distinct items came; {self.still_told_of} told of more and led to nothing new"
            )
            return ListingOutcome(False, reason, received, None)
        if promised is None or (promised == 0 and received):
            reason = NO_TOTAL
        elif received > promised:
            reason = f"{received} distinct items came, more than the {promised} promised"
        elif promised and promised % COUNT_LIMIT == 0:
            reason = f"{promised} is where some servers stop counting; ask for shorter windows"
        else:
            reason = self.doubt or ""
        return ListingOutcome(None if reason else True, reason, received, self.total)

    def short(self, expected: int, explanation: str) -> ListingOutcome:
        came = f"{self.received} distinct items came of the {expected} the server had promised"
        return ListingOutcome(False, f"{came}; {explanation}", self.received, expected)


class WindowCounts(Counts[T]):
    """Counts for windows that begin where the one before ended: each total is compared with the last."""

    def __init__(self, listing: Listing[T], position: Position) -> None:
        super().__init__(listing, position)
        self.rest = position.rest  # items of the window that have not come yet, by the server's totals
        self.lacking = position.lacking  # items that the server had counted and that will not come
        self.reaches_beyond_a_page = False  # whether totals are known to be more than the pages' own lengths

    def compare(self, reply: PageReply[T], inside: Sequence[T]) -> None:
        """Whether what the server counted behind the last page is what it counts now, without the overlap.

        `inside` are the reply's items that are in the window.
        """
        total = reply.total
        overlap = sum(self.listing.id_of(item) in self._seen for item in inside)
        self.promised = total if self.promised is None else self.promised
        if total is None:
            self.note_doubt(NO_TOTAL)
            self.rest = None
            return
        self.reaches_beyond_a_page |= total > len(reply.items)
        if self.rest is not None and total - overlap < self.rest:
            self.lacking += self.rest - (total - overlap)
        elif self._seen and not overlap and total != self.rest:
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
            return ListingOutcome(None, self.doubt, self.received, self.total)
        return ListingOutcome(True, "", self.received, self.received)
