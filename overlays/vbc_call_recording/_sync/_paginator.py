# Written by scripts/mirror from overlays/vbc_call_recording/_async/_paginator.py. Change that file and run `make generate`.
"""The paginator: walks a listing page by page, as `_paging` decides, with some pages in flight."""

from collections.abc import Iterator, Mapping
from typing import Generic, Protocol, TypeVar

from .._paging import Listing, PageReply, PageRequest

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Fetch(Protocol[T_co]):
    """How a resource gets one page."""

    def __call__(self, request: PageRequest, /) -> PageReply[T_co]: ...


class Paginator(Generic[T]):
    """A listing, walked page by page as it is iterated."""

    def __init__(
        self,
        fetch: Fetch[T],
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

    def __iter__(self) -> Iterator[T]:
        """Every item, each once."""
        raise NotImplementedError
        yield

    def pages(self) -> Iterator[list[T]]:
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
