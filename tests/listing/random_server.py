"""A listing served in any of the ways the documentation leaves open, and in many that it does not.

`SERVERS` draws one at random. The oracle is `complete_and_once_or_says_so`.
"""

import itertools
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from hypothesis import strategies as st

from vbc_call_recording._errors import ApiError, BadRequestError, NotFoundError, ServerError, StatusError
from vbc_call_recording._listing.filters import ListFilters
from vbc_call_recording._listing.pages import Listing, PageReply, PageRequest
from vbc_call_recording._listing.settings import ListingSettings, begin_walk, check_settings

BEGIN = datetime(2019, 1, 1, tzinfo=UTC)
REFUSALS = {"400": BadRequestError, "404": NotFoundError, "500": ServerError}


class Call(NamedTuple):
    id: int
    start: datetime


CALLS: Listing[Call] = Listing(
    operation="list_calls",
    scope={},
    allowed=ListFilters,
    key=lambda item: item.id,
    instant=lambda item: item.start,
)
JOBS: Listing[Call] = Listing("list_jobs", {}, ListFilters, lambda item: item.id, linked=True)


@dataclass
class Server:
    """Serves calls, the latest first unless it is asked for another order.

    Attributes:
        first, default: Number of the first page, and of the one served when none is asked for.
        echo: Added to a page's number where the answer repeats it; None leaves it out.
        cap, over_cap: Most items on a page, and what comes of asking for more: "told", "silent" or "400".
        total: "right", "text", "missing" or "zero"; `total_pages` likewise.
        counts_to: It counts no further than this, in `total_items` and `total_pages`.
        links: "right", "none", "always" (a `next` even on the last page and beyond) or "cyclic".
        beyond: What a number past either end brings: "empty", "last", "first", or an error.
        order: "honoured", "always newest first", "always oldest first", or "none at all".
        gte, lte: "inclusive", "exclusive", or "ignored".
        window: It gives only this many days of what was asked for, the "last" or the "first" ones.
        now: When the last ones end; None for the newest call.
        probe: Whether the newest first come as they should, or not at all.
        naive: Whether starts lack their time zone.
        arrivals: So many calls arrive at the newest end before each request.
        turmoil: Calls are deleted, and others arrive anywhere, before each request, by this seed.
    """

    calls: list[Call]
    first: int = 1
    default: int | None = None
    echo: int | None = 0
    cap: int = 1000
    over_cap: str = "told"
    total: str = "right"
    total_pages: str = "right"
    counts_to: int | None = None
    links: str = "right"
    beyond: str = "empty"
    order: str = "honoured"
    gte: str = "inclusive"
    lte: str = "inclusive"
    window: tuple[str, int] | None = None
    now: datetime | None = None
    probe: str = "right"
    naive: bool = False
    arrivals: int = 0
    turmoil: int | None = None
    requests: list[PageRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.calls = list(self.calls)
        self._ids = iter(range(10_000, 10**6))
        self._chance = random.Random(self.turmoil)

    def answer(self, request: PageRequest) -> PageReply[Call]:
        self._change()
        self.requests.append(request)
        assert len(self.requests) < 600, "the walk does not end"
        if self.probe == "empty" and request.filters.get("order") == "start:DESC":
            return self._reply([], 1, 0, 0)
        if self.over_cap == "400" and (request.page_size or 0) > self.cap:
            raise BadRequestError("page_size", status_code=400)
        size = min(request.page_size or 10, self.cap)
        chosen = self._chosen(request.filters)
        pages = ceil(len(chosen) / size)
        number = self._number(request, pages)
        low = max(number - self.first, 0) * size
        items = chosen[low : low + size] if number >= self.first else []
        told = request.page_size or 10 if self.over_cap == "silent" else size
        return self._reply(items, number, len(chosen), pages, page_size=told)

    def _change(self) -> None:
        for _ in range(self.arrivals):
            newest = max([call.start for call in self.calls], default=BEGIN)
            self.calls.append(Call(next(self._ids), newest + timedelta(seconds=self._chance.randrange(1, 4))))
        if self.turmoil is None:
            return
        for _ in range(self._chance.randrange(4)):
            if self.calls and self._chance.random() < 0.5:
                self.calls.remove(self._chance.choice(self.calls))
            else:
                second = self._chance.choice([*range(9), 20 + len(self.requests)])
                self.calls.append(Call(next(self._ids), BEGIN + timedelta(seconds=second)))

    def _chosen(self, filters: Any) -> list[Call]:
        low = datetime.fromisoformat(filters.get("startgte", "0001-01-01T00:00:00+0000"))
        high = datetime.fromisoformat(filters.get("startlte", "9999-12-31T23:59:59+0000"))
        if self.window is not None:
            end, days = self.window
            span = timedelta(days=days)
            if end == "last" or "startgte" not in filters:
                newest = max([call.start for call in self.calls], default=BEGIN)
                low = max(low, min(high, self.now or newest) - span)
            else:
                high = min(high, low + span)
        below = {"inclusive": lambda s: s < low, "exclusive": lambda s: s <= low, "ignored": lambda s: False}
        above = {
            "inclusive": lambda s: s > high,
            "exclusive": lambda s: s >= high,
            "ignored": lambda s: False,
        }
        has_low = "startgte" in filters or self.window is not None
        chosen = [
            call
            for call in self.calls
            if not (has_low and below[self.gte](call.start)) and not above[self.lte](call.start)
        ]
        if self.order == "none at all":
            return chosen
        ascending = self.order == "always oldest first" or (
            filters.get("order") == "start:ASC" and self.order == "honoured"
        )
        return sorted(chosen, key=lambda call: (call.start, call.id), reverse=not ascending)

    def _number(self, request: PageRequest, pages: int) -> int:
        if request.url is not None:
            return int(request.url.rpartition("=")[2])
        if request.page is None:
            return self.first if self.default is None else self.default
        if self.first <= request.page < self.first + pages or self.beyond == "empty":
            return request.page
        if self.beyond in REFUSALS:
            raise REFUSALS[self.beyond]("no such page", status_code=int(self.beyond))
        last = self.first + max(pages - 1, 0)
        return self.first if self.beyond == "first" or request.page < self.first else last

    def _reply(
        self, items: list[Call], number: int, count: int, pages: int, page_size: int = 10
    ) -> PageReply[Call]:
        limit = count if self.counts_to is None else self.counts_to
        shown = [Call(call.id, call.start.replace(tzinfo=None)) if self.naive else call for call in items]
        return PageReply(
            items=shown,
            page=None if self.echo is None else number + self.echo,
            page_size=page_size,
            total_items=claimed(self.total, min(count, limit)),  # type: ignore[arg-type]
            total_pages=claimed(self.total_pages, min(pages, ceil(limit / max(page_size, 1)))),  # type: ignore[arg-type]
            **self._links(number, pages),
        )

    def _links(self, number: int, pages: int) -> dict[str, str]:
        if self.links == "none":
            return {}
        links = {"self_url": f"/?page={number}", "first_url": f"/?page={self.first}"}
        if number > self.first:
            links["prev_url"] = f"/?page={number - 1}"
        if number < self.first + pages - 1 or self.links == "always":
            links["next_url"] = f"/?page={number + 1}"
        elif self.links == "cyclic":
            links["next_url"] = f"/?page={self.first}"
        return links


def claimed(how: str, truth: int) -> int | str | None:
    return {"right": truth, "text": str(truth), "missing": None, "zero": 0}[how]


TOTALS = st.sampled_from(["right", "right", "text", "missing", "zero"])
PAGING = {
    "first": st.sampled_from([0, 1]),
    "default": st.sampled_from([None, None, 1]),
    "echo": st.sampled_from([0, 0, None, 1, -1]),
    "cap": st.sampled_from([1000, 10, 25]),
    "over_cap": st.sampled_from(["told", "silent", "400"]),
    "total": TOTALS,
    "total_pages": TOTALS,
    "links": st.sampled_from(["right", "right", "none", "always", "cyclic"]),
    "beyond": st.sampled_from(["empty", "last", "first", "400", "404", "500"]),
}


def cases(seed: int, most: int = 60, gap: int = 3) -> Iterator[tuple[list[Call], int]]:
    """Four lists of calls, and page sizes to walk them in: a walk is cheap beside drawing a server.

    Many calls share an instant, and they are stored in no particular order.
    """
    chance = random.Random(seed)
    for _ in range(4):
        count = chance.choice([0, chance.randint(1, 9), chance.randint(1, most), chance.randint(1, most)])
        seconds = itertools.accumulate(chance.randint(0, gap) for _ in range(count))
        made = [Call(number, BEGIN + timedelta(seconds=second)) for number, second in enumerate(seconds)]
        stored = chance.choice([made, made[::-1], sorted(made, key=lambda call: call.id % 7)])
        yield stored, chance.randint(1, chance.choice([5, 40]))


def settings_of(
    listing: Listing[Call], *, stable: bool, page_size: int, **filters: Any
) -> ListingSettings[Call]:
    return check_settings(listing, filters_on_wire(filters), page_size=page_size, stable=stable)


def filters_on_wire(filters: dict[str, Any]) -> dict[str, object]:
    return {name: value for name, value in filters.items() if value is not None}


def walked(of: ListingSettings[Call], server: Server, depth: int = 1) -> Iterator[Any]:
    """What came, item by item, and at last the outcome. Does as the paginator does."""
    walk = begin_walk(of)
    ahead: deque[PageRequest] = deque()
    while True:
        while len(ahead) < depth and (request := walk.ask(len(ahead))) is not None:
            ahead.append(request)
        if not ahead:
            yield walk.outcome
            return
        request = ahead.popleft()
        try:
            reply = server.answer(request)
        except StatusError as error:
            if not walk.forgives(request, error):
                raise
            reply = PageReply(items=())
        yield from walk.take(request, reply).items


def complete_and_once_or_says_so(of: ListingSettings[Call], server: Server, depth: int = 1) -> bool | None:
    """Nothing twice, nothing from outside the window, and complete only if everything came.

    Returns:
        What the listing said of itself; None if it ended in an error of ours.
    """
    at_first = set(server.calls)
    came: list[Call] = []
    try:
        *came, outcome = walked(of, server, depth)
    except ApiError:
        return None
    low = datetime.fromisoformat(of.filters.get("startgte", "0001-01-01T00:00:00+0000"))
    high = datetime.fromisoformat(of.filters.get("startlte", "9999-12-31T23:59:59+0000"))
    # What starts exactly where the caller's window does is for the server to include or not.
    throughout = {call.id for call in at_first & set(server.calls) if low < call.start < high}
    ids = [call.id for call in came]
    assert len(ids) == len(set(ids)), "an item came twice"
    missing = throughout - set(ids)
    assert not (missing and outcome.complete), f"{sorted(missing)} are missing, and nobody says so"
    assert (outcome.complete is True) == (outcome.reason == "")
    assert outcome.received == len(ids)
    complete: bool | None = outcome.complete
    return complete
