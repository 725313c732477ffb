"""Downloading many files, several at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from pathlib import Path
from typing import Protocol, Unpack

from attrs import define, evolve, field

from vbc_call_recording_generated.models import Recording

from .._checks import is_text_or_int, shown
from .._concurrency import AsyncJob, AsyncPool, async_each, async_sleep, async_to_thread
from .._errors import CallRecordingError, DownloadError, InputError
from .._files.disk import destination_errors, stops_every_file
from .._files.progress import OnProgress, Progress
from .._files.sources import DownloadResult, Scope, recording_source
from .._files.targets import checked_directory
from .._options import DownloadManyOptions, DownloadSettings, download_settings
from .download import AsyncTransfer, had_no_connection
from .session import AsyncSession
from .wire import AsyncWire

Given = Recording | int | str

# httpx opens 100 connections by default. Listings (up to 16 pages under way) and logins need some, too.
MOST_AT_ONCE = 80
# Seconds for a connection to become free, before it is asked for anew: short, since a policy's `total_time`
# is not to run out while other downloads go on.
_PATIENCE = 5.0


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
    """As the resources' `download_many`. `get` asks for a recording told by its id, or without a URL.

    An error of the listing itself is raised. A recording that comes again while it is under way waits for
    that.
    """
    settings = download_settings(options, DownloadManyOptions)
    if not _is_many(recordings):
        raise InputError(
            f"recordings is {shown(recordings)}; accepted: a paginator, or recordings or ids in a list"
        )
    folder, progress = checked_directory(directory), Progress(settings.on_progress)
    return AsyncBatch(session.wire, scope, get, folder, settings, progress).results(recordings)


@define(eq=False)
class AsyncBatch:
    """Downloads under way, and who waits for them."""

    _wire: AsyncWire
    _scope: Scope
    _get: AsyncGetRecording
    _folder: Path
    _settings: DownloadSettings
    _progress: Progress
    _running: dict[AsyncJob[DownloadResult], str] = field(
        factory=dict[AsyncJob[DownloadResult], str], init=False
    )
    _transfers: dict[str, AsyncTransfer] = field(factory=dict[str, AsyncTransfer], init=False)
    _full: CallRecordingError | None = field(default=None, init=False)

    async def results(
        self, recordings: AsyncIterable[Given] | Iterable[Given]
    ) -> AsyncGenerator[DownloadResult]:
        with destination_errors(self._folder):
            await async_to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        limit = min(self._settings.concurrency, MOST_AT_ONCE)
        source = async_each(recordings)
        try:
            async with AsyncPool(limit, collects=True, interrupt=self._interrupt) as pool:
                async for given in source:
                    identity = _identity(given)
                    while identity in self._running.values():
                        yield await self._next_result(pool)
                    if self._full is not None:
                        break
                    report = self._progress.begin(identity)
                    self._running[pool.start(self._download, given, identity, report)] = identity
                    while len(self._running) >= limit:
                        yield await self._next_result(pool)
                self._progress.end_of_list()
                while self._running:
                    yield await self._next_result(pool)
        finally:
            for transfer in list(self._transfers.values()):
                transfer.sink.close()  # takes the file from a thread that was left behind
            await source.aclose()
        if self._full is not None:
            raise self._full

    def _interrupt(self) -> None:
        for transfer in list(self._transfers.values()):
            transfer.interrupt()

    async def _next_result(self, pool: AsyncPool) -> DownloadResult:
        done = await pool.next_done()
        del self._running[done]
        result: DownloadResult = await done.result()
        if stops_every_file(result.error):
            self._full = self._full or result.error
        return result

    async def _download(self, given: Given, identity: str, report: OnProgress) -> DownloadResult:
        """One recording, as soon as there is a connection for it."""
        result = await self._tried(given, identity, report)
        while had_no_connection(result.error):
            await async_sleep(0.2)
            result = await self._tried(result.recording or given, identity, report)
        self._transfers.pop(identity, None)
        self._progress.finish(identity, result.bytes)
        return result

    async def _tried(self, given: Given, identity: str, report: OnProgress) -> DownloadResult:
        """A failure is reported instead of raised, and so does not end the other downloads."""
        recording = given if isinstance(given, Recording) else None
        try:
            if recording is None or not recording.download_url:
                recording = await self._get(given)
            source = recording_source(recording, self._scope)
            settings = evolve(self._settings, on_progress=report)
            transfer = AsyncTransfer(self._wire, source, self._folder, settings, patience=_PATIENCE)
            self._transfers[identity] = transfer
            return evolve(await transfer.run(), recording=recording)
        except Exception as error:
            if error is self._progress.failure:
                raise  # a callback that fails ends the batch, as it ends a single download
            known = error if isinstance(error, CallRecordingError) else _unforeseen(error)
            return DownloadResult(getattr(known, "path", None), bytes=0, recording=recording, error=known)


def _is_many(recordings: object) -> bool:
    """Text is not, though Python takes it for a series: `"193"` would be the recordings 1, 9 and 3."""
    return isinstance(recordings, AsyncIterable | Iterable) and not isinstance(recordings, str | bytes)


def _unforeseen(error: Exception) -> DownloadError:
    failure = DownloadError(f"failed in an unforeseen way, with {type(error).__name__}; see __cause__")
    failure.__cause__ = error
    return failure


def _identity(given: Given) -> str:
    """Equal for what would be downloaded to the same file."""
    name = (given.id or given.download_url) if isinstance(given, Recording) else given
    return str(name) if is_text_or_int(name) else shown(name)
