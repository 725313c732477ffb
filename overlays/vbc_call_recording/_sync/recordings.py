# Written by scripts/mirror from overlays/vbc_call_recording/_async/recordings.py.
# Change that file and run `make generate`.
"""`client.company_recordings` and `client.on_demand_recordings`."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Unpack

from vbc_call_recording_generated.models import Recording

from .._checks import path_segment
from .._files.sources import DownloadResult
from .._files.targets import Target
from .._listing.filters import ExportFilters
from .._options import DownloadManyOptions, DownloadOptions, ListOptions
from .export import Export
from .operations import COMPANY, ON_DEMAND, RecordingVerbs
from .paginator import Paginator
from .session import Session


class CompanyRecordings:
    """Recordings of the whole office, made by the rules an administrator sets up."""

    def __init__(self, session: Session) -> None:
        self._verbs = RecordingVerbs(session, COMPANY)

    def list(self, **options: Unpack[ListOptions]) -> Paginator[Recording]:
        """The recordings that match all given filters, the latest first unless `order` says otherwise.

        Nothing is requested before the paginator is iterated.

        Args:
            **options: See `ListFilters` and `PagingOptions`.

        Raises:
            InputError: An argument is invalid.
        """
        return self._verbs.list(options)

    def get(self, recording: Recording | int | str) -> Recording:
        """One recording.

        Raises:
            NotFoundError: There is none with this id.
            MalformedResponseError: The answer is about another recording.
            InputError: The id is invalid.
        """
        return self._verbs.get(recording)

    def delete(self, recording: Recording | int | str) -> None:
        """Deletes one recording. There is no undo.

        Returns when the server has confirmed it. If the answer to one try was lost and the next one finds no
        recording, that counts as confirmed, too.

        Raises:
            NotFoundError: There is none with this id.
            MalformedResponseError: The answer does not say whether it was deleted.
            InputError: The id cannot be one.
        """
        self._verbs.delete(recording)

    def export(self, *, include_transcriptions: bool = False, **filters: Unpack[ExportFilters]) -> Export:
        """Starts an export of the recordings that match every given filter; of all, if there is none.

        Args:
            include_transcriptions: Also export the transcription of each recording that has one.
            **filters: See `ExportFilters`.

        Returns:
            One handle over all the jobs the export was split into.

        Raises:
            MalformedResponseError: The answer names no jobs. The export may have been started all the same:
                look at `export_jobs.list()`.
            InputError: A filter that cannot be right.
        """
        return self._verbs.export(
            filters, "recordings_transcriptions" if include_transcriptions else "recordings"
        )

    def download(
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
        return self._verbs.download(recording, to, options)

    def download_many(
        self,
        recordings: Iterable[Recording | int | str] | Iterable[Recording | int | str],
        directory: Path | str,
        **options: Unpack[DownloadManyOptions],
    ) -> Generator[DownloadResult]:
        """Downloads recordings into a directory, several at a time, and yields each result as it finishes.

        A failure does not stop the others: it is in that result's `error`. A recording that is there already
        is not transferred again.

        Args:
            recordings: A paginator, or any iterable of recordings or ids. It is read as downloads finish.
            directory: Created if it does not exist.
            **options: See `DownloadManyOptions`.

        Raises:
            InputError: An argument that cannot be right.
            DestinationError: The directory cannot be made.
        """
        return self._verbs.download_many(recordings, directory, options)


class OnDemandRecordings:
    """Recordings users decided to make during their calls.

    `user_id` is the user they belong to; `"self"`, the default, is the authenticated one.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self, *, user_id: str | int = "self", **options: Unpack[ListOptions]) -> Paginator[Recording]:
        """The user's recordings that match every given filter. Otherwise as for company recordings."""
        return self._of(user_id).list(options)

    def get(self, recording: Recording | int | str, *, user_id: str | int = "self") -> Recording:
        """One recording of the user. Otherwise as for company recordings."""
        return self._of(user_id).get(recording)

    def delete(self, recording: Recording | int | str, *, user_id: str | int = "self") -> None:
        """Deletes one recording of the user. There is no undo. Otherwise as for company recordings."""
        self._of(user_id).delete(recording)

    def export(self, *, user_id: str | int = "self", **filters: Unpack[ExportFilters]) -> Export:
        """Starts an export of the user's recordings that match all given filters. Without filters, of all.

        Otherwise as for company recordings. The API offers no transcriptions here.
        """
        return self._of(user_id).export(filters)

    def download(
        self,
        recording: Recording | int | str,
        to: Target,
        *,
        user_id: str | int = "self",
        **options: Unpack[DownloadOptions],
    ) -> DownloadResult:
        """As for company recordings. `user_id` is whose recording it is, if it is given by its id."""
        return self._of(user_id).download(recording, to, options)

    def download_many(
        self,
        recordings: Iterable[Recording | int | str] | Iterable[Recording | int | str],
        directory: Path | str,
        *,
        user_id: str | int = "self",
        **options: Unpack[DownloadManyOptions],
    ) -> Generator[DownloadResult]:
        """As for company recordings. `user_id` is whose recordings those are that are given by their ids."""
        return self._of(user_id).download_many(recordings, directory, options)

    def _of(self, user_id: str | int) -> RecordingVerbs:
        return RecordingVerbs(self._session, ON_DEMAND, path_segment(user_id, "user_id"))
