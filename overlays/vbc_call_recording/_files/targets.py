"""Where a download goes: a path of the caller's, a directory of theirs, or a file object."""

import inspect
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from .._checks import shown
from .._errors import InputError
from .disk import destination_errors
from .file_object import FileObject
from .part_file import PartFile
from .sources import Source

Target = Path | str | BinaryIO

_ACCEPTED = "accepted: a path, a directory or a file object opened for writing in binary mode"


Sink = PartFile | FileObject
"""Where a download's bytes go. Its calls may come from different threads, one at a time."""


def sink_for(source: Source, to: object, *, overwrite: bool, resume: bool) -> Sink:
    """The sink for the `to` argument of a download.

    Raises:
        InputError: `to` is neither a path nor a binary file object.
        DestinationError: `to` cannot be looked at.
    """
    require_target(to)
    given = _path_text(to)
    if given is None:
        return FileObject(source, cast(BinaryIO, to))
    path = Path(given)
    with destination_errors(path):
        is_directory = path.is_dir() or given.endswith(("/", os.sep))
    return PartFile(
        source,
        path / source.name if is_directory else path,
        named_by_us=is_directory,
        overwrite=overwrite,
        resume=resume,
    )


def require_target(to: object) -> None:
    """Raises InputError unless `to` is a path or a binary file object, before anything is sent."""
    path = _path_text(to)
    reason = _file_problem(to) if path is None else "" if _can_be_path(path) else shown(to)
    if reason:
        raise InputError(f"to is {reason}; {_ACCEPTED}")


def checked_directory(directory: object) -> Path:
    """The directory for many files, which need not exist.

    Raises:
        InputError: It is not a path.
    """
    path = _path_text(directory)
    if path is None or not _can_be_path(path):
        raise InputError(f"directory is {shown(directory)}; accepted: the path of a directory")
    return Path(path)


def _path_text(to: object) -> str | None:
    """Before looking for `write`: some path types of other libraries have that, too."""
    try:
        path = os.fspath(cast(str, to))
    except TypeError:
        return None
    return path if isinstance(cast(object, path), str) else None


def _can_be_path(path: str) -> bool:
    try:
        return path != "" and b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:  # half of a surrogate pair, which no file's name can have
        return False


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
