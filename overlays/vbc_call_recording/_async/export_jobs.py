"""`client.export_jobs`: export jobs, whoever started them."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Unpack

from vbc_call_recording_generated.models import ExportJob

from .._checks import one_of, path_segment, shown
from .._errors import InputError
from .._exports.ticket import EXPORT_KINDS, ExportKind, ExportTicket
from .._listing.filters import JobFilters
from .._listing.pages import Listing, PageReply, PageRequest
from .._options import CallOptions, JobListOptions, PagingOptions, spelled_out, split
from .export import AsyncExport
from .jobs import LIST, get_job, jobs_page
from .operations import operation_id
from .paginator import AsyncPaginator
from .raw import with_response
from .session import AsyncSession


class AsyncExportJobs:
    """Export jobs, whoever started them: this process, an earlier one, or the VBC portal.

    `user_id` is the user who started them; `"self"`, the default, is the authenticated one. The API has two
    kinds of jobs: `"recordings"`, and `"recordings_transcriptions"` for jobs started with
    `export(include_transcriptions=True)`.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    @property
    def with_raw_response(self) -> AsyncRawExportJobs:
        """`get` that tells more of the answer: see `ApiResponse`."""
        return AsyncRawExportJobs(self)

    @spelled_out(JobListOptions)
    def list(
        self,
        *,
        kind: ExportKind = "recordings",
        user_id: str | int = "self",
        **options: Unpack[JobListOptions],
    ) -> AsyncPaginator[ExportJob]:
        """The user's export jobs of one kind.

        The API documents no way to ask for a page of them, so the `next` links are followed, within the API's
        own origin (our choice).

        Args:
            **options: See `JobListOptions`.

        Raises:
            InputError: An argument is invalid.
        """
        user = path_segment(user_id, "user_id")
        kind = one_of(kind, "kind", EXPORT_KINDS)
        session, options_left = self._session.for_call(options, JobListOptions)
        filters, paging = split(options_left, PagingOptions)

        async def fetch(request: PageRequest) -> PageReply[ExportJob]:
            return await jobs_page(session, kind, user, request)

        listing: Listing[ExportJob] = Listing(
            operation=operation_id(LIST[kind]),
            scope={"account_id": self._session.account_id, "user_id": user},
            allowed=JobFilters,
            key=attrgetter("id"),
            linked=True,
        )
        return AsyncPaginator(fetch, listing, filters, **paging)

    @spelled_out(CallOptions)
    async def get(
        self,
        job_id: str,
        *,
        kind: ExportKind = "recordings",
        user_id: str | int = "self",
        **options: Unpack[CallOptions],
    ) -> ExportJob:
        """How far one export job has got. The options are those of `CallOptions`.

        Raises:
            NotFoundError: There is none with this id, or none of this user and kind.
            MalformedResponseError: The answer is about another job.
            InputError: An argument is invalid.
        """
        kind = one_of(kind, "kind", EXPORT_KINDS)
        user, job = path_segment(user_id, "user_id"), path_segment(job_id, "job_id")
        session, _ = self._session.for_call(options, CallOptions)
        return await get_job(session, kind, user, job)

    @spelled_out(CallOptions)
    def resume(self, token: str, **options: Unpack[CallOptions]) -> AsyncExport:
        """The export that this token belongs to. Sends nothing; the options are for what it will send.

        Raises:
            InputError: It is not the `token` of an export, or an option is invalid.
        """
        session, _ = self._session.for_call(options, CallOptions)
        return AsyncExport(session, ExportTicket.from_token(token))

    @spelled_out(CallOptions)
    def adopt(
        self,
        job_ids: Iterable[str],
        *,
        kind: ExportKind = "recordings",
        user_id: str | int = "self",
        **options: Unpack[CallOptions],
    ) -> AsyncExport:
        """One export made of jobs that were started elsewhere. Sends nothing, as `resume`.

        Raises:
            InputError: An argument is invalid.
        """
        if isinstance(job_ids, str | bytes) or not isinstance(job_ids, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(f"job_ids is {shown(job_ids)}; accepted: several ids, as in ['…', '…']")
        ids = tuple(dict.fromkeys(path_segment(job_id, "job_id") for job_id in job_ids))
        user = path_segment(user_id, "user_id")
        session, _ = self._session.for_call(options, CallOptions)
        return AsyncExport(session, ExportTicket(ids, kind=one_of(kind, "kind", EXPORT_KINDS), user_id=user))


class AsyncRawExportJobs:
    """The call of `export_jobs` that is one request, returning an `ApiResponse`."""

    def __init__(self, jobs: AsyncExportJobs) -> None:
        self.get = with_response(jobs.get)
