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
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import ObjectStore

from .protocol import Seen

_PAGE = 1000  # keys asked for at a time
_PIECE = 1024 * 1024
_CODE = re.compile(r"<Code>([^<]*)</Code>")
_MESSAGE = re.compile(r"<Message>([^<\n]*)")
_STATUS = re.compile(r"status code: ([0-9]{3}[A-Za-z ]*)")
_CONNECTING = re.compile(r'ConnectError\(\s*"([a-z ]+)"')
_LONG_WORD = re.compile(r"[A-Za-z0-9+/=_%-]{32,}")
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
                raise OSError(f"{self.name} cannot be written: {self._said(error, key)}") from None
            raise FileNotFoundError(f"{self.name} has no {key}") from None
        except (BaseError, ValueError) as error:
            is_refused = isinstance(error, PermissionDeniedError | UnauthenticatedError)
            kind = PermissionError if is_refused else OSError
            raise kind(f"{self.name} failed at {key}: {self._said(error, key)}") from None

    def _said(self, error: Exception, key: str) -> str:
        """What the store said, in a line: its code and message, or what obstore makes of it.

        Of an address with a signature, obstore says only that there was one. Of an answer that is not the
        protocol's, nothing but its status is told, and long words are left out: what is in between, as a
        proxy, may quote what it was sent, a token among it.
        """
        text, _, source = str(error).partition("\n\nDebug source:")
        told = [found[1].strip() for found in (_CODE.search(text), _MESSAGE.search(text)) if found]
        if not told and (status := _STATUS.search(text)):
            told = [f"it answers {status[1].strip()}"]
        elif not told:  # from what it tells of the request, only why that failed
            told = [text.rpartition(" - ")[2], *_CONNECTING.findall(source)]
        line = _LONG_WORD.sub(
            lambda word: word[0] if word[0] in f"{self.name}/{key}" else "…", ": ".join(told)
        )
        line = " ".join(line.split())
        return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
