"""Keyword arguments that several calls share, typed once. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from ._checks import refuse_unknown
from ._listing.filters import JobFilters, ListFilters, TranscriptionFilters

OnProgress = Callable[[int, int | None], object]
"""Called with bytes done and bytes in total, None if unknown. Bytes done fall when a download starts over."""


class PagingOptions(TypedDict, total=False):
    """How a listing is walked. The docs of the paginator tell more.

    Keys:
        limit: Stop after so many items.
        page_size: How many items to ask for at a time. Default 100, where the API's own is 10.
        prefetch: How many pages may be under way at once. Default 4; 0 asks for each page when it is needed.
        strict: Raise IncompleteListingError at the end if the listing is not known to be complete.
        stable: Safe while recordings arrive or are deleted during the walk: oldest first, up to now.
        resume: A paginator's `token`: go on after the last item it yielded.
    """

    limit: int | None
    page_size: int
    prefetch: int
    strict: bool
    stable: bool
    resume: str | None


class ListOptions(ListFilters, PagingOptions, total=False):
    """Filters of recordings, and how to walk them."""


class TranscriptionListOptions(TranscriptionFilters, PagingOptions, total=False):
    """Filters of transcriptions, and how to walk them."""


class JobListOptions(JobFilters, total=False):
    """Filters of export jobs, and how to walk them. Their pages can only be reached one after the other.

    Keys:
        limit: Stop after so many items.
        strict: Raise IncompleteListingError at the end if the listing is not known to be complete.
        resume: A paginator's `token`: go on after the last job it yielded.
    """

    limit: int | None
    strict: bool
    resume: str | None


class DownloadOptions(TypedDict, total=False):
    """How a file is downloaded.

    Keys:
        on_progress: Called with bytes done and bytes in total (None if unknown). A transfer that has to start
            over counts back to 0.
        overwrite: Replace a file that is there already. Default: no.
        resume: Go on with what an interrupted download left. Default: yes.
        stall_timeout: Seconds without a byte after which the connection counts as broken.
    """

    on_progress: OnProgress | None
    overwrite: bool
    resume: bool
    stall_timeout: float


class DownloadManyOptions(TypedDict, total=False):
    """How many files are downloaded.

    Keys:
        concurrency: How many at a time. Default 8.
        overwrite: Replace files that are there already. Default: no.
        resume: Go on with what interrupted downloads left. Default: yes.
        stall_timeout: Seconds without a byte after which a connection counts as broken.
    """

    concurrency: int
    overwrite: bool
    resume: bool
    stall_timeout: float


def split(options: Mapping[str, Any], allowed: type) -> tuple[dict[str, Any], PagingOptions]:
    """Filters, and how to walk what they match. Raises InputError if the TypedDict `allowed` lacks one."""
    refuse_unknown("argument", options, allowed)
    filters = {name: value for name, value in options.items() if name not in PagingOptions.__annotations__}
    paging: Any = {name: value for name, value in options.items() if name in PagingOptions.__annotations__}
    return filters, paging
