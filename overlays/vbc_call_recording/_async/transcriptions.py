"""Transcripts of company recordings."""

from __future__ import annotations

from operator import attrgetter
from typing import Unpack

from vbc_call_recording_generated.api.company_transcriptions import list_company_transcriptions
from vbc_call_recording_generated.models import Transcription
from vbc_call_recording_generated.types import UNSET

from .._files.sources import DownloadResult, transcription_source
from .._files.targets import Target
from .._http.outcomes import parsed
from .._listing.filters import TranscriptionFilters
from .._listing.pages import Listing, PageReply, PageRequest, page_reply
from .._options import DownloadOptions, PagingOptions, TranscriptionListOptions, spelled_out, split
from .download import download_file
from .paginator import AsyncPaginator
from .session import AsyncSession


class AsyncTranscriptions:
    """Transcripts of company recordings, and how far transcribing has got."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    @spelled_out(TranscriptionListOptions)
    def list(self, **options: Unpack[TranscriptionListOptions]) -> AsyncPaginator[Transcription]:
        """The transcriptions that match all given filters.

        Nothing is requested before the paginator is iterated.

        Args:
            **options: See `TranscriptionFilters`, `PagingOptions` and `CallOptions`.

        Raises:
            InputError: An argument is invalid.
        """
        session, options_left = self._session.for_call(options, TranscriptionListOptions)
        filters, paging = split(options_left, PagingOptions)

        async def fetch(request: PageRequest) -> PageReply[Transcription]:
            answer = await list_company_transcriptions.asyncio_detailed(
                session.account_id, client=session.api, **request.arguments
            )
            page = parsed(answer)
            return page_reply(
                page, page.hal_embedded.transcriptions if page.hal_embedded else UNSET, answer.http
            )

        listing: Listing[Transcription] = Listing(
            operation="list_company_transcriptions",
            scope={"account_id": session.account_id},
            allowed=TranscriptionFilters,
            key=attrgetter("recording_id"),
            instant=lambda transcription: transcription.call_date,
        )
        return AsyncPaginator(fetch, listing, filters, **paging)

    @spelled_out(DownloadOptions)
    async def download(
        self, transcription: Transcription, to: Target, **options: Unpack[DownloadOptions]
    ) -> DownloadResult:
        """Downloads the text of a transcription and publishes it in one step.

        Args:
            transcription: One from `list()`. The API offers no way to get one by id.
            to: As for recordings.
            **options: See `DownloadOptions`.

        Raises:
            InputError: It is not ready, or transcribing failed; the message says which.
            DownloadError: It did not arrive whole, or cannot be written. The subclass says which.
        """
        session, options_left = self._session.for_call(options, DownloadOptions)
        return await download_file(session, transcription_source(transcription), to, **options_left)
