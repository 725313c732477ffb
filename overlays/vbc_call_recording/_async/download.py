"""Downloads: one file over as many requests as it takes, and many files at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from pathlib import Path
from typing import BinaryIO, Protocol

import httpx
from attrs import evolve

from vbc_call_recording_generated.models import Recording

from .._checks import seconds, whole_number
from .._concurrency import (
    AsyncJob,
    AsyncPool,
    async_checkpoint,
    async_each,
    async_finish,
    async_sleep,
    async_to_thread,
)
from .._errors import (
    ApiConnectionError,
    CallRecordingError,
    DownloadError,
    IncompleteDownloadError,
    VerificationError,
)
from .._files.disk import destination_errors
from .._files.ranges import (
    Body,
    Have,
    NothingLeft,
    StartOver,
    is_self_delimiting,
    pause_after,
    read_answer,
    request_headers,
)
from .._files.signatures import is_error_page, is_web_page
from .._files.sources import DownloadResult, Source, recording_source
from .._files.targets import Sink, sink_for
from .._http.outcomes import error_for_exception
from .._http.redaction import excerpt, shown_url
from .._options import OnProgress
from .session import AsyncSession
from .transport import beginning_of
from .wire import AsyncWire

Target = Path | str | BinaryIO

DEFAULT_STALL_TIMEOUT = 60.0
LONGEST_STALL_TIMEOUT = 86_400.0
DEFAULT_CONCURRENCY = 8


async def download_file(
    session: AsyncSession,
    source: Source,
    to: Target,
    *,
    on_progress: OnProgress | None = None,
    overwrite: bool = False,
    resume: bool = True,
    stall_timeout: float = DEFAULT_STALL_TIMEOUT,
) -> DownloadResult:
    """Downloads, verifies and publishes one file. The arguments are those of the resources' `download`.

    Raises:
        InputError: `to` or `stall_timeout` cannot be right.
        DestinationError: It cannot be written to where it is to go. What is there already is kept.
        IncompleteDownloadError: The bytes stopped and resuming got no further; what came is kept.
        VerificationError: The bytes, or what the server says of them, are not what was promised.
        ApiError: The server cannot be reached or refused.
    """
    seconds(stall_timeout, "stall_timeout", most=LONGEST_STALL_TIMEOUT)
    sink = sink_for(source, to, overwrite=overwrite, resume=resume)
    wire = session.wire
    try:
        transferred = await async_to_thread(sink.open)
        if transferred:
            await AsyncTransfer(wire, source, sink, on_progress, stall_timeout).run()
            await async_to_thread(sink.publish)
        return DownloadResult(path=sink.path, bytes=sink.have.offset, skipped=not transferred)
    except DownloadError as error:
        error.path = error.path or sink.path
        error.source = error.source or shown_url(source.url, wire.credentials.secrets())
        raise
    finally:
        # A cancelled task leaves a thread behind that may still be verifying: waiting for it takes a while.
        await async_finish(sink.close)


class AsyncTransfer:
    """The bytes of one source on their way into a sink."""

    def __init__(
        self,
        wire: AsyncWire,
        source: Source,
        sink: Sink,
        on_progress: OnProgress | None,
        stall_timeout: float,
    ) -> None:
        self._wire = wire
        self._url = wire.trusted_url(source.url, operation="download")
        self._source = source
        self._sink = sink
        self._on_progress = on_progress
        usual = wire.timeout
        self._timeout = httpx.Timeout(
            connect=usual.connect, read=stall_timeout, write=usual.write, pool=usual.pool
        )
        self._starts_over = False
        self._answered = False
        self._reached = sink.have.offset if sink.have.is_resumable else 0

    async def run(self) -> None:
        """Asks until everything is here, as long as each answer gets further than all before."""
        breaks = 0
        while True:
            try:
                if await self._ask():
                    return
            except ApiConnectionError as error:
                if not self._answered:
                    raise
                breaks += 1
                pause = pause_after(breaks)
                if self._sink.have.offset <= self._reached or pause is None:
                    raise self._incomplete(breaks) from error
                self._reached = self._sink.have.offset
                await async_sleep(pause)

    async def _ask(self) -> bool:
        """One request. False if it has to be asked again from the start."""
        have = Have() if self._starts_over else self._sink.have
        settled_here = frozenset({416}) if have.is_resumable else frozenset[int]()
        async with self._wire.stream(
            "GET",
            self._url,
            headers=request_headers(have),
            timeout=self._timeout,
            extensions={"operation": "download", "accept_statuses": settled_here},
        ) as response:
            self._answered = True
            answer = read_answer(response.status_code, response.headers, have, self._source.size)
            if isinstance(answer, StartOver):
                self._starts_over = True
                return False
            if isinstance(answer, Body):
                await self._refuse_what_is_no_file(response, answer)
                if answer.start == 0 and answer.validator != self._sink.have.validator:
                    self._reached = 0  # how far an older copy got is no measure for this one
                await async_to_thread(self._sink.begin, answer)
                self._starts_over = False
                await self._take_in(response, answer)
        if isinstance(answer, NothingLeft):
            self._report()
        return True

    async def _refuse_what_is_no_file(self, response: httpx.Response, body: Body) -> None:
        kind = response.headers.get("Content-Type", "")
        looks_wrong = is_web_page if self._source.kind == "transcript" else is_error_page
        if looks_wrong(kind):
            text = excerpt(await beginning_of(response), self._wire.credentials.secrets())
            raise VerificationError(f"the server sent {kind} instead of {self._source.kind}: {text}")
        size_known = body.total is not None or self._source.size is not None
        if not size_known and not is_self_delimiting(response.http_version, response.headers):
            raise VerificationError(
                "the server sends a file of unknown size that ends with the connection: nobody could tell "
                "whether it came whole"
            )

    async def _take_in(self, response: httpx.Response, body: Body) -> None:
        total = body.total if body.total is not None else self._source.size
        end = min((stated for stated in (body.end, total) if stated is not None), default=None)
        self._report()
        try:
            async for chunk in response.aiter_bytes():
                if end is not None and self._sink.have.offset + len(chunk) > end:
                    raise VerificationError(f"more bytes came than the {end - body.start} promised")
                await async_to_thread(self._sink.write, chunk)
                await async_checkpoint()
                self._report()
        except httpx.HTTPError as error:
            raise error_for_exception(error, response.request, self._wire.credentials.secrets()) from error
        # A part may end where it said it would, and still before the whole does.
        if total is not None and self._sink.have.offset < total:
            raise ApiConnectionError(
                f"the answer ended after {self._sink.have.offset} of {total} bytes", operation="download"
            )

    def _report(self) -> None:
        if self._on_progress is not None:
            have = self._sink.have
            self._on_progress(have.offset, have.total if have.total is not None else self._source.size)

    def _incomplete(self, breaks: int) -> IncompleteDownloadError:
        have = self._sink.have
        kept = "; what came is kept for the next try" if self._sink.path else ""
        total = "an unknown number of" if have.total is None else have.total
        return IncompleteDownloadError(
            f"broke off {breaks} times, the last time after {have.offset} of {total} bytes{kept}"
        )


def download_many(
    session: AsyncSession,
    recordings: AsyncIterable[Recording | int | str] | Iterable[Recording | int | str],
    directory: Path | str,
    *,
    get: AsyncGetRecording,
    concurrency: int = DEFAULT_CONCURRENCY,
    overwrite: bool = False,
    resume: bool = True,
    stall_timeout: float = DEFAULT_STALL_TIMEOUT,
) -> AsyncGenerator[DownloadResult]:
    """Downloads recordings into a directory, several at a time, and yields each result as it finishes.

    A recording that fails does not stop the others: its result carries the error. One that is there already
    is not transferred again. `recordings` is read as there is room for more, so a listing of any length will
    do, and an error of the listing itself is raised. A recording that comes again while it is under way waits
    for that. Leaving the loop early cancels what is under way; what came of that stays for the next run.

    Args:
        recordings: What to download, a paginator for example; ids will do.
        directory: Where to; created if need be. Names are made from the recordings' own, and unique.
        get: Asks for a recording that is told by its id.
        concurrency: How many at a time.
        overwrite: As for a single download.
        resume: As for a single download.
        stall_timeout: As for a single download, in seconds.

    Raises:
        InputError: `concurrency` or `stall_timeout` cannot be right.
        DestinationError: The directory cannot be created.
    """
    whole_number(concurrency, "concurrency", least=1)
    seconds(stall_timeout, "stall_timeout", most=LONGEST_STALL_TIMEOUT)
    folder = Path(directory)

    async def download(given: Recording | int | str) -> DownloadResult:
        recording: Recording | None = None
        try:
            recording = given if isinstance(given, Recording) else await get(given)
            result = await download_file(
                session,
                recording_source(recording),
                folder,
                overwrite=overwrite,
                resume=resume,
                stall_timeout=stall_timeout,
            )
        except CallRecordingError as error:
            path = error.path if isinstance(error, DownloadError) else None
            return DownloadResult(path=path, bytes=0, recording=recording, error=error)
        except Exception as error:  # noqa: BLE001 - it is reported, and must not end the other downloads
            unforeseen = DownloadError(
                f"failed in an unforeseen way, with {type(error).__name__}; see __cause__"
            )
            unforeseen.__cause__ = error
            return DownloadResult(path=None, bytes=0, recording=recording, error=unforeseen)
        return evolve(result, recording=recording)

    return _as_they_finish(download, recordings, folder, concurrency)


class AsyncGetRecording(Protocol):
    """Asks for a recording by its id."""

    async def __call__(self, recording_id: int | str, /) -> Recording: ...


class AsyncDownloadOne(Protocol):
    """Downloads one recording and reports a failure instead of raising it."""

    async def __call__(self, given: Recording | int | str, /) -> DownloadResult: ...


async def _as_they_finish(
    download: AsyncDownloadOne,
    recordings: AsyncIterable[Recording | int | str] | Iterable[Recording | int | str],
    folder: Path,
    concurrency: int,
) -> AsyncGenerator[DownloadResult]:
    with destination_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    running: dict[AsyncJob[DownloadResult], str] = {}
    source = async_each(recordings)
    try:
        async with AsyncPool(concurrency) as pool:
            async for recording in source:
                identity = _identity(recording)
                while identity in running.values():
                    yield await _next_result(pool, running)
                running[pool.start(download, recording)] = identity
                while len(running) >= concurrency:
                    yield await _next_result(pool, running)
            while running:
                yield await _next_result(pool, running)
    finally:
        await source.aclose()


async def _next_result(pool: AsyncPool, running: dict[AsyncJob[DownloadResult], str]) -> DownloadResult:
    done = await pool.next_done(running)
    del running[done]
    return await done.result()


def _identity(recording: Recording | int | str) -> str:
    """Equal for what would be downloaded to the same file."""
    if not isinstance(recording, Recording):
        return str(recording)
    return str(recording.id or recording.download_url)
