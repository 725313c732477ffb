# Written by scripts/mirror from overlays/vbc_call_recording/_async/export_jobs.py.
# Change that file and run `make generate`.
"""Export jobs, whoever started them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Unpack

from vbc_call_recording_generated.api.export_jobs import (
    get_export_job,
    get_recording_transcription_export_job,
    list_export_jobs,
    list_recording_transcription_export_jobs,
)
from vbc_call_recording_generated.errors import reading
from vbc_call_recording_generated.models import (
    ExportJob,
    ExportJobPage,
)
from vbc_call_recording_generated.types import UNSET

from .._checks import one_of, path_segment
from .._errors import InputError
from .._exports.ticket import EXPORT_KINDS, ExportKind
from .._http.outcomes import parsed
from .._listing.filters import (
    JobFilters,
)
from .._listing.pages import Listing, PageReply, PageRequest, page_reply
from .._options import (
    JobListOptions,
    split,
)
from .export import Export
from .paginator import Paginator

if TYPE_CHECKING:
    from .client import CallRecordingClient

_LIST_JOBS = {
    "recordings": ("list_export_jobs", list_export_jobs.sync_detailed),
    "recordings_transcriptions": (
        "list_recording_transcription_export_jobs",
        list_recording_transcription_export_jobs.sync_detailed,
    ),
}


_GET_JOB = {
    "recordings": get_export_job.sync_detailed,
    "recordings_transcriptions": get_recording_transcription_export_job.sync_detailed,
}


class ExportJobs:
    """Export jobs, whoever started them: this process, an earlier one, or the VBC portal.

    `user_id` is the user who started them; `"self"`, the default, is the authenticated one. `kind` says which
    of the API's two sorts of jobs is meant: `"recordings"`, or `"recordings_transcriptions"` for jobs started
    with `export(include_transcriptions=True)`.
    """

    def __init__(self, client: CallRecordingClient) -> None:
        self._client = client

    def list(
        self,
        *,
        kind: ExportKind = "recordings",
        user_id: str | int = "self",
        **options: Unpack[JobListOptions],
    ) -> Paginator[ExportJob]:
        """The user's export jobs of one kind.

        The API documents no way to ask for a page of them, so the `next` links are followed, within the API's
        own origin (our choice).

        Args:
            kind: Which sort of jobs.
            user_id: Whose jobs.
            **options: See `JobListOptions`.

        Raises:
            InputError: An argument that cannot be right.
        """
        user = path_segment(user_id, "user_id")
        client = self._client
        operation, ask = _LIST_JOBS[one_of(kind, "kind", EXPORT_KINDS)]

        def fetch(request: PageRequest) -> PageReply[ExportJob]:
            if request.url is None:
                answer = ask(client.account_id, user, client=client.api, **request.filters)
                page = parsed(answer, operation)
            else:
                page = self._follow(request.url, operation)
            return page_reply(page, page.hal_embedded.jobs if page.hal_embedded else UNSET)

        filters, paging = split(options, JobListOptions)
        listing: Listing[ExportJob] = Listing(
            operation=operation,
            scope={"account_id": self._client.account_id, "user_id": user},
            allowed=JobFilters,
            key=lambda job: job.id,
            linked=True,
        )
        return Paginator(fetch, listing, filters, **paging)

    def _follow(self, url: str, operation: str) -> ExportJobPage:
        wire = self._client.wire
        trusted = wire.trusted_url(url, operation=operation)
        answer = wire.get(trusted, extensions={"operation": operation})
        with reading(answer):
            return ExportJobPage.from_dict(answer.json())

    def get(self, job_id: str, *, kind: ExportKind = "recordings", user_id: str | int = "self") -> ExportJob:
        """How far one export job has got.

        Args:
            job_id: The job.
            kind: Which sort of job it is.
            user_id: Who started it.

        Raises:
            NotFoundError: There is none with this id, or none of this user and kind.
            InputError: An id cannot be one.
        """
        ask = _GET_JOB[one_of(kind, "kind", EXPORT_KINDS)]
        answer = ask(
            self._client.account_id,
            path_segment(user_id, "user_id"),
            path_segment(job_id, "job_id"),
            client=self._client.api,
        )
        return parsed(answer, "get_export_job")

    def resume(self, token: str) -> Export:
        """The export whose `token` this is, for going on in another process. Makes no request.

        Raises:
            InputError: It is no token.
        """
        return Export.from_token(self._client, token)

    def adopt(
        self, job_ids: Iterable[str], *, kind: ExportKind = "recordings", user_id: str | int = "self"
    ) -> Export:
        """One handle over jobs that were started elsewhere. Makes no request.

        Args:
            job_ids: The jobs.
            kind: Which sort of jobs they are.
            user_id: Who started them.

        Raises:
            InputError: An id cannot be one.
        """
        if isinstance(job_ids, str):
            raise InputError(f"job_ids is {job_ids!r}, one string; accepted: several, as in [{job_ids!r}]")
        ids = [path_segment(job_id, "job_id") for job_id in job_ids]
        user = path_segment(user_id, "user_id")
        one_of(kind, "kind", EXPORT_KINDS)
        return Export.adopt(self._client, ids, kind=kind, user_id=user)
