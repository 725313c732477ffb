# Written by scripts/mirror from overlays/vbc_call_recording/_async/paginator.py.
# Change that file and run `make generate`.
"""The paginator: walks a listing page by page, as `_listing` decides, with some pages in flight."""

import inspect
import warnings
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Generic, Protocol, Self, TypeVar, Unpack, overload

import attrs

from .._concurrency import Job, Pool, was_dropped
from .._errors import IncompleteListingError, StatusError
from .._http.answers import ResponseInfo
from .._listing.pages import IncompleteListingWarning, Listing, ListingOutcome, PageReply, PageRequest
from .._listing.settings import (
    ListingSettings,
    begin_walk,
    check_settings,
    pages_ahead,
    shown_settings,
    token_at,
)
from .._listing.walk import Page as WalkedPage
from .._options import PagingOptions

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Fetch(Protocol[T_co]):
    """How a resource gets one page."""

    def __call__(self, request: PageRequest, /) -> PageReply[T_co]: ...


class Paginator(Generic[T]):
    """A listing, walked page by page as it is iterated. Every iteration begins a new walk.

    As many pages are fetched ahead as were taken, up to `prefetch`. When the loop is left early, nothing more
    is requested: the async client cancels requests under way, the sync client waits one second at most for
    them. Whatever the server says about page numbers and totals, no item comes twice, and `complete` is True
    only if as many items came as the server had promised.

    `total_items`, `complete`, `outcome` and `token` describe the latest iteration.
    """

    def __init__(
        self,
        fetch: Fetch[T],
        listing: Listing[T],
        filters: Mapping[str, object],
        **paging: Unpack[PagingOptions],
    ) -> None:
        """Raises InputError for an invalid argument, or a token of another listing."""
        self._fetch = fetch
        self._settings: ListingSettings[T] = check_settings(listing, filters, **paging)
        self._walker = Walker(fetch, self._settings)

    def __iter__(self) -> Generator[T]:
        with self._begin() as walker:
            while page := walker.next_page():
                for walker.passed_on, item in enumerate(page.items, start=1):
                    yield item

    def pages(self) -> Generator["Page[T]"]:
        """The same items on the pages they arrived in, none of them empty."""
        with self._begin() as walker:
            page = _turned(walker)
            while page is not None:
                walker.passed_on += len(page)
                yield page
                page = page.next_page()

    def first_page(self) -> "Page[T] | None":
        """The first page, for those who turn pages by themselves; None if nothing matches.

        Then `page.next_page()` requests the next one. Nothing is fetched ahead. The paginator's own
        attributes describe iterations, and nothing of this.
        """
        settings = attrs.evolve(self._settings, prefetch=0)
        return _turned(Walker(self._fetch, settings))

    def first(self) -> T | None:
        """The first item, None if nothing matches. One request to most servers."""
        walker = Walker(self._fetch, attrs.evolve(self._settings, prefetch=0, limit=1))
        page = walker.next_page()
        return page.items[0] if page else None

    @property
    def total_items(self) -> int | None:
        """How many items the server promised; None before the first page, or if it did not say."""
        return self._walker.walk.promised

    @property
    def complete(self) -> bool | None:
        """Whether everything came. True only if that is known.

        True: as many different items came as the server promised. False: it promised more than it gave. None:
        the iteration has not ended, or the server did not give enough to know. In the second case there is
        an `outcome`, with the reason.
        """
        return None if self._walker.outcome is None else self._walker.outcome.complete

    @property
    def outcome(self) -> ListingOutcome | None:
        """How the iteration ended, with the reason if it is not known to be complete. None before the end.

        An iteration that `limit` or its caller ended early has no outcome.
        """
        return self._walker.outcome

    @property
    def token(self) -> str:
        """Where to go on after the last item given, in this process or another: `list(resume=token)`.

        Opaque text without secrets. It contains the filters, and so perhaps telephone numbers.
        """
        return token_at(self._settings, self._walker.page, self._walker.passed_on)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({shown_settings(self._settings)})"

    def _begin(self) -> "Walker[T]":
        self._walker = Walker(self._fetch, self._settings)
        return self._walker


