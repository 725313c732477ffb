"""Writing the catalogue, and opening it."""

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import attrs

from vbc_call_recording import Recording

from ..instants import now, to_text
from ..ledger import Entry
from .database import open_database, transaction
from .effects import affect, apply
from .fields import COLUMNS, columns_of
from .reading import Reading
from .rows import StoredRecording, StoredWindow, TranscriptState

_SEE = (
    f"INSERT INTO recordings (source, id, first_seen, last_seen, listing, {', '.join(COLUMNS)}) "
    f"VALUES (?, ?, ?, ?, ?, {', '.join('?' * len(COLUMNS))}) ON CONFLICT (source, id) DO UPDATE SET "
    "last_seen = excluded.last_seen, listing = excluded.listing, vanished_at = '', "
    + ", ".join(f"{column} = excluded.{column}" for column in COLUMNS)
)
_WINDOW_FIELDS = tuple(field.name for field in attrs.fields(StoredWindow))
_SAVE_WINDOW = f"INSERT OR REPLACE INTO windows VALUES ({', '.join('?' * len(_WINDOW_FIELDS))})"
_BLOCK = 200  # rows read at a time where they are changed meanwhile


class Catalogue(Reading):
    """The catalogue of an archive, for one thread.

    Opened for reading, it answers while another process writes, and never keeps that waiting. What files
    there are is written through `Archive.note`, which writes the ledger first.
    """

    def __init__(self, path: Path, *, writable: bool) -> None:
        """Open it, or make it if it is to be written.

        Raises:
            CatalogueError: It is on a network file system, of a later version, or cannot be opened.
        """
        super().__init__(open_database(path, writable=writable))
        self.is_rehearsal = False
        self.path = path

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All of the block is written, or nothing."""
        return transaction(self._db)

    @contextmanager
    def moment(self) -> Generator[None]:
        """Whatever the block reads is of one moment, although somebody may be writing."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

    @contextmanager
    def rehearsal(self) -> Generator[None]:
        """Whatever the block writes is taken back, and the ledger is left alone."""
        self._db.execute("BEGIN IMMEDIATE")
        self.is_rehearsal = True
        try:
            yield
        finally:
            self.is_rehearsal = False
            self._db.execute("ROLLBACK")

    def pretend(self, events: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Change what events change, although the ledger does not tell of them. For rehearsals."""
        for what, data in events:
            affect(self._db, what, data, to_text(now()))

    def apply(self, entries: Iterable[Entry]) -> None:
        """Make it know what the ledger says. See `effects`."""
        with self.transaction():
            for entry in entries:
                apply(self._db, entry)

    def forget_ledger(self) -> None:
        """Take the ledger for one never read: opening the archive reads all of it."""
        self._db.execute("DELETE FROM meta WHERE name = 'ledger'")

    def set_meta(self, name: str, value: str) -> None:
        """Keep a note, as `meta` gives it."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, value])

    # -- what listings say

    def next_listing(self) -> int:
        """A number for a listing that begins: higher than all before."""
        with self.transaction():
            number = int(self.meta("listing") or 0) + 1
            self.set_meta("listing", str(number))
        return number

    def see(self, source: str, recordings: Iterable[Recording], listing: int, start: str) -> None:
        """Keep what a listing says of recordings. Each must have an id.

        Args:
            listing: The listing's number.
            start: From when on it lists, for recordings that do not say when they started.
        """
        at = to_text(now())
        with self.transaction():
            self._db.executemany(
                _SEE,
                (
                    (source, str(recording.id), at, at, listing, *columns_of(recording, start))
                    for recording in recordings
                ),
            )

    def note_vanished(self, source: str, start: str, end: str, listing: int) -> int:
        """Note which recordings of that time a complete listing no longer named, and say how many are new."""
        cursor = self._db.execute(
            "UPDATE recordings SET vanished_at = ? WHERE source = ? AND start >= ? AND start < ? "
            "AND listing < ? AND vanished_at = '' AND deleted_at = ''",
            [to_text(now()), source, start, end, listing],
        )
        return cursor.rowcount

    def lacking(self, source: str, start: str, end: str, listing: int) -> Iterator[StoredRecording]:
        """What the listing named of that time and is not here. May be written meanwhile."""
        key = 0
        while block := self._lacking_after(key, source, start, end, listing):
            yield from block
            key = block[-1].key

    def _lacking_after(self, key: int, *bounds: str | int) -> list[StoredRecording]:
        return self._recordings_where(
            "r.key > ? AND r.source = ? AND r.start >= ? AND r.start < ? AND r.listing = ? "
            f"AND f.path IS NULL ORDER BY r.key LIMIT {_BLOCK}",
            [key, *bounds],
        )

    def is_named(self, source: str, recording_id: str, listing: int) -> bool:
        """Whether that listing was the last to name it."""
        sql = "SELECT count(*) FROM recordings WHERE source = ? AND id = ? AND listing = ?"
        return bool(self._number(sql, [source, recording_id, listing]))

    def differing(self, source: str, start: str, end: str, listing: int) -> list[StoredRecording]:
        """What the listing named of that time and gave another size than the file here has."""
        return self._recordings_where(
            "r.source = ? AND r.start >= ? AND r.start < ? AND r.listing = ? AND r.promised_size <> f.size",
            [source, start, end, listing],
        )

    # -- transcripts

    def set_transcript(
        self,
        source: str,
        recording_id: str | int,
        state: TranscriptState,
        *,
        reason: str = "",
        wire: Mapping[str, Any] | None = None,
        text: str | None = None,
    ) -> None:
        """Keep the state of a transcript of a catalogued recording, and its text once there is one."""
        identity = [source, str(recording_id)]
        with self.transaction():
            self._db.execute(
                "INSERT INTO transcripts (recording, state, reason, asked_at, wire) "
                "SELECT key, ?, ?, ?, ? FROM recordings WHERE source = ? AND id = ? "
                "ON CONFLICT (recording) DO UPDATE SET state = excluded.state, reason = excluded.reason, "
                "asked_at = excluded.asked_at, wire = excluded.wire",
                [state, reason, to_text(now()), json.dumps(wire or {}, default=str), *identity],
            )
            if text is not None:
                self._db.execute(
                    "UPDATE documents SET transcript = ? "
                    "WHERE key = (SELECT key FROM recordings WHERE source = ? AND id = ?)",
                    [text, *identity],
                )

    # -- papers, windows and runs

    def save_paper(self, destination: str, path: str, stamp: str) -> None:
        """Keep that a destination has a paper, as it was at that time."""
        self._db.execute("INSERT OR REPLACE INTO papers VALUES (?, ?, ?)", [destination, path, stamp])

    def save_windows(self, windows: Iterable[StoredWindow]) -> None:
        """Keep how far windows have got, in place of what was known of them."""
        with self.transaction():
            self._db.executemany(_SAVE_WINDOW, map(attrs.astuple, windows))

    def reopen(self, at: str) -> None:
        """No window that ends after the present can be settled: the clock was ahead when it was."""
        self._db.execute(
            "UPDATE windows SET state = 'open' WHERE \"end\" > ? AND state IN ('proven', 'complete')", [at]
        )

    @contextmanager
    def recorded(self, command: str, counts: Callable[[], Mapping[str, Any]]) -> Generator[list[str]]:
        """Keep that the block was a run of a command. It appends its result; without one, the run failed.

        Args:
            counts: Gives what was counted, when the run has ended.
        """
        number, results = self.begin_run(command), ["failed"]
        try:
            yield results
        except KeyboardInterrupt:
            results.append("stopped")
            raise
        finally:
            self.end_run(number, results[-1], counts())

    def begin_run(self, command: str) -> int:
        """Keep that a command has begun. Give the run's number."""
        cursor = self._db.execute(
            "INSERT INTO runs (command, started_at) VALUES (?, ?)", [command, to_text(now())]
        )
        return int(cursor.lastrowid or 0)

    def end_run(self, run: int, result: str, counts: Mapping[str, Any]) -> None:
        """Keep how it ended."""
        self._db.execute(
            "UPDATE runs SET ended_at = ?, result = ?, counts = ? WHERE id = ?",
            [to_text(now()), result, json.dumps(counts), run],
        )
