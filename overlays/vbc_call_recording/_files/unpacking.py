"""Unpacking export archives: only if every entry is harmless, and all or nothing."""

import os
import re
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from .._concurrency import checkpoint
from .._errors import DestinationError, VerificationError
from . import archives
from .archives import Budget, contents, is_directory, opened, unreadable, unsafe
from .disk import SyncsMany, destination_errors, exclusive, regular_size, sync_directory, write_all
from .names import SEPARATORS, digest, name_key, safe_component, safe_name, with_room_for_suffixes

_DRIVE = re.compile(r"[A-Za-z]:")
# A path costs memory for each of its components and beginnings. No file system takes longer ones anyway.
_MAX_DEPTH = 32
_MAX_NAME_BYTES = 1000

Entries = Mapping[PurePosixPath, ZipInfo]
"""An archive's files, by where they go below the directory it is unpacked to."""


def unpack_archive(path: Path, target: Path, *, overwrite: bool = False) -> list[Path]:
    """Unpacks everything into the new directory `target`, or nothing.

    Entries go to a hidden sibling first, which is renamed to `target` when it is whole. If `target` holds the
    archive's files already, by name and size, it is left as it is.
    Returns the files' paths, in the archive's order.

    Raises:
        VerificationError: It is not a ZIP file, or an entry is damaged, encrypted or packed by a method that
            cannot be unpacked here.
        UnsafeArchiveError: It is a bomb, an entry would leave `target`, is a link or a device, or two entries
            would become one file.
        DestinationError: `target` exists, is something else and not to be overwritten, or cannot be written.
    """
    aside = with_room_for_suffixes(target.name)
    staging, replaced = target.with_name(f".{aside}.unpacking"), target.with_name(f".{aside}.replaced")
    with destination_errors(target), exclusive(staging, target), opened(path) as archive:
        entries = _checked(archive)
        _remove(staging)
        if _is_unpacked(target, entries):
            _remove(replaced)
        elif os.path.lexists(target) and not (overwrite and _is_replaceable(target)):
            reason = f"{target} exists and is not what {path.name} holds"
            raise DestinationError(f"{reason}; overwrite=True replaces directories and files", path=target)
        else:
            try:
                _unpack(archive, entries, staging, Budget(path.stat().st_size))
                _replace_directory(target, staging, replaced)
            finally:
                _remove(staging)
        return [target / place for place in entries]


def _unpack(archive: ZipFile, entries: Entries, staging: Path, budget: Budget) -> None:
    staging.mkdir()
    directories = {staging}
    with SyncsMany(staging) as syncs:
        for place, info in entries.items():
            checkpoint()
            path = staging / place
            if path.parent not in directories:
                path.parent.mkdir(parents=True, exist_ok=True)
                directories.update(path.parents[: len(place.parts) - 1])
            file = path.open("xb", buffering=0)
            with syncs.when_written(file):
                for chunk in contents(archive, info, budget):
                    write_all(file, chunk)
    for directory in directories:
        sync_directory(directory)


def _replace_directory(target: Path, fresh: Path, replaced: Path) -> None:
    # Moved aside first: a directory with something in it cannot be replaced in one step.
    if os.path.lexists(target):
        _remove(replaced)
        target.rename(replaced)
    try:
        fresh.rename(target)
    except OSError:
        with suppress(OSError):
            replaced.rename(target)
        raise
    _remove(replaced)
    sync_directory(target.parent)


def _is_replaceable(path: Path) -> bool:
    """Not a device, a FIFO or a socket."""
    return path.is_symlink() or path.is_dir() or path.is_file()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_unpacked(target: Path, entries: Entries) -> bool:
    if target.is_symlink() or not target.is_dir():
        return False
    try:
        return all(regular_size(target / place) == info.file_size for place, info in entries.items())
    except (OSError, DestinationError):
        return False


def _checked(archive: ZipFile) -> Entries:
    """The archive's files. Its directories are checked and dropped: files bring theirs along."""
    entries: dict[PurePosixPath, ZipInfo] = {}
    files: dict[str, str] = {}
    directories: set[str] = set()
    for info in _readable(archive):
        name = info.orig_filename
        parts = _harmless_parts(info)
        if is_directory(info):
            continue
        place = PurePosixPath(*map(safe_component, parts))
        original = name_key("/".join(parts))
        if files.get(name_key(str(place)), original) != original:
            # Two names that only became one by being made safe.
            place = place.with_name(safe_name(place.name, unique=digest(original)[:8]))
        key, *above = (name_key(str(part)) for part in (place, *place.parents[:-1]))
        if key in files or key in directories:
            raise unsafe(name, "is in the archive twice")
        if any(directory in files for directory in above):
            raise unsafe(name, "is below another entry that is a file")
        files[key] = original
        directories.update(above)
        entries[place] = info
    return entries


def _readable(archive: ZipFile) -> list[ZipInfo]:
    infos = archive.infolist()
    if len(infos) > archives.MAX_ENTRIES:
        extra = infos[archives.MAX_ENTRIES].orig_filename
        raise unsafe(extra, f"is one of {len(infos)} entries, more than {archives.MAX_ENTRIES}")
    for info in infos:
        if reason := unreadable(info):
            raise VerificationError(
                f"entry {info.orig_filename!r} {reason}; nothing was unpacked, and the archive is kept"
            )
    return infos


def _harmless_parts(info: ZipInfo) -> list[str]:
    """The components of an entry's path, as they stand in the archive."""
    # zipfile cuts `filename` at a NUL; `orig_filename` is what the archive says.
    name = info.orig_filename
    if len(name.encode(errors="replace")) > _MAX_NAME_BYTES:
        raise unsafe(f"{name[:100]}…", f"has a name of more than {_MAX_NAME_BYTES} bytes")
    every = SEPARATORS.split(name)
    parts = [part for part in every if part not in ("", ".")]
    harm = {
        "has a NUL in its name": "\0" in name,
        "is a link or a device": stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR),
        "has an absolute path": not every[0] or _DRIVE.match(name),
        "leaves the directory it is unpacked to": ".." in parts,
        "does not name a file": not parts,
        f"is more than {_MAX_DEPTH} directories deep": len(parts) > _MAX_DEPTH,
    }
    for what, is_so in harm.items():
        if is_so:
            raise unsafe(name, what)
    return parts
