"""The little that downloading and unpacking both ask of a disk."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from .._errors import DestinationError

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file is too large for this file system",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "no permission to write there",
    errno.EPERM: "no permission to write there",
    errno.EISDIR: "it is a directory",
    errno.ENOTDIR: "a part of its path is no directory",
    errno.ENOENT: "its directory does not exist",
    errno.ELOOP: "it is a symbolic link",
    errno.EAGAIN: "it is non-blocking and takes nothing more for now",
    errno.ENAMETOOLONG: "its name is too long for this file system",
}


@contextmanager
def destination_errors(path: Path | None) -> Generator[None]:
    """Turns what the operating system says about writing `path`, None for a file object, into our error."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__
        raise DestinationError(f"cannot write {path or 'the file object'}: {reason}", path=path) from error


@contextmanager
def exclusive(path: Path, target: Path) -> Generator[None]:
    """Keeps others, threads and processes, from writing `path` at the same time. Does not wait.

    Args:
        path: What is written; the lock is its sibling.
        target: What that is for, as errors name it.

    Raises:
        DestinationError: Somebody is writing it.
        OSError: Its directory does not exist, or cannot be written to.
    """
    path.parent.stat()  # the lock would create what is missing
    lock = FileLock(f"{path}.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DestinationError(f"{target} is being written by another download", path=target) from error
    try:
        yield
    finally:
        # While it is still held: nobody can be waiting, since nobody waits.
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()


def sync_directory(path: Path) -> None:
    """Makes a rename in `path` survive a power cut, where the system lets one ask for that."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
