"""The paginator: walks a listing page by page, as `_paging` decides, with some pages in flight."""

from collections.abc import AsyncIterator, Mapping
from typing import Generic, Protocol, TypeVar

from .._paging import Listing, PageReply, PageRequest

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class AsyncFetch(Protocol[T_co]):
    """How a resource gets one page."""

    async def __call__(self, request: PageRequest, /) -> PageReply[T_co]: ...


class AsyncPaginator(Generic[T]):
    """A listing, walked page by page as it is iterated."""

    def __init__(
        self,
        fetch: AsyncFetch[T],
        listing: Listing[T],
        filters: Mapping[str, object],
        *,
        limit: int | None = None,
        page_size: int = 100,
        prefetch: int = 4,
        strict: bool = False,
        stable: bool = False,
        resume: str | None = None,
    ) -> None:
        raise NotImplementedError

    async def __aiter__(self) -> AsyncIterator[T]:
        """Every item, each once."""
        raise NotImplementedError
        yield

    async def pages(self) -> AsyncIterator[list[T]]:
        """The same items in the lists they arrived in, none of them empty."""
        raise NotImplementedError
        yield

    @property
    def total_items(self) -> int | None:
        """How many items the server promised; None before the first page, or if it did not say."""
        raise NotImplementedError

    @property
    def complete(self) -> bool | None:
        """Whether everything promised has come; None while the listing has not been walked to its end."""
        raise NotImplementedError

    @property
    def token(self) -> str:
        """Where to go on, in this process or another: pass it to `list(resume=...)`."""
        raise NotImplementedError
