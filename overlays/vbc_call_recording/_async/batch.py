"""Downloading many files, several at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Protocol, Unpack

from attrs import evolve

from vbc_call_recording_generated.models import Recording

from .._checks import shown
from .._concurrency import AsyncJob, AsyncPool, async_each, async_to_thread
from .._errors import CallRecordingError, DownloadError, InputError
from .._files.disk import destination_errors, stops_every_file
from .._files.sources import DownloadResult, Scope, recording_source
from .._files.targets import checked_directory
from .._options import DownloadManyOptions, DownloadSettings, OnProgress, download_settings
from .download import AsyncTransfer
from .session import AsyncSession

Given = Recording | int | str

# httpx opens 100 connections by default. Listings (up to 16 pages under way) and logins need some, too.
MOST_AT_ONCE = 80


class AsyncGetRecording(Protocol):
    """Asks for a recording."""

    async def __call__(self, recording: Given, /) -> Recording: ...


def download_many(
    session: AsyncSession,
    recordings: AsyncIterable[Given] | Iterable[Given],
    directory: Path | str,
    *,
    scope: Scope,
    get: AsyncGetRecording,
    **options: Unpack[DownloadManyOptions],
) -> AsyncGenerator[DownloadResult]:
    """Downloads recordings into a directory. The arguments are those of the resources' `download_many`.

    `recordings` is read as there is room for more, and an error of the listing itself is raised. A recording
    that comes again while it is under way waits for that. `get` asks for one that is told by its id, or that
    came without a URL.

    Raises:
        InputError: An argument cannot be right.
        DestinationError: The directory cannot be created, or no file can be written any more.
    """
    settings = download_settings(options, DownloadManyOptions)
    _require_many(recordings)
    return AsyncBatch(session, scope, get, checked_directory(directory), settings).results(recordings)


class AsyncBatch:
    """Downloads under way, and who waits for them."""

    def __init__(
        self,
        session: AsyncSession,
        scope: Scope,
        get: AsyncGetRecording,
        folder: Path,
        settings: DownloadSettings,
    ) -> None:
        self._wire = session.wire
        self._scope: Scope = scope
        self._get = get
        self._folder = folder
        self._settings = settings
        self._progress = _Progress(settings.on_progress)
        self._running: dict[AsyncJob[DownloadResult], str] = {}
        self._transfers: dict[str, AsyncTransfer] = {}
        self._full: CallRecordingError | None = None

    async def results(
        self, recordings: AsyncIterable[Given] | Iterable[Given]
    ) -> AsyncGenerator[DownloadResult]:
        with destination_errors(self._folder):
            await async_to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        limit = min(self._settings.concurrency, MOST_AT_ONCE)
        source = async_each(recordings)
        try:
            async with AsyncPool(limit, interrupt=self._interrupt) as pool:
                async for given in source:
                    identity = _identity(given)
                    while identity in self._running.values():
                        yield await self._next_result(pool)
                    if self._full is not None:
                        break
                    self._progress.note(identity, 0, None)
                    self._running[pool.start(self._download, given, identity)] = identity
                    while len(self._running) >= limit:
                        yield await self._next_result(pool)
                self._progress.end_of_list()
                while self._running:
                    yield await self._next_result(pool)
        finally:
            self._let_go()
            await source.aclose()
        if self._full is not None:
            raise self._full

    def _interrupt(self) -> None:
        for transfer in list(self._transfers.values()):
            transfer.interrupt()

    def _let_go(self) -> None:
        """Takes their files from threads that were left behind."""
        for transfer in list(self._transfers.values()):
            transfer.sink.close()

    async def _next_result(self, pool: AsyncPool) -> DownloadResult:
        done = await pool.next_done(self._running)
        del self._running[done]
        result = await done.result()
        if stops_every_file(result.error):
            self._full = self._full or result.error
        return result

    async def _download(self, given: Given, identity: str) -> DownloadResult:
        """One recording. A failure is reported instead of raised."""
        result = DownloadResult(path=None, bytes=0, recording=given if isinstance(given, Recording) else None)
        try:
            recording = result.recording
            if recording is None or not recording.download_url:
                recording = await self._get(given)
                result = evolve(result, recording=recording)
            settings = evolve(self._settings, on_progress=partial(self._progress.note, identity))
            source = recording_source(recording, self._scope)
            transfer = AsyncTransfer(self._wire, source, self._folder, settings, in_turn=True)
            self._transfers[identity] = transfer
            result = evolve(await transfer.run(), recording=recording)
        except CallRecordingError as error:
            result = evolve(
                result, path=error.path if isinstance(error, DownloadError) else None, error=error
            )
        except Exception as error:
            if error is self._progress.failure:
                raise  # a callback that fails ends the batch, as it ends a single download
            # Anything else is reported, and must not end the other downloads.
            failure = DownloadError(
                f"failed in an unforeseen way, with {type(error).__name__}; see __cause__"
            )
            failure.__cause__ = error
            result = evolve(result, error=failure)
        finally:
            self._transfers.pop(identity, None)
            self._progress.finish(identity, result.bytes)
        return result


class _Progress:
    """The progress of downloads that run at the same time, added up. Safe from any thread.

    Attributes:
        failure: What `on_progress` raised; it is not called any more then.
    """

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self._guard = Lock()
        self._under_way: dict[str, tuple[int, int | None]] = {}
        self._finished = 0
        self._all_have_begun = False
        self.failure: BaseException | None = None

    def end_of_list(self) -> None:
        """No other download will begin."""
        with self._guard:
            self._all_have_begun = True
            self._tell()

    def note(self, download: str, done: int, total: int | None) -> None:
        with self._guard:
            self._under_way[download] = done, total
            self._tell()

    def finish(self, download: str, size: int) -> None:
        """The download ended with so many bytes, 0 if it failed."""
        with self._guard:
            del self._under_way[download]
            self._finished += size
            self._tell()

    def _tell(self) -> None:
        done, total = self._finished, self._finished if self._all_have_begun else None
        for bytes_done, bytes_total in self._under_way.values():
            done += bytes_done
            total = None if total is None or bytes_total is None else total + bytes_total
        if self._on_progress is not None and self.failure is None:
            try:
                self._on_progress(done, total)
            except BaseException as error:
                self.failure = error
                raise


def _require_many(recordings: object) -> None:
    # Text is a series of characters, to Python: `"193"` would be the recordings 1, 9 and 3.
    if isinstance(recordings, str | bytes) or not isinstance(recordings, AsyncIterable | Iterable):
        raise InputError(
            f"recordings is {shown(recordings)}; accepted: a paginator, or recordings or ids in a list"
        )


def _identity(recording: Given) -> str:
    """Equal for what would be downloaded to the same file."""
    if not isinstance(recording, Recording):
        return str(recording)
    return str(recording.id or recording.download_url)
