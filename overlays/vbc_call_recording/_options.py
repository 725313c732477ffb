"""Keyword arguments that several calls share, typed once. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from attrs import field, frozen

from ._checks import callback, checked_by, flag, one_of, refuse_unknown, seconds, whole_number
from ._files.progress import OnProgress
from ._files.verification import LEVELS, Verify
from ._http.settings import CallOptions as CallOptions
from ._http.settings import sets_itself
from ._keywords import spelled_out as spelled_out
from ._keywords import split as split
from ._listing.filters import ExportFilters, JobFilters, ListFilters, TranscriptionFilters

_ON_THE_WIRE = {"page_size", *TranscriptionFilters.__annotations__, *JobFilters.__annotations__}
LONGEST_STALL_TIMEOUT = 86_400.0


class LinkedPagingOptions(TypedDict, total=False):
    """How to go through a listing whose pages can only be reached one after the other.

    Keys:
        limit: End after so many items. Default: no limit.
        strict: Raise `IncompleteListingError` at the end unless `complete` is True. Without it, there is an
            `IncompleteListingWarning` if `complete` is False.
        resume: `token` of an earlier listing, to go on after the last item it gave. Filters may be left out,
            because the token has them.
    """

    limit: int | None
    strict: bool
    resume: str | None


class PagingOptions(LinkedPagingOptions, total=False):
    """How to go through a listing: the keys of `LinkedPagingOptions`, and these.

    Keys:
        page_size: Items in one request. Default 100; the API's own default is 10. The docs name no maximum. A
            resumed listing keeps its size.
        prefetch: How many pages to request ahead at most, and so to hold in memory. Default 8, at most 16. It
            begins with one and rises with each page that is taken, so that a loop that is left early has
            requested few in vain. With 0 a page is requested only when it is needed.
        stable: Go in ascending order of start, up to the newest recording there was at the beginning. Each
            recording that exists the whole time comes exactly once, whatever arrives or is deleted meanwhile.
            So deleting in the loop is safe. One request at a time, in constant memory.
    """

    page_size: int
    prefetch: int
    stable: bool


class ListOptions(ListFilters, PagingOptions, CallOptions, total=False):
    """Filters of recordings, how to go through them, and how to send the requests."""


class TranscriptionListOptions(TranscriptionFilters, PagingOptions, CallOptions, total=False):
    """Filters of transcriptions, how to go through them, and how to send the requests."""


class JobListOptions(JobFilters, LinkedPagingOptions, CallOptions, total=False):
    """Filters of export jobs, and how to go through them: `limit`, `strict`, `resume`, and `CallOptions`."""


class ExportOptions(ExportFilters, CallOptions, total=False):
    """Filters of an export, and how to send its requests."""


class DownloadOptions(CallOptions, total=False):
    """How a file is downloaded: the keys of `CallOptions`, and these.

    Keys:
        on_progress: Called with bytes done and bytes in total (None if unknown). A transfer that has to start
            over counts back to 0.
        overwrite: Replace a file that is there already. Default: no.
        resume: Go on with what an interrupted download left. Default: yes.
        stall_timeout: Seconds without a byte after which the connection counts as broken. Default 60.
        verify: What must be proven before the file is published. `"strict"`, the default: size, content type
            and contents. `"size"`: only the size. `"none"`: only that the answer came whole. The result's
            `unproven` says what was not proven.
    """

    on_progress: OnProgress | None
    overwrite: bool
    resume: bool
    stall_timeout: float
    verify: Verify


class DownloadManyOptions(DownloadOptions, total=False):
    """How many files are downloaded: the keys of `DownloadOptions`, and these.

    Keys:
        concurrency: How many at a time. Default 8. At most 80 are under way, because a client has 100
            connections, and listing and logging in need some.
        on_progress: Called with the bytes of all files so far, including those that were there already, and
            with their total, None until the last one has begun. Never called twice at the same time.
    """

    concurrency: int


@frozen
class DownloadSettings:
    """`DownloadManyOptions`, checked. The attributes are its keys."""

    on_progress: OnProgress | None = field(default=None, validator=checked_by(callback))
    overwrite: bool = field(default=False, validator=checked_by(flag))
    resume: bool = field(default=True, validator=checked_by(flag))
    stall_timeout: float = field(default=60.0, validator=checked_by(seconds, most=LONGEST_STALL_TIMEOUT))
    verify: Verify = field(default="strict", validator=checked_by(one_of, choices=LEVELS))
    concurrency: int = field(default=8, validator=checked_by(whole_number, least=1))


def download_settings(options: Mapping[str, Any], allowed: type = DownloadOptions) -> DownloadSettings:
    """Raises InputError if the TypedDict `allowed` lacks an option, or a value is invalid."""
    refuse_unknown("argument", options, allowed)
    return DownloadSettings(**options)


def refuse_own(extra: Iterable[str], allowed: type) -> None:
    """Check `extra_query` against the arguments that the TypedDict `allowed` has.

    Raises:
        InputError: One is a filter, or says which page: a listing may send that in a later request only.
    """
    for name in extra:
        argument = "page_size" if name == "page" else name.replace(":", "_")
        if argument in _ON_THE_WIRE & allowed.__annotations__.keys():
            raise sets_itself(name)
