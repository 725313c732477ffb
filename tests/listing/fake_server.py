"""A server that pages in any of the ways the documentation leaves open, and some others; and who asks it."""

from collections import deque
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from hypothesis import strategies as st

from vbc_call_recording._errors import BadRequestError, NotFoundError, StatusError
from vbc_call_recording._listing.filters import ListFilters
from vbc_call_recording._listing.pages import Listing, PageReply, PageRequest
from vbc_call_recording._listing.resume import Position
from vbc_call_recording._listing.walk import Walk

LISTING: Listing[int] = Listing(
    operation="list_things", scope={"account_id": "self"}, allowed=ListFilters, key=lambda item: item
)
Claim = Callable[[int], int | None]


def truth(value: int) -> int | None:
    return value


@dataclass
class FakeServer:
    """Serves the numbers from 0 to `count`, in order.

    Attributes:
        first: Number of the first page.
        default: Number of the page served when none is asked for; as a rule, the first.
        echo: What a page calls itself, given its number.
        cap: Most items on a page.
        cap_is_told: Whether the echoed page size is the capped one.
        cap_moves_offsets: Whether pages begin where the capped size puts them, or the size asked for.
        echoed_size: What a page claims its size to be, given that one.
        total_items, total_pages: What is claimed, given the truth.
        total_of_page: Whether the true total of items is that of the page.
        hidden: Items that are left out after pages have been cut.
        links: Whether there are links; "next always" even on the last page and beyond.
        beyond: What comes for a number past either end: nothing, the nearest page, or an error.
        cycle: So many pages come round and round.
    """

    count: int
    first: int = 1
    default: int | None = None
    echo: Claim = truth
    cap: int = 1000
    cap_is_told: bool = True
    cap_moves_offsets: bool = True
    echoed_size: Claim = truth
    total_items: Claim = truth
    total_pages: Claim = truth
    total_of_page: bool = False
    hidden: Container[int] = ()
    links: str = "right"
    beyond: str = "empty"
    cycle: int | None = None
    requests: list[PageRequest] = field(default_factory=list)

    def answer(self, request: PageRequest) -> PageReply[int]:
        self.requests.append(request)
        assert len(self.requests) < 500, "the walk does not end"
        assert request.page_size is not None
        size = min(request.page_size, self.cap)
        step = size if self.cap_moves_offsets else request.page_size
        pages = ceil(self.count / step)
        number = self._served(request.page, pages)
        index = number - self.first
        if self.cycle:
            index %= self.cycle
        cut = range(self.count)[index * step : index * step + size] if index >= 0 else ()
        items = [item for item in cut if item not in self.hidden]
        return PageReply(
            items=items,
            page=self.echo(number),
            page_size=self.echoed_size(size if self.cap_is_told else request.page_size),
            total_items=self.total_items(len(items) if self.total_of_page else self.count),
            total_pages=self.total_pages(pages),
            **self._links(number, pages),
        )

    def _served(self, asked: int | None, pages: int) -> int:
        if asked is None:
            return self.first if self.default is None else self.default
        inside = self.first <= asked < self.first + pages
        if inside or self.beyond == "empty" or self.cycle:
            return asked
        if self.beyond == "nearest":
            return min(max(asked, self.first), self.first + max(pages - 1, 0))
        error: type[StatusError] = NotFoundError if self.beyond == "404" else BadRequestError
        raise error("no such page", status_code=404 if self.beyond == "404" else 400)

    def _links(self, number: int, pages: int) -> dict[str, str]:
        if self.links == "none":
            return {}
        links = {"self_url": f"/?page={number}", "first_url": f"/?page={self.first}"}
        if number > self.first:
            links["prev_url"] = f"/?page={number - 1}"
        if number < self.first + pages - 1 or self.links == "next always":
            links["next_url"] = f"/?page={number + 1}"
        return links


def walk_through(
    walk: Walk[int], answer: Callable[[PageRequest], PageReply[int]], depth: int = 1
) -> list[int]:
    """Do as the paginator does, with up to `depth` requests in flight."""
    came: list[int] = []
    ahead: deque[PageRequest] = deque()
    while True:
        while len(ahead) < depth and (request := walk.ask(len(ahead))) is not None:
            ahead.append(request)
        if not ahead:
            return came
        request = ahead.popleft()
        try:
            reply = answer(request)
        except StatusError as error:
            if not walk.forgives(request, error):
                raise
            reply = PageReply(items=())
        came += walk.take(request, reply).items


def lacking(walk: Walk[Any]) -> int:
    """How many items the server told of and did not give."""
    outcome = walk.outcome
    if outcome.complete is not False or outcome.expected is None:
        return 0
    return outcome.expected - outcome.received


def start(size: int = 10) -> Position:
    return Position(size=size)


def nothing(_: int) -> None:
    return None


def always(value: int) -> Callable[[int], int]:
    return lambda _: value


def off_by(offset: int) -> Callable[[int], int]:
    return lambda number: number + offset


def hides_a_page(quirks: dict[str, Any]) -> bool:
    """Whether page 0 calls itself 1, without a link that says what the next one is: it is taken for 2."""
    return quirks["first"] == 0 and quirks["links"] == "none" and quirks["echo"](0) == 1


NUMBERING = st.fixed_dictionaries(
    {
        "count": st.integers(0, 60),
        "first": st.sampled_from([0, 1]),
        "echo": st.sampled_from([truth, nothing, off_by(1), off_by(-1), always(1), always(0)]),
        "links": st.sampled_from(["right", "none", "next always"]),
        "beyond": st.sampled_from(["empty", "nearest", "404", "400"]),
    }
)
