# Written by scripts/mirror from overlays/vbc_call_recording/_async/paginator.py.
# Change that file and run `make generate`.
"""The paginator: walks a listing page by page, as `_listing` decides, with some pages in flight."""

import warnings
from collections import deque
from collections.abc import Generator, Mapping
from typing import Generic, Protocol, TypeVar, Unpack

from .._concurrency import Job, Pool
from .._errors import IncompleteListingError, StatusError
from .._listing.pages import IncompleteListingWarning, Listing, ListingOutcome, PageReply, PageRequest
from .._listing.settings import ListingSettings, begin_walk, check_settings, token_at
from .._listing.walk import Page
from .._options import PagingOptions

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Fetch(Protocol[T_co]):
    """How a resource gets one page."""

    def __call__(self, request: PageRequest, /) -> PageReply[T_co]: ...


class Paginator(Generic[T]):
    """A listing, walked page by page as it is iterated. Every iteration begins a new walk.

    A few pages are fetched ahead. When the loop is left early, nothing more is requested: the async client
    cancels requests under way, the sync client waits one second at most for them. Whatever the server says
    about page numbers and totals, no item comes twice, and `complete` is True only if as many items came as
    the server had promised.

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
        walker = self._begin()
        with walker.pool:
            while page := walker.next_page():
                for item in page.items:
                    walker.passed_on += 1
                    yield item

    def pages(self) -> Generator[list[T]]:
        """The same items in the lists they arrived in, none of them empty."""
        walker = self._begin()
        with walker.pool:
            while page := walker.next_page():
                walker.passed_on += len(page.items)
                yield list(page.items)

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

    def _begin(self) -> "Walker[T]":
        self._walker = Walker(self._fetch, self._settings)
        return self._walker


class Walker(Generic[T]):
    """One walk under way, and its requests in flight."""

    def __init__(self, fetch: Fetch[T], settings: ListingSettings[T]) -> None:
        self.walk = begin_walk(settings)
        self.page: Page[T] | None = None
        self.passed_on = 0
        self.outcome: ListingOutcome | None = None
        self._fetch = fetch
        self._settings = settings
        self._left = settings.limit
        self._refusal: StatusError | None = None
        self._ahead: deque[tuple[PageRequest, Job[PageReply[T]]]] = deque()
        self.pool = Pool(max(settings.prefetch, 1))

    def next_page(self) -> Page[T] | None:
        """The next page that holds something new, None at the end."""
        while self._left != 0:
            self._request_ahead(max(self._settings.prefetch, 1))
            if not self._ahead:
                self._conclude()
                return None
            page = self._arrival()
            if page.items:
                self._request_ahead(self._settings.prefetch)
                return page
        return None

    def _request_ahead(self, depth: int) -> None:
        while len(self._ahead) < depth and not self._limit_is_covered():
            request = self.walk.ask(len(self._ahead))
            if request is None:
                return
            self._ahead.append((request, self.pool.start(self._fetch, request)))

    def _limit_is_covered(self) -> bool:
        return self._left is not None and self._left <= len(self._ahead) * self._settings.start.size

    def _arrival(self) -> Page[T]:
        request, job = self._ahead.popleft()
        try:
            reply = job.result()
        except StatusError as error:
            if not self.walk.forgives(request, error):
                raise
            self._refusal = self._refusal or error
            reply = PageReply[T](items=())
        page = self.walk.take(request, reply)
        if self._left is not None:
            page = Page(page.items[: self._left], page.before)
            self._left -= len(page.items)
        if page.items or self.page is None:
            self.page, self.passed_on = page, 0
        return page

    def _conclude(self) -> None:
        self.outcome = outcome = self.walk.outcome
        if outcome.complete:
            return
        message = f"{self._settings.listing.operation}: {outcome.reason}"
        if self._refusal is not None:
            message += f"; a page was refused: {self._refusal}"
        if self._settings.strict:
            numbers = {"expected": outcome.expected, "received": outcome.received}
            raise IncompleteListingError(message, **numbers) from self._refusal
        if outcome.complete is False:
            warnings.warn(message, IncompleteListingWarning, stacklevel=4)