class Page(Sequence[T]):
    """Items that arrived together: a sequence of them, with a way to the next page.

    Attributes:
        items: What is new on this page; at least one item.
        total_items: How many items the server promised for the whole listing; None if it did not say.
        has_next_page: Whether a further page is to be expected. It may turn out to have nothing new.
        token: Where to go on after this page, in this process or another: `list(resume=token)`.
        response: The answer it came in, without its body.
    """

    def __init__(self, page: WalkedPage[T], walker: "Walker[T]") -> None:
        self.items = list(page.items)
        self.total_items = walker.walk.promised
        self.has_next_page = walker.has_more
        self._page = page
        self._walker = walker
        self._next: Page[T] | None = None
        self._info = walker.info

    def next_page(self) -> "Page[T] | None":
        """The next page, None at the end. Asked again, it is the same page, and no further request is made.

        After an error it can be asked again, too. Not for several threads or tasks at a time.

        Raises:
            IncompleteListingError: At the end, if `strict` was asked for and not everything came.
        """
        if self._next is None:
            self._next = _turned(self._walker)
        return self._next

    @property
    def token(self) -> str:
        return token_at(self._walker.settings, self._page, len(self.items))

    @property
    def response(self) -> ResponseInfo:
        assert self._info is not None  # every resource tells it
        return self._info()

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        count = f"{len(self)} of {self.total_items} items" if self.total_items else f"{len(self)} items"
        return f"<{type(self).__name__} of {self._walker.settings.listing.operation}: {count}>"


def _turned(walker: "Walker[T]") -> Page[T] | None:
    page = walker.next_page()
    return None if page is None else Page(page, walker)


class Walker(Generic[T]):
    """One walk under way, and its requests in flight."""

    def __init__(self, fetch: Fetch[T], settings: ListingSettings[T]) -> None:
        self.walk = begin_walk(settings)
        self.page: WalkedPage[T] | None = None
        self.info: Callable[[], ResponseInfo] | None = None
        self.passed_on = 0
        self.outcome: ListingOutcome | None = None
        self.settings = settings
        self._fetch = fetch
        self._prefetch = settings.prefetch
        self._taken = 0
        self._left = settings.limit
        self._refusal: StatusError | None = None
        # What is to come, as far as that is known; without a job it is requested when it is needed.
        self._ahead: deque[tuple[PageRequest, Job[PageReply[T]] | None]] = deque()
        self._pool = Pool(max(settings.prefetch, 1))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End what is under way. Whoever has a page can still go on from it, one page at a time."""
        self._pool.close()
        self._prefetch = 0
        self._ahead = deque((request, None) for request, _ in self._ahead)

    @property
    def has_more(self) -> bool:
        """Whether a further page is to be expected."""
        return bool(self._ahead)

    def next_page(self) -> WalkedPage[T] | None:
        """The next page that holds something new, None at the end."""
        while self._left != 0:
            self._look_ahead()
            if not self._ahead:
                self._conclude()
                return None
            page = self._arrival()
            if page.items:
                self._taken += 1
                self._look_ahead()
                return page
        return None

    def _look_ahead(self) -> None:
        most = max(pages_ahead(self._taken, self._prefetch), 1)
        while len(self._ahead) < most and not self._limit_is_covered():
            request = self.walk.ask(len(self._ahead))
            if request is None:
                return
            job = self._pool.start(self._fetch, request) if self._prefetch else None
            self._ahead.append((request, job))

    def _limit_is_covered(self) -> bool:
        return self._left is not None and self._left <= len(self._ahead) * self.settings.start.size

    def _arrival(self) -> WalkedPage[T]:
        request, job = self._ahead.popleft()
        try:
            reply = self._fetch(request) if job is None else job.result()
        except StatusError as error:
            if not self.walk.forgives(request, error):
                self._ahead.appendleft((request, None))
                raise
            self._refusal = self._refusal or error
            reply = PageReply[T](items=())
        except BaseException:  # whoever asks again gets this page, and not the one after it
            self._ahead.appendleft((request, None))
            # A loop over pages that was left closes late, while a page of it is being turned.
            if job is None or not was_dropped(job):
                raise
            return self._arrival()
        page, self.info = self.walk.take(request, reply), reply.info
        if self._left is not None:
            page = WalkedPage(page.items[: self._left], page.before)
            self._left -= len(page.items)
        if page.items or self.page is None:
            self.page, self.passed_on = page, 0
        return page

    def _conclude(self) -> None:
        self.outcome = outcome = self.walk.outcome
        if outcome.complete:
            return
        message = f"{self.settings.listing.operation}: {outcome.reason}"
        if self._refusal is not None:
            message += f"; a page was refused: {self._refusal}"
        if self.settings.strict:
            numbers = {"expected": outcome.expected, "received": outcome.received}
            raise IncompleteListingError(message, **numbers) from self._refusal
        if outcome.complete is False:
            warnings.warn(message, IncompleteListingWarning, stacklevel=_frames_here() + 1)


def _frames_here() -> int:
    """How many calls of this module lead to the caller: a warning is about the line that called the first."""
    frame, count = inspect.currentframe(), -1
    while frame is not None and frame.f_code.co_filename == __file__:
        frame, count = frame.f_back, count + 1
    return count
