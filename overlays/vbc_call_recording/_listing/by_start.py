"""The walk behind `stable=True`: no recording is lost or repeated while others arrive and are deleted. Pure.

Page numbers count from an end that moves, so this walk has none. It asks for the earliest recordings from
an instant on, and goes on from the start of the last one it got, that instant included: what shares it may
be yet to come, and what came already is known by its id. Each answer is consistent in itself, and nothing
that happens between two of them can move a recording to the other side of its own start.

The end is fixed beforehand: the start of the newest recording there is, asked of the server, so that no
clock of ours has a say in it. Only when more recordings share one second than the server is willing to put
on a page does the walk need page numbers, for that second, and goes through it again until two rounds
agree.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

from .._errors import StatusError
from .by_number import NumberWalk
from .filters import parse_instant, wire_instant
from .pages import ItemId, Listing, Page, PageReply, PageRequest, Position, Tally

T = TypeVar("T")

SECOND = timedelta(seconds=1)  # the finest the API's filters can tell apart
LAST_SECOND = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
ROUND_LIMIT = 10  # through one crowded second, before its quiet is given up on


class SeekWalk(Generic[T]):
    """Pages asked for by what starts at or after the last item seen, up to an end fixed at the beginning."""

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], position: Position) -> None:
        self.tally = Tally(listing, position)
        self._listing = listing
        self._filters = filters
        self._usual_size = self._size = position.size
        self._since = parse_bound(position.since or filters.get("startgte"))
        self._until = parse_bound(position.until)
        # Of what came already, all that may come again: the second it started in, or one not before that.
        self._known = dict.fromkeys(position.ids, parse_bound(position.ids_until) or LAST_SECOND)
        self._crowd: _CrowdedSecond[T] | None = None
        self._totals_reach_beyond_a_page = False
        self._finished = False
        self._lacking = 0

    @property
    def shortfall(self) -> int:
        return self._lacking

    def ask(self, ahead: int) -> PageRequest | None:
        if ahead or self._finished:
            return None
        if self._until is None:
            return PageRequest(filters={**self._filters, "order": "start:DESC"}, page_size=1)
        if self._crowd is not None and (request := self._crowd.ask()) is not None:
            return request
        if self._crowd is not None:
            self._leave(self._crowd, self._until)
        if self._finished:
            return None
        return PageRequest(filters=self._window(self._since, self._until), page_size=self._size)

    def take(self, request: PageRequest, reply: PageReply[T]) -> Page[T]:
        before = self._position(reply)
        if self._crowd is not None:
            self._crowd.take(request, reply)
            return Page(self._count(reply), before)
        self.tally.require_page(reply, holding_items=True)
        self._totals_reach_beyond_a_page |= (reply.total_items or 0) > len(reply.items)
        if self._until is None:
            self._fix_the_end(reply)
            return Page((), before)
        seconds = self._ascending_seconds(reply)
        new = self._count(reply)
        self._finished = not reply.items or self._is_all_there_is(reply)
        if not reply.items:
            self._lacking = reply.total_items or 0
        elif self._since is None or seconds[-1] > self._since:
            self._move_on(seconds[-1])
        elif not new and not self._finished:
            self._get_past_the_known(reply, self._since, self._until)
        return Page(new, before)

    def forgives(self, request: PageRequest, error: StatusError) -> bool:
        return self._crowd is not None and self._crowd.walk.forgives(request, error)

    def _position(self, reply: PageReply[T]) -> Position:
        """Before the reply; `ids_until` holds for its items, too, some of which will have been passed on."""
        latest = max([*self._known.values(), *self._seconds(reply)], default=None)
        return Position(
            size=self._usual_size,
            received=self.tally.received,
            promised=self.tally.promised,
            ids=tuple(self._known),
            ids_until=write_bound(latest),
            since=write_bound(self._since),
            until=write_bound(self._until),
        )

    def _window(self, since: datetime | None, until: datetime) -> dict[str, Any]:
        window = {**self._filters, "order": "start:ASC", "startlte": write_bound(until)}
        if since is not None:
            window["startgte"] = write_bound(since)
        return window

    def _fix_the_end(self, reply: PageReply[T]) -> None:
        self.tally.promise(reply)
        seconds = self._seconds(reply)
        if not seconds:
            self._finished = True
            self._lacking = reply.total_items or 0
            return
        # The server may know fractions of a second that it does not show.
        end = min(max(seconds), LAST_SECOND - SECOND) + SECOND
        asked = parse_bound(self._filters.get("startlte"))
        self._until = end if asked is None else min(end, asked)

    def _count(self, reply: PageReply[T]) -> list[T]:
        new = self.tally.count(reply)
        self._known |= {self.tally.id_of(item): self._second_of(item) or LAST_SECOND for item in new}
        return new

    def _move_on(self, second: datetime) -> None:
        self._go_to(second)
        self._known = {key: latest for key, latest in self._known.items() if latest >= second}
        self.tally.keep_only(self._known)

    def _go_to(self, second: datetime) -> None:
        self._since = second
        self._size = self._usual_size

    def _is_all_there_is(self, reply: PageReply[T]) -> bool:
        """Whether the reply's total spares looking behind it: if it is no count of the page's own items."""
        held = len(reply.items)
        is_lone = held == 1 < (reply.page_size or 0)
        return reply.total_items == held < self._size and (self._totals_reach_beyond_a_page or is_lone)

    def _get_past_the_known(self, reply: PageReply[T], since: datetime, until: datetime) -> None:
        """Every item was known: more of this second may be behind them than the page could hold."""
        held = len(reply.items)
        if held >= self._size:
            self._size *= 2
        else:
            end = since + SECOND if since < until else until
            self._crowd = _CrowdedSecond(self._listing, self._window(since, end), held)

    def _leave(self, crowd: "_CrowdedSecond[T]", until: datetime) -> None:
        self._crowd = None
        self._lacking += crowd.lacking
        if self._since is None or self._since >= until:
            self._finished = True
        else:
            self._go_to(self._since + SECOND)

    def _ascending_seconds(self, reply: PageReply[T]) -> list[datetime]:
        seconds = self._seconds(reply)
        early = self._since is not None and bool(seconds) and seconds[0] < self._since
        if early or seconds != sorted(seconds):
            raise self.tally.malformed(
                "stable=True needs recordings in ascending order of start, none before the start asked for; "
                "the server sent others",
                "start",
            )
        return seconds

    def _seconds(self, reply: PageReply[T]) -> list[datetime]:
        known = (self._second_of(item) for item in reply.items)
        seconds = [second for second in known if second is not None]
        if reply.items and not seconds:
            raise self.tally.malformed(
                "stable=True needs recordings that say when they started; none on this page does", "start"
            )
        return seconds

    def _second_of(self, item: T) -> datetime | None:
        instant = self._listing.instant(item) if self._listing.instant is not None else None
        if not isinstance(instant, datetime):
            return None
        aware = instant if instant.utcoffset() is not None else instant.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0)


class _CrowdedSecond(Generic[T]):
    """Rounds through one second's recordings by page number, until two rounds agree."""

    def __init__(self, listing: Listing[T], filters: Mapping[str, Any], size: int) -> None:
        self._start_over = partial(NumberWalk[T], listing, filters, Position(size=size))
        self.walk = self._start_over()
        self._round: list[list[ItemId]] = []
        self._earlier: list[list[list[ItemId]]] = []

    @property
    def lacking(self) -> int:
        """How many may have been missed: what the last round lacked, and one at least if it was not quiet."""
        return self.walk.shortfall if self._is_quiet() else max(self.walk.shortfall, 1)

    def ask(self) -> PageRequest | None:
        request = self.walk.ask(0)
        if request is not None or self._is_quiet() or len(self._earlier) + 1 == ROUND_LIMIT:
            return request
        self._earlier.append(self._round)
        self._round = []
        self.walk = self._start_over()
        return self.walk.ask(0)

    def take(self, request: PageRequest, reply: PageReply[T]) -> None:
        self.walk.take(request, reply)
        self._round.append([self.walk.tally.id_of(item) for item in reply.items])

    def _is_quiet(self) -> bool:
        return self._earlier[-1:] == [self._round]


def parse_bound(text: str | None) -> datetime | None:
    if text is None:
        return None
    bound = parse_instant(text)
    if bound.utcoffset() is None:
        raise ValueError(f"{text!r} has no time zone")
    return bound.astimezone(UTC)


def write_bound(bound: datetime | None) -> str | None:
    return None if bound is None else wire_instant(bound)
