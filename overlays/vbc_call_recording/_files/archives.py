"""Export archives: checked to the last byte, unpacked only if every entry is harmless, and all or nothing.

Sizes in an archive's headers are claims. What counts here is bytes, as they come out of the decompressor.
"""

import errno
import os
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from attrs import frozen

from .._errors import DestinationError, UnsafeArchiveError, VerificationError
from .disk import destination_errors, exclusive, sync_directory
from .names import name_key, safe_component, safe_name

_CHUNK = 256 * 1024
_SEPARATORS = re.compile(r"[/\\]")
_DRIVE = re.compile(r"[A-Za-z]:")
# A path costs memory for each of its components and beginnings. No file system takes longer ones anyway.
_MAX_DEPTH = 32
_MAX_NAME_BYTES = 1000
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
    """What an archive may hold before it is taken for a bomb. Ours.

    Attributes:
        max_entries: Entries in one archive.
        max_total_bytes: Bytes of all entries together, unpacked.
        max_ratio: Unpacked bytes for each packed one, in one entry and in the archive as a whole.
        ratio_counts_from: Unpacked bytes up to which any ratio will do: recorded silence packs very well.
    """

    max_entries: int = 100_000
    max_total_bytes: int = 256 * 2**30
    max_ratio: int = 200
    ratio_counts_from: int = 2**30


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


def entry_sizes(path: Path) -> list[tuple[str, int]]:
    """Names and unpacked sizes in bytes of the files in an archive.

    The names are as they stand in it: nothing says that they are harmless. The sizes are the headers' claims:
    verify the archive first.

    Raises:
        VerificationError: It is no ZIP file.
    """
    with _opened(path) as archive:
        return [
            (info.orig_filename, info.file_size) for info in archive.infolist() if not _is_directory(info)
        ]


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
    with destination_errors(target), exclusive(staging, target), _opened(path) as archive:
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
        with _offsets_lead_into_the_file():
            archive = ZipFile(path)
        with archive:
            yield archive
    except _BROKEN as error:
        raise VerificationError(f"{path.name} is no sound ZIP archive: {error}", path=path) from error
    except (VerificationError, UnsafeArchiveError) as error:
        error.path = path
        raise


@contextmanager
def _offsets_lead_into_the_file() -> Generator[None]:
    """Seeking to before the beginning is the archive's fault, although it is the system that complains."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise zipfile.BadZipFile("an offset leads out of the file") from error


class _Budget:
    """Counts bytes as they come out."""

    def __init__(self, limits: ArchiveLimits, packed: int) -> None:
        self._limits = limits
        # Entries may share their packed bytes, so each being modest says nothing about all of them.
        self._left = self._limit = min(limits.max_total_bytes, self._allowed(packed))

    def spend(self, info: ZipInfo, size: int, entry_bytes: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _unsafe(info.orig_filename, f"takes the archive over {self._limit} bytes unpacked")
        if entry_bytes > self._allowed(info.compress_size):
            raise _unsafe(info.orig_filename, f"grows to over {self._limits.max_ratio} times its packed size")

    def _allowed(self, packed: int) -> int:
        return max(self._limits.ratio_counts_from, self._limits.max_ratio * packed)


def _contents(archive: ZipFile, info: ZipInfo, budget: _Budget) -> Iterator[bytes]:
    """An entry's bytes; zipfile compares the CRC at their end."""
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise VerificationError(
            f"entry {info.orig_filename!r} is packed by method {info.compress_type}, not supported"
        )
    if info.flag_bits & 0x1:
        raise VerificationError(f"entry {info.orig_filename!r} is encrypted")
    read = 0
    with _offsets_lead_into_the_file(), archive.open(info) as file:
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
    for info in infos:
        # zipfile cuts `filename` at a NUL; `orig_filename` is what the archive says.
        if "\0" in info.orig_filename:
            raise _unsafe(info.orig_filename, "has a NUL in its name")
    return infos


def _checked(archive: ZipFile, limits: ArchiveLimits) -> Iterator[tuple[ZipInfo, ArchiveEntry]]:
    """The archive's files. Its directories are checked and dropped: files bring theirs along."""
    files: dict[str, str] = {}
    directories: set[str] = set()
    for info in _counted(archive, limits):
        name = info.orig_filename
        parts = _harmless_parts(info)
        if _is_directory(info):
            continue
        path = PurePosixPath(*map(safe_component, parts))
        original = name_key("/".join(parts))
        if files.get(name_key(str(path)), original) != original:
            # Two names that only became one by being made safe.
            path = path.with_name(safe_name(path.name, unique=sha256(original.encode()).hexdigest()[:8]))
        key, *above = (name_key(str(part)) for part in (path, *path.parents[:-1]))
        if key in files or key in directories:
            raise _unsafe(name, "stands twice in the archive")
        if any(directory in files for directory in above):
            raise _unsafe(name, "is below another entry that is a file")
        files[key] = original
        directories.update(above)
        yield info, ArchiveEntry(name, path, info.file_size)


def _harmless_parts(info: ZipInfo) -> list[str]:
    """The components of an entry's path, as they stand in the archive."""
    name = info.orig_filename
    if len(name.encode(errors="replace")) > _MAX_NAME_BYTES:
        raise _unsafe(f"{name[:100]}…", f"has a name of more than {_MAX_NAME_BYTES} bytes")
    _refuse_links(info)
    parts = _SEPARATORS.split(name)
    if not parts[0] or _DRIVE.match(name):
        raise _unsafe(name, "has an absolute path" if name else "has no name")
    if ".." in parts:
        raise _unsafe(name, "leaves the directory it is unpacked to")
    parts = [part for part in parts if part not in ("", ".")]
    if not parts:
        raise _unsafe(name, "names no file")
    if len(parts) > _MAX_DEPTH:
        raise _unsafe(name, f"is more than {_MAX_DEPTH} directories deep")
    return parts


def _refuse_links(info: ZipInfo) -> None:
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _unsafe(info.orig_filename, "is a link or a device")


def _is_directory(info: ZipInfo) -> bool:
    """Programs on Windows end directories with a backslash. Nothing that has contents is dropped for that."""
    name = info.orig_filename
    return name.endswith("/") or (name.endswith("\\") and info.file_size == 0)


def _unsafe(entry: str, what: str) -> UnsafeArchiveError:
    error = UnsafeArchiveError(f"entry {entry!r} {what}; nothing was unpacked")
    error.entry = entry
    return error
