"""Recordings, of the company and on demand."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from vbc_call_recording_generated.api.company_recordings import (
    create_company_recording_export,
    create_company_recording_transcription_export,
    delete_company_recording,
    get_company_recording,
    list_company_recordings,
)
from vbc_call_recording_generated.api.on_demand_recordings import (
    create_on_demand_recording_export,
    delete_on_demand_recording,
    get_on_demand_recording,
    list_on_demand_recordings,
)
from vbc_call_recording_generated.models import (
    ExportFilter,
    Recording,
)
from vbc_call_recording_generated.types import UNSET

from .._checks import path_segment, recording_segment
from .._files.sources import DownloadResult, recording_source
from .._files.targets import require_target
from .._http.outcomes import parsed
from .._listing.filters import (
    ExportFilters,
    ListFilters,
    plain_filters,
    wire_filters,
)
from .._listing.pages import Listing, PageReply, PageRequest, page_reply
from .._options import (
    DownloadManyOptions,
    DownloadOptions,
    ListOptions,
    split,
)
from .download import Target, download_file, download_many
from .export import AsyncExport
from .paginator import AsyncPaginator

if TYPE_CHECKING:
    from .client import AsyncCallRecordingClient


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
            page = parsed(answer, "list_company_recordings")
            return page_reply(page, page.hal_embedded.recordings if page.hal_embedded else UNSET)

        filters, paging = split(options, ListOptions)
        return AsyncPaginator(
            fetch, _recordings("list_company_recordings", client.account_id), filters, **paging
        )

    async def get(self, recording: Recording | int | str) -> Recording:
        """One recording.

        Raises:
            NotFoundError: There is none with this id.
            InputError: The id cannot be one.
        """
        answer = await get_company_recording.asyncio_detailed(
            self._client.account_id, recording_segment(recording), client=self._client.api
        )
        return parsed(answer, "get_company_recording")

    async def delete(self, recording: Recording | int | str) -> None:
        """Deletes one recording. There is no undo.

        Raises:
            NotFoundError: There is none with this id.
            InputError: The id cannot be one.
        """
        await delete_company_recording.asyncio_detailed(
            self._client.account_id, recording_segment(recording), client=self._client.api
        )

    async def export(
        self, *, include_transcriptions: bool = False, **filters: Unpack[ExportFilters]
    ) -> AsyncExport:
        """Starts an export of the recordings that match every given filter; of all, if there is none.

        Args:
            include_transcriptions: Also export the transcription of each recording that has one.
            **filters: See `ExportFilters`.

        Returns:
            One handle over all the jobs the export was split into.

        Raises:
            InputError: A filter that cannot be right.
        """
        wire = wire_filters(filters, allowed=ExportFilters)
        start = (
            create_company_recording_transcription_export.asyncio_detailed
            if include_transcriptions
            else create_company_recording_export.asyncio_detailed
        )
        answer = await start(self._client.account_id, client=self._client.api, body=ExportFilter(**wire))
        return AsyncExport(
            self._client,
            job_ids=parsed(answer, "create_company_recording_export", "POST").job_ids or (),
            kind="recordings_transcriptions" if include_transcriptions else "recordings",
            scope="company",
            filters=plain_filters(wire),
        )

    async def download(
        self, recording: Recording | int | str, to: Target, **options: Unpack[DownloadOptions]
    ) -> DownloadResult:
        """Downloads a recording's audio, verifies it, and publishes it in one step.

        Args:
            recording: The recording, or its id.
            to: A file's path; a directory, where the name is made of the recording's own; or a binary file
                object, into which nothing can be published in one step.
            **options: See `DownloadOptions`.

        Raises:
            DownloadError: One of its kinds: it did not arrive whole, or cannot be written.
            NotFoundError: There is no such recording.
            InputError: An argument that cannot be right.
        """
        require_target(to)
        if not isinstance(recording, Recording) or not recording.download_url:
            recording = await self.get(recording)
        return await download_file(self._client, recording_source(recording), to, **options)

    def download_many(
        self,
        recordings: AsyncIterable[Recording | int | str] | Iterable[Recording | int | str],
        directory: Path | str,
        **options: Unpack[DownloadManyOptions],
    ) -> AsyncGenerator[DownloadResult]:
        """Downloads recordings into a directory, several at a time, and yields each result as it finishes.

        One that fails does not stop the others: its result carries the error. One that is there already
        is not transferred again.

        Args:
            recordings: A paginator, or recordings or their ids from anywhere else. It is read as there is
                room for more.
            directory: Created if need be.
            **options: See `DownloadManyOptions`.

        Raises:
            InputError: An argument that cannot be right.
            DestinationError: The directory cannot be made.
        """
        return download_many(self._client, recordings, directory, get=self.get, **options)


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
            page = parsed(answer, "list_on_demand_recordings")
            return page_reply(page, page.hal_embedded.recordings if page.hal_embedded else UNSET)

        filters, paging = split(options, ListOptions)
        listing = _recordings("list_on_demand_recordings", client.account_id, user)
        return AsyncPaginator(fetch, listing, filters, **paging)

    async def get(self, recording: Recording | int | str, *, user_id: str | int = "self") -> Recording:
        """One recording of the user.

        Raises:
            NotFoundError: There is none with this id, or none of this user.
            InputError: An id cannot be one.
        """
        answer = await get_on_demand_recording.asyncio_detailed(
            self._client.account_id,
            path_segment(user_id, "user_id"),
            recording_segment(recording),
            client=self._client.api,
        )
        return parsed(answer, "get_on_demand_recording")

    async def delete(self, recording: Recording | int | str, *, user_id: str | int = "self") -> None:
        """Deletes one recording of the user. There is no undo.

        Raises:
            NotFoundError: There is none with this id, or none of this user.
            InputError: An id cannot be one.
        """
        await delete_on_demand_recording.asyncio_detailed(
            self._client.account_id,
            path_segment(user_id, "user_id"),
            recording_segment(recording),
            client=self._client.api,
        )

    async def export(self, *, user_id: str | int = "self", **filters: Unpack[ExportFilters]) -> AsyncExport:
        """Starts an export of the user's recordings that match every given filter; of all, if there is none.

        Args:
            user_id: Whose recordings.
            **filters: See `ExportFilters`.

        Returns:
            One handle over all the jobs the export was split into.

        Raises:
            InputError: An argument that cannot be right.
        """
        wire = wire_filters(filters, allowed=ExportFilters)
        user = path_segment(user_id, "user_id")
        answer = await create_on_demand_recording_export.asyncio_detailed(
            self._client.account_id, user, client=self._client.api, body=ExportFilter(**wire)
        )
        return AsyncExport(
            self._client,
            job_ids=parsed(answer, "create_on_demand_recording_export", "POST").job_ids or (),
            kind="recordings",
            scope="on_demand",
            filters=plain_filters(wire),
            user_id=user,
        )

    async def download(
        self,
        recording: Recording | int | str,
        to: Target,
        *,
        user_id: str | int = "self",
        **options: Unpack[DownloadOptions],
    ) -> DownloadResult:
        """Downloads a recording's audio, verifies it, and publishes it in one step.

        Args:
            recording: The recording, or its id.
            to: As for company recordings.
            user_id: Whose recording, if it is told by its id.
            **options: See `DownloadOptions`.

        Raises:
            DownloadError: One of its kinds: it did not arrive whole, or cannot be written.
            NotFoundError: There is no such recording.
            InputError: An argument that cannot be right.
        """
        require_target(to)
        if not isinstance(recording, Recording) or not recording.download_url:
            recording = await self.get(recording, user_id=user_id)
        return await download_file(self._client, recording_source(recording), to, **options)

    def download_many(
        self,
        recordings: AsyncIterable[Recording | int | str] | Iterable[Recording | int | str],
        directory: Path | str,
        *,
        user_id: str | int = "self",
        **options: Unpack[DownloadManyOptions],
    ) -> AsyncGenerator[DownloadResult]:
        """As for company recordings; `user_id` is whose those are that are told by their ids."""

        async def get(recording_id: int | str) -> Recording:
            return await self.get(recording_id, user_id=user_id)

        return download_many(self._client, recordings, directory, get=get, **options)


def _recordings(operation: str, account_id: str, user_id: str | None = None) -> Listing[Recording]:
    return Listing(
        operation=operation,
        scope={"account_id": account_id} | ({} if user_id is None else {"user_id": user_id}),
        allowed=ListFilters,
        key=lambda recording: recording.id,
        instant=lambda recording: recording.start,
    )
