"""The disk side of a download: where it goes, what is kept of a broken one, when it may be published.

While it runs, a download to `call.mp3` has two siblings: `call.mp3.part`, the bytes so far, and
`call.mp3.part.json`, which says whose they are. Both stay when a download breaks off, whatever the reason,
disk full included, and the next one goes on from there; both go when it succeeds, and when all bytes came and
are wrong. A third one, `call.mp3.part.lock`, keeps two downloads apart; left by a kill, it means nothing.
"""

import errno
import io
import json
import os
import stat
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Protocol, cast

from attrs import asdict

from .._errors import (
    DestinationError,
    IncompleteDownloadError,
    InputError,
    UnsafeArchiveError,
    VerificationError,
)
from .archives import verify_archive
from .disk import destination_errors, exclusive, sync_directory
from .ranges import Body, Have
from .signatures import HEAD_BYTES, looks_like_audio
from .sources import Source

_SIDECAR_VERSION = 1
_SEPARATORS = ("/", os.sep)
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_COMPARED_AT_ONCE = 1024 * 1024


class Sink(Protocol):
    """Where a download's bytes go. Its calls may come from different threads, one at a time."""

    @property
    def path(self) -> Path | None:
        """The file, None for a file object."""
        ...

    @property
    def have(self) -> Have:
        """What is here already."""
        ...

    def open(self) -> bool:
        """Prepares for writing. False if everything is there already and nothing needs to be transferred."""
        ...

    def begin(self, body: Body) -> None:
        """What is written next belongs at the body's start; whatever was behind that is dropped."""
        ...

    def write(self, chunk: bytes) -> None: ...

    def publish(self) -> None:
        """Checks the contents, and makes them visible under the target's name."""
        ...

    def close(self) -> None:
        """Lets go of everything, at any time, also while another thread is still inside a call."""
        ...


def sink_for(source: Source, to: Path | str | BinaryIO, *, overwrite: bool, resume: bool) -> Sink:
    """The sink for the `to` argument of a download.

    Raises:
        InputError: `to` is neither a path nor a binary file object.
        DestinationError: `to` cannot be looked at.
    """
    require_target(to)
    if isinstance(to, str | Path):
        path = Path(to)
        with destination_errors(path):
            is_directory = path.is_dir() or str(to).endswith(_SEPARATORS)
        path = path / source.name if is_directory else path
        return PartFile(source, path, overwrite=overwrite, resume=resume)
    return FileObject(source, to)


def require_target(to: object) -> None:
    """Raises InputError unless `to` is a path or a binary file object, before anything is sent."""
    if isinstance(to, str | Path):
        possible = str(to) != "" and "\0" not in str(to)
    else:
        # Text files have an encoding, wrapped ones (tempfile's) too, and those are no TextIOBase.
        is_text = isinstance(to, io.TextIOBase) or hasattr(to, "encoding")
        possible = callable(getattr(to, "write", None)) and not is_text
    if not possible:
        raise InputError(
            f"to is {to!r}; accepted: a path, a directory or a file object opened in binary mode"
        )


