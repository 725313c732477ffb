"""The files: each held against its size and its SHA-256, and those that no entry knows."""

import os
import stat
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path

from ..catalogue import StoredFile
from ..custody import hash_file
from ..layout import PAYLOAD
from .check import Check
from .findings import Checked, Sign

_BLOCK = 500  # files written down as verified at a time, and read from the catalogue

Mend = Callable[[StoredFile, Sign], str]


def check_files(check: Check, chosen: Collection[int] | None, mend: Mend | None) -> tuple[int, int]:
    """Compare every file of the catalogue with the disk.

    Args:
        chosen: Which ones to read, by their place in the order of paths; the others are looked for, by their
            size. None reads all.

    Returns:
        How many files were read, and how many bytes.
    """
    total, total_bytes = check.archive.catalogue.payload()
    read = size = 0
    right: list[str] = []
    for place, file in enumerate(_catalogued(check)):
        check.checkpoint()
        is_read = chosen is None or place in chosen
        sign, reason = compare(check.archive.path(file.path), file, read=is_read)
        if sign == "=":
            check.fine("file", file.path)
        else:
            check.found(sign, "file", file.path, reason, mend and partial(mend, file, sign))
        if is_read:
            read, size = read + 1, size + file.size
            right += [file.path] if sign == "=" else []
        if len(right) >= _BLOCK:
            _note(check, right)
        check.tell(Checked(place + 1, total, size, total_bytes))
    _note(check, right)
    return read, size


def compare(path: Path, file: StoredFile, *, read: bool = True) -> tuple[Sign, str]:
    """The sign of a file, and what is wrong with it."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return "*", "it is not a regular file"
        if status.st_size < file.size:
            return "*", f"it is truncated: {status.st_size} of {file.size} bytes"
        if status.st_size > file.size:
            return "*", f"it has {status.st_size} bytes instead of {file.size}"
        digest = hash_file(path).sha256 if read else file.sha256
    except (FileNotFoundError, NotADirectoryError):
        return "+", "it is not there"
    except OSError as error:
        return "!", f"it cannot be read: {error.strerror or error}"
    return ("=", "") if digest == file.sha256 else ("*", f"its SHA-256 is {digest} instead of {file.sha256}")


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


def _catalogued(check: Check) -> Iterator[StoredFile]:
    """In blocks, as a repair writes to the catalogue meanwhile."""
    path = ""
    while block := list(check.archive.catalogue.files(after=path, limit=_BLOCK)):
        yield from block
        path = block[-1].path


def _note(check: Check, right: list[str]) -> None:
    if right and check.archive.writable:
        check.archive.note("verified", how="verify", paths=list(right))
    right.clear()
