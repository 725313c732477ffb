"""A download to a path: where its bytes are until they are whole, and how the file gets its name.

While it runs, a download to `call.mp3` has two siblings: `call.mp3.part`, the bytes so far, and
`call.mp3.part.json`, which says whose they are. Both stay when a download breaks off for any reason, and the
next one goes on from there. Both are removed when it succeeds, and when all bytes came but are wrong. What
comes whole in one piece has no `.json`: there is nothing to go on from. A third one, `call.mp3.part.lock`,
keeps two downloads apart. If a kill leaves it behind, it has no effect.

`call.mp3.part.json` has a format that every later version reads:

    {"version": 1,
     "source": {"kind": "audio", "unique": "5", "size": 100, "url": "https://…/5", "scope": "company"},
     "size": 100, "validator": "\"v1\""}

`source.size` is what the API promised, `size` what the server stated; each may be null. `scope` came later.
"""

import io
import json
import os
import stat
from collections.abc import Generator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from .._checks import is_int
from .._errors import DestinationError, VerificationError
from .disk import destination_errors, exclusive, regular_size, sha256_of, sync_directory, sync_file, write_all
from .names import with_room_for_suffixes
from .ranges import Body, Received, is_validator
from .sources import Source
from .verification import Findings

_VERSION = 1
_LONGEST = 64 * 1024  # bytes of a sidecar; ours have some hundred
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class PartFile:
    """Writes to a `.part` sibling and renames it when it is whole and verified.

    Args:
        named_by_us: Whether the name says kind and id, so that a file with it belongs to the source.

    Attributes:
        received: What is here already.
        sha256: Of the whole, in hexadecimal, once it is published.
        is_closed: Whether there is nothing to let go of any more.
    """

    sha256: str | None = None

    def __init__(
        self, source: Source, path: Path, *, named_by_us: bool, overwrite: bool, resume: bool
    ) -> None:
        self.path = path
        self.received = Received()
        self._source = source
        self._named_by_us = named_by_us
        self._overwrite = overwrite
        self._resume = resume
        self._part = path.with_name(f"{with_room_for_suffixes(path.name)}.part")
        self._sidecar = Path(f"{self._part}.json")
        self._existing: int | None = None
        self._is_noted = False
        self._digest, self._digested = sha256(), 0
        self._file: io.FileIO | None = None
        self._held = ExitStack()
        # In the sync client, the loop that gives up on a stalled download closes it from another thread.
        self._guard = Lock()
        self.is_closed = False

    def open(self, findings: Findings) -> bool:
        """Prepares for writing. False if everything is there already and nothing needs to be transferred."""
        with self._at_work():
            self._existing = find_existing(self.path, overwrite=self._overwrite)
            if self._named_by_us and self._existing and is_whole(self.path, self._source, findings):
                self.received = Received(offset=self._existing)
                self._tidy()
                return False
            # At a path of the caller's a size proves nothing but that it is something else.
            stated = self._source.size if findings.requires("size") else None
            if not self._named_by_us and self._existing is not None and stated not in (None, self._existing):
                raise _something_else(self.path)
            self._held.enter_context(exclusive(self._part, self.path))
            offset = regular_size(self._part)
            if not offset:
                self._sidecar.unlink(missing_ok=True)  # a kill left it alone, or with an empty part
            elif self._resume:
                self.received = read_sidecar(self._sidecar, self._source, offset)
            return True

    def begin(self, body: Body) -> None:
        """What is written next belongs at the body's start; whatever was behind that is dropped."""
        with self._at_work():
            if self._existing is not None and body.total not in (None, self._existing):
                raise _something_else(self.path)
            file = self._opened()
            had_bytes = os.fstat(file.fileno()).st_size > 0
            file.truncate(body.start)
            file.seek(body.start)
            self.received = Received(body.start, body.total, body.validator)
            self._is_noted = body.start > 0
            if body.start == 0:
                self._digest, self._digested = sha256(), 0
                if had_bytes:
                    self._note()  # what is noted is about those

    def write(self, data: bytes) -> None:
        with self._at_work():
            offset = self.received.offset + len(data)
            if offset != self.received.total:
                self._note()
            write_all(self._opened(), data)
            self._digest.update(data)
            self._digested += len(data)
            self.received = Received(offset, self.received.total, self.received.validator)

    def publish(self, findings: Findings) -> bool:
        """Verifies the contents, and gives them their name. False if the very same bytes have it already."""
        with self._at_work():
            try:
                findings.compare_size(self.received.offset, (self.received.total, self._source.size))
                findings.look_into(self._part, self._source.kind)
                # What an earlier run brought has to be read for it.
                is_known = self._digested == self.received.offset
                self.sha256 = self._digest.hexdigest() if is_known else sha256_of(self._part)
                sync_file(self._opened().fileno(), self.path)
            except (VerificationError, OSError):
                # After an error of fsync, too: the system forgets what it could not write, and the next fsync
                # would say that all is well.
                self._discard()
                self.received = Received()
                raise
            self._close_file()
            if find_existing(self.path, overwrite=self._overwrite) is None:
                self._part.replace(self.path)
                self._sidecar.unlink(missing_ok=True)
                sync_directory(self.path.parent)
                return True
            is_same = sha256_of(self.path) == self.sha256
            self._discard()
            if not is_same:
                raise _something_else(self.path)
            return False

    def close(self) -> None:
        """Lets go of everything. Whoever is still at work with it, on another thread, is cancelled."""
        with self._guard:
            self.is_closed = True
            with suppress(OSError), self._held:
                if self._file and not self._can_be_gone_on_from(self._file):
                    self._discard()
                self._close_file()

    @contextmanager
    def _at_work(self) -> Generator[None]:
        with self._guard, destination_errors(self.path):
            if self.is_closed:
                raise CancelledError
            yield

    def _can_be_gone_on_from(self, file: io.FileIO) -> bool:
        """Whether there are bytes, with a note that says whose they are."""
        try:
            if not self.received.validator or not os.fstat(file.fileno()).st_size:
                return False
            self._note()
        except OSError:  # the disk is full, for example
            return False
        return True

    def _note(self) -> None:
        """Says whose bytes these are, once."""
        if not self._is_noted:
            write_sidecar(self._sidecar, self._source, self.received)
            self._is_noted = True

    def _opened(self) -> io.FileIO:
        if self._file is None:
            self._file = io.FileIO(os.open(self._part, _FLAGS, 0o666), "r+b")
        return self._file

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _tidy(self) -> None:
        """Clears away what a kill between publishing and tidying left behind; `.json.new` is 0.1.0's."""
        leftovers = [Path(f"{self._part}{end}") for end in ("", ".json", ".json.new", ".lock")]
        if any(map(os.path.lexists, leftovers)):
            with suppress(OSError, DestinationError), exclusive(self._part, self.path):
                for path in leftovers:
                    path.unlink(missing_ok=True)

    def _discard(self) -> None:
        self._close_file()
        self._part.unlink(missing_ok=True)
        self._sidecar.unlink(missing_ok=True)


