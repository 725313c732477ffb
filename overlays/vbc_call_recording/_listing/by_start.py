"""The walk behind `stable=True`: no recording is lost or repeated while others arrive and are deleted. Pure.

Page numbers count from an end that moves, so this walk has none. It asks for the earliest recordings from an
instant on, and goes on from the start of the last one it got, that instant included: what shares it may be
yet to come, and what came already is known by its id. Each answer is consistent in itself, and nothing that
happens between two of them can move a recording to the other side of its own start.

    newest first, 10 items       → 17:00, …         the end: no clock of ours has a say in it
    from the beginning to 17:00  → 08:00 … 11:30    250 in all, 100 came: 150 are to follow
    from 11:30 to 17:00          → 11:30 … 14:10    151 in all, 1 of them known: 150, as it should be

| what a server does                            | what meets it                                             |
|-----------------------------------------------|-----------------------------------------------------------|
| ignores `order` or `start:gte`                | refused as not sorted, or noticed by `_compare`           |
| shows no order: the newest share one second   | `_find_the_end` says so                                   |
| leaves out the instant given (`>` for `>=`)   | `_compare`: 151 - 1 expected, 148 counted                 |
| begins with its second page                   | its links tell, or `_compare`: it did not come            |
| ignores `start:lte` while calls arrive        | the walk ends at the first start past the end             |
| gives the last 30 days only, as Zoom does     | `_look_before` the first recording, or that empty month   |
| gives the first 30 days only                  | `_settle`: the newest must come                           |
| counts to 10,000 only                         | `_compare`: pages that overlap leave nothing out          |
| gives no newest recording, and has some       | `_expect_nothing`                                         |
| has more in one second than a page holds      | `_advance` asks for twice as many, or skips and tells     |
| writes `start` without a time zone            | refused: it may be any of several instants                |
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import attrs

from .._errors import MalformedResponseError, StatusError
from .by_number import DOCUMENTED_PAGE_SIZE, begins_late
from .filters import wire_instant
from .pages import Listing, ListingOutcome, PageReply, PageRequest
from .resume import Position
from .seen import SeenIds
from .walk import NO_TOTAL, Page, Walk

T = TypeVar("T")
Asking = Generator[PageRequest, PageReply[T], PageReply[T]]
Steps = Generator[PageRequest, PageReply[T], None]

SECOND = timedelta(seconds=1)  # the finest the API's filters can tell apart
LONGEST_CLAMP = timedelta(days=31)  # servers that quietly shorten a window leave a month at most
FIRST_SECOND = datetime.min.replace(tzinfo=UTC)
LAST_SECOND = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class SeekWalk(Walk[T]):
    """Pages asked for by what starts at or after the last item seen, up to an end fixed at the beginning.

    The walk itself is `_steps`: a generator that yields requests and is sent the replies.
    """

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        super().__init__(listing, filters, position)
        self._rest = position.rest  # items of the window that have not come yet, by the server's totals
        self._lacking = position.lacking  # items that the server had counted and that will not come
        self._reaches_beyond_a_page = False  # whether totals are known to be more than the pages' own lengths
        self._size_now = self._size
        self._asked_since = parse_bound(filters.get("startgte"))
        self._asked_until = parse_bound(filters.get("startlte"))
        self._since = parse_bound(position.since) or self._asked_since
        self._until = parse_bound(position.until)
        # Of what came already, all that may come again: the second it started in, or one not before that.
        self._known = dict.fromkeys(position.ids, parse_bound(position.ids_until) or LAST_SECOND)
        self._new: list[T] = []
        self._walk = self._steps()
        self._next = next(self._walk)

    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        before, self._new = self._before(reply), []
        self._next = None
        with suppress(StopIteration):
            self._next = self._walk.send(reply)
        # A page asked for again by a token overlaps with itself, which hides that it overlapped with nothing.
        return Page(self._new, attrs.evolve(before, doubt=self._doubt))

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        return request.page is not None

    @property
    def outcome(self) -> ListingOutcome:
        if self._lacking:
            explanation = "others may have deleted them, or the server did not send them"
            return self._short(self.received + self._lacking, explanation)
        if self._doubt is not None:
            return ListingOutcome(None, self._doubt, self.received, self._total)
        return ListingOutcome(True, "", self.received, self.received)

    def _before(self, reply: PageReply[T]) -> Position:
        """`ids_until` holds for the reply's items, too, some of which will have been passed on."""
        latest = max([*self._known.values(), *self._seconds(reply)], default=None)
        self._ids = tuple(self._known)
        return self._stand(
            ids_until=write_bound(latest),
            since=write_bound(self._since),
            until=write_bound(self._until),
            rest=self._rest,
            lacking=self._lacking,
        )

    def _steps(self) -> Steps[T]:
        if self._until is None:
            self._until = yield from self._find_the_end()
        if self._until is None:
            yield from self._expect_nothing()
        else:
            yield from self._seek(self._until)

    def _ask(
        self, order: str, since: datetime | None, until: datetime | None, size: int, page: int | None = None
    ) -> Asking[T]:
        window = {"order": order, "startgte": write_bound(since), "startlte": write_bound(until)}
        filters = {name: value for name, value in {**self._filters, **window}.items() if value is not None}
        reply = yield PageRequest(filters=filters, page=page, page_size=size)
        self._require_page(reply)
        if page is None and reply.prev_url is not None:
            self._note_doubt("by its own links, the server leaves out its first page")
        return reply

    def _find_the_end(self) -> Generator[PageRequest, PageReply[T], datetime | None]:
        """The newest recording's second, and one more: the server may know fractions that it does not show.

        None if that is not in the window, which should be empty then. `start:gte` is left out of the
        question: what a server shortens a window to must not decide where the walk ends.
        """
        reply = yield from self._ask("start:DESC", None, self._asked_until, DOCUMENTED_PAGE_SIZE)
        self._reaches_beyond_a_page = (reply.total_items or 0) > len(reply.items)
        seconds = self._seconds(reply)
        if seconds != sorted(seconds, reverse=True):
            raise self._unsorted()
        if self._asked_since is None:
            self._rest = reply.total
        elif self._reaches_beyond_a_page and len({*seconds}) == 1:
            self._note_doubt("the newest recordings share one second, so that no order shows in them")
        if not seconds or (self._since is not None and seconds[0] < self._since):
            return None
        return min(min(seconds[0], LAST_SECOND - SECOND) + SECOND, self._asked_until or LAST_SECOND)

    def _expect_nothing(self) -> Steps[T]:
        """There should be nothing in the window. What there is makes the listing incomplete."""
        window = (self._asked_since, self._asked_until)
        reply = yield from self._ask("start:ASC", *window, self._size)
        self._compare(reply, ())
        found = max(len(reply.items), self._rest or 0)
        if not found and begins_late(reply):
            found = len((yield from self._ask("start:ASC", *window, self._size, page=0)).items)
        self._lacking = max(self._lacking, found)
        if not found:
            yield from self._look_before(None, min(self._asked_until or LAST_SECOND, datetime.now(UTC)))

    def _seek(self, until: datetime) -> Steps[T]:
        while True:
            since = self._since
            reply = yield from self._ask("start:ASC", since, until, self._size_now)
            seconds = self._seconds(reply)
            if seconds != sorted(seconds) or (since is not None and seconds and seconds[0] < since):
                raise self._unsorted()
            self._take(reply, seconds, until)
            if seconds and since == self._asked_since:
                yield from self._look_before(seconds[0], until)
            if seconds and seconds[-1] > until:
                self._note_doubt("the server sent recordings from after the window it was asked for")
                return
            if not seconds or self._is_last(reply) or not self._advance(reply, seconds[-1], until):
                self._settle(seconds, until)
                return

    def _take(self, reply: PageReply[T], seconds: list[datetime], until: datetime) -> None:
        inside = [item for item in reply.items if (self._second_of(item) or until) <= until]
        # Where the page ends in the second it began in, what is known may be behind it: nothing to compare.
        if seconds[-1:] != [self._since] or (reply.total_items or 0) <= len(reply.items):
            self._compare(reply, inside)
        self._new = self._new_of(inside, self.listing.ids_of(inside))
        self._rest = None if self._rest is None else max(self._rest - len(self._new), 0)
        for item in self._new:
            self._known[self.listing.id_of(item)] = self._second_of(item) or LAST_SECOND

    def _is_last(self, reply: PageReply[T]) -> bool:
        """Whether nothing follows: by the total, unless that may be no more than the length of the page."""
        total, held = reply.total, len(reply.items)
        if total is None:
            return not self._new and held < (reply.page_size or min(self._size_now, DOCUMENTED_PAGE_SIZE))
        if self._new and (reply.next_url is not None or (reply.total_pages or 0) > 1):
            return False
        means_all = self._reaches_beyond_a_page or held < DOCUMENTED_PAGE_SIZE
        return total == held < self._size_now and means_all

    def _advance(self, reply: PageReply[T], last: datetime, until: datetime) -> bool:
        """Move the window's beginning. Returns False where there is no window left."""
        since = self._since
        if since is None or last > since:
            self._go_to(last)
        elif not self._new and len(reply.items) >= self._size_now:
            self._size_now *= 2  # more share this second than the page could hold
        elif not self._new:
            self._note_doubt(f"the server may hold back recordings that started at {since}")
            if since >= until:
                return False
            self._go_to(since + SECOND)
        return True

    def _go_to(self, second: datetime) -> None:
        self._since, self._size_now = second, self._size
        self._known = {key: latest for key, latest in self._known.items() if latest >= second}
        self._seen = SeenIds(self._known)

    def _look_before(self, first: datetime | None, until: datetime) -> Steps[T]:
        """A server that gives the last month only is asked for what came before. Costs one request.

        It is sent only if the window is longer than a month and everything in it seems to be of the last one:
        `first`, the earliest, if there is anything.
        """
        earliest = max(until, FIRST_SECOND + LONGEST_CLAMP) - LONGEST_CLAMP
        first = first or earliest + SECOND
        if first <= earliest or (self._asked_since is not None and self._asked_since >= earliest):
            return
        reply = yield from self._ask("start:ASC", self._asked_since, first - SECOND, 1)
        earlier = [second for second in self._seconds(reply) if second < first]
        if earlier:
            self._lacking += max(reply.total_items or 0, len(earlier))

    def _settle(self, seconds: list[datetime], until: datetime) -> None:
        """At the end, nothing may be left of what the server counted, and the newest must have come."""
        self._lacking += self._rest or 0
        last = max(seconds, default=self._since or FIRST_SECOND)
        if not self._lacking and until - last > SECOND:
            self._lacking = 1

    def _compare(self, reply: PageReply[T], inside: Sequence[T]) -> None:
        """Compares what the server counted behind the last page with what it counts now, minus the overlap.

        `inside` are the reply's items that are in the window.
        """
        total = reply.total
        ids = self.listing.ids_of(inside)
        known = self._seen.among(ids)
        overlap = sum(key in known for key in ids)
        self.promised = total if self.promised is None else self.promised
        if total is None:
            self._note_doubt(NO_TOTAL)
            self._rest = None
            return
        self._reaches_beyond_a_page |= total > len(reply.items)
        if self._rest is not None and total - overlap < self._rest:
            self._lacking += self._rest - (total - overlap)
        elif self._seen and not overlap and total != self._rest:
            self._note_doubt("two pages did not overlap, and no total says what is between them")
        self._rest = total - overlap

    def _unsorted(self) -> MalformedResponseError:
        wanted = "stable=True needs recordings in order of start, none before the start asked for"
        return self._malformed(f"{wanted}; the server sent others", "start")

    def _seconds(self, reply: PageReply[T]) -> list[datetime]:
        seconds = [second for item in reply.items if (second := self._second_of(item)) is not None]
        if reply.items and not seconds:
            message = "stable=True needs recordings that say when they started; none on this page does"
            raise self._malformed(message, "start")
        return seconds

    def _second_of(self, item: T) -> datetime | None:
        instant = self.listing.instant(item) if self.listing.instant else None
        if not isinstance(instant, datetime):
            return None
        if instant.utcoffset() is None:
            message = f"stable=True needs starts with a time zone; the server sent {instant.isoformat()}"
            raise self._malformed(message, "start")
        return instant.astimezone(UTC).replace(microsecond=0)


def parse_bound(text: str | None) -> datetime | None:
    return None if text is None else datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")


def write_bound(bound: datetime | None) -> str | None:
    return None if bound is None else wire_instant(bound)
