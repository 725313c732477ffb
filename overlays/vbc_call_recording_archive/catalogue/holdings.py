"""Which destinations hold which files, and papers."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from .rows import StoredFile

FILE = """
    SELECT f.path, r.source, r.id, f.kind, f.size, f.sha256, f.how, f.added_at, f.verified_at,
        f.verified_how, f.held
    FROM files f JOIN recordings r ON r.key = f.recording
"""


class Holdings:
    """What can be asked about destinations."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def holdings(self) -> dict[tuple[str, ...], tuple[int, int]]:
        """How many files, and bytes, each set of destinations holds."""
        rows = self._db.execute("SELECT held, count(*), sum(size) FROM files GROUP BY held")
        return {tuple(str(held).split()): (int(count), int(size)) for held, count, size in rows}

    def uncopied(self, destinations: Iterable[str]) -> dict[str, tuple[int, int]]:
        """How many files, and bytes, each of these destinations lacks; only those that lack any."""
        if self._combinations() in ([], [*destinations]):  # one destination, which holds everything
            return {}
        result: dict[str, tuple[int, int]] = {}
        for name in destinations:
            lacks = [size for held, size in self.holdings().items() if name not in held]
            if lacks:
                result[name] = sum(count for count, _ in lacks), sum(size for _, size in lacks)
        return result

    def lacking_at(self, destination: str, *, block: int = 50) -> Iterator[list[StoredFile]]:
        """The files that a destination does not hold, in blocks. May be written meanwhile."""
        for held in self._combinations():
            row = 0
            while destination not in held.split() and (found := self._held_after(held, row, block)):
                yield [StoredFile(*each[1:]) for each in found]
                row = found[-1][0]

    def _combinations(self) -> list[str]:
        """The sets of destinations that hold files. A step along the index for each."""
        result, held = list[str](), ""
        sql = "SELECT min(held) FROM files WHERE held > ?"
        while held := self._db.execute(sql, [held]).fetchone()[0] or "":
            result.append(held)
        return result

    def _held_after(self, held: str, row: int, block: int) -> list[Any]:
        sql = FILE.replace("SELECT", "SELECT f.rowid,", 1)
        condition = "f.held = ? AND f.rowid > ? ORDER BY f.rowid LIMIT ?"
        return self._db.execute(f"{sql} WHERE {condition}", [held, row, block]).fetchall()

    def papers(self, destination: str) -> dict[str, str]:
        """The papers that a destination has, and of which size and time they were."""
        sql = "SELECT path, stamp FROM papers WHERE destination = ?"
        return dict(self._db.execute(sql, [destination]).fetchall())
