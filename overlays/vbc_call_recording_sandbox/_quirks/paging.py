"""How lists are cut into pages, counted and linked, as switches."""

from dataclasses import dataclass
from typing import Literal

from .switches import Switches, either, flag, one_of, switch, text, whole

Claim = int | Literal["missing", "page", "text", "changing"] | None
Outside = Literal["empty", "first", "last", 400, 404, 500]

_CLAIM = either(one_of(None, "missing", "page", "text", "changing"), whole(0, examples=(0,)))
_OUTSIDE = one_of("empty", "first", "last", 400, 404, 500)
_NONE_OR_COUNT = either(one_of(None), whole(1))


@dataclass(slots=True)
class PagingQuirks(Switches):
    """How lists are cut into pages, counted and linked.

    Attributes:
        first_page: Number of the first page.
        default_page: Number of the page that is served when the request names none; null for the first.
        echo_offset: Added to the page's number where the answer repeats it.
        page_size_cap: A larger `page_size` is quietly reduced to this.
        cap_is_told: Whether `page_size` in the answer is the reduced one.
        cap_moves_offsets: Whether pages begin where the reduced size puts them. If not, the cap leaves gaps.
        page_size_max: A larger `page_size` is refused with 400.
        total_items: The total that is claimed: null for the true one, `missing` for none, `page` for the
            number of items on this page, `text` for the true one as a string, `changing` for another number
            each time, or a number.
        total_pages: The same for pages; `page` claims one page.
        holes: With 3, every third item is left out after the pages have been cut.
        next_always: There is a `next` link on the last page and beyond, too.
        next_never: There is no `next` link.
        next_cycles: `next` on the last page leads back to the first.
        next_origin: Where `next` points instead of the sandbox, such as `https://elsewhere.example`.
        next_form: How `next` is written: as a URL, as a path, or as a query only.
        cycle: With 2, the first two pages come again and again, whatever the number (A, B, A, B…).
        beyond: What comes for a number past the last page.
        below: What comes for a number before the first page.
        without_links: `_links` is left out.
        without_embedded: `_embedded` is left out.
    """

    first_page: int = switch(1, whole(0, 1, examples=(0, 1)))
    default_page: int | None = switch(None, either(one_of(None), whole(0, 1)))
    echo_offset: int = switch(0, whole(-2, 2, examples=(-1, 0)))
    page_size_cap: int | None = switch(None, either(one_of(None), whole(1, examples=(30, 100))))
    cap_is_told: bool = switch(True, flag())
    cap_moves_offsets: bool = switch(True, flag(), is_reading=False)
    page_size_max: int | None = switch(None, _NONE_OR_COUNT, is_reading=False)
    total_items: Claim = switch(None, _CLAIM, is_reading=False)
    total_pages: Claim = switch(None, _CLAIM, is_reading=False)
    holes: int | None = switch(None, either(one_of(None), whole(2)), is_reading=False)
    next_always: bool = switch(False, flag())
    next_never: bool = switch(False, flag(), is_reading=False)
    next_cycles: bool = switch(False, flag(), is_reading=False)
    next_origin: str | None = switch(None, either(one_of(None), text("an origin")), is_reading=False)
    next_form: Literal["absolute", "relative", "query"] = switch(
        "absolute", one_of("absolute", "relative", "query")
    )
    cycle: int | None = switch(None, _NONE_OR_COUNT, is_reading=False)
    beyond: Outside = switch("empty", _OUTSIDE)
    below: Outside = switch(400, _OUTSIDE)
    without_links: bool = switch(False, flag(), is_reading=False)
    without_embedded: bool = switch(False, flag(), is_reading=False)


@dataclass(slots=True)
class ListQuirks(Switches):
    """Which recordings a list holds, and in which order.

    Attributes:
        order_ignored: `order` changes nothing: the newest always come first.
        start_gte_exclusive: `start:gte` leaves out what started at that very instant.
        start_lte_ignored: `start:lte` changes nothing.
        window_days: The window asked for is quietly cut to this many days: to the first ones after
            `start:gte`, else to the last ones before `start:lte`, else to the newest.
        reachable: Only this many items, the first ones, can be reached, and the totals count no more.
    """

    order_ignored: bool = switch(False, flag(), is_reading=False)
    start_gte_exclusive: bool = switch(False, flag(), is_reading=False)
    start_lte_ignored: bool = switch(False, flag(), is_reading=False)
    window_days: int | None = switch(None, either(one_of(None), whole(1, examples=(30,))), is_reading=False)
    reachable: int | None = switch(None, either(one_of(None), whole(1, examples=(10_000,))), is_reading=False)