def find_existing(path: Path, *, overwrite: bool) -> int | None:
    """Size of the file that stays at `path`. None if there is none, or it is to be replaced.

    DestinationError if there is what is never replaced: a directory or a device, behind a link, too. Links
    themselves are replaced with `overwrite` only.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    is_link = stat.S_ISLNK(found.st_mode)
    if not stat.S_ISREG(found.st_mode) and not (is_link and (path.is_file() or not path.exists())):
        # Renaming a file to /dev/null would replace the device for everybody on this machine.
        what = "a directory, a device, a FIFO or a socket"
        raise DestinationError(f"{path} is {what}; accepted: a file, or one you opened yourself", path=path)
    if overwrite:
        return None
    if is_link:
        raise _something_else(path)
    return found.st_size


def is_whole(path: Path, source: Source, findings: Findings) -> bool:
    """Whether the file is there, under a name of ours: it tells kind and id, and only whole files get it.

    False if that is for the server to say: there is no file, or an empty one. DestinationError if something
    else has that name.
    """
    size = find_existing(path, overwrite=False)
    if not size:
        return False
    try:
        findings.compare_size(size, [source.size])
        findings.look_into(path, source.kind)
    except VerificationError as error:
        raise _something_else(path) from error
    return True


def _something_else(path: Path) -> DestinationError:
    return DestinationError(f"{path} exists and is something else; overwrite=True replaces it", path=path)


def read_sidecar(path: Path, source: Source, offset: int) -> Received:
    """What `offset` bytes of a part are worth: nothing if they are another source's, or it cannot be told."""
    try:
        if (regular_size(path) or 0) > _LONGEST:
            return Received()
        noted = json.loads(path.read_bytes())
        total, validator = noted["size"], noted["validator"]
        is_ours = {"scope": source.scope, **noted["source"]} == _identity(source)
        can_be = (total is None or is_int(total)) and (validator is None or is_validator(validator))
        if noted["version"] == _VERSION and is_ours and can_be:
            return Received(offset, total, validator)
    except (OSError, DestinationError, ValueError, LookupError, TypeError, RecursionError):
        pass  # damaged: the download starts afresh
    return Received()


def write_sidecar(path: Path, source: Source, received: Received) -> None:
    """At the beginning of a part. Whatever had that name is removed, never written to."""
    noted = {
        "version": _VERSION,
        "source": _identity(source),
        "size": received.total,
        "validator": received.validator,
    }
    path.unlink(missing_ok=True)
    with path.open("x", encoding="utf-8") as file:
        json.dump(noted, file)


def _identity(source: Source) -> dict[str, Any]:
    """Tells sources apart without keeping the query of a URL, in which a server may put what it likes."""
    return {
        "kind": source.kind,
        "unique": source.unique,
        "size": source.size,
        "url": source.url.partition("?")[0],
        "scope": source.scope,
    }
