"""Where a download goes: a path of the caller's, a directory of theirs, or a file object."""

import inspect
import io
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from attrs import evolve

from .._checks import shown
from .._errors import DestinationError, IncompleteDownloadError, InputError
from .disk import destination_errors, reason_of, write_all
from .part_file import PartFile
from .ranges import Body, Received
from .signatures import HEAD_BYTES
from .sources import Source
from .verification import Findings

Target = Path | str | BinaryIO


class FileObject:
    """Writes straight into a file object: nothing is kept for a later run, nothing renamed.

    Bytes are written before they are verified. When the server makes us start over, the file is taken back to
    where it was, so it must be seekable then. The methods are those of `PartFile`.
    """

    path = None
    sha256: str | None = None
    is_closed = True  # there is nothing to let go of

    def __init__(self, source: Source, file: BinaryIO) -> None:
        self.received = Received()
        self._source = source
        self._file = file
        self._start: int | None = None
        self._head = b""
        self._digest = sha256()

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

    def write(self, data: bytes) -> None:
        with _errors_of_the_file():
            write_all(self._file, data)
        self._digest.update(data)
        self._head = (self._head + data[:HEAD_BYTES])[:HEAD_BYTES]
        self.received = evolve(self.received, offset=self.received.offset + len(data))

    def publish(self, findings: Findings) -> bool:
        findings.compare_size(self.received.offset, (self.received.total, self._source.size))
        if self._source.kind == "audio":
            findings.look_at_audio(self._head)
        else:
            findings.cannot_tell("contents")  # it cannot be read back from here
        self.sha256 = self._digest.hexdigest()
        return True

    def close(self) -> None:
        """Leaves it to its owner."""

    def _rewind(self) -> None:
        if self._start is None:
            raise IncompleteDownloadError(
                f"it has to start over after {self.received.offset} bytes, and the file object cannot seek"
            )
        with _errors_of_the_file():
            self._file.seek(self._start)
            self._file.truncate()
        self._head, self._digest = b"", sha256()


@contextmanager
def _errors_of_the_file() -> Generator[None]:
    """Whatever the caller's file object raises becomes our error: it may be closed halfway."""
    try:
        yield
    except Exception as error:
        raise DestinationError(f"cannot write the file object: {reason_of(error)}") from error


Sink = PartFile | FileObject
"""Where a download's bytes go. Its calls may come from different threads, one at a time."""


def sink_for(source: Source, to: object, *, overwrite: bool, resume: bool) -> Sink:
    """The sink for the `to` argument of a download. InputError if it is invalid."""
    given = require_target(to)
    if given is None:
        return FileObject(source, cast(BinaryIO, to))
    path = Path(given)
    with destination_errors(path):
        is_directory = path.is_dir() or given.endswith(("/", os.sep))
    path = path / source.name if is_directory else path
    return PartFile(source, path, named_by_us=is_directory, overwrite=overwrite, resume=resume)


def require_target(to: object) -> str | None:
    """The path that `to` is, None for a file object. InputError if it is neither, before anything is sent."""
    path = _path_text(to)
    if path is None and (problem := _file_problem(to)):
        accepted = "a path, a directory or a file object opened for writing in binary mode"
        raise InputError(f"to is {problem}; accepted: {accepted}")
    return path


def checked_directory(directory: object) -> Path:
    """The directory for many files, which need not exist. InputError if it is not a path."""
    path = _path_text(directory)
    if path is None:
        raise InputError(f"directory is {shown(directory)}; accepted: the path of a directory")
    return Path(path)


def _path_text(to: object) -> str | None:
    """Before looking for `write`: some path types of other libraries have that, too."""
    try:
        path = cast(object, os.fspath(cast(str, to)))
        return path if isinstance(path, str) and path and b"\0" not in os.fsencode(path) else None
    except (TypeError, UnicodeEncodeError):  # the second: half of a surrogate pair
        return None


def _file_problem(to: object) -> str:
    write = getattr(to, "write", None)
    # Text files have an encoding, wrapped ones (tempfile's) too, and those are not a TextIOBase.
    is_text = isinstance(to, io.TextIOBase) or hasattr(to, "encoding")
    if not callable(write) or is_text or inspect.iscoroutinefunction(write):
        return shown(to)
    try:
        if getattr(to, "closed", False) is True:
            return "a file object that is closed"
        writable = cast(Callable[[], bool], getattr(to, "writable", lambda: True))
        return "" if writable() else "a file object that cannot be written to"
    except Exception as error:  # noqa: BLE001 - it may be anybody's object
        return f"a file object that does not work ({type(error).__name__})"
