"""Downloads: one file over as many requests as it takes, and many files at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

import httpx
from attrs import evolve

from vbc_call_recording_generated.models import Recording

from .._concurrency import AsyncJob, AsyncPool, async_each, async_sleep, async_to_thread
from .._disk import destination_errors
from .._errors import (
    ApiConnectionError,
    CallRecordingError,
    DownloadError,
    IncompleteDownloadError,
    InputError,
    VerificationError,
)
from .._files import DownloadResult, Source, recording_source
from .._http import error_for_exception
from .._parts import Sink, sink_for
from .._ranges import (
    Body,
    Have,
    NothingLeft,
    StartOver,
    is_self_delimiting,
    pause_after,
    read_answer,
    request_headers,
)
from .._redaction import EXCERPT_LENGTH, excerpt, shown_url
from .._signatures import is_error_page, is_web_page
from ._wire import AsyncWire

if TYPE_CHECKING:
    from ._client import AsyncCallRecordingClient

Target = Path | str | BinaryIO
OnProgress = Callable[[int, int | None], object]
"""Called with bytes done and bytes in total, None if unknown. Bytes done fall when a download starts over."""

DEFAULT_STALL_TIMEOUT = 60.0
DEFAULT_CONCURRENCY = 8


async def download_file(
    client: AsyncCallRecordingClient,
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
    if isinstance(stall_timeout, bool) or not stall_timeout > 0:
        raise InputError(f"stall_timeout is {stall_timeout!r}; accepted: seconds above 0")
    sink = sink_for(source, to, overwrite=overwrite, resume=resume)
    wire = client.wire
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
        sink.close()


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

    async def run(self) -> None:
        """Asks until everything is here, as long as each answer gets further than all before."""
        breaks = 0
        reached = self._sink.have.offset
        while True:
            try:
                if await self._ask():
                    return
            except ApiConnectionError as error:
                if not self._answered:
                    raise
                breaks += 1
                pause = pause_after(breaks)
                if self._sink.have.offset <= reached or pause is None:
                    raise self._incomplete(breaks) from error
                reached = self._sink.have.offset
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
            text = excerpt(await _beginning(response), self._wire.credentials.secrets())
            raise VerificationError(f"the server sent {kind} instead of {self._source.kind}: {text}")
        size_known = body.total is not None or self._source.size is not None
        if not size_known and not is_self_delimiting(response.http_version, response.headers):
            raise VerificationError(
                "the server sends a file of unknown size that ends with the connection: nobody could tell "
                "whether it came whole"
            )

    async def _take_in(self, response: httpx.Response, body: Body) -> None:
        total = body.total if body.total is not None else self._source.size
        self._report()
        try:
            async for chunk in response.aiter_bytes():
                if total is not None and self._sink.have.offset + len(chunk) > total:
                    raise VerificationError(f"more bytes came than the {total} promised")
                await async_to_thread(self._sink.write, chunk)
                self._report()
        except httpx.HTTPError as error:
            raise error_for_exception(error, response.request, self._wire.credentials.secrets()) from error
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
    client: AsyncCallRecordingClient,
    recordings: AsyncIterable[Recording] | Iterable[Recording],
    directory: Path | str,
    *,
    concurrency: int = DEFAULT_CONCURRENCY,
    overwrite: bool = False,
    resume: bool = True,
    stall_timeout: float = DEFAULT_STALL_TIMEOUT,
) -> AsyncGenerator[DownloadResult]:
    """Downloads recordings into a directory, several at a time, and yields each result as it finishes.

    A recording that fails does not stop the others: its result carries the error. One that is there already
    is not transferred again. `recordings` is read as there is room for more, so a listing of any length will
    do, and an error of the listing itself is raised. Leaving the loop early cancels what is under way; what
    came of that stays for the next run.

    Args:
        recordings: What to download, a paginator for example.
        directory: Where to; created if need be. Names are made from the recordings' own, and unique.
        concurrency: How many at a time.
        overwrite: As for a single download.
        resume: As for a single download.
        stall_timeout: As for a single download, in seconds.

    Raises:
        InputError: `concurrency` or `stall_timeout` cannot be right.
        DestinationError: The directory cannot be created.
    """
    if isinstance(concurrency, bool) or not concurrency >= 1:
        raise InputError(f"concurrency is {concurrency!r}; accepted: 1 or more")
    folder = Path(directory)

    async def download(recording: Recording) -> DownloadResult:
        try:
            result = await download_file(
                client,
                recording_source(recording),
                folder,
                overwrite=overwrite,
                resume=resume,
                stall_timeout=stall_timeout,
            )
        except CallRecordingError as error:
            path = error.path if isinstance(error, DownloadError) else None
            return DownloadResult(path=path, bytes=0, recording=recording, error=error)
        return evolve(result, recording=recording)

    return _as_they_finish(download, recordings, folder, concurrency)


class AsyncDownloadOne(Protocol):
    """Downloads one recording and reports a failure instead of raising it."""

    async def __call__(self, recording: Recording, /) -> DownloadResult: ...


async def _as_they_finish(
    download: AsyncDownloadOne,
    recordings: AsyncIterable[Recording] | Iterable[Recording],
    folder: Path,
    concurrency: int,
) -> AsyncGenerator[DownloadResult]:
    with destination_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    running: set[AsyncJob[DownloadResult]] = set()
    source = async_each(recordings)
    try:
        async with AsyncPool(concurrency) as pool:
            async for recording in source:
                running.add(pool.start(download, recording))
                if len(running) >= concurrency:
                    done = await pool.next_done(running)
                    running.remove(done)
                    yield await done.result()
            while running:
                done = await pool.next_done(running)
                running.remove(done)
                yield await done.result()
    finally:
        await source.aclose()


async def _beginning(response: httpx.Response) -> bytes:
    body = b""
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) >= EXCERPT_LENGTH * 8:
                break
    except httpx.HTTPError:
        pass
    return body
