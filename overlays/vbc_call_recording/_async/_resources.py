"""What the API offers, as `client.<resource>.<verb>`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from vbc_call_recording_generated.api.company_recordings import (
    delete_company_recording,
    get_company_recording,
    list_company_recordings,
)
from vbc_call_recording_generated.api.company_transcriptions import list_company_transcriptions
from vbc_call_recording_generated.api.export_jobs import (
    get_export_job,
    get_recording_transcription_export_job,
    list_export_jobs,
    list_recording_transcription_export_jobs,
)
from vbc_call_recording_generated.api.on_demand_recordings import (
    delete_on_demand_recording,
    get_on_demand_recording,
    list_on_demand_recordings,
)
from vbc_call_recording_generated.errors import reading
from vbc_call_recording_generated.models import ExportJob, ExportJobPage, Recording, Transcription
from vbc_call_recording_generated.types import UNSET

from .._answers import page_reply, parsed
from .._filters import JobFilters, ListFilters, TranscriptionFilters, path_segment
from .._options import JobListOptions, ListOptions, TranscriptionListOptions, checked_kind, split
from .._paging import Listing, PageReply, PageRequest
from .._ticket import ExportKind
from ._paginator import AsyncPaginator

if TYPE_CHECKING:
    from ._client import AsyncCallRecordingClient

_LIST_JOBS = {
    "recordings": ("list_export_jobs", list_export_jobs.asyncio_detailed),
    "recordings_transcriptions": (
        "list_recording_transcription_export_jobs",
        list_recording_transcription_export_jobs.asyncio_detailed,
    ),
}
_GET_JOB = {
    "recordings": get_export_job.asyncio_detailed,
    "recordings_transcriptions": get_recording_transcription_export_job.asyncio_detailed,
}


class AsyncCompanyRecordings:
    """Recordings of the whole office, made by the rules an administrator sets up."""

    def __init__(self, client: AsyncCallRecordingClient) -> None:
        self._client = client

    def list(self, **options: Unpack[ListOptions]) -> AsyncPaginator[Recording]:
        """The recordings that match every given filter; the latest first, unless `order` says otherwise.

        Nothing is requested before the paginator is iterated.

        Args:
            **options: See `ListFilters` and `PagingOptions`.

        Raises:
            InputError: An argument that cannot be right.
        """
        client = self._client

        async def fetch(request: PageRequest) -> PageReply[Recording]:
            answer = await list_company_recordings.asyncio_detailed(
                client.account_id, client=client.api, **request.arguments
            )
            page = parsed(answer)
            return page_reply(page, page.hal_embedded.recordings if page.hal_embedded else UNSET)

        filters, paging = split(options)
        return AsyncPaginator(
            fetch, _recordings("list_company_recordings", client.account_id), filters, **paging
        )

    async def get(self, recording_id: int | str) -> Recording:
        """One recording.

        Raises:
            NotFoundError: There is none with this id.
            InputError: The id cannot be one.
        """
        answer = await get_company_recording.asyncio_detailed(
            self._client.account_id, path_segment(recording_id, "recording_id"), client=self._client.api
        )
        return parsed(answer)

    async def delete(self, recording_id: int | str) -> None:
        """Deletes one recording. There is no undo.

        Raises:
            NotFoundError: There is none with this id.
            InputError: The id cannot be one.
        """
        await delete_company_recording.asyncio_detailed(
            self._client.account_id, path_segment(recording_id, "recording_id"), client=self._client.api
        )


class AsyncOnDemandRecordings:
    """Recordings users decided to make during their calls.

    `user_id` is the user they belong to; `"self"`, the default, is the authenticated one.
    """

    def __init__(self, client: AsyncCallRecordingClient) -> None:
        self._client = client

    def list(
        self, *, user_id: str | int = "self", **options: Unpack[ListOptions]
    ) -> AsyncPaginator[Recording]:
        """The user's recordings that match every given filter; the latest first, unless `order` says else.

        Nothing is requested before the paginator is iterated.

        Args:
            user_id: Whose recordings.
            **options: See `ListFilters` and `PagingOptions`.

        Raises:
            InputError: An argument that cannot be right.
        """
        client = self._client
        user = path_segment(user_id, "user_id")

        async def fetch(request: PageRequest) -> PageReply[Recording]:
            answer = await list_on_demand_recordings.asyncio_detailed(
                client.account_id, user, client=client.api, **request.arguments
            )
            page = parsed(answer)
            return page_reply(page, page.hal_embedded.recordings if page.hal_embedded else UNSET)

        filters, paging = split(options)
        listing = _recordings("list_on_demand_recordings", client.account_id, user)
        return AsyncPaginator(fetch, listing, filters, **paging)

    async def get(self, recording_id: int | str, *, user_id: str | int = "self") -> Recording:
        """One recording of the user.

        Raises:
            NotFoundError: There is none with this id, or none of this user.
            InputError: An id cannot be one.
        """
        answer = await get_on_demand_recording.asyncio_detailed(
            self._client.account_id,
            path_segment(user_id, "user_id"),
            path_segment(recording_id, "recording_id"),
            client=self._client.api,
        )
        return parsed(answer)

    async def delete(self, recording_id: int | str, *, user_id: str | int = "self") -> None:
        """Deletes one recording of the user. There is no undo.

        Raises:
            NotFoundError: There is none with this id, or none of this user.
            InputError: An id cannot be one.
        """
        await delete_on_demand_recording.asyncio_detailed(
            self._client.account_id,
            path_segment(user_id, "user_id"),
            path_segment(recording_id, "recording_id"),
            client=self._client.api,
        )


class AsyncTranscriptions:
    """Transcripts of company recordings, and how far transcribing has got."""

    def __init__(self, client: AsyncCallRecordingClient) -> None:
        self._client = client

    def list(self, **options: Unpack[TranscriptionListOptions]) -> AsyncPaginator[Transcription]:
        """The transcriptions that match every given filter.

        Nothing is requested before the paginator is iterated.

        Args:
            **options: See `TranscriptionFilters` and `PagingOptions`.

        Raises:
            InputError: An argument that cannot be right.
        """
        client = self._client

        async def fetch(request: PageRequest) -> PageReply[Transcription]:
            answer = await list_company_transcriptions.asyncio_detailed(
                client.account_id, client=client.api, **request.arguments
            )
            page = parsed(answer)
            return page_reply(page, page.hal_embedded.transcriptions if page.hal_embedded else UNSET)

        filters, paging = split(options)
        listing: Listing[Transcription] = Listing(
            operation="list_company_transcriptions",
            scope={"account_id": client.account_id},
            allowed=TranscriptionFilters,
            key=lambda transcription: transcription.recording_id,
            instant=lambda transcription: transcription.call_date,
        )
        return AsyncPaginator(fetch, listing, filters, **paging)


class AsyncExportJobs:
    """Export jobs, whoever started them: this process, an earlier one, or the VBC portal.

    `user_id` is the user who started them; `"self"`, the default, is the authenticated one. `kind` says which
    of the API's two sorts of jobs is meant: `"recordings"`, or `"recordings_transcriptions"` for jobs started
    with `export(include_transcriptions=True)`.
    """

    def __init__(self, client: AsyncCallRecordingClient) -> None:
        self._client = client

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
            kind: Which sort of jobs.
            user_id: Whose jobs.
            **options: See `JobListOptions`.

        Raises:
            InputError: An argument that cannot be right.
        """
        user = path_segment(user_id, "user_id")
        client = self._client
        operation, ask = _LIST_JOBS[checked_kind(kind)]

        async def fetch(request: PageRequest) -> PageReply[ExportJob]:
            if request.url is None:
                page = parsed(await ask(client.account_id, user, client=client.api, **request.filters))
            else:
                page = await self._follow(request.url, operation)
            return page_reply(page, page.hal_embedded.jobs if page.hal_embedded else UNSET)

        filters, paging = split(options)
        listing: Listing[ExportJob] = Listing(
            operation=operation,
            scope={"account_id": self._client.account_id, "user_id": user},
            allowed=JobFilters,
            key=lambda job: job.id,
            linked=True,
        )
        return AsyncPaginator(fetch, listing, filters, **paging)

    async def _follow(self, url: str, operation: str) -> ExportJobPage:
        wire = self._client.wire
        trusted = wire.trusted_url(url, operation=operation)
        answer = await wire.get(trusted, extensions={"operation": operation})
        with reading(answer):
            return ExportJobPage.from_dict(answer.json())

    async def get(
        self, job_id: str, *, kind: ExportKind = "recordings", user_id: str | int = "self"
    ) -> ExportJob:
        """How far one export job has got.

        Args:
            job_id: The job.
            kind: Which sort of job it is.
            user_id: Who started it.

        Raises:
            NotFoundError: There is none with this id, or none of this user and kind.
            InputError: An id cannot be one.
        """
        ask = _GET_JOB[checked_kind(kind)]
        answer = await ask(
            self._client.account_id,
            path_segment(user_id, "user_id"),
            path_segment(job_id, "job_id"),
            client=self._client.api,
        )
        return parsed(answer)


def _recordings(operation: str, account_id: str, user_id: str | None = None) -> Listing[Recording]:
    return Listing(
        operation=operation,
        scope={"account_id": account_id} | ({} if user_id is None else {"user_id": user_id}),
        allowed=ListFilters,
        key=lambda recording: recording.id,
        instant=lambda recording: recording.start,
    )
