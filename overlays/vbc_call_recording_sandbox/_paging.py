"""One page of a list: cutting it out, counting, linking to its neighbours; quirks included."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import urlencode

from ._faults import Json, PagingQuirks
from ._numbers import integer
from ._refusals import bad_request


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of which list: `url` is the list's own, without its query."""

    number: int
    size: int
    url: str
    parameters: Mapping[str, str]

    @classmethod
    def read(cls, url: str, parameters: Mapping[str, str], quirks: PagingQuirks) -> "PageRequest":
        """Read `page` and `page_size` from a list request's query."""
        number = _integer(parameters, "page", quirks.first_page, at_least=quirks.first_page)
        size = _integer(parameters, "page_size", 10, at_least=1)
        if quirks.page_size_cap is not None:
            size = min(size, quirks.page_size_cap)
        return cls(number, size, url, parameters)

    def link(self, number: int, origin: str | None = None) -> Json:
        """A link to the page of this number, on another origin if given."""
        href = f"{self.url}?{urlencode({**self.parameters, 'page': number})}"
        if origin is not None:
            href = origin + "/" + href.split("/", 3)[3]
        return {"href": href}


def page_of(
    items: Sequence[Any], key: str, render: Callable[[Any], Json], request: PageRequest, quirks: PagingQuirks
) -> Json:
    """The JSON of one page of `items`, which appear as `_embedded.<key>`."""
    pages = ceil(len(items) / request.size)
    index = request.number - quirks.first_page
    if quirks.cycle is not None:
        index %= quirks.cycle
    shown = items[index * request.size : (index + 1) * request.size]
    page: Json = {
        "_embedded": {key: [render(item) for item in shown]},
        "_links": _links(request, max(pages, 1), quirks),
        "page": request.number + quirks.echo_offset,
        "page_size": request.size,
        **_claimed("total_items", len(items), quirks.total_items),
        **_claimed("total_pages", pages, quirks.total_pages),
    }
    if quirks.without_embedded:
        del page["_embedded"]
    return page


def _links(request: PageRequest, pages: int, quirks: PagingQuirks) -> Json:
    first, last = quirks.first_page, quirks.first_page + pages - 1
    links: Json = {
        "first": request.link(first),
        "self": request.link(request.number),
        "last": request.link(last),
    }
    if request.number > first:
        links["prev"] = request.link(request.number - 1)
    if request.number < last or quirks.next_always or quirks.cycle is not None:
        links["next"] = request.link(request.number + 1, quirks.next_origin)
    elif quirks.next_cycles:
        links["next"] = request.link(first, quirks.next_origin)
    return links


def _claimed(name: str, truth: int, claim: int | str | None) -> Json:
    if claim == "missing":
        return {}
    return {name: truth if claim is None else claim}


def _integer(parameters: Mapping[str, str], name: str, default: int, *, at_least: int) -> int:
    text = parameters.get(name, str(default))
    try:
        return integer(text, at_least=at_least)
    except ValueError as error:
        raise bad_request(f"{name} is {text!r}; accepted is an integer, {at_least} or more.") from error
