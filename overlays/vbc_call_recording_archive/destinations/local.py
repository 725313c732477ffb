"""The archive's own folder, or another one on this machine: the destination that there is by default."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from attrs import frozen

from ..custody import read_blocks, sync
from .protocol import Seen

LOCAL = "local"


@frozen
class LocalFolder:
    """A folder as a destination. What is new survives a power cut once `sync_folder` was called for it."""

    folder: Path
    name: str = LOCAL

    def create(self, key: str, source: Path, sha256: str) -> None:
        """As `Destination.create`. A hard link where the file system has them: no byte is copied.

        So the source may be removed or replaced afterwards, and must not be changed.
        """
        path = self._made(key)
        try:
            os.link(source, path)
        except FileExistsError:
            raise
        except OSError:  # no such links here, or the source is on another file system
            if os.path.lexists(path):
                raise FileExistsError(f"{path} exists already") from None
            _copied(source, path).rename(path)

    def replace(self, key: str, source: Path, sha256: str) -> None:
        """As `Destination.replace`."""
        path = self._made(key)
        _copied(source, path).replace(path)

    def read(self, key: str) -> Iterator[bytes]:
        """As `Destination.read`."""
        return read_blocks(self.folder / key)

    def look(self, key: str) -> Seen | None:
        """As `Destination.look`."""
        try:
            return Seen(key, (self.folder / key).stat(follow_symlinks=False).st_size)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def list(self, prefix: str) -> Iterator[Seen]:
        """As `Destination.list`."""
        for where, _, names in os.walk(self.folder / prefix):
            for name in names:
                path = Path(where, name)
                yield Seen(path.relative_to(self.folder).as_posix(), path.lstat().st_size)

    def _made(self, key: str) -> Path:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _copied(source: Path, path: Path) -> Path:
    fresh = path.with_name(f"{path.name}.{uuid4().hex[:8]}.new")  # two machines may do the same at a time
    with source.open("rb") as file, fresh.open("wb") as copy:
        shutil.copyfileobj(file, copy)
        copy.flush()
        sync(copy.fileno())
    return fresh
