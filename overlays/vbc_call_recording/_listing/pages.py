"""Pages: what is asked for, and what is answered. Pure."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable
from urllib.parse import urljoin

import attrs
import httpx

from vbc_call_recording_generated.models import (
    ExportJobPage,
    Link,
    PageLinks,
    RecordingPage,
    TranscriptionPage,
)
from vbc_call_recording_generated.types import Unset

from .._checks import read_count
from .._http.answers import ResponseInfo, told_later

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
ItemId = int | str


def _href(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


@runtime_checkable
class Model(Protocol):
    """What every generated model can do."""

    def to_dict(self) -> dict[str, Any]: ...


@attrs.frozen
class PageRequest:
    """One page to ask the server for."""

    filters: Mapping[str, Any] = attrs.field(
        factory=dict[str, Any]
    )  # for the generated function, all of them
    page: int | None = None
    page_size: int | None = None
    url: str | None = None  # the link to follow instead, not yet known to be one that may be followed

    @property
    def arguments(self) -> dict[str, Any]:
        """All keyword arguments for the generated function, whose own defaults None keeps off the wire."""
        return {**self.filters, "page": self.page, "page_size": self.page_size}


@attrs.frozen
class PageReply(Generic[T_co]):
    """What the server answered. Numbers and links may be passed as they came.

    `embedded` says whether the answer held a list of items at all (`_embedded.recordings`), and `info`
    tells of the answer.
    """

    items: Sequence[T_co]
    embedded: bool = True
    page: int | None = attrs.field(default=None, converter=read_count)
    page_size: int | None = attrs.field(default=None, converter=read_count)
    total_items: int | None = attrs.field(default=None, converter=read_count)
    total_pages: int | None = attrs.field(default=None, converter=read_count)
    first_url: str | None = attrs.field(default=None, converter=_href)
    prev_url: str | None = attrs.field(default=None, converter=_href)
    self_url: str | None = attrs.field(default=None, converter=_href)
    next_url: str | None = attrs.field(default=None, converter=_href)
    info: Callable[[], ResponseInfo] | None = attrs.field(default=None, repr=False, eq=False)

    @property
    def has_links(self) -> bool:
        return any((self.first_url, self.prev_url, self.self_url, self.next_url))

    @property
    def tells_of_others(self) -> bool:
        """Whether the answer holds anything that cannot be if the listing is empty."""
        return bool(self.items or self.total_pages or self.prev_url or self.next_url)

    @property
    def is_a_page(self) -> bool:
        """Whether anything in the answer is what a page consists of: items, number, totals, links."""
        told = (self.page, self.total_items, self.total_pages)
        return self.embedded or self.has_links or any(number is not None for number in told)

    @property
    def total(self) -> int | None:
        """The server's total, None if it gave none or one that the rest of its answer contradicts."""
        total = self.total_items
        is_wrong = total is None or total < len(self.items) or (total == 0 and self.tells_of_others)
        return None if is_wrong else total


@attrs.frozen
class Listing(Generic[T]):
    """What is being listed, as far as paging has to know it."""

    operation: str  # operation id in openapi.yaml
    scope: Mapping[str, str]  # path parameters: a resume token for one account is refused for another
    allowed: type  # TypedDict of the filters there are
    key: Callable[[T], object]  # the item's id; None or UNSET if it has none
    instant: Callable[[T], object] | None = None  # when its call started, likewise; for `stable=True`
    linked: bool = False  # whether pages are reached by `next` links, because no `page` parameter exists

    def ids_of(self, items: Sequence[T]) -> list[ItemId]:
        keys: list[Any] = [*map(self.key, items)]
        if {*map(type, keys)} <= {int, str}:  # the usual case, three times faster than the general one
            return keys
        return [self.id_of(item) for item in items]

    def id_of(self, item: T) -> ItemId:
        """The item's id, or what it says if it has none: two that say the same are one."""
        key = self.key(item)
        if isinstance(key, int | str):
            return key
        said = repr(item.to_dict() if isinstance(item, Model) else item)
        return "~" + hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:32]


class IncompleteListingWarning(UserWarning):
    """A listing ended with less than the server had promised."""


@attrs.frozen
class ListingOutcome:
    """How a listing ended, and whether it is known to be complete.

    | `complete` | the server |
    |---|---|
    | True | promised a number of items, and as many different ones came |
    | False | promised more, by its total, a `next` link or `total_pages`, than it gave |
    | None | did not give enough to know: no total, one that changed, one that contradicts the items |

    Attributes:
        complete: True, False or None, as above.
        reason: Why it is not True, in one sentence. Empty if it is.
        received: How many different items came, including those before a resume.
        expected: How many the server promised; None if it gave no number.
    """

    complete: bool | None
    reason: str
    received: int
    expected: int | None


def page_reply(
    page: RecordingPage | TranscriptionPage | ExportJobPage,
    items: list[T] | Unset,
    answer: httpx.Response,
    *,
    url: str = "",
) -> PageReply[T]:
    """What the paginator wants to know of a page. Links are resolved against the page's own `url`."""
    links = page.hal_links or PageLinks()
    return PageReply(
        items=items or [],
        embedded=not isinstance(items, Unset),
        page=page.page,
        page_size=page.page_size,
        total_items=page.total_items,
        total_pages=page.total_pages,
        first_url=_target(links.first, url),
        prev_url=_target(links.prev, url),
        self_url=_target(links.self_, url),
        next_url=_target(links.next_, url),
        info=told_later(answer),
    )


def _target(link: Link | Unset, url: str) -> str | None:
    href = _href(link.href) if link else None
    try:
        return urljoin(url, href) if href else None
    except ValueError:  # as `http://[`: whoever follows it says what is wrong
        return href
