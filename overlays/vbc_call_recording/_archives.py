"""Export archives: checked to the last byte, unpacked only if every entry is harmless, and all or nothing.

Sizes in an archive's headers are claims. What counts here is bytes, as they come out of the decompressor.
"""

import os
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from attrs import frozen

from ._disk import destination_errors, exclusive, sync_directory
from ._errors import DestinationError, UnsafeArchiveError, VerificationError
from ._names import name_key, safe_component

_CHUNK = 256 * 1024
_SEPARATORS = re.compile(r"[/\\]")
_DRIVE = re.compile(r"[A-Za-z]:")
# Compressing silence well is no attack: the ratio counts from this many unpacked bytes on.
_RATIO_MATTERS_FROM = 16 * 2**20
# What zipfile and zlib raise for archives that are not what they claim to be.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


@frozen
class ArchiveLimits:
    """What an archive may hold before it is taken for a bomb. Ours; raise them for larger archives.

    Attributes:
        max_entries: Entries in one archive.
        max_total_bytes: Bytes of all entries together, unpacked.
        max_ratio: Unpacked bytes for each packed one, once there are more than 16 MiB of them: in one entry,
            and in the archive as a whole.
    """

    max_entries: int = 100_000
    max_total_bytes: int = 256 * 2**30
    max_ratio: int = 200


@frozen
class ArchiveEntry:
    """A file in an archive.

    Attributes:
        name: As it stands in the archive.
        path: Where it goes, below the directory it is unpacked to: `name` made safe for every file system.
        size: Its bytes, unpacked.
    """

    name: str
    path: PurePosixPath
    size: int


def verify_archive(path: Path, limits: ArchiveLimits | None = None) -> None:
    """Reads every entry to its end and compares size and CRC.

    Raises:
        VerificationError: It is no ZIP file, or an entry is damaged, encrypted or packed in an unusual way.
        UnsafeArchiveError: It is a bomb.
    """
    limits = limits or ArchiveLimits()
    with _opened(path) as archive:
        budget = _Budget(limits, path.stat().st_size)
        for info in _counted(archive, limits):
            for _ in _contents(archive, info, budget):
                pass


def entry_names(path: Path) -> list[str]:
    """Names of the files in an archive, as they stand in it: nothing says that they are harmless.

    Raises:
        VerificationError: It is no ZIP file.
    """
    with _opened(path) as archive:
        return [info.orig_filename for info in archive.infolist() if not info.is_dir()]


def entry_sizes(path: Path) -> list[tuple[str, int]]:
    """Names, as from `entry_names`, and unpacked sizes in bytes of the files in an archive.

    The sizes are the headers' claims: verify the archive first.
    """
    with _opened(path) as archive:
        return [(info.orig_filename, info.file_size) for info in archive.infolist() if not info.is_dir()]


def unpack_archive(
    path: Path, target: Path, *, limits: ArchiveLimits | None = None, overwrite: bool = False
) -> list[Path]:
    """Unpacks everything into the new directory `target`, or nothing.

    Entries go to a hidden sibling first, which takes `target`'s name when it is whole. A `target` that holds
    the archive's files already, by name and size, is left as it is.

    Args:
        overwrite: Whether any other existing `target` is replaced.

    Returns:
        The files' paths, in the archive's order.

    Raises:
        VerificationError: As from `verify_archive`.
        UnsafeArchiveError: It is a bomb, an entry would leave `target`, is a link or a device, or two entries
            would become one file.
        DestinationError: `target` exists and is something else, or cannot be written.
    """
    limits = limits or ArchiveLimits()
    staging = target.with_name(f".{target.name}.unpacking")
    replaced = target.with_name(f".{target.name}.replaced")
    with destination_errors(target), exclusive(staging), _opened(path) as archive:
        wanted = list(_checked(archive, limits))
        paths = [target / entry.path for _, entry in wanted]
        _remove(staging)
        if _is_unpacked(target, [entry for _, entry in wanted]):
            _remove(replaced)
            return paths
        if os.path.lexists(target) and not overwrite:
            raise DestinationError(
                f"{target} exists and is not what {path.name} holds; overwrite=True replaces it"
            )
        try:
            _unpack(archive, wanted, staging, _Budget(limits, path.stat().st_size))
            _replace_directory(target, staging, replaced)
        finally:
            _remove(staging)
    return paths


def _unpack(
    archive: ZipFile, wanted: list[tuple[ZipInfo, ArchiveEntry]], staging: Path, budget: "_Budget"
) -> None:
    staging.mkdir()
    for info, entry in wanted:
        place = staging / entry.path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            for chunk in _contents(archive, info, budget):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    for directory in {(staging / entry.path).parent for _, entry in wanted} | {staging}:
        sync_directory(directory)


