"""Keyword arguments that several calls share, typed once. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict, cast

from attrs import frozen

from ._checks import flag, one_of, refuse_unknown, seconds, shown, whole_number
from ._errors import InputError
from ._files.verification import LEVELS, Verify
from ._listing.filters import JobFilters, ListFilters, TranscriptionFilters

DEFAULT_STALL_TIMEOUT = 60.0
LONGEST_STALL_TIMEOUT = 86_400.0

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
        stall_timeout: Seconds without a byte after which the connection counts as broken. Default 60.
        verify: What must be proven before the file is published: `"strict"`, the default, size, content type
            and contents; `"size"`, the size only; `"none"`, nothing but that the answer came whole. The
            result's `unproven` says what was not.
    """

    on_progress: OnProgress | None
    overwrite: bool
    resume: bool
    stall_timeout: float
    verify: Verify


class DownloadManyOptions(DownloadOptions, total=False):
    """How many files are downloaded: as single ones are, and several at a time.

    Keys:
        concurrency: How many at a time. Default 8. More than 80 are never under way: a client has 100
            connections, and listing and logging in need some.
        on_progress: Called with the bytes done of all files, those there already included, and with their
            bytes in total, None until the last one has begun. Never called twice at the same time.
    """

    concurrency: int


@frozen
class DownloadSettings:
    """`DownloadManyOptions`, checked. The attributes are its keys."""

    on_progress: OnProgress | None
    overwrite: bool
    resume: bool
    stall_timeout: float
    verify: Verify
    concurrency: int


def download_settings(options: Mapping[str, Any], allowed: type = DownloadOptions) -> DownloadSettings:
    """Raises InputError if the TypedDict `allowed` lacks an option, or the value of one cannot be right."""
    refuse_unknown("argument", options, allowed)
    on_progress = options.get("on_progress")
    if on_progress is not None and not callable(on_progress):
        raise InputError(f"on_progress is {shown(on_progress)}; accepted: a function, or None")
    return DownloadSettings(
        on_progress=cast("OnProgress | None", on_progress),
        overwrite=flag(options.get("overwrite", False), "overwrite"),
        resume=flag(options.get("resume", True), "resume"),
        stall_timeout=seconds(
            options.get("stall_timeout", DEFAULT_STALL_TIMEOUT), "stall_timeout", most=LONGEST_STALL_TIMEOUT
        ),
        verify=one_of(options.get("verify", "strict"), "verify", LEVELS),
        concurrency=whole_number(options.get("concurrency", 8), "concurrency", least=1),
    )


def split(options: Mapping[str, Any], allowed: type) -> tuple[dict[str, Any], PagingOptions]:
    """Filters, and how to walk what they match. Raises InputError if the TypedDict `allowed` lacks one."""
    refuse_unknown("argument", options, allowed)
    filters = {name: value for name, value in options.items() if name not in PagingOptions.__annotations__}
    paging: Any = {name: value for name, value in options.items() if name in PagingOptions.__annotations__}
    return filters, paging
