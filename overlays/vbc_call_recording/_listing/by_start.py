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
| ignores `order` or `start:gte`                | refused as not sorted, or missed by `WindowCounts`        |
| leaves out the instant given (`>` for `>=`)   | `WindowCounts`: 151 - 1 expected, 148 counted             |
| begins with its second page                   | `WindowCounts`, `_settle`: counted and did not come       |
| ignores `start:lte` while calls arrive        | the walk ends at the first start past the end             |
| gives the last 30 days only, as Zoom does     | `_look_before` the first recording                        |
| gives the first 30 days only                  | `_settle`: the newest must come                           |
| counts to 10,000 only                         | `WindowCounts`: pages that overlap leave nothing out      |
| gives no newest recording, and has some       | `_expect_nothing`                                         |
| has more in one second than a page holds      | `_advance` asks for twice as many, or skips and tells     |
| writes `start` without a time zone            | refused: nobody knows which instant is meant              |
"""

from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from .._errors import MalformedResponseError, StatusError
from .by_number import DOCUMENTED_PAGE_SIZE
from .counts import WindowCounts, total_of
from .filters import parse_instant, wire_instant
from .pages import Listing, Page, PageReply, PageRequest, Position

T = TypeVar("T")

SECOND = timedelta(seconds=1)  # the finest the API's filters can tell apart
LONGEST_CLAMP = timedelta(days=31)  # servers that quietly shorten a window leave a month at most
FIRST_SECOND = datetime.min.replace(tzinfo=UTC)
LAST_SECOND = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class SeekWalk(Generic[T]):
    """Pages asked for by what starts at or after the last item seen, up to an end fixed at the beginning.

    The walk itself is `_steps`: a generator that yields requests and is sent the replies.
    """

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        self.counts = WindowCounts(listing, position)
        self._listing = listing
        self._filters = filters
        self._usual_size = self._size = position.size
        self._asked_since = parse_bound(filters.get("startgte"))
        self._since = parse_bound(position.since) or self._asked_since
        self._until = parse_bound(position.until)
        # Of what came already, all that may come again: the second it started in, or one not before that.
        self._known = dict.fromkeys(position.ids, parse_bound(position.ids_until) or LAST_SECOND)
        self._new: list[T] = []
        self._walk = self._steps()
        self._next: PageRequest | None = next(self._walk)

    def ask(self, ahead: int) -> PageRequest | None:
        if ahead:
            return None
        request, self._next = self._next, None
        return request

    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        before, self._new = self._position(reply), []
        try:
            self._next = self._walk.send(reply)
        except StopIteration:
            self._next = None
        return Page(self._new, before)

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        return request.page is not None

    def _steps(self) -> Generator[PageRequest, PageReply[T]]:
        if self._until is None:
            self._until = yield from self._find_the_end()
        if self._until is None:
            yield from self._expect_nothing()
        else:
            yield from self._seek(self._until)

    def _find_the_end(self) -> Generator[PageRequest, PageReply[T], datetime | None]:
        """The newest recording's second, and one more: the server may know fractions that it does not show.

        None if that is not in the window, which should be empty then. `start:gte` is left out of the
        question: what a server shortens a window to must not decide where the walk ends.
        """
        filters = {name: value for name, value in self._filters.items() if name != "startgte"}
        newest = {**filters, "order": "start:DESC"}
        reply = yield PageRequest(filters=newest, page_size=DOCUMENTED_PAGE_SIZE)
        self.counts.require_page(reply, holding_items=True)
        self.counts.reaches_beyond_a_page = (reply.total_items or 0) > len(reply.items)
        if self._asked_since is None:
            self.counts.rest = total_of(reply)
        seconds = self._seconds(reply)
        if seconds != sorted(seconds, reverse=True):
            raise self._unsorted()
        if not seconds or (self._since is not None and seconds[0] < self._since):
            return None
        end = min(seconds[0], LAST_SECOND - SECOND) + SECOND
        asked = parse_bound(self._filters.get("startlte"))
        return end if asked is None else min(end, asked)

    def _expect_nothing(self) -> Generator[PageRequest, PageReply[T]]:
        """The server's newest recording, if it gave one, is older than the window: there should be nothing.

        A server without links may have begun with its second page: page 0 is asked for, too.
        """
        filters = {**self._filters, "order": "start:ASC"}
        for page in (None, 0):
            reply = yield PageRequest(filters=filters, page=page, page_size=self._size)
            self.counts.require_page(reply, holding_items=True)
            if page is None:
                self.counts.compare(reply, 0, must_overlap=False)
            found = max(len(reply.items), self.counts.rest or 0)
            self.counts.lacking = max(self.counts.lacking, found)
            if found or reply.has_links:
                return

    def _seek(self, until: datetime) -> Generator[PageRequest, PageReply[T]]:
        while True:
            since = self._since
            reply = yield PageRequest(filters=self._window(since, until), page_size=self._size)
            seconds = self._ascending_seconds(reply)
            new = self._take(reply, seconds, until)
            if seconds and since == self._asked_since:
                yield from self._look_before(seconds[0], until)
            if self._is_all_there_is(reply, seconds, new, until) or not self._advance(
                reply, seconds, new, until
            ):
                return self._settle(seconds, until)

    def _take(self, reply: PageReply[T], seconds: list[datetime], until: datetime) -> bool:
        """Whether there was anything new."""
        inside = [item for item in reply.items if (self._second_of(item) or until) <= until]
        overlap = sum(self.counts.id_of(item) in self._known for item in inside)
        # Where the page ends in the second it began in, what is known may be behind it: nothing to compare.
        if seconds[-1:] != [self._since] or (reply.total_items or 0) <= len(reply.items):
            self.counts.compare(reply, overlap, must_overlap=bool(self._known))
        self._new = self.counts.new_of(inside)
        self._known |= {self.counts.id_of(item): self._second_of(item) or LAST_SECOND for item in self._new}
        return bool(self._new)

    def _is_all_there_is(
        self, reply: PageReply[T], seconds: list[datetime], new: bool, until: datetime
    ) -> bool:
        """Whether nothing follows: by the total, unless that may be no more than the length of the page."""
        total, held = total_of(reply), len(reply.items)
        if not seconds or seconds[-1] > until:
            return True
        if total is None:
            return not new and held < (reply.page_size or min(self._size, DOCUMENTED_PAGE_SIZE))
        means_all = self.counts.reaches_beyond_a_page or held < DOCUMENTED_PAGE_SIZE
        tells_of_more = new and (reply.next_url is not None or (reply.total_pages or 0) > 1)
        return total == held < self._size and means_all and not tells_of_more

    def _advance(self, reply: PageReply[T], seconds: list[datetime], new: bool, until: datetime) -> bool:
        """Move the window's beginning. Returns False where there is no window left."""
        since, last = self._since, seconds[-1]
        if since is None or last > since:
            self._go_to(last)
        elif not new and len(reply.items) >= self._size:
            self._size *= 2  # more share this second than the page could hold
        elif not new:
            self.counts.note_doubt(f"the server may hold back recordings that started at {since}")
            if since >= until:
                return False
            self._go_to(since + SECOND)
        return True

    def _look_before(self, first: datetime, until: datetime) -> Generator[PageRequest, PageReply[T]]:
        """A server that gives the last month only is asked for what came before. Costs one request.

        It is sent only if the window is longer than a month and everything in it seems to be of the last one.
        """
        earliest = max(until, FIRST_SECOND + LONGEST_CLAMP) - LONGEST_CLAMP
        if first <= earliest or (self._asked_since is not None and self._asked_since >= earliest):
            return
        window = self._window(self._asked_since, first - SECOND)
        reply = yield PageRequest(filters=window, page_size=1)
        self.counts.require_page(reply, holding_items=True)
        earlier = [second for second in self._seconds(reply) if second < first]
        if earlier:
            self.counts.lacking += max(reply.total_items or 0, len(earlier))

    def _settle(self, seconds: list[datetime], until: datetime) -> None:
        """At the end, nothing may be left of what the server counted, and the newest must have come."""
        if any(second > until for second in seconds):
            self.counts.note_doubt("the server sent recordings from after the window it was asked for")
            return
        self.counts.lacking += self.counts.rest or 0
        last = max(seconds, default=self._since or FIRST_SECOND)
        if not self.counts.lacking and until - last > SECOND:
            self.counts.lacking = 1

    def _position(self, reply: PageReply[T]) -> Position:
        """Before the reply; `ids_until` holds for its items, too, some of which will have been passed on."""
        latest = max([*self._known.values(), *self._seconds(reply)], default=None)
        return Position(
            size=self._usual_size,
            received=self.counts.received,
            promised=self.counts.promised,
            ids=tuple(self._known),
            doubt=self.counts.doubt,
            ids_until=write_bound(latest),
            since=write_bound(self._since),
            until=write_bound(self._until),
            rest=self.counts.rest,
            lacking=self.counts.lacking,
        )

    def _window(self, since: datetime | None, until: datetime) -> dict[str, Any]:
        window = {**self._filters, "order": "start:ASC", "startlte": write_bound(until)}
        if since is not None:
            window["startgte"] = write_bound(since)
        return window

    def _go_to(self, second: datetime) -> None:
        self._since, self._size = second, self._usual_size
        self._known = {key: latest for key, latest in self._known.items() if latest >= second}
        self.counts.keep_only(self._known)

    def _ascending_seconds(self, reply: PageReply[T]) -> list[datetime]:
        self.counts.require_page(reply, holding_items=True)
        seconds = self._seconds(reply)
        early = self._since is not None and bool(seconds) and seconds[0] < self._since
        if early or seconds != sorted(seconds):
            raise self._unsorted()
        return seconds

    def _unsorted(self) -> MalformedResponseError:
        return self.counts.malformed(
            "stable=True needs recordings in order of start, none before the start asked for; "
            "the server sent others",
            "start",
        )

    def _seconds(self, reply: PageReply[T]) -> list[datetime]:
        known = (self._second_of(item) for item in reply.items)
        seconds = [second for second in known if second is not None]
        if reply.items and not seconds:
            raise self.counts.malformed(
                "stable=True needs recordings that say when they started; none on this page does", "start"
            )
        return seconds

    def _second_of(self, item: T) -> datetime | None:
        instant = self._listing.instant(item) if self._listing.instant is not None else None
        if not isinstance(instant, datetime):
            return None
        if instant.utcoffset() is None:
            raise self.counts.malformed(
                f"stable=True needs starts with a time zone; the server sent {instant.isoformat()}", "start"
            )
        return instant.astimezone(UTC).replace(microsecond=0)


def parse_bound(text: str | None) -> datetime | None:
    if text is None:
        return None
    bound = parse_instant(text)
    if bound.utcoffset() is None:
        raise ValueError(f"{text!r} has no time zone")
    return bound.astimezone(UTC)


def write_bound(bound: datetime | None) -> str | None:
    return None if bound is None else wire_instant(bound)
