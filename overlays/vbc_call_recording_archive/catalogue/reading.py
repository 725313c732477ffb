"""Questions to the catalogue. None of them keeps a writer waiting."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Unpack

from vbc_call_recording import InputError

from ..instants import from_text, to_text
from ..ledger import Head
from ..windows import Span
from .effects import load_head
from .holdings import FILE, Holdings
from .rows import FileKind, Run, StoredFile, StoredRecording, StoredTranscript, StoredWindow, Totals
from .search import RecordingFilters, where, words
from .tally import CheckTally, DeletionTally, SpanTally, tally_checks, tally_deletions, tally_spans

_RECORDING = """
    SELECT r.key, r.source, r.id, r.start, r."end", r.direction, r.caller_id, r.cnam, r.dnis, r.call_id,
        r.duration, r.extensions, r.file_name, r.promised_size, r.wire, r.first_seen, r.last_seen,
        r.vanished_at, r.deleted_at, coalesce(f.path, ''), coalesce(f.size, 0), coalesce(f.sha256, ''),
        coalesce(f.verified_at, ''), coalesce(f.verified_how, ''), coalesce(t.state, 'none')
"""
_FROM = """
    FROM recordings r LEFT JOIN files f ON f.recording = r.key AND f.kind = 'audio'
    LEFT JOIN transcripts t ON t.recording = r.key
"""
_WINDOW = """
    SELECT source, start, "end", name, state, promised, listed, on_disk, pending, reason, checked_at
    FROM windows
"""
_TOTALS = """
    SELECT r.source, count(*), count(f.path),
        count(*) FILTER (WHERE f.path IS NULL AND r.vanished_at = '' AND r.deleted_at = ''),
        count(*) FILTER (WHERE r.vanished_at <> '' AND r.deleted_at = ''),
        count(*) FILTER (WHERE r.deleted_at <> ''), min(r.start), max(r.start),
        count(*) FILTER (WHERE t.state = 'ready'), count(*) FILTER (WHERE t.state = 'pending'),
        count(*) FILTER (WHERE t.state = 'failed'),
        count(*) FILTER (WHERE f.path IS NULL AND r.vanished_at <> '' AND r.deleted_at = '')
"""
_BYTES = """
    SELECT r.source, sum(f.size) FROM files f JOIN recordings r ON r.key = f.recording GROUP BY r.source
