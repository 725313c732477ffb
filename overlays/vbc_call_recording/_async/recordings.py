"""`client.company_recordings` and `client.on_demand_recordings`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from operator import attrgetter
from pathlib import Path
from typing import Unpack

from vbc_call_recording_generated.models import Recording
from vbc_call_recording_generated.types import UNSET

from .._checks import path_segment, recording_segment
from .._exports.ticket import ExportKind
from .._files.sources import DownloadResult, recording_source
from .._files.targets import Target, require_target
from .._http.outcomes import parsed, require_identity
from .._listing.filters import ListFilters
from .._listing.pages import Listing, PageReply, PageRequest, page_reply
from .._options import (
    CallOptions,
    DownloadManyOptions,
    DownloadOptions,
    ExportOptions,
    ListOptions,
    PagingOptions,
    spelled_out,
    split,
)
from .batch import download_many
from .download import download_file
from .export import AsyncExport, start_export
from .operations import COMPANY, ON_DEMAND, AsyncOperations, operation_id
from .paginator import AsyncPaginator
from .raw import with_response
from .session import AsyncSession


class AsyncRecordings:
    """What can be done with the recordings of the company, or with those of one user."""

    def __init__(self, session: AsyncSession, operations: AsyncOperations, user: str | None = None) -> None:
        self._session = session
        self._operations = operations
        self._user = user
        self._path = (session.account_id,) if user is None else (session.account_id, user)

    @spelled_out(ListOptions)
    def list(self, **options: Unpack[ListOptions]) -> AsyncPaginator[Recording]:
        """The recordings that match all given filters, the latest first unless `order` says otherwise.

        Nothing is requested before the paginator is iterated.

        Args:
            **options: See `ListFilters`, `PagingOptions` and `CallOptions`.

        Raises:
            InputError: An argument is invalid.
        """
        session, options_left = self._session.for_call(options, ListOptions)
        filters, paging = split(options_left, PagingOptions)

        async def fetch(request: PageRequest) -> PageReply[Recording]:
            answer = await self._operations.list_page(*self._path, client=session.api, **request.arguments)
            page = parsed(answer)
            return page_reply(page, page.hal_embedded.recordings if page.hal_embedded else UNSET, answer.http)

        listing: Listing[Recording] = Listing(
            operation=operation_id(self._operations.list_page),
            scope=dict(zip(("account_id", "user_id"), self._path, strict=False)),
            allowed=ListFilters,
            key=attrgetter("id"),
            instant=attrgetter("start"),
        )
        return AsyncPaginator(fetch, listing, filters, **paging)

    @spelled_out(CallOptions)
    async def get(self, recording: Recording | int | str, **options: Unpack[CallOptions]) -> Recording:
        """One recording.

        Args:
            recording: The recording, or its id.
            **options: See `CallOptions`.

        Raises:
            NotFoundError: There is none with this id.
            MalformedResponseError: The answer is about another recording.
            InputError: An argument is invalid.
        """
        segment = recording_segment(recording)
        session, _ = self._session.for_call(options, CallOptions)
        answer = await self._operations.get(*self._path, segment, client=session.api)
        found: Recording = parsed(answer)
        require_identity(found.id, segment, answer)
        return found

    @spelled_out(CallOptions)
    async def delete(self, recording: Recording | int | str, **options: Unpack[CallOptions]) -> None:
        """Deletes one recording. There is no undo.

        Returns when the server has confirmed it. If the answer to one try was lost and the next one finds no
        recording, that counts as confirmed, too.

        Args:
            recording: The recording, or its id.
            **options: See `CallOptions`.

        Raises:
            NotFoundError: There is none with this id.
            MalformedResponseError: The answer does not say whether it was deleted.
            InputError: An argument is invalid.
        """
        segment = recording_segment(recording)
        session, _ = self._session.for_call(options, CallOptions)
        await self._operations.delete(*self._path, segment, client=session.api)

    @spelled_out(DownloadOptions)
    async def download(
        self, recording: Recording | int | str, to: Target, **options: Unpack[DownloadOptions]
    ) -> DownloadResult:
        """Downloads a recording's audio, verifies it, and publishes it in one step.

        Args:
            recording: The recording, or its id.
            to: A file's path; a directory, where the file gets a name of ours; or a binary file object, which
                may hold some bytes even if the download fails.
            **options: See `DownloadOptions`.

        Raises:
            DownloadError: It did not arrive whole, or cannot be written. The subclass says which.
            NotFoundError: There is no such recording.
            InputError: An argument is invalid.
        """
        require_target(to)
        session, options_left = self._session.for_call(options, DownloadOptions)
        if not isinstance(recording, Recording) or not recording.download_url:
            recording = await self._over(session).get(recording)
        source = recording_source(recording, self._operations.scope)
        return await download_file(session, source, to, **options_left)

    @spelled_out(DownloadManyOptions)
    def download_many(
        self,
        recordings: AsyncIterable[Recording | int | str] | Iterable[Recording | int | str],
        directory: Path | str,
        **options: Unpack[DownloadManyOptions],
    ) -> AsyncGenerator[DownloadResult]:
        """Downloads recordings into a directory, several at a time, and yields each result as it finishes.

        A failure does not stop the others: it is in that result's `error`. A recording that is there already
        is not transferred again.

        Args:
            recordings: A paginator, or any iterable of recordings or ids. It is read as downloads finish.
            directory: Created if it does not exist.
            **options: See `DownloadManyOptions`.

        Raises:
            InputError: An argument is invalid.
            DestinationError: The directory cannot be created, or the disk is full.
        """
        session, options_left = self._session.for_call(options, DownloadManyOptions)
        get = self._over(session).get
        return download_many(
            session, recordings, directory, scope=self._operations.scope, get=get, **options_left
        )

    def _over(self, session: AsyncSession) -> AsyncRecordings:
        return AsyncRecordings(session, self._operations, self._user)


class AsyncCompanyRecordings(AsyncRecordings):
    """Recordings of the whole office, made by the rules an administrator sets up."""

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session, COMPANY)

    @property
    def with_raw_response(self) -> AsyncRawCompanyRecordings:
        """`get`, `delete` and `export` that tell more of the answer: see `ApiResponse`."""
        return AsyncRawCompanyRecordings(self)

    @spelled_out(ExportOptions)
    async def export(
        self, *, include_transcriptions: bool = False, **options: Unpack[ExportOptions]
    ) -> AsyncExport:
        """Starts an export of the recordings that match all given filters. Without filters, of every one.

        Args:
            include_transcriptions: Also export the transcription of each recording that has one.
            **options: See `ExportFilters` and `CallOptions`.

        Returns:
            One handle over all the jobs the export was split into.

        Raises:
            MalformedResponseError: The answer names no jobs. The export may have started nevertheless:
                `export_jobs.list()` shows it.
            InputError: An argument is invalid.
        """
        session, filters = self._session.for_call(options, ExportOptions)
        kind: ExportKind = "recordings_transcriptions" if include_transcriptions else "recordings"
        return await start_export(session, filters, scope="company", kind=kind)


class AsyncOnDemandRecordings:
    """Recordings users decided to make during their calls.

    `user_id` is the user they belong to; `"self"`, the default, is the authenticated one.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    @property
    def with_raw_response(self) -> AsyncRawOnDemandRecordings:
        """`get`, `delete` and `export` that tell more of the answer: see `ApiResponse`."""
        return AsyncRawOnDemandRecordings(self)

    @spelled_out(ListOptions)
    def list(
        self, *, user_id: str | int = "self", **options: Unpack[ListOptions]
    ) -> AsyncPaginator[Recording]:
        """The user's recordings that match all given filters. Otherwise as for company recordings."""
        return self._of(user_id).list(**options)

    @spelled_out(CallOptions)
    async def get(
        self, recording: Recording | int | str, *, user_id: str | int = "self", **options: Unpack[CallOptions]
    ) -> Recording:
        """One recording of the user. Otherwise as for company recordings."""
        return await self._of(user_id).get(recording, **options)

    @spelled_out(CallOptions)
    async def delete(
        self, recording: Recording | int | str, *, user_id: str | int = "self", **options: Unpack[CallOptions]
    ) -> None:
        """Deletes one recording of the user. There is no undo. Otherwise as for company recordings."""
        await self._of(user_id).delete(recording, **options)

    @spelled_out(ExportOptions)
    async def export(self, *, user_id: str | int = "self", **options: Unpack[ExportOptions]) -> AsyncExport:
        """Starts an export of the user's recordings that match all given filters. Without filters, of all.

        Otherwise as for company recordings. The API offers no transcriptions here.
        """
        user = path_segment(user_id, "user_id")
        session, filters = self._session.for_call(options, ExportOptions)
        return await start_export(session, filters, scope="on_demand", user_id=user)

    @spelled_out(DownloadOptions)
    async def download(
        self,
        recording: Recording | int | str,
        to: Target,
        *,
        user_id: str | int = "self",
        **options: Unpack[DownloadOptions],
    ) -> DownloadResult:
        """As for company recordings. `user_id` is needed only if the recording is given by its id."""
        return await self._of(user_id).download(recording, to, **options)

    @spelled_out(DownloadManyOptions)
    def download_many(
        self,
        recordings: AsyncIterable[Recording | int | str] | Iterable[Recording | int | str],
        directory: Path | str,
        *,
        user_id: str | int = "self",
        **options: Unpack[DownloadManyOptions],
    ) -> AsyncGenerator[DownloadResult]:
        """As for company recordings. `user_id` is needed only for recordings that are given by their ids."""
        return self._of(user_id).download_many(recordings, directory, **options)

    def _of(self, user_id: str | int) -> AsyncRecordings:
        return AsyncRecordings(self._session, ON_DEMAND, path_segment(user_id, "user_id"))


class AsyncRawCompanyRecordings:
    """The calls of `company_recordings` that are one request, each returning an `ApiResponse`."""

    def __init__(self, recordings: AsyncCompanyRecordings) -> None:
        self.get = with_response(recordings.get)
        self.delete = with_response(recordings.delete)
        self.export = with_response(recordings.export)


class AsyncRawOnDemandRecordings:
    """The calls of `on_demand_recordings` that are one request, each returning an `ApiResponse`."""

    def __init__(self, recordings: AsyncOnDemandRecordings) -> None:
        self.get = with_response(recordings.get)
        self.delete = with_response(recordings.delete)
        self.export = with_response(recordings.export)
