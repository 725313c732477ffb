# Written by scripts/mirror from overlays/vbc_call_recording/_async/batch.py.
# Change that file and run `make generate`.
"""Downloading many files, several at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Protocol, Unpack

from attrs import evolve

from vbc_call_recording_generated.models import Recording

from .._checks import shown
from .._concurrency import Job, Pool, each, to_thread
from .._errors import CallRecordingError, DownloadError, InputError
from .._files.disk import destination_errors, stops_every_file
from .._files.progress import SumOfProgress
from .._files.sources import DownloadResult, Scope, recording_source
from .._files.targets import checked_directory
from .._options import DownloadManyOptions, DownloadSettings, download_settings
from .download import transfer_file
from .session import Session

Given = Recording | int | str

# httpx opens 100 connections by default. Pages of a listing, of which 16 may be under way, and logins need
# theirs while all downloads run.
MOST_AT_ONCE = 80


class GetRecording(Protocol):
    """Asks for a recording."""

    def __call__(self, recording: Recording | int | str, /) -> Recording: ...


def download_many(
    session: Session,
    recordings: Iterable[Given] | Iterable[Given],
    directory: Path | str,
    *,
    scope: Scope,
    get: GetRecording,
    **options: Unpack[DownloadManyOptions],
) -> Generator[DownloadResult]:
    """Downloads recordings into a directory. The arguments are those of the resources' `download_many`.

    `recordings` is read as there is room for more, and an error of the listing itself is raised. A recording
    that comes again while it is under way waits for that.

    Args:
        get: Asks for a recording that is told by its id, or that came without a URL.

    Raises:
        InputError: An argument cannot be right.
        DestinationError: The directory cannot be created, or no file can be written any more.
    """
    settings = download_settings(options, DownloadManyOptions)
    _require_many(recordings)
    batch = Batch(session, scope, get, checked_directory(directory), settings)
    return batch.results(recordings)


class Batch:
    """Downloads under way, and who waits for them."""

    def __init__(
        self,
        session: Session,
        scope: Scope,
        get: GetRecording,
        folder: Path,
        settings: DownloadSettings,
    ) -> None:
        self._session = session
        self._scope: Scope = scope
        self._get = get
        self._folder = folder
        self._settings = settings
        self._progress = SumOfProgress(settings.on_progress or _ignore)
        self._limit = min(settings.concurrency, MOST_AT_ONCE)
        self._running: dict[Job[DownloadResult], str] = {}
        self._full: CallRecordingError | None = None

    def results(self, recordings: Iterable[Given] | Iterable[Given]) -> Generator[DownloadResult]:
        with destination_errors(self._folder):
            to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        source = each(recordings)
        try:
            with Pool(self._limit) as pool:
                for given in source:
                    identity = _identity(given)
                    while identity in self._running.values():
                        yield self._next_result(pool)
                    if self._full is None:
                        self._running[pool.start(self._download, given)] = identity
                    while len(self._running) >= self._limit:
                        yield self._next_result(pool)
                    if self._full is not None:
                        break
                self._progress.end_of_list()
                while self._running:
                    yield self._next_result(pool)
        finally:
            source.close()
        if self._full is not None:
            raise self._full

    def _next_result(self, pool: Pool) -> DownloadResult:
        done = pool.next_done(self._running)
        del self._running[done]
        result = done.result()
        if stops_every_file(result.error):
            self._full = self._full or result.error
        return result

    def _download(self, given: Given) -> DownloadResult:
        """One recording. A failure is reported instead of raised."""
        recording: Recording | None = given if isinstance(given, Recording) else None
        progress = self._progress.begin()
        size = 0
        try:
            if recording is None or not recording.download_url:
                recording = self._get(given)
            result = transfer_file(
                self._session.wire,
                recording_source(recording, self._scope),
                self._folder,
                evolve(self._settings, on_progress=progress),
                in_turn=True,
            )
            size = result.bytes
        except CallRecordingError as error:
            path = error.path if isinstance(error, DownloadError) else None
            return DownloadResult(path=path, bytes=0, recording=recording, error=error)
        except Exception as error:
            if error is self._progress.failure:
                raise  # a callback that fails ends the batch, as it ends a single download
            # Anything else is reported, and must not end the other downloads.
            unforeseen = DownloadError(
                f"failed in an unforeseen way, with {type(error).__name__}; see __cause__"
            )
            unforeseen.__cause__ = error
            return DownloadResult(path=None, bytes=0, recording=recording, error=unforeseen)
        finally:
            progress.finish(size)
        return evolve(result, recording=recording)


def _require_many(recordings: object) -> None:
    """Text is a series of characters, to Python: `"193"` would be the recordings 1, 9 and 3."""
    if isinstance(recordings, str | bytes) or not isinstance(recordings, Iterable | Iterable):
        raise InputError(
            f"recordings is {shown(recordings)}; accepted: a paginator, or recordings or ids in a list"
        )


def _identity(recording: Given) -> str:
    """Equal for what would be downloaded to the same file."""
    if not isinstance(recording, Recording):
        return str(recording)
    return str(recording.id or recording.download_url)


def _ignore(done: int, total: int | None) -> None:
    """For who does not want to know."""