"""
_LONGEST_WINDOW = timedelta(days=32)  # so that the index serves
_FIRST_DAYS = datetime(1, 3, 1, tzinfo=UTC)  # some servers say year 1 where they do not know
_ORDERS = {"start:ASC": "r.start, r.key", "start:DESC": "r.start DESC, r.key DESC"}


class Reading(Holdings):
    """What can be asked. Values are copied out of the database in blocks, so that results may be many."""

    def recordings(
        self,
        *,
        order: str = "start:DESC",
        limit: int | None = None,
        offset: int = 0,
        **filters: Unpack[RecordingFilters],
    ) -> Iterator[StoredRecording]:
        """The recordings that match every filter given.

        Args:
            order: `start:DESC` or `start:ASC`.
            limit: At most so many.
            offset: Leave out so many first.
            **filters: See `RecordingFilters`.

        Raises:
            InputError: A filter, or `order`, is not valid.
        """
        if order not in _ORDERS:
            raise InputError(f"order is {order!r}; accepted: {' or '.join(_ORDERS)}")
        condition, values = where(filters)
        rows = self._db.execute(
            f"{_RECORDING} {_FROM} WHERE {condition} ORDER BY {_ORDERS[order]} LIMIT ? OFFSET ?",
            [*values, -1 if limit is None else limit, offset],
        )
        for row in rows:
            yield _recording(row)

    def count(self, **filters: Unpack[RecordingFilters]) -> int:
        """How many recordings match every filter given."""
        condition, values = where(filters)
        return self._number(f"SELECT count(*) {_FROM} WHERE {condition}", values)

    def get(self, source: str, recording_id: str | int) -> StoredRecording | None:
        """One recording; None if it was never listed."""
        sql = f"{_RECORDING} {_FROM} WHERE r.source = ? AND r.id = ?"
        row = self._db.execute(sql, [source, str(recording_id)]).fetchone()
        return None if row is None else _recording(row)

    def find(self, recording_id: str | int) -> list[StoredRecording]:
        """The recordings with this id: a company recording and one on demand may share it."""
        sql = f"{_RECORDING} {_FROM} WHERE r.id = ? ORDER BY r.source"
        return [_recording(row) for row in self._db.execute(sql, [str(recording_id)])]

    def search(self, text: str, *, limit: int = 50) -> list[tuple[StoredRecording, str]]:
        """Full text over names, numbers and transcripts: the best matches first, each with an excerpt.

        Words found are between `«` and `»` in the excerpt.

        Raises:
            InputError: The text holds no word.
        """
        found = self._db.execute(
            "SELECT rowid, snippet(search, -1, '«', '»', '…', 16) FROM search WHERE search MATCH ? "
            "ORDER BY rank LIMIT ?",
            [words(text), limit],
        ).fetchall()
        sql = f"{_RECORDING} {_FROM} WHERE r.key = ?"
        return [(_recording(self._db.execute(sql, [key]).fetchone()), str(excerpt)) for key, excerpt in found]

    def transcript(self, source: str, recording_id: str | int) -> StoredTranscript:
        """What is known of a recording's transcript."""
        row = self._db.execute(
            "SELECT t.state, t.reason, t.asked_at, d.transcript, t.wire FROM transcripts t "
            "JOIN recordings r ON r.key = t.recording JOIN documents d ON d.key = r.key "
            "WHERE r.source = ? AND r.id = ?",
            [source, str(recording_id)],
        ).fetchone()
        return StoredTranscript("none", "", "", "") if row is None else StoredTranscript(*row)

    def files(
        self, *, start: str = "", end: str = "", source: str | None = None, after: str = "", limit: int = -1
    ) -> Iterator[StoredFile]:
        """The files of recordings that started from `start` to just before `end`, if these are given.

        In the order of their paths: those behind the path `after`, and no more than `limit`.
        """
        condition, values = ["f.path > ?", "r.start >= ?"], [after, start]
        if end:
            condition, values = [*condition, "r.start < ?"], [*values, end]
        if source is not None:
            condition, values = [*condition, "r.source = ?"], [*values, source]
        sql = f"{FILE} WHERE {' AND '.join(condition)} ORDER BY f.path LIMIT ?"
        for row in self._db.execute(sql, [*values, limit]):
            yield StoredFile(*row)

    def file(self, path: str) -> StoredFile | None:
        """The file with this path."""
        row = self._db.execute(f"{FILE} WHERE f.path = ?", [path]).fetchone()
        return None if row is None else StoredFile(*row)

    def file_of(self, source: str, recording_id: str | int, kind: FileKind) -> StoredFile | None:
        """A recording's file of a kind, if it is here."""
        condition = "r.source = ? AND r.id = ? AND f.kind = ?"
        row = self._db.execute(f"{FILE} WHERE {condition}", [source, str(recording_id), kind]).fetchone()
        return None if row is None else StoredFile(*row)

    def numbers(self, source: str, start: str, end: str, listing: int) -> tuple[int, int, int, int]:
        """Of that time: how many the listing named, those of them that are here, their bytes that are
        not, and how many transcripts are in the making."""
        row = self._db.execute(
            "SELECT count(*), count(f.path), coalesce(sum(r.promised_size) FILTER (WHERE f.path IS NULL), 0) "
            f"{_FROM} WHERE r.source = ? AND r.start >= ? AND r.start < ? AND r.listing = ?",
            [source, start, end, listing],
        ).fetchone()
        pending = self.count_pending(source, start, end)
        return int(row[0]), int(row[1]), int(row[2]), pending

    def count_between(self, source: str, start: str, end: str) -> int:
        """How many recordings of that time are known."""
        sql = "SELECT count(*) FROM recordings WHERE source = ? AND start >= ? AND start < ?"
        return self._number(sql, [source, start, end])

    def count_pending(self, source: str, start: str, end: str) -> int:
        """How many transcripts of that time are in the making."""
        return self._count_transcripts("t.state = 'pending' AND ", source, start, end)

    def count_transcripts(self, source: str, start: str, end: str) -> int:
        """How many transcripts of that time are known, whatever their state."""
        return self._count_transcripts("", source, start, end)

    def _count_transcripts(self, condition: str, *bounds: str) -> int:
        sql = (
            "SELECT count(*) FROM recordings r JOIN transcripts t ON t.recording = r.key "
            f"WHERE {condition} r.source = ? AND r.start >= ? AND r.start < ?"
        )
        return self._number(sql, list(bounds))

    def pending(self, source: str) -> list[str]:
        """Starts of the recordings whose transcripts are in the making, each once."""
        sql = (
            "SELECT DISTINCT r.start FROM transcripts t JOIN recordings r ON r.key = t.recording "
            "WHERE t.state = 'pending' AND r.source = ? ORDER BY r.start"
        )
        return [str(start) for (start,) in self._db.execute(sql, [source])]

    def window(self, source: str, start: str, end: str) -> StoredWindow | None:
        """What is known of a window."""
        sql = f'{_WINDOW} WHERE source = ? AND start = ? AND "end" = ?'
        row = self._db.execute(sql, [source, start, end]).fetchone()
        return None if row is None else StoredWindow(*row)

    def sample(self, count: int) -> list[StoredFile]:
        """So many files, those verified longest ago first."""
        sql = f"{FILE} ORDER BY f.verified_at, f.path LIMIT ?"
        return [StoredFile(*row) for row in self._db.execute(sql, [count])]

    def window_at(self, source: str, instant: str) -> StoredWindow | None:
        """The window that holds an instant: of several sizes, the one looked at last."""
        condition = 'source = ? AND start BETWEEN ? AND ? AND "end" > ?'
        earliest = to_text(max(from_text(instant), _FIRST_DAYS) - _LONGEST_WINDOW)
        sql = f"{_WINDOW} WHERE {condition} ORDER BY checked_at DESC LIMIT 1"
        row = self._db.execute(sql, [source, earliest, instant, instant]).fetchone()
        return None if row is None else StoredWindow(*row)

    def payload(self) -> tuple[int, int]:
        """How many files there are, and their bytes."""
        row = self._db.execute("SELECT count(*), coalesce(sum(size), 0) FROM files").fetchone()
        return int(row[0]), int(row[1])

    def windows(self, source: str | None = None, *, limit: int | None = None) -> Iterator[StoredWindow]:
        """The windows that were looked at, the latest first."""
        condition = "TRUE" if source is None else "source = ?"
        values = [] if source is None else [source]
        sql = f'{_WINDOW} WHERE {condition} ORDER BY start DESC, source, "end" LIMIT ?'
        for row in self._db.execute(sql, [*values, -1 if limit is None else limit]):
            yield StoredWindow(*row)

    def settled(self, source: str) -> list[Span]:
        """The time of a source's windows that are proven, or complete as far as the server says."""
        rows = self._db.execute(
            "SELECT start, \"end\" FROM windows WHERE source = ? AND state IN ('proven', 'complete')",
            [source],
        )
        return [Span(from_text(start), from_text(end)) for start, end in rows]

    def totals(self) -> list[Totals]:
        """What there is, by source; nothing of a source without recordings."""
        sizes = dict(self._db.execute(_BYTES).fetchall())
        rows = self._db.execute(f"{_TOTALS} {_FROM} GROUP BY r.source")
        return [_totals(row, sizes) for row in rows]

    def runs(self, limit: int = 10) -> list[Run]:
        """The last runs, the latest first."""
        rows = self._db.execute(
            "SELECT id, command, started_at, ended_at, result, counts FROM runs ORDER BY id DESC LIMIT ?",
            [limit],
        )
        return [_run(row) for row in rows]

    def tally(self, spans: Sequence[Span]) -> list[SpanTally]:
        """Recordings and bytes of each span, by direction. Spans without any are left out."""
        return tally_spans(self._db, spans)

    def tally_checks(self, since: datetime) -> CheckTally:
        """How many files were held against their SHA-256, ever and since an instant."""
        return tally_checks(self._db, since)

    def tally_deletions(self) -> DeletionTally:
        """What this archive deleted at the vendor."""
        return tally_deletions(self._db)

    def meta(self, name: str) -> str:
        """A note that the archive keeps; `""` if there is none."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
        return "" if row is None else str(row[0])

    @property
    def head(self) -> Head:
        """How far this catalogue knows the ledger."""
        return load_head(self._db)

    def _recordings_where(self, condition: str, values: list[Any]) -> list[StoredRecording]:
        rows = self._db.execute(f"{_RECORDING} {_FROM} WHERE {condition}", values)
        return [_recording(row) for row in rows]

    def _number(self, sql: str, values: list[Any]) -> int:
        return int(self._db.execute(sql, values).fetchone()[0])


def _recording(row: Sequence[Any]) -> StoredRecording:
    values = list(row)
    values[11] = tuple(values[11].split())
    return StoredRecording(*values)


def _totals(row: Sequence[Any], sizes: Mapping[str, int]) -> Totals:
    values = list(row)
    values.insert(3, sizes.get(values[0], 0))
    return Totals(*values)


def _run(row: Sequence[Any]) -> Run:
    values = list(row)
    values[5] = json.loads(values[5])
    return Run(*values)
