"""What a destination lists, by key: in a file, as there may be millions of it."""

import sqlite3
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from attrs import frozen

from ..destinations import Destination
from ..layout import PAYLOAD

_FILES = """
    SELECT key FROM listed AS this
    WHERE size > 0 OR NOT EXISTS (SELECT 1 FROM listed WHERE key > this.key || '/' AND key < this.key || '0')
    ORDER BY key
"""  # '0' is the sign that follows '/'


@frozen
class Listing:
    """The sizes of the files that a destination has below `data/`, and who it is."""

    destination: Destination
    _db: sqlite3.Connection

    def size(self, key: str) -> int | None:
        """None if it is not listed."""
        found = self._db.execute("SELECT size FROM listed WHERE key = ?", [key]).fetchone()
        return None if found is None else int(found[0])

    def keys_in_order(self) -> Iterator[str]:
        """All of them, but for the empty objects that consoles make to show folders."""
        return (str(key) for (key,) in self._db.execute(_FILES))


@contextmanager
def listed(destination: Destination) -> Generator[Listing]:
    """List a destination. OSError if it cannot be."""
    with (
        tempfile.TemporaryDirectory() as place,
        closing(sqlite3.connect(Path(place) / "listed")) as connection,
    ):
        connection.execute("CREATE TABLE listed (key TEXT PRIMARY KEY, size INTEGER) WITHOUT ROWID")
        rows = ((each.key, each.size) for each in destination.list(f"{PAYLOAD}/"))
        connection.executemany("INSERT OR REPLACE INTO listed VALUES (?, ?)", rows)
        connection.commit()
        yield Listing(destination, connection)
