"""One page of a list: cutting it out, counting, linking to its neighbours; quirks included."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.exceptions import HTTPException

from .._quirks.paging import Claim, Outside, PagingQuirks
from .numbers import integer
from .refusals import Misfit, bad_request

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of which list: `url` is the list's own, without its query.

    Attributes:
        size: Items a page may hold.
        asked_size: The same before it was reduced.
    """

    number: int
    size: int
    asked_size: int
    url: str
    parameters: Mapping[str, str]

    @classmethod
    def read(
        cls, url: str, parameters: Mapping[str, str], quirks: PagingQuirks, *, is_lenient: bool
    ) -> "PageRequest":
        """Read `page` and `page_size` from a list request's query."""
        default = quirks.first_page if quirks.default_page is None else quirks.default_page
        number = _integer(parameters, "page", default, at_least=None, is_lenient=is_lenient)
        asked = _integer(parameters, "page_size", 10, at_least=1, is_lenient=is_lenient)
        if quirks.page_size_max is not None and asked > quirks.page_size_max:
            raise HTTPException(400, f"page_size is {asked}; accepted: 1 to {quirks.page_size_max}.")
        cap = quirks.page_size_cap
        return cls(number, asked if cap is None else min(asked, cap), asked, url, parameters)

    def link(self, number: int, quirks: PagingQuirks | None = None) -> Json:
        """A link to the page of this number; a `next` one if there are quirks."""
        query = urlencode({**self.parameters, "page": number})
        if quirks is None:
            return {"href": f"{self.url}?{query}"}
        if quirks.next_origin is not None:
            return {"href": f"{quirks.next_origin}{urlsplit(self.url).path}?{query}"}
        if quirks.next_form == "absolute":
            return {"href": f"{self.url}?{query}"}
        return {"href": f"{urlsplit(self.url).path if quirks.next_form == 'relative' else ''}?{query}"}


def page_of(
    items: Sequence[Any],
    key: str,
    render: Callable[[Any], Json],
    request: PageRequest,
    quirks: PagingQuirks,
    turn: int,
) -> Json:
    """The JSON of one page of `items`, which appear as `_embedded.<key>`.

    Args:
        turn: Another number each time, for what changes.
    """
    step = request.size if quirks.cap_moves_offsets else request.asked_size
    pages = ceil(len(items) / step)
    number = _served(request.number, pages, quirks)
    shown = _cut(items, number, step, request.size, quirks)
    page: Json = {
        "_embedded": {key: [render(item) for item in shown]},
        "_links": _links(request, number, max(pages, 1), quirks),
        "page": number + quirks.echo_offset,
        "page_size": request.size if quirks.cap_is_told else request.asked_size,
        **_claimed("total_items", len(items), len(shown), quirks.total_items, turn),
        **_claimed("total_pages", pages, 1, quirks.total_pages, turn),
    }
    if quirks.without_embedded:
        del page["_embedded"]
    if quirks.without_links:
        del page["_links"]
    return page


def _served(asked: int, pages: int, quirks: PagingQuirks) -> int:
    """The number of the page that comes when this one is asked for."""
    first, last = quirks.first_page, quirks.first_page + max(pages, 1) - 1
    if first <= asked <= last or (quirks.cycle is not None and asked >= first):
        return asked
    outside: Outside = quirks.below if asked < first else quirks.beyond
    if outside == "empty":
        return asked
    if isinstance(outside, str):
        return first if outside == "first" else last
    message = f"page is {asked}; accepted: {first} to {last}."
    raise Misfit(outside, message) if asked < first else HTTPException(outside, message)


def _cut(items: Sequence[Any], number: int, step: int, size: int, quirks: PagingQuirks) -> Sequence[Any]:
    index = number - quirks.first_page
    if quirks.cycle is not None:
        index %= quirks.cycle
    if index < 0:
        return ()
    start = index * step
    shown = items[start : start + size]
    if quirks.holes is None:
        return shown
    return [item for place, item in enumerate(shown, start + 1) if place % quirks.holes]


def _links(request: PageRequest, number: int, pages: int, quirks: PagingQuirks) -> Json:
    first, last = quirks.first_page, quirks.first_page + pages - 1
    links: Json = {"first": request.link(first), "self": request.link(number), "last": request.link(last)}
    if number > first:
        links["prev"] = request.link(number - 1)
    if number < last or quirks.next_always or quirks.cycle is not None:
        links["next"] = request.link(number + 1, quirks)
    elif quirks.next_cycles:
        links["next"] = request.link(first, quirks)
    if quirks.next_never:
        links.pop("next", None)
    return links


def _claimed(name: str, truth: int, of_page: int, claim: Claim, turn: int) -> Json:
    if claim == "missing":
        return {}
    claims: dict[Claim, int | str] = {
        None: truth,
        "page": of_page,
        "text": str(truth),
        "changing": truth + turn % 3,
    }
    return {name: claims.get(claim, claim)}


def _integer(
    parameters: Mapping[str, str], name: str, default: int, *, at_least: int | None, is_lenient: bool
) -> int:
    text = parameters.get(name, str(default))
    try:
        return integer(text, at_least=at_least)
    except ValueError as error:
        if is_lenient:
            return default
        accepted = "an integer" if at_least is None else f"an integer, {at_least} or more"
        raise bad_request(f"{name} is {text!r}; accepted: {accepted}.") from error