def _replace_directory(target: Path, fresh: Path, replaced: Path) -> None:
    # Moved aside first: a directory with something in it cannot be replaced in one step.
    if os.path.lexists(target):
        _remove(replaced)
        target.rename(replaced)
    fresh.rename(target)
    _remove(replaced)
    sync_directory(target.parent)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _is_unpacked(target: Path, entries: list[ArchiveEntry]) -> bool:
    if target.is_symlink() or not target.is_dir():
        return False
    return all(_size_of(target / entry.path) == entry.size for entry in entries)


def _size_of(path: Path) -> int | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


@contextmanager
def _opened(path: Path) -> Generator[ZipFile]:
    try:
        with ZipFile(path) as archive:
            yield archive
    except _BROKEN as error:
        raise VerificationError(f"{path.name} is no sound ZIP archive: {error}", path=path) from error
    except (VerificationError, UnsafeArchiveError) as error:
        error.path = path
        raise


class _Budget:
    """Counts bytes as they come out."""

    def __init__(self, limits: ArchiveLimits, packed: int) -> None:
        self._ratio = limits.max_ratio
        # Entries may share their packed bytes, so each being modest says nothing about all of them.
        self._left = self._limit = min(limits.max_total_bytes, self._allowed(packed))

    def spend(self, info: ZipInfo, size: int, entry_bytes: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _unsafe(info.orig_filename, f"takes the archive over {self._limit} bytes unpacked")
        if entry_bytes > self._allowed(info.compress_size):
            raise _unsafe(info.orig_filename, f"grows to over {self._ratio} times its packed size")

    def _allowed(self, packed: int) -> int:
        return max(_RATIO_MATTERS_FROM, self._ratio * packed)


def _contents(archive: ZipFile, info: ZipInfo, budget: _Budget) -> Iterator[bytes]:
    """An entry's bytes; zipfile compares the CRC at their end."""
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise VerificationError(
            f"entry {info.orig_filename!r} is packed by method {info.compress_type}, not supported"
        )
    if info.flag_bits & 0x1:
        raise VerificationError(f"entry {info.orig_filename!r} is encrypted")
    read = 0
    with archive.open(info) as file:
        while chunk := file.read(_CHUNK):
            read += len(chunk)
            budget.spend(info, len(chunk), read)
            yield chunk
    if read != info.file_size:
        raise VerificationError(f"entry {info.orig_filename!r} has {read} bytes instead of {info.file_size}")


def _counted(archive: ZipFile, limits: ArchiveLimits) -> list[ZipInfo]:
    infos = archive.infolist()
    if len(infos) > limits.max_entries:
        extra = infos[limits.max_entries].orig_filename
        raise _unsafe(extra, f"is one of {len(infos)} entries, more than {limits.max_entries}")
    return infos


def _checked(archive: ZipFile, limits: ArchiveLimits) -> Iterator[tuple[ZipInfo, ArchiveEntry]]:
    """The archive's files. Its directories are checked and dropped: files bring theirs along."""
    files: set[str] = set()
    directories: set[str] = set()
    for info in _counted(archive, limits):
        path = _safe_path(info)
        if info.is_dir():
            continue
        keys = [name_key(str(part)) for part in (path, *path.parents[:-1])]
        if keys[0] in files or keys[0] in directories:
            raise _unsafe(info.orig_filename, "stands twice in the archive")
        if any(key in files for key in keys[1:]):
            raise _unsafe(info.orig_filename, "is below another entry that is a file")
        files.add(keys[0])
        directories.update(keys[1:])
        yield info, ArchiveEntry(info.orig_filename, path, info.file_size)


def _safe_path(info: ZipInfo) -> PurePosixPath:
    # zipfile cuts `filename` at a NUL; `orig_filename` is what the archive says.
    name = info.orig_filename
    parts = _SEPARATORS.split(name)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _unsafe(name, "is a link or a device")
    if not parts[0] or _DRIVE.match(name):
        raise _unsafe(name, "has an absolute path" if name else "has no name")
    if ".." in parts:
        raise _unsafe(name, "leaves the directory it is unpacked to")
    if "\0" in name:
        raise _unsafe(name, "has a NUL in its name")
    path = PurePosixPath(*(safe_component(part) for part in parts if part not in ("", ".")))
    if not path.parts:
        raise _unsafe(name, "names no file")
    return path


def _unsafe(entry: str, what: str) -> UnsafeArchiveError:
    error = UnsafeArchiveError(f"entry {entry!r} {what}; nothing was unpacked")
    error.entry = entry
    return error
