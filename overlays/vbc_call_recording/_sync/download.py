# Written by scripts/mirror from overlays/vbc_call_recording/_async/download.py.
# Change that file and run `make generate`.
"""Downloading one file, over as many requests as it takes."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any, Unpack

import httpx

from .._concurrency import checkpoint, finish, if_closed, sleep, to_thread
from .._errors import ApiConnectionError, DownloadError, IncompleteDownloadError, VerificationError
from .._files.ranges import (
    SETTLED_HERE,
    Body,
    NothingLeft,
    Received,
    StartOver,
    is_self_delimiting,
    pause_after,
    read_answer,
    request_headers,
)
from .._files.signatures import looks_wrong
from .._files.sources import DownloadResult, Source
from .._files.targets import Sink, Target, sink_for
from .._files.verification import Findings
from .._http.outcomes import error_for_exception
from .._http.redaction import excerpt, shown_url
from .._options import DownloadOptions, DownloadSettings, download_settings
from .session import Session
from .transport import beginning_of
from .wire import Wire

# Each write costs the async client a hop to a thread. A kill loses what was not written for a second.
_BLOCK = 256 * 1024
_LONGEST_UNWRITTEN = 1.0
# Seconds for a connection to become free, before it is asked for anew: short, since a policy's `total_time`
# is not to run out while other downloads go on.
_TURN = 5.0


def download_file(
    session: Session, source: Source, to: Target, **options: Unpack[DownloadOptions]
) -> DownloadResult:
    """Downloads, verifies and publishes one file. The arguments are those of the resources' `download`.

    Raises:
        InputError: `to` or an option cannot be right.
        DestinationError: It cannot be written to where it is to go. What is there already is kept.
        IncompleteDownloadError: The bytes stopped and resuming got no further; what came is kept.
        VerificationError: The bytes, or what the server says of them, are not what was promised.
        ApiError: The server cannot be reached or refused.
    """
    return transfer_file(session.wire, source, to, download_settings(options))


def transfer_file(
    wire: Wire, source: Source, to: Target, settings: DownloadSettings, *, in_turn: bool = False
) -> DownloadResult:
    """As `download_file`.

    Args:
        in_turn: Wait for a free connection as long as it takes: downloads before this one have them.
    """
    sink = sink_for(source, to, overwrite=settings.overwrite, resume=settings.resume)
    findings = Findings(settings.verify)
    try:
        with if_closed(sink.close, late=True):
            is_new = to_thread(sink.open, findings)
            if is_new:
                transfer = Transfer(wire, source, sink, settings, findings, in_turn=in_turn)
                is_new = transfer.deliver()
        return DownloadResult(
            path=sink.path, bytes=sink.received.offset, skipped=not is_new, unproven=findings.unproven
        )
    except DownloadError as error:
        error.path = error.path or sink.path
        error.source = error.source or shown_url(source.url, wire.credentials.secrets())
        raise
    finally:
        finish(sink.close)


class Transfer:
    """The bytes of one source on their way into a sink."""

    def __init__(
        self,
        wire: Wire,
        source: Source,
        sink: Sink,
        settings: DownloadSettings,
        findings: Findings,
        *,
        in_turn: bool,
    ) -> None:
        self._wire = wire
        self._url = wire.trusted_url(source.url, operation="download")
        self._source = source
        self._sink = sink
        self._on_progress = settings.on_progress
        self._findings = findings
        usual = wire.timeout
        self._timeout = httpx.Timeout(
            connect=usual.connect,
            read=settings.stall_timeout,
            write=usual.write,
            pool=min(usual.pool or _TURN, _TURN) if in_turn else usual.pool,
        )
        self._in_turn = in_turn
        # With `verify="none"` a wrong size is noted at the end, and must not cut the file short before.
        self._expected = source.size if findings.requires("size") else None
        self._starts_over = False
        self._answered = False
        self._reached = sink.received.offset if sink.received.is_resumable else 0

    def deliver(self) -> bool:
        """Brings the bytes and publishes them. False if the very same were there already."""
        try:
            self._bring()
            return to_thread(self._sink.publish, self._findings)
        except VerificationError:
            # What was left by an earlier run, or continued by the server, may be of no use. The whole may be.
            if not to_thread(self._sink.start_over):
                raise
        self._reached = 0
        self._bring()
        return to_thread(self._sink.publish, self._findings)

    def _bring(self) -> None:
        """Asks until everything is here, as long as each answer gets further than all before."""
        breaks = 0
        while True:
            try:
                if self._ask():
                    return
            except ApiConnectionError as error:
                if self._in_turn and isinstance(error.__cause__, httpx.PoolTimeout):
                    sleep(pause_after(1) or 0.0)
                    continue  # nothing was sent: downloads before this one have all the connections
                if not self._answered:
                    raise
                breaks += 1
                pause = pause_after(breaks)
                if self._sink.received.offset <= self._reached or pause is None:
                    raise self._incomplete(breaks) from error
                self._reached = self._sink.received.offset
                sleep(pause)

    def _ask(self) -> bool:
        """One request. False if it has to be asked again from the start."""
        received = Received() if self._starts_over else self._sink.received
        settled_here = SETTLED_HERE if received.is_resumable else frozenset[int]()
        with self._wire.stream(
            "GET",
            self._url,
            headers=request_headers(received),
            timeout=self._timeout,
            extensions={"operation": "download", "accept_statuses": settled_here},
        ) as response:
            with if_closed(partial(_cut_off, response)):
                self._answered = True
                answer = self._meaning_of(response, received)
                if isinstance(answer, StartOver):
                    self._starts_over = True
                    return False
                if isinstance(answer, Body):
                    if answer.start == 0 and answer.validator != self._sink.received.validator:
                        self._reached = 0  # how far an older copy got says nothing about this one
                    to_thread(self._sink.begin, answer)
                    self._starts_over = False
                    self._take_in(response, answer)
        if isinstance(answer, NothingLeft):
            self._report(self._sink.received.offset)
        return True

    def _meaning_of(self, response: httpx.Response, received: Received) -> Body | NothingLeft | StartOver:
        """Raises VerificationError if it is not the file, with the server's words for it if there are any."""
        kind = response.headers.get("Content-Type", "")
        is_wrong = looks_wrong(kind, self._source.kind)
        try:
            answer = read_answer(response.status_code, response.headers, received, self._expected)
            if isinstance(answer, Body):
                if is_wrong and answer.start > 0 and self._findings.requires("type"):
                    return StartOver()
                self._check(response, answer, f"the server sent {kind}" if is_wrong else "")
        except VerificationError as error:
            if not is_wrong:
                raise
            text = excerpt(beginning_of(response), self._wire.credentials.secrets())
            raise VerificationError(f"{error.args[0]}; it sent {kind}, beginning: {text}") from error
        return answer

    def _check(self, response: httpx.Response, body: Body, wrong_type: str) -> None:
        if body.start == 0:
            self._findings.forget()
        if wrong_type:
            self._findings.contradict("type", f"{wrong_type} instead of {self._source.kind}")
        size_known = body.total is not None or self._expected is not None
        if not size_known and not is_self_delimiting(response.http_version, response.headers):
            self._findings.contradict(
                "size",
                "the server sends a file of unknown size that ends with the connection, so that there is no "
                "telling whether it came whole",
            )

    def _take_in(self, response: httpx.Response, body: Body) -> None:
        total = body.total if body.total is not None else self._expected
        end = min((stated for stated in (body.end, total) if stated is not None), default=None)
        done = body.start
        block = _Block()
        self._report(done)
        try:
            for chunk in response.iter_bytes():
                done += len(chunk)
                if end is not None and done > end:
                    raise VerificationError(f"more bytes came than the {end - body.start} promised")
                block.add(chunk)
                if block.is_due():
                    to_thread(self._sink.write, block.take())
                checkpoint()
                self._report(done)
            to_thread(self._sink.write, block.take())
        except httpx.HTTPError as error:
            self._keep(block)
            raise error_for_exception(error, response.request, self._wire.credentials.secrets()) from error
        except VerificationError:
            raise
        except BaseException:
            self._keep(block)
            raise
        # A part may end where it said it would, and still before the whole does.
        if total is not None and done < total:
            raise ApiConnectionError(f"the answer ended after {done} of {total} bytes", operation="download")

    def _keep(self, block: _Block) -> None:
        """Writes what came before it broke off, unless the disk is what it broke off for."""
        with suppress(DownloadError):
            finish(partial(self._sink.write, block.take()))

    def _report(self, done: int) -> None:
        if self._on_progress is not None:
            total = self._sink.received.total
            self._on_progress(done, total if total is not None else self._source.size)

    def _incomplete(self, breaks: int) -> IncompleteDownloadError:
        received = self._sink.received
        kept = "; what came is kept for the next try" if self._sink.path else ""
        total = "an unknown number of" if received.total is None else received.total
        return IncompleteDownloadError(
            f"broke off {breaks} times, the last time after {received.offset} of {total} bytes{kept}"
        )


class _Block:
    """Bytes that came and are not written yet."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._taken = time.monotonic()

    def add(self, chunk: bytes) -> None:
        self._bytes += chunk

    def is_due(self) -> bool:
        return len(self._bytes) >= _BLOCK or time.monotonic() - self._taken > _LONGEST_UNWRITTEN

    def take(self) -> bytes:
        taken, self._bytes = bytes(self._bytes), bytearray()
        self._taken = time.monotonic()
        return taken


def _cut_off(response: httpx.Response) -> None:
    """Ends a read that is waiting in another thread. The connection must not be shared, as in HTTP/2."""
    stream: Any = response.extensions.get("network_stream")
    connection = (
        stream.get_extra_info("socket") if stream and response.http_version.startswith("HTTP/1") else None
    )
    if isinstance(connection, socket.socket):
        with suppress(OSError):
            # The method of the plain socket: that of a TLS socket would take the other thread's state away.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
