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
from .._files.ranges import Body, NothingLeft, Received, StartOver
from .._files.signatures import looks_wrong
from .._files.sources import DownloadResult, Source
from .._files.targets import Target, sink_for
from .._files.verification import Findings
from .._http.outcomes import error_for_exception
from .._http.redaction import excerpt, shown_url
from .._options import DownloadOptions, DownloadSettings, download_settings
from .session import AsyncSession
from .transport import beginning_of
from .wire import AsyncWire

# Each write costs the async client a hop to a thread. A kill loses what came in the last second.
_BLOCK = 256 * 1024
_LONGEST_UNWRITTEN = 1.0
# Seconds for a connection to become free, before it is asked for anew: short, since a policy's `total_time`
# is not to run out while other downloads go on.
_TURN = 5.0


async def download_file(
    session: AsyncSession, source: Source, to: Target, **options: Unpack[DownloadOptions]
) -> DownloadResult:
    """Downloads, verifies and publishes one file. The arguments are those of the resources' `download`.

    Raises:
        InputError: `to` or an option cannot be right.
        DestinationError: It cannot be written to where it is to go. What is there already is kept.
        IncompleteDownloadError: The bytes stopped and resuming got no further; what came is kept.
        VerificationError: The bytes, or what the server says of them, are not what was promised.
        ApiError: The server cannot be reached or refused.
    """
    return await AsyncTransfer(session.wire, source, to, download_settings(options)).run()


class AsyncTransfer:
    """The bytes of one source on their way into a sink.

    Args:
        in_turn: Wait for a free connection as long as it takes: downloads before this one have them.
    """

    def __init__(
        self,
        wire: AsyncWire,
        source: Source,
        to: Target,
        settings: DownloadSettings,
        *,
        in_turn: bool = False,
    ) -> None:
        self.sink = sink_for(source, to, overwrite=settings.overwrite, resume=settings.resume)
        self._wire = wire
        self._source = source
        self._on_progress = settings.on_progress
        self._findings = Findings(settings.verify)
        usual = wire.timeout
        turn = min(usual.pool or _TURN, _TURN) if in_turn else usual.pool
        self._timeout = httpx.Timeout(
            connect=usual.connect, read=settings.stall_timeout, write=usual.write, pool=turn
        )
        self._in_turn = in_turn
        # With `verify="none"` a wrong size is noted at the end, and must not cut the file short before.
        self._expected = source.size if self._findings.requires("size") else None
        self._answered = False
        self._reached = 0
        self._response: httpx.Response | None = None
        self._block = bytearray()
        self._written_at = time.monotonic()

    async def run(self) -> DownloadResult:
        """As `download_file`."""
        sink = self.sink
        try:
            is_new = await async_to_thread(sink.open, self._findings) and await self._deliver()
            return DownloadResult(
                sink.path, sink.received.offset, not is_new, unproven=self._findings.unproven
            )
        except DownloadError as error:
            error.path = error.path or sink.path
            error.source = error.source or shown_url(self._source.url, self._wire.credentials.secrets())
            raise
        finally:
            await async_to_thread(sink.close)

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
        self._reached = self.sink.received.resumable
        try:
            return await self._bring()
        except VerificationError:
            # What was left by an earlier run, or continued by the server, may be of no use. The whole may be.
            if not await async_to_thread(self.sink.start_over):
                raise
        self._reached = 0
        return await self._bring()

    async def _bring(self) -> bool:
        """Asks until everything is here, as long as each answer gets further than all before."""
        breaks, received = 0, self.sink.received
        while True:
            try:
                if await self._ask(received):
                    return await async_to_thread(self.sink.publish, self._findings)
                received = Received()
            except ApiConnectionError as error:
                if self._in_turn and isinstance(error.__cause__, httpx.PoolTimeout):
                    await async_sleep(0.2)
                    continue  # nothing was sent: downloads before this one have all the connections
                if not self._answered:
                    raise
                breaks, received = breaks + 1, self.sink.received
                pause = ranges.pause_after(breaks)
                if received.offset <= self._reached or pause is None:
                    kept = "; what came is kept for the next try" if self.sink.path else ""
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
            self._response, self._answered = response, True
            try:
                checkpoint()
                answer = await self._meaning_of(response, received)
                if isinstance(answer, Body):
                    if answer.start == 0 and answer.validator != self.sink.received.validator:
                        self._reached = 0  # how far an older copy got says nothing about this one
                    await async_to_thread(self.sink.begin, answer)
                    await self._take_in(response, answer)
            finally:
                self._response = None
        if isinstance(answer, NothingLeft):
            self._report(self.sink.received.offset)
        return not isinstance(answer, StartOver)

    async def _meaning_of(
        self, response: httpx.Response, received: Received
    ) -> Body | NothingLeft | StartOver:
        """Raises VerificationError if it is not the file, with the server's words for it if there are any."""
        kind = response.headers.get("Content-Type", "")
        is_wrong = looks_wrong(kind, self._source.kind)
        try:
            answer = ranges.read_answer(response.status_code, response.headers, received, self._expected)
            if not isinstance(answer, Body):
                return answer
            if answer.start == 0:
                self._findings.forget()
            elif is_wrong and self._findings.requires("type"):
                return StartOver()
            if is_wrong:
                self._findings.contradict("type", f"the server sent {kind} instead of {self._source.kind}")
            self._check_size(response, answer)
            return answer
        except VerificationError as error:
            if not is_wrong:
                raise
            text = excerpt(await beginning_of(response), self._wire.credentials.secrets())
            raise VerificationError(f"{error.args[0]}; it sent {kind}, beginning: {text}") from error

    def _check_size(self, response: httpx.Response, body: Body) -> None:
        is_known = body.total is not None or self._expected is not None
        if not is_known and not ranges.is_self_delimiting(response.http_version, response.headers):
            self._findings.contradict(
                "size", "the server sends a file of unknown size, and does not mark where it ends"
            )

    async def _take_in(self, response: httpx.Response, body: Body) -> None:
        total = body.total if body.total is not None else self._expected
        end = min((stated for stated in (body.end, total) if stated is not None), default=None)
        done = body.start
        self._report(done)
        try:
            async for chunk in response.aiter_bytes():
                done += len(chunk)
                if end is not None and done > end:
                    raise VerificationError(f"more bytes came than the {end - body.start} promised")
                self._block += chunk
                if len(self._block) >= _BLOCK or time.monotonic() - self._written_at > _LONGEST_UNWRITTEN:
                    await self._write()
                checkpoint()
                self._report(done)
            await self._write()
        except httpx.HTTPError as error:
            raise error_for_exception(error, response.request, self._wire.credentials.secrets()) from error
        finally:
            with suppress(DownloadError):
                await self._write()  # what came before it broke off
        # A part may end where it said it would, and still before the whole does.
        if total is not None and done < total:
            raise ApiConnectionError(f"the answer ended after {done} of {total} bytes", operation="download")

    async def _write(self) -> None:
        block, self._block, self._written_at = bytes(self._block), bytearray(), time.monotonic()
        if block:
            await async_to_thread(self.sink.write, block)

    def _report(self, done: int) -> None:
        if self._on_progress is not None:
            total = self.sink.received.total
            self._on_progress(done, total if total is not None else self._source.size)
