"""What stands at the target already: the very file, another one, or something that is never replaced."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from .._errors import DestinationError, VerificationError
from .archives import verify_archive
from .disk import beginning_of_file
from .signatures import HEAD_BYTES, looks_like_audio, not_audio
from .sources import Source
from .verification import Findings


def find_existing(path: Path, *, overwrite: bool) -> int | None:
    """Size of the file that stays at `path`. None if there is none, or it is to be replaced.

    Raises:
        DestinationError: There is something that cannot stay and is not replaced: a directory, a device or a
            FIFO, also behind a link, and without `overwrite` any link.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise DestinationError(f"cannot write {path}: it is a directory", path=path)
    if not stat.S_ISREG(_mode_behind(path, found)):
        # Renaming a file to /dev/null would replace the device for everybody on this machine.
        raise DestinationError(
            f"{path} is a device, a FIFO or a socket; accepted: a file, or what you opened yourself",
            path=path,
        )
    if overwrite:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise exists(path)
    return found.st_size


def _mode_behind(path: Path, found: os.stat_result) -> int:
    with suppress(OSError):
        return path.stat().st_mode
    return stat.S_IFREG  # a link that leads nowhere stands in nobody's way


def is_whole(path: Path, source: Source, findings: Findings) -> bool:
    """Whether the file is there, under a name of ours: it tells kind and id, and only whole files get it.

    False if that is for the server to say: there is no file, or an empty one.

    Raises:
        DestinationError: Something else has that name.
    """
    size = find_existing(path, overwrite=False)
    if not size:
        return False
    try:
        findings.compare_size(size, [source.size])
        verify_contents(path, source, findings)
    except VerificationError as error:
        raise exists(path) from error
    return True


def verify_contents(path: Path, source: Source, findings: Findings) -> None:
    """Looks into a file: does it begin like audio, is every entry of the archive there and sound?

    Raises:
        VerificationError: It had to be, and is not.
    """
    if source.kind == "audio":
        head = beginning_of_file(path, HEAD_BYTES)
        if not looks_like_audio(head):
            findings.contradict("contents", not_audio(head))
    elif source.kind == "transcript" or not _is_readable_throughout(path, findings):
        findings.cannot_tell("contents")


def _is_readable_throughout(path: Path, findings: Findings) -> bool:
    try:
        return verify_archive(path)
    except VerificationError as error:
        findings.contradict("contents", str(error.args[0]))
        return False


def exists(path: Path) -> DestinationError:
    return DestinationError(f"{path} exists and is something else; overwrite=True replaces it", path=path)