class PartFile:
    """Writes to a `.part` sibling and renames it when it is whole and sound."""

    def __init__(self, source: Source, path: Path, *, overwrite: bool, resume: bool) -> None:
        self._source = source
        self._path = path
        self._overwrite = overwrite
        self._resume = resume
        self._part = path.with_name(f"{path.name}.part")
        self._sidecar = path.with_name(f"{path.name}.part.json")
        self._fresh_sidecar = path.with_name(f"{path.name}.part.json.new")
        self._have = Have()
        self._file: io.FileIO | None = None
        self._held = ExitStack()
        # A cancelled task leaves its worker thread behind in here; `close` waits for it.
        self._guard = Lock()
        self._closed = False

    @property
    def path(self) -> Path:
        return self._path

    @property
    def have(self) -> Have:
        return self._have

    def open(self) -> bool:
        with self._guard, destination_errors(self._path):
            if self._closed:
                return False
            if is_whole(self._path, self._source, overwrite=self._overwrite):
                self._have = Have(offset=self._path.stat().st_size)
                self._tidy()
                return False
            self._held.enter_context(exclusive(self._part, self._path))
            self._have = self._left_behind() if self._resume else Have()
            return True

    def begin(self, body: Body) -> None:
        with self._guard, destination_errors(self._path):
            file = self._opened()
            file.truncate(body.start)
            file.seek(body.start)
            self._have = Have(body.start, body.total, body.validator)
            self._write_sidecar()

    def write(self, chunk: bytes) -> None:
        with self._guard, destination_errors(self._path):
            if self._file is not None:
                _write_all(self._file, chunk)
                self._have = Have(self._have.offset + len(chunk), self._have.total, self._have.validator)

    def publish(self) -> None:
        with self._guard, destination_errors(self._path):
            file = self._opened()
            try:
                _check_size(self._have, self._source)
                self._check_contents()
            except (VerificationError, UnsafeArchiveError) as error:
                error.path = self._path  # the part is gone
                self._discard()
                raise
            os.fsync(file.fileno())
            self._close_file()
            if not self._overwrite and os.path.lexists(self._path):
                self._give_way()
            else:
                self._part.replace(self._path)
            self._sidecar.unlink(missing_ok=True)
            sync_directory(self._path.parent)

    def close(self) -> None:
        with self._guard:
            self._closed = True
            self._close_file()
            self._held.close()

    def _opened(self) -> io.FileIO:
        if self._file is None:
            descriptor = os.open(self._part, _FLAGS, 0o666)
            self._file = io.FileIO(descriptor, "r+b")
        return self._file

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _left_behind(self) -> Have:
        """What an earlier download of the same source left, nothing if there is none."""
        offset = _regular_size(self._part)
        if offset is None or self._sidecar.is_symlink():
            return Have()
        try:
            noted = json.loads(self._sidecar.read_bytes())
            if noted["version"] != _SIDECAR_VERSION or noted["source"] != _identity(self._source):
                return Have()
            return Have(offset, noted["size"], noted["validator"])
        except (OSError, ValueError, KeyError, TypeError):
            return Have()

    def _tidy(self) -> None:
        """Clears away what a kill between publishing and tidying left behind."""
        leftovers = (self._part, self._sidecar, self._fresh_sidecar)
        if any(os.path.lexists(path) for path in (*leftovers, f"{self._part}.lock")):
            with suppress(OSError, DestinationError), exclusive(self._part, self._path):
                for path in leftovers:
                    path.unlink(missing_ok=True)

    def _write_sidecar(self) -> None:
        noted = {
            "version": _SIDECAR_VERSION,
            "source": _identity(self._source),
            "size": self._have.total,
            "validator": self._have.validator,
        }
        self._fresh_sidecar.unlink(missing_ok=True)
        with self._fresh_sidecar.open("x", encoding="utf-8") as file:
            json.dump(noted, file)
        self._fresh_sidecar.replace(self._sidecar)

    def _check_contents(self) -> None:
        if self._source.kind == "archive":
            verify_archive(self._part)
        elif self._source.kind == "audio":
            _check_audio(_head(self._part))

    def _give_way(self) -> None:
        """The target is taken. That is fine if it holds the very same bytes."""
        if _regular_size(self._path) is None or not _same_bytes(self._part, self._path):
            raise _exists(self._path)
        self._part.unlink()

    def _discard(self) -> None:
        self._close_file()
        self._part.unlink(missing_ok=True)
        self._sidecar.unlink(missing_ok=True)


