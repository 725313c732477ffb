"""Object stores that speak the protocols of S3, Google Cloud Storage or Azure Blob Storage, through obstore.

Writes are conditional (`If-None-Match: *`, or what the store has for it), and the SHA-256 is kept in the
object's metadata as `sha256`. A file to be created is in memory while it is sent, as conditional writes go in
one piece.
"""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import ObjectStore

from .protocol import Seen

_PAGE = 1000  # keys asked for at a time
_PIECE = 1024 * 1024
_CODE = re.compile(r"<Code>([^<]*)</Code>")
_MESSAGE = re.compile(r"<Message>([^<\n]*)")
_LONGEST = 300


class Bucket:
    """A bucket, or what is below a prefix in one, as a destination."""

    def __init__(self, name: str, store: ObjectStore) -> None:
        self.name = name
        self._store = store

    def create(self, key: str, source: Path, sha256: str) -> None:
        """As `Destination.create`."""
        with self._trouble(key, writes=True):
            obstore.put(self._store, key, source, mode="create", attributes={"sha256": sha256})

    def replace(self, key: str, source: Path, sha256: str) -> None:
        """As `Destination.replace`."""
        with self._trouble(key, writes=True):
            obstore.put(self._store, key, source, attributes={"sha256": sha256})

    def read(self, key: str) -> Iterator[bytes]:
        """As `Destination.read`."""
        with self._trouble(key):
            for piece in obstore.get(self._store, key).stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    def look(self, key: str) -> Seen | None:
        """As `Destination.look`."""
        try:
            with self._trouble(key):
                found = obstore.get(self._store, key, options={"head": True})
        except FileNotFoundError:
            return None
        return Seen(key, found.meta["size"], found.attributes.get("sha256", ""))

    def list(self, prefix: str) -> Iterator[Seen]:
        """As `Destination.list`. Listings of object stores tell no metadata."""
        with self._trouble(prefix):
            for page in obstore.list(self._store, prefix, chunk_size=_PAGE):  # pyright: ignore[reportUnknownMemberType]
                yield from (Seen(each["path"], each["size"]) for each in page)

    @contextmanager
    def _trouble(self, key: str, *, writes: bool = False) -> Generator[None]:
        """OSError for whatever goes wrong. Not chained: it quotes whole answers."""
        try:
            yield
        except AlreadyExistsError:
            raise FileExistsError(f"{self.name} has {key} already") from None
        except FileNotFoundError as error:
            if writes:  # the bucket itself
                raise OSError(f"{self.name} cannot be written: {_said(error)}") from None
            raise FileNotFoundError(f"{self.name} has no {key}") from None
        except (BaseError, ValueError) as error:
            raise OSError(f"{self.name} failed at {key}: {_said(error)}") from None


def _said(error: Exception) -> str:
    """What the store said, in a line: its code and message, or what obstore makes of it.

    Of an address with a signature, obstore says only that there was one.
    """
    text = str(error).partition("\n\nDebug source:")[0]
    told = [found[1].strip() for found in (_CODE.search(text), _MESSAGE.search(text)) if found]
    line = ": ".join(told) or " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
