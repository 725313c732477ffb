"""The little that downloading and unpacking both ask of a disk."""

import errno
import io
import os
import stat
import warnings
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Self, cast

from filelock import FileLock, Timeout

from .._concurrency import THREADS, checkpoint
from .._errors import CallRecordingError, DestinationError

_REASONS = {  # where the system's own words mislead, or say little
    errno.ENOSPC: "the disk is full",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "no permission to write there",
    errno.EPERM: "no permission to write there",
    errno.ENOTDIR: "a part of its path is not a directory",
    errno.ENOENT: "its directory does not exist",
    errno.ELOOP: "it is a symbolic link",
    errno.EAGAIN: "it is non-blocking and takes nothing more for now",
}
_ON_EVERY_FILE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
# What SMB, NFS and FUSE mounts answer to flock and fsync when they have none.
_UNSUPPORTED = frozenset({errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK, errno.EINVAL})
_READ_AT_ONCE = 1024 * 1024
_SYNCS_AT_ONCE = 8
_OPEN_AT_ONCE = 64  # files that wait for that


@contextmanager
def destination_errors(path: Path) -> Generator[None]:
    """Turns what the operating system says about writing `path` into our error."""
    try:
        yield
    except OSError as error:
        raise DestinationError(f"cannot write {path}: {reason_of(error)}", path=path) from error


def reason_of(error: Exception) -> str:
    """What went wrong, in plain words where we have some."""
    if isinstance(error, OSError) and error.args:
        return _REASONS.get(error.errno or 0) or error.strerror or str(error)
    return f"{type(error).__name__}: {error}"


def stops_every_file(error: CallRecordingError | None) -> bool:
    """Whether a download failed for what the next one would fail for, too: a full disk, for example."""
    cause = error.__cause__ if isinstance(error, DestinationError) else None
    return isinstance(cause, OSError) and cause.errno in _ON_EVERY_FILE


@contextmanager
def exclusive(path: Path, target: Path) -> Generator[None]:
    """Keeps other threads and processes from writing `path` for `target`, by a lock beside it.

    Does not wait: DestinationError if somebody is writing it.
    """
    path.parent.stat()  # the lock would create what is missing
    # Without the fallback: a soft lock that a kill left in another container would never be let go.
    lock = FileLock(f"{path}.lock", thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DestinationError(f"{target} is being written by another download", path=target) from error
    except OSError as error:
        _tolerate(error, path)
    try:
        yield
    finally:
        # While it is still held: nobody can be waiting, since nobody waits.
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()


def sync_file(descriptor: int, path: Path) -> None:
    """Brings what was written to the disk, where the file system can do that."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        _tolerate(error, path)


def sync_directory(path: Path) -> None:
    """Makes a rename in `path` survive a power cut, where the system lets one ask for that."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class SyncsMany:
    """Brings files to the disk while further ones are written: many at once take hardly longer than one.

    Leaving the block waits for all of them, and raises what the disk said of the first that failed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = ThreadPoolExecutor(_SYNCS_AT_ONCE, thread_name_prefix=THREADS)
        self._under_way: deque[Future[None]] = deque()

    @contextmanager
    def when_written(self, file: io.FileIO) -> Generator[None]:
        """A block that writes the file. It is closed here."""
        try:
            yield
        except BaseException:
            file.close()
            raise
        self._under_way.append(self._threads.submit(self._sync, file))
        if len(self._under_way) > _OPEN_AT_ONCE:
            self._under_way.popleft().result()

    def _sync(self, file: io.FileIO) -> None:
        with file:
            sync_file(file.fileno(), self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._threads.shutdown()
        if kind is None:
            for each in self._under_way:
                each.result()


def _tolerate(error: OSError, path: Path) -> None:
    """Raises anything but the error of a file system that lacks flock or fsync: that gets one warning."""
    if error.errno not in _UNSUPPORTED:
        raise error
    if _may_warn.acquire(blocking=False):  # and is never released
        warnings.warn(
            f"the file system of {path.parent} lacks file locks or fsync ({error.strerror}): downloads work, "
            "but nothing keeps two of them from writing the same file, and a power cut may lose the newest",
            stacklevel=3,
        )


_may_warn = Lock()


def regular_size(path: Path) -> int | None:
    """Size of a regular file, None if there is nothing. DestinationError if it is a link or a device."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise DestinationError(f"will not write through {path}: it is not a regular file", path=path)
    return found.st_size


def sha256_of(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_READ_AT_ONCE):
            checkpoint()
            digest.update(chunk)
    return digest.hexdigest()


def write_all(file: io.FileIO | BinaryIO, data: bytes) -> None:
    """Writes everything: an unbuffered file may take less than it is given, a non-blocking one nothing."""
    left = memoryview(data)
    # A file object may come from anywhere, and what its `write` returns is what its author thought of.
    write = cast(Callable[[memoryview], object], file.write)
    while left:
        written = write(left)
        if written is None and not isinstance(file, io.RawIOBase):
            return  # objects of one's own often return nothing, and mean that they took everything
        if written is None or written == 0:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        if not isinstance(written, int) or not 0 < written <= len(left):
            raise OSError(errno.EINVAL, f"write() of {len(left)} bytes returned {written!r:.100}")
        left = left[written:]