class FileObject:
    """Writes straight into a file object of the caller's: nothing is kept for a later run, nothing renamed.

    Bytes are in it before they are verified. When the server makes us start over, it is taken back to where
    it was, which it has to be seekable for.
    """

    def __init__(self, source: Source, file: BinaryIO) -> None:
        self._source = source
        self._file = file
        self._have = Have()
        self._start: int | None = None
        self._head = b""
        self._guard = Lock()
        self._closed = False

    @property
    def path(self) -> None:
        return None

    @property
    def have(self) -> Have:
        return self._have

    def open(self) -> bool:
        with self._guard:
            seekable = getattr(self._file, "seekable", None)
            if callable(seekable) and seekable():
                self._start = self._file.tell()
            return True

    def begin(self, body: Body) -> None:
        with self._guard:
            if body.start != self._have.offset:
                with destination_errors(None):
                    self._rewind()
            self._have = Have(body.start, body.total, body.validator)

    def write(self, chunk: bytes) -> None:
        with self._guard, destination_errors(None):
            if self._closed:
                return
            _write_all(self._file, chunk)
            self._head = (self._head + chunk)[:HEAD_BYTES] if len(self._head) < HEAD_BYTES else self._head
            self._have = Have(self._have.offset + len(chunk), self._have.total, self._have.validator)

    def publish(self) -> None:
        with self._guard:
            _check_size(self._have, self._source)
            if self._source.kind == "audio":
                _check_audio(self._head)

    def close(self) -> None:
        with self._guard:
            self._closed = True

    def _rewind(self) -> None:
        if self._start is None:
            raise IncompleteDownloadError(
                f"the server starts over after {self._have.offset} bytes, and the file object cannot seek"
            )
        self._file.seek(self._start)
        self._file.truncate()
        self._head = b""


def is_whole(path: Path, source: Source, *, overwrite: bool) -> bool:
    """Whether the target is there already, as far as can be told without asking the server.

    Raises:
        DestinationError: Something else has the target's name.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(found.st_mode):
        raise DestinationError(f"cannot write {path}: it is a directory", path=path)
    if overwrite:
        return False
    if not stat.S_ISREG(found.st_mode) or source.size not in (None, found.st_size):
        raise _exists(path)
    return _is_sound(path, source)


def _is_sound(path: Path, source: Source) -> bool:
    try:
        if source.kind == "archive":
            verify_archive(path)
            return True
        if source.kind == "audio":
            _check_audio(_head(path))
        return source.size is not None
    except VerificationError as error:
        raise _exists(path) from error


def _exists(path: Path) -> DestinationError:
    return DestinationError(f"{path} exists and is something else; overwrite=True replaces it", path=path)


def _check_size(have: Have, source: Source) -> None:
    for promised, by in ((have.total, "the server"), (source.size, "the API")):
        if promised not in (None, have.offset):
            raise VerificationError(f"{have.offset} bytes came; {by} had promised {promised}")


def _check_audio(head: bytes) -> None:
    if not looks_like_audio(head):
        raise VerificationError(f"this is no audio: it begins with {head[:16]!r}")


def _identity(source: Source) -> dict[str, Any]:
    """Tells sources apart without keeping the query of a URL, in which a server may put what it likes."""
    fields = asdict(source)
    return {name: fields[name] for name in ("kind", "unique", "size")} | {"url": source.url.partition("?")[0]}


def _regular_size(path: Path) -> int | None:
    """Size of a regular file, None if there is nothing.

    Raises:
        OSError: Something that is no regular file: a link, a device.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise DestinationError(f"will not write through {path}: it is no regular file", path=path)
    return found.st_size


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _same_bytes(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        while chunk := first.read(_COMPARED_AT_ONCE):
            if second.read(len(chunk)) != chunk:
                return False
        return not second.read(1)


def _write_all(file: io.FileIO | BinaryIO, chunk: bytes) -> None:
    """An unbuffered file may take less than it is given, a non-blocking one nothing."""
    left = memoryview(chunk)
    while left:
        written = cast(int | None, file.write(left))
        if written is None and isinstance(file, io.RawIOBase):
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        # Objects of one's own often return nothing, and mean that they took everything.
        left = left[len(left) if written is None else written :]
