"""Reading export archives: what is in them, and whether all of it is there.

Sizes in an archive's headers are only claims. Here, the bytes that come out of the decompressor count.
"""

import errno
import zlib
from collections.abc import Generator, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from copy import copy
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

from .._concurrency import checkpoint
from .._errors import CallRecordingError, UnsafeArchiveError, VerificationError

_READ_AT_ONCE = 256 * 1024
# Of lzma zipfile unpacks all it has read in one go, and 4 KiB may become 30 MiB.
_READ_AT_ONCE_OF_LZMA = 4 * 1024
# Some builds of Python lack the last two.
_MODULES = {ZIP_STORED: "zipfile", ZIP_DEFLATED: "zlib", ZIP_BZIP2: "_bz2", ZIP_LZMA: "_lzma"}
_READABLE = {method for method, module in _MODULES.items() if find_spec(module)}
_ENCRYPTED_OR_PATCHED = 0x1 | 0x20 | 0x40  # bits of an entry's flags

# More than that is taken for a bomb. Our choice.
MAX_ENTRIES = 100_000  # of one archive that is unpacked
MAX_TOTAL_BYTES = 256 * 2**30  # of all entries together, unpacked
MAX_RATIO = 200  # unpacked bytes for each packed one, in one entry and in the archive as a whole
RATIO_COUNTS_FROM = 2**30  # unpacked bytes up to which any ratio will do: recorded silence packs very well


def verify_archive(path: Path) -> bool:
    """Reads every entry to its end and compares size and CRC. VerificationError if one is damaged.

    False if not all could be read: one is encrypted or packed by a method we cannot read, or they grow so
    much that reading could take for ever. What could be read is sound.
    """
    with opened(path) as archive:
        budget = Budget(path.stat().st_size)
        readable = [info for info in archive.infolist() if not unreadable(info)]
        try:
            for info in readable:
                for _ in contents(archive, info, budget):
                    pass
        except UnsafeArchiveError:
            return False
        return len(readable) == len(archive.infolist())


@contextmanager
def opened(path: Path) -> Generator[ZipFile]:
    """The archive, for reading. Whatever is wrong with it becomes an error of ours."""
    try:
        with _errors_of_the_archive():
            archive = ZipFile(path)
        with archive:
            yield archive
    except (VerificationError, UnsafeArchiveError) as error:
        error.path = path
        raise


@contextmanager
def _errors_of_the_archive() -> Generator[None]:
    """Whatever zipfile and the decompressors raise for an archive that is not what it claims to be."""
    try:
        yield
    except (CallRecordingError, CancelledError):
        raise
    except MemoryError as error:
        raise UnsafeArchiveError(
            "the archive takes more memory than there is; nothing was unpacked"
        ) from error
    except Exception as error:
        # Seeking to before the beginning is EINVAL, and bzip2 raises an OSError without a number.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise VerificationError(f"the file is not a sound ZIP archive: {error}") from error


class Budget:
    """Counts bytes as they come out."""

    def __init__(self, packed: int) -> None:
        # Entries may share their packed bytes, so each being modest says nothing about all of them.
        self._left = self._limit = min(MAX_TOTAL_BYTES, _allowed(packed))

    def spend(self, info: ZipInfo, size: int, entry_bytes: int) -> None:
        """Counts bytes of an entry, or raises UnsafeArchiveError if they are too many."""
        self._left -= size
        if self._left < 0:
            raise unsafe(info.orig_filename, f"takes the archive over {self._limit} bytes unpacked")
        if entry_bytes > _allowed(info.compress_size):
            raise unsafe(info.orig_filename, f"grows to over {MAX_RATIO} times its packed size")


def _allowed(packed: int) -> int:
    return max(RATIO_COUNTS_FROM, MAX_RATIO * packed)


def unreadable(info: ZipInfo) -> str:
    """Why an entry cannot be read here; empty if it can."""
    if info.flag_bits & _ENCRYPTED_OR_PATCHED:
        return "is encrypted"
    if info.compress_type not in _READABLE:
        return f"is packed by method {info.compress_type}, which cannot be unpacked here"
    return ""


def contents(archive: ZipFile, info: ZipInfo, budget: Budget) -> Iterator[bytes]:
    """An entry's bytes. At their end the CRC is compared."""
    read = 0
    with _errors_of_the_archive():
        for chunk in (_bzip2 if info.compress_type == ZIP_BZIP2 else _chunks)(archive, info):
            checkpoint()
            read += len(chunk)
            budget.spend(info, len(chunk), read)
            yield chunk
    if read != info.file_size:
        raise VerificationError(f"entry {info.orig_filename!r} has {read} bytes instead of {info.file_size}")


def _chunks(archive: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    at_once = _READ_AT_ONCE_OF_LZMA if info.compress_type == ZIP_LZMA else _READ_AT_ONCE
    with archive.open(info) as file:
        while chunk := file.read(at_once):
            yield chunk


def _bzip2(archive: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    """In pieces. zipfile would unpack at once all it has read, and 4 KiB of bzip2 may become 4 GiB."""
    from bz2 import BZ2File

    packed, crc = copy(info), 0
    packed.compress_type, packed.file_size = ZIP_STORED, info.compress_size
    del packed.CRC  # it is that of the unpacked bytes
    with archive.open(packed) as file, BZ2File(file) as unpacker:
        while chunk := unpacker.read(_READ_AT_ONCE):
            crc = zlib.crc32(chunk, crc)
            yield chunk
    if crc != info.CRC:
        raise VerificationError(f"bad CRC of {info.orig_filename!r}")


def is_directory(info: ZipInfo) -> bool:
    """Programs on Windows end directories with a backslash. Nothing that has contents is dropped for that."""
    name = info.orig_filename
    return name.endswith("/") or (name.endswith("\\") and info.file_size == 0)


def unsafe(entry: str, what: str) -> UnsafeArchiveError:
    return UnsafeArchiveError(f"entry {entry!r} {what}; nothing was unpacked", entry=entry)
