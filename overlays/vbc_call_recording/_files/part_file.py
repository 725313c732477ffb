"""A download to a path: where its bytes are until they are whole, and when they get their name.

While it runs, a download to `call.mp3` has two siblings: `call.mp3.part`, the bytes so far, and
`call.mp3.part.json`, which says whose they are. Both stay when a download breaks off, whatever the reason,
disk full included, and the next one goes on from there. Both go when it succeeds, and when all bytes came and
are wrong. A third one, `call.mp3.part.lock`, keeps two downloads apart; left by a kill, it means nothing.
"""

import io
import os
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Lock

from .._errors import DestinationError, VerificationError
from .disk import (
    destination_errors,
    exclusive,
    regular_size,
    same_bytes,
    sync_directory,
    sync_file,
    write_all,
)
from .existing import exists, find_existing, is_whole, verify_contents
from .names import with_room_for_suffixes
from .ranges import Body, Received
from .sidecar import read_sidecar, write_sidecar
from .sources import Source
from .verification import Findings

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class PartFile:
    """Writes to a `.part` sibling and renames it when it is whole and verified."""

    def __init__(
        self, source: Source, path: Path, *, named_by_us: bool, overwrite: bool, resume: bool
    ) -> None:
        """Touch nothing yet.

        Args:
            named_by_us: Whether the name tells kind and id, so that a file that has it is the source's.
        """
        self._source = source
        self._path = path
        self._named_by_us = named_by_us
        self._overwrite = overwrite
        self._resume = resume
        beside = path.with_name(with_room_for_suffixes(path.name))
        self._part = beside.with_name(f"{beside.name}.part")
        self._sidecar = beside.with_name(f"{beside.name}.part.json")
        self._fresh_sidecar = beside.with_name(f"{beside.name}.part.json.new")
        self._existing: int | None = None
        self._received = Received()
        self._stitched = False
        self._file: io.FileIO | None = None
        self._held = ExitStack()
        # In the sync client, the loop that gives up on a stalled download closes it from another thread.
        self._guard = Lock()
        self._closed = False

    @property
    def path(self) -> Path:
        return self._path

    @property
    def received(self) -> Received:
        return self._received

    def open(self, findings: Findings) -> bool:
        with self._guard, destination_errors(self._path):
            if self._closed or self._is_there(findings):
                return False
            self._held.enter_context(exclusive(self._part, self._path))
            self._received = self._left_behind() if self._resume else Received()
            self._stitched = self._received.offset > 0
            return True

    def begin(self, body: Body) -> None:
        with self._guard, destination_errors(self._path):
            if self._closed:
                return
            if self._existing is not None and body.total not in (None, self._existing):
                raise exists(self._path)
            file = self._opened()
            file.truncate(body.start)
            file.seek(body.start)
            self._received = Received(body.start, body.total, body.validator)
            self._stitched = body.start > 0
            write_sidecar(self._sidecar, self._fresh_sidecar, self._source, self._received)

    def write(self, data: bytes) -> None:
        with self._guard, destination_errors(self._path):
            if self._file is not None:
                write_all(self._file, data)
                before = self._received
                self._received = Received(before.offset + len(data), before.total, before.validator)

    def start_over(self) -> bool:
        with self._guard, destination_errors(self._path):
            if self._closed or not self._stitched:
                return False
            self._discard()
            self._received, self._stitched = Received(), False
            return True

    def publish(self, findings: Findings) -> bool:
        with self._guard, destination_errors(self._path):
            if self._closed:
                return False
            file = self._opened()
            try:
                findings.compare_size(self._received.offset, (self._received.total, self._source.size))
                verify_contents(self._part, self._source, findings)
            except VerificationError as error:
                error.path = self._path  # the part is gone
                self._discard()
                raise
            sync_file(file.fileno(), self._path)
            self._close_file()
            if find_existing(self._path, overwrite=self._overwrite) is not None:
                self._compare()
                return False
            self._part.replace(self._path)
            self._sidecar.unlink(missing_ok=True)
            sync_directory(self._path.parent)
            return True

    def close(self) -> None:
        with self._guard:
            self._closed = True
            self._close_file()
            self._held.close()

    def _is_there(self, findings: Findings) -> bool:
        """Whether nothing needs to be transferred. What is at a path of the caller's is only known then."""
        self._existing = size = find_existing(self._path, overwrite=self._overwrite)
        if size is None:
            return False
        if not self._named_by_us:
            if findings.requires("size") and self._source.size not in (None, size):
                raise exists(self._path)
            return False
        if not is_whole(self._path, self._source, findings):
            return False
        self._received = Received(offset=size)
        self._tidy()
        return True

    def _opened(self) -> io.FileIO:
        if self._file is None:
            descriptor = os.open(self._part, _FLAGS, 0o666)
            self._file = io.FileIO(descriptor, "r+b")
        return self._file

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _left_behind(self) -> Received:
        """What an earlier download of the same source left, nothing if there is none."""
        offset = regular_size(self._part)
        return Received() if offset is None else read_sidecar(self._sidecar, self._source, offset)

    def _tidy(self) -> None:
        """Clears away what a kill between publishing and tidying left behind."""
        leftovers = (self._part, self._sidecar, self._fresh_sidecar)
        if any(os.path.lexists(path) for path in (*leftovers, f"{self._part}.lock")):
            with suppress(OSError, DestinationError), exclusive(self._part, self._path):
                for path in leftovers:
                    path.unlink(missing_ok=True)

    def _compare(self) -> None:
        """The target is taken. That is fine if it holds the very same bytes."""
        try:
            if not same_bytes(self._part, self._path):
                raise exists(self._path)
        finally:
            self._discard()

    def _discard(self) -> None:
        self._close_file()
        self._part.unlink(missing_ok=True)
        self._sidecar.unlink(missing_ok=True)
