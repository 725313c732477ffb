"""What proves that a file is still the one that was fetched: SHA-256, and manifests that anyone can check.

A manifest has the format of `sha256sum`, with paths relative to the archive's folder:

    cd /srv/recordings && sha256sum --check manifests/company/2026-11-24/manifest-sha256.txt

An archive is a BagIt bag (RFC 8493) as a whole: its files are below `data/`, `manifest-sha256.txt` beside it
names all of them, and the manifests of single windows below `manifests/` are tag files to BagIt.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import IO

from attrs import frozen

from .errors import ArchiveError

MANIFEST = "manifest-sha256.txt"
_ODD = "backslashreplace"  # halves of surrogate pairs, which UTF-8 cannot hold, as JSON writes them
_BLOCK = 1024 * 1024
_BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


@frozen
class Digest:
    """What identifies the contents of a file.

    Attributes:
        sha256: In lower-case hexadecimal.
        size: In bytes.
    """

    sha256: str
    size: int


def hash_file(path: Path) -> Digest:
    """Read a file and give its digest. OSError if it cannot be read."""
    return hash_blocks(read_blocks(path))


def hash_blocks(blocks: Iterable[bytes]) -> Digest:
    """The digest of bytes that come in pieces."""
    digest, size = sha256(), 0
    for block in blocks:
        digest.update(block)
        size += len(block)
    return Digest(digest.hexdigest(), size)


def read_blocks(path: Path) -> Iterator[bytes]:
    """A file's bytes, in pieces. OSError if it cannot be read."""
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            yield block


def write_pieces(pieces: Iterable[bytes], target: Path) -> Digest:
    """Write what comes in pieces to a file that nobody looks at yet, and give its digest."""
    with target.open("wb") as file:
        digest = hash_blocks(_through(pieces, file))
        file.flush()
        sync(file.fileno())
    return digest


def _through(pieces: Iterable[bytes], file: IO[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        file.write(piece)
        yield piece


def hash_text(text: str) -> Digest:
    """The digest of a text as it is written to a file, in UTF-8."""
    content = text.encode("utf-8", _ODD)
    return Digest(sha256(content).hexdigest(), len(content))


def manifest_of_window(source: str, window: str) -> str:
    """Where a window's manifest is, relative to the archive. A source `user:5` has the folder `user-5`."""
    return f"manifests/{source.replace(':', '-')}/{window.replace(':', '')}/{MANIFEST}"


def write_manifest(path: Path, files: Iterable[tuple[str, str]]) -> None:
    """Write paths and SHA-256 to a manifest, which is there whole or not at all.

    Args:
        path: Of the manifest. Its folder is made if need be.
        files: Relative path and SHA-256 of each, in the order they are to have.
    """
    lines = (f"{digest}  {name}\n" for name, digest in files)
    write_whole(path, lines)


def update_manifest(path: Path, files: Callable[[], Iterable[tuple[str, str]]]) -> bool:
    """Write a manifest unless it is as it should be, and say whether that was needed. None without files.

    Args:
        files: Gives them, as for `write_manifest`; called twice, so that they need not be held in memory.
    """
    written = read_manifest(path) if path.exists() else iter(())
    with suppress(ArchiveError, UnicodeDecodeError):  # somebody's hand was in it: it is written anew
        if all(one == other for one, other in zip_longest(written, files())):
            return False
    if next(iter(files()), None) is None:
        path.unlink()
    else:
        write_manifest(path, files())
    return True


def read_manifest(path: Path) -> Iterator[tuple[str, str]]:
    """Relative path and SHA-256 of each file. ArchiveError if a line cannot be one."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            digest, separator, name = line.rstrip("\n").partition("  ")
            if len(digest) != 64 or not separator or not name:
                raise ArchiveError(f"{path}:{number} is not a line of a manifest")
            yield name, digest


def write_bag(folder: Path, files: Iterable[tuple[str, str]], *, count: int, size: int) -> None:
    """Make the folder a bag of the files below its `data/`.

    Args:
        folder: The archive's.
        files: As for `write_manifest`: every file below `data/`.
        count: How many these are.
        size: How many bytes these are together.
    """
    write_whole(folder / "bagit.txt", [_BAGIT])
    write_whole(folder / "bag-info.txt", [f"Payload-Oxum: {size}.{count}\n"])
    write_manifest(folder / MANIFEST, files)


def write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write a text file so that it is there whole or not at all, after a power cut too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w", encoding="utf-8", errors=_ODD, newline="\n") as file:
        file.writelines(pieces)
        file.flush()
        sync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def move_into_place(fetched: Path, path: Path) -> None:
    """Give a file its final place, on the same file system. What is there already is never replaced.

    The rename survives a power cut once `sync_folder` was called for the path's folder.

    Raises:
        FileExistsError: Something is there already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path):
        raise FileExistsError(f"{path} exists already")
    fetched.rename(path)


def sync(descriptor: int) -> None:
    """Bring what was written to the disk, where the file system can do that."""
    with suppress(OSError):
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder survive a power cut, where the system lets one ask for that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
