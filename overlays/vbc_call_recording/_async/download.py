"""Downloading one file, over as many requests as it takes."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any, Unpack

import httpx

from .._concurrency import async_sleep, async_to_thread, checkpoint
from .._errors import ApiConnectionError, DownloadError, IncompleteDownloadError, VerificationError
from .._files import ranges
from .._files.ranges import Body, Received
from .._files.signatures import looks_wrong
from .._files.sources import DownloadResult, Source
from .._files.targets import Target, sink_for
from .._files.verification import Findings
from .._http.answers import ResponseInfo, info_of
from .._http.outcomes import error_for_exception
from .._http.redaction import excerpt, shown_url
from .._options import DownloadOptions, DownloadSettings, download_settings
from .session import AsyncSession
from .transport import beginning_of
from .wire import AsyncWire

# Each write costs the async client a hop to a thread. A kill loses what came in the last second, or the last
# block, which waits for the file to be finished.
_BLOCK = 256 * 1024
_LONGEST_UNWRITTEN = 1.0


async def download_file(
    session: AsyncSession, source: Source, to: Target, **options: Unpack[DownloadOptions]
) -> DownloadResult:
    """Downloads, verifies and publishes one file. Arguments and errors as for `download` of a resource."""
    return await AsyncTransfer(session.wire, source, to, download_settings(options)).run()


def had_no_connection(error: Exception | None) -> bool:
    """Whether nothing was sent, as all connections were taken."""
    return isinstance(error, ApiConnectionError) and isinstance(error.__cause__, httpx.PoolTimeout)


class _CallbackFailed(BaseException):
    """What `on_progress` raised, on its way past everything that handles errors of the transfer."""

    def __init__(self, raised: BaseException) -> None:
        super().__init__()
        self.raised = raised


class AsyncTransfer:
    """The bytes of one source on their way into a sink.

    Args:
        patience: Seconds to wait for a free connection; None for those of the wire.
    """

    def __init__(
        self,
        wire: AsyncWire,
        source: Source,
        to: Target,
        settings: DownloadSettings,
        *,
        patience: float | None = None,
    ) -> None:
        self.sink = sink_for(source, to, overwrite=settings.overwrite, resume=settings.resume)
        self._wire = wire
        self._source = source
        self._on_progress = settings.on_progress
        self._findings = Findings(settings.verify)
        usual = wire.timeout
        self._timeout = httpx.Timeout(
            connect=usual.connect,
            read=settings.stall_timeout,
            write=usual.write,
            pool=usual.pool if patience is None else patience,
        )
        # With `verify="none"` a wrong size is noted at the end, and must not cut the file short before.
        self._expected = source.size if self._findings.requires("size") else None
        self._answered = False
        self._reached, self._is_continued = 0, False
        self._response: httpx.Response | None = None
        self._info: ResponseInfo | None = None
        # What came and is not written yet: a body that begins, and some of its bytes.
        self._body: Body | None = None
        self._chunks: list[bytes] = []
        self._waiting = 0
        self._written_at = time.monotonic()
        self._total: int | None = None

    async def run(self) -> DownloadResult:
        """As `download_file`."""
        sink = self.sink
        try:
            is_new = await async_to_thread(self._open) and await self._deliver()
            return DownloadResult(
                sink.path,
                sink.received.offset,
                not is_new,
                unproven=self._findings.unproven,
                sha256=sink.sha256,
                response=self._info,
            )
        except DownloadError as error:
            error.path = error.path or sink.path
            error.source = error.source or shown_url(self._source.url, self._wire.credentials.secrets())
            raise
        except _CallbackFailed as failure:
            raised = failure.raised
        finally:
            if not sink.is_closed:
                await async_to_thread(sink.close)
        raise raised

    def interrupt(self) -> None:
        """Ends a read that is waiting in another thread. The connection must not be shared, as in HTTP/2."""
        response = self._response
        if response is not None and response.http_version.startswith("HTTP/1"):
            stream: Any = response.extensions.get("network_stream")
            connection = stream and stream.get_extra_info("socket")
            if isinstance(connection, socket.socket):
                with suppress(OSError):
                    # Of the plain socket: that of a TLS socket would take the other thread's state away.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    async def _deliver(self) -> bool:
        """Brings the bytes and publishes them. False if the very same were there already."""
        left = self.sink.received
        self._reached, self._is_continued = left.resumable, left.resumable > 0
        try:
            return await self._bring(left)
        except VerificationError:
            # What was left by an earlier run, or continued by the server, may be of no use. The whole may be.
            if not self._is_continued:
                raise
        except (ApiConnectionError, IncompleteDownloadError):
            # Not a byte could be added. The whole may come all the same; until then what is here is kept.
            if not 0 < left.resumable == self.sink.received.offset:
                raise
        self._reached = 0
        return await self._bring(Received())

    async def _bring(self, received: Received) -> bool:
        """Asks until everything is here, as long as each answer gets further than all before."""
        breaks = 0
        while True:
            try:
                if await self._ask(received):
                    return await async_to_thread(self._finish)
                received = Received()
            except ApiConnectionError as error:
                if not self._answered or had_no_connection(error):
                    raise
                breaks, received = breaks + 1, self.sink.received
                pause = ranges.pause_after(breaks)
                if received.offset <= self._reached or pause is None:
                    is_kept = self.sink.path and received.resumable
                    kept = "; what came is kept for the next try" if is_kept else ""
                    total = "an unknown number of" if received.total is None else received.total
                    raise IncompleteDownloadError(
                        f"broke off {breaks} times, last after {received.offset} of {total} bytes{kept}"
                    ) from error
                self._reached = received.offset
                await async_sleep(pause)

    async def _ask(self, received: Received) -> bool:
        """One request for the rest. False if the server cannot send it, and must be asked for the whole."""
        async with self._wire.stream(
            "GET",
            self._wire.trusted_url(self._source.url, operation="download"),
            headers=ranges.request_headers(received),
            timeout=self._timeout,
            extensions={
                "operation": "download",
                "accept_statuses": ranges.SETTLED_HERE if received.resumable else frozenset[int](),
            },
        ) as response:
            self._response, self._answered, self._info = response, True, info_of(response)
            try:
                checkpoint()
                body = await self._body_of(response, received)
                if body is None:
                    return False
                self._is_continued = body.start > 0
                if body.start == 0 and body.validator != self.sink.received.validator:
                    self._reached = 0  # how far an older copy got says nothing about this one
                await self._take_in(response, body)
                return True
            except BaseException:
                with suppress(DownloadError):
                    await self._write()  # what came before it broke off
                raise
            finally:
                self._response = None

    async def _body_of(self, response: httpx.Response, received: Received) -> Body | None:
        """Raises VerificationError if it is not the file, with the server's words for it if there are any."""
        headers, kind = response.headers, response.headers.get("Content-Type", "")
        is_wrong = response.status_code != 416 and looks_wrong(kind, self._source.kind)
        try:
            body = ranges.read_answer(response.status_code, headers, received, self._expected)
            if body is None or (body.start and is_wrong and self._findings.requires("type")):
                return None
            if body.start == 0:
                self._findings.forget()
            if is_wrong:
                self._findings.contradict("type", f"the server sent {kind} instead of {self._source.kind}")
            is_known = body.total is not None or self._expected is not None
            if not is_known and not ranges.is_self_delimiting(response.http_version, headers):
                self._findings.contradict(
                    "size", "a file of unknown size, whose end the server does not mark"
                )
            return body
        except VerificationError as error:
            if not is_wrong:
                raise
            text = excerpt(await beginning_of(response), self._wire.credentials.secrets())
            raise VerificationError(f"{error.args[0]}; it sent {kind}, beginning: {text}") from error

    async def _take_in(self, response: httpx.Response, body: Body) -> None:
        total = body.total if body.total is not None else self._expected
        end = min((stated for stated in (body.end, total) if stated is not None), default=None)
        done = body.start
        self._body, self._total = body, body.total
        self._report(done)
        if done == end:
            return  # everything is here; the body of a 416 is about the error
        try:
            async for chunk in response.aiter_bytes():
                done += len(chunk)
                if end is not None and done > end:
                    raise VerificationError(f"more bytes came than the {end - body.start} promised")
                self._chunks.append(chunk)
                self._waiting += len(chunk)
                is_late = time.monotonic() - self._written_at > _LONGEST_UNWRITTEN
                if (self._waiting >= _BLOCK or is_late) and done != end:
                    await self._write()
                checkpoint()
                self._report(done)
        except httpx.HTTPError as error:
            raise error_for_exception(error, response.request, self._wire.credentials.secrets()) from error
        # A part may end where it said it would, and still before the whole does.
        if total is not None and done < total:
            raise ApiConnectionError(f"the answer ended after {done} of {total} bytes", operation="download")

    async def _write(self) -> None:
        if self._body or self._chunks:
            await async_to_thread(self._store)

    # As each call of the sink would cost the async client a hop to a thread, those that follow on each other
    # share one.

    def _open(self) -> bool:
        if self.sink.open(self._findings):
            return True
        self.sink.close()
        return False

    def _store(self) -> None:
        body, self._body = self._body, None
        chunks, self._chunks, self._waiting = self._chunks, [], 0
        self._written_at = time.monotonic()
        if body:
            self.sink.begin(body)
        if chunks:
            self.sink.write(b"".join(chunks))

    def _finish(self) -> bool:
        self._store()
        is_new = self.sink.publish(self._findings)
        self.sink.close()
        return is_new

    def _report(self, done: int) -> None:
        if self._on_progress is not None:
            try:
                self._on_progress(done, self._total if self._total is not None else self._source.size)
            except BaseException as error:  # noqa: BLE001 - raised in the end, as it is
                raise _CallbackFailed(error) from None
