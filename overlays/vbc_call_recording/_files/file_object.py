"""A download into a file object of the caller's."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock
from typing import BinaryIO

from .._errors import DestinationError, IncompleteDownloadError
from .disk import reason_of, write_all
from .ranges import Body, Received
from .signatures import HEAD_BYTES, looks_like_audio, not_audio
from .sources import Source
from .verification import Findings


class FileObject:
    """Writes straight into a file object: nothing is kept for a later run, nothing renamed.

    Bytes are in it before they are verified. When the server makes us start over, it is taken back to where
    it was, which it has to be seekable for.
    """

    def __init__(self, source: Source, file: BinaryIO) -> None:
        self._source = source
        self._file = file
        self._received = Received()
        self._stitched = False
        self._start: int | None = None
        self._head = b""
        # In the sync client, the loop that gives up on a stalled download closes it from another thread.
        self._guard = Lock()
        self._closed = False

    @property
    def path(self) -> None:
        return None

    @property
    def received(self) -> Received:
        return self._received

    def open(self, findings: Findings) -> bool:
        with self._guard, _errors_of_the_file():
            seekable = getattr(self._file, "seekable", None)
            if callable(seekable) and seekable():
                self._start = self._file.tell()
            return True

    def begin(self, body: Body) -> None:
        with self._guard:
            if body.start != self._received.offset:
                self._rewind()
            self._received = Received(body.start, body.total, body.validator)
            self._stitched = body.start > 0

    def write(self, data: bytes) -> None:
        with self._guard, _errors_of_the_file():
            if self._closed:
                return
            write_all(self._file, data)
            self._head = (self._head + data)[:HEAD_BYTES] if len(self._head) < HEAD_BYTES else self._head
            before = self._received
            self._received = Received(before.offset + len(data), before.total, before.validator)

    def start_over(self) -> bool:
        with self._guard:
            if not self._stitched or self._start is None:
                return False
            self._rewind()
            self._received, self._stitched = Received(), False
            return True

    def publish(self, findings: Findings) -> bool:
        with self._guard:
            findings.compare_size(self._received.offset, (self._received.total, self._source.size))
            if self._source.kind != "audio":  # an archive's contents cannot be read back from here
                findings.cannot_tell("contents")
            elif not looks_like_audio(self._head):
                findings.contradict("contents", not_audio(self._head))
            return True

    def close(self) -> None:
        with self._guard:
            self._closed = True

    def _rewind(self) -> None:
        if self._start is None:
            raise IncompleteDownloadError(
                f"the server starts over after {self._received.offset} bytes, and the file object cannot seek"
            )
        with _errors_of_the_file():
            self._file.seek(self._start)
            self._file.truncate()
        self._head = b""


@contextmanager
def _errors_of_the_file() -> Generator[None]:
    """Whatever a file object of the caller's raises, closed halfway for example, becomes our error."""
    try:
        yield
    except Exception as error:
        raise DestinationError(f"cannot write the file object: {reason_of(error)}") from error
