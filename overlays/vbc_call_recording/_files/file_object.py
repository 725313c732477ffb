"""A download into a file object of the caller's."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import BinaryIO

from attrs import evolve

from .._errors import DestinationError, IncompleteDownloadError
from .disk import reason_of, write_all
from .ranges import Body, Received
from .signatures import HEAD_BYTES
from .sources import Source
from .verification import Findings


class FileObject:
    """Writes straight into a file object: nothing is kept for a later run, nothing renamed.

    Bytes are in it before they are verified. When the server makes us start over, it is taken back to where
    it was, which it has to be seekable for. Its calls are those of `PartFile`.
    """

    path = None

    def __init__(self, source: Source, file: BinaryIO) -> None:
        self.received = Received()
        self._source = source
        self._file = file
        self._stitched = False
        self._start: int | None = None
        self._head = b""

    def open(self, findings: Findings) -> bool:
        with _errors_of_the_file():
            seekable = getattr(self._file, "seekable", None)
            if callable(seekable) and seekable():
                self._start = self._file.tell()
        return True

    def begin(self, body: Body) -> None:
        if body.start != self.received.offset:
            self._rewind()
        self.received = Received(body.start, body.total, body.validator)
        self._stitched = body.start > 0

    def write(self, data: bytes) -> None:
        with _errors_of_the_file():
            write_all(self._file, data)
        self._head = (self._head + data[:HEAD_BYTES])[:HEAD_BYTES]
        self.received = evolve(self.received, offset=self.received.offset + len(data))

    def start_over(self) -> bool:
        if not self._stitched or self._start is None:
            return False
        self._rewind()
        self.received, self._stitched = Received(), False
        return True

    def publish(self, findings: Findings) -> bool:
        findings.compare_size(self.received.offset, (self.received.total, self._source.size))
        if self._source.kind == "audio":
            findings.look_at_audio(self._head)
        else:
            findings.cannot_tell("contents")  # it cannot be read back from here
        return True

    def close(self) -> None:
        """Leaves it to its owner."""

    def _rewind(self) -> None:
        if self._start is None:
            raise IncompleteDownloadError(
                f"the server starts over after {self.received.offset} bytes, and the file object cannot seek"
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
