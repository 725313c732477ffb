"""The archive's folder: a file held against its size and its SHA-256, and files that no entry knows."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ..catalogue import StoredFile
from ..custody import Digest, hash_file
from ..layout import PAYLOAD
from .check import Check
from .findings import Sign


def compare(path: Path, file: StoredFile, *, read: bool = True) -> tuple[Sign, str]:
    """The sign of a file, and what is wrong with it."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return "*", "it is not a regular file"
        if status.st_size != file.size or not read:
            return by_size(status.st_size, file)
        digest = hash_file(path)
    except (FileNotFoundError, NotADirectoryError):
        return "+", "it is not there"
    except OSError as error:
        return "!", f"it cannot be read: {error.strerror or error}"
    return by_digest(digest, file)


def by_size(size: int, file: StoredFile) -> tuple[Sign, str]:
    """By its size alone."""
    if size < file.size:
        return "*", f"it is truncated: {size} of {file.size} bytes"
    return ("=", "") if size == file.size else ("*", f"it has {size} bytes instead of {file.size}")


def by_digest(found: Digest, file: StoredFile) -> tuple[Sign, str]:
    """By what its bytes give."""
    if found.size != file.size:
        return by_size(found.size, file)
    is_it = found.sha256 == file.sha256
    return ("=", "") if is_it else ("*", f"its SHA-256 is {found.sha256} instead of {file.sha256}")


def check_strangers(check: Check) -> None:
    """Look for files below `data/` that no entry knows. They are never touched."""
    folder = check.archive.folder
    for path in _files_below(folder / PAYLOAD):
        check.checkpoint()
        name = path.relative_to(folder).as_posix()
        printable = name.encode("utf-8", "backslashreplace").decode()
        if printable != name or check.archive.catalogue.file(name) is None:
            check.found("-", "file", printable, "no entry knows it")


def _files_below(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if (Path(where) / name).is_symlink()]
        yield from (Path(where) / name for name in sorted([*names, *links]))
