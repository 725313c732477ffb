"""The catalogue as a table, for Excel, pandas and everybody else: CSV, JSON lines, Parquet. Row by row.

A file is there whole or not at all. Texts come from whoever calls, so in CSV those that a spreadsheet would
take for a formula get an apostrophe in front (the advice of OWASP); plain numbers, as of telephones, do not.
"""

import csv
import importlib
import io
import json
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

from .archive import Archive
from .catalogue import StoredRecording
from .errors import ArchiveError
from .instants import from_text

Row = Mapping[str, Any]

# In which order, and what Arrow calls them.
COLUMNS: Mapping[str, str] = {
    "source": "string",
    "id": "string",
    "start": "timestamp",
    "end": "timestamp",
    "duration_ms": "int64",
    "direction": "string",
    "caller_id": "string",
    "cnam": "string",
    "dnis": "string",
    "call_id": "string",
    "extensions": "string",
    "file_name": "string",
    "path": "string",
    "size": "int64",
    "sha256": "string",
    "verified_at": "timestamp",
    "transcript": "string",
    "first_seen": "timestamp",
    "vanished_at": "timestamp",
    "deleted_at": "timestamp",
}
_NUMBER = re.compile(r"[+-]?\d[\d ]*")
# Full-width signs too: Excel in East Asia takes them for formulas.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001
_BATCH = 5000  # rows of a row group


def rows(recordings: Iterable[StoredRecording]) -> Iterator[Row]:
    """The columns above, of each recording. Nothing is None but numbers that the API did not give."""
    for recording in recordings:
        row = {name: getattr(recording, name, None) for name in COLUMNS}
        row["duration_ms"] = recording.duration
        row["size"] = recording.size if recording.path else recording.promised_size
        row["extensions"] = " ".join(recording.extensions)
        yield row


def write_csv(table: Iterable[Row], file: IO[bytes]) -> int:
    """UTF-8 with a byte order mark, without which Excel guesses. Says how many rows there are."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    count = 0
    for row in table:
        writer.writerow([defused(row[name]) for name in COLUMNS])
        count += 1
    text.flush()
    text.detach()
    return count


def defused(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return "" if value is None else value


def write_jsonl(table: Iterable[Row], file: IO[bytes]) -> int:
    """One object a line, in UTF-8. Says how many there are."""
    count = 0
    for row in table:
        file.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
        count += 1
    return count


def write_parquet(table: Iterable[Row], file: IO[bytes]) -> int:
    """With pyarrow. Instants are timestamps in UTC. Says how many rows there are.

    Raises:
        ArchiveError: It is not installed.
    """
    try:
        arrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise ArchiveError("Parquet needs a further package: pip install pyarrow") from None
    types = {"string": arrow.string(), "int64": arrow.int64(), "timestamp": arrow.timestamp("ms", tz="UTC")}
    schema = arrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    count, source = 0, iter(table)
    with parquet.ParquetWriter(file, schema) as writer:
        while batch := [_with_instants(row) for row in islice(source, _BATCH)]:
            writer.write_table(arrow.Table.from_pylist(batch, schema=schema))
            count += len(batch)
    return count


def _with_instants(row: Row) -> dict[str, Any]:
    return {
        name: (from_text(row[name]) if row[name] else None) if kind == "timestamp" else row[name]
        for name, kind in COLUMNS.items()
    }


WRITERS: Mapping[str, Callable[[Iterable[Row], IO[bytes]], int]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
}


def export(archive: Archive, path: Path, kind: str, filters: Mapping[str, Any]) -> int:
    """Write the recordings that match, the earliest first, to a file. Says how many there are.

    Args:
        archive: Open for reading.
        path: Of the file, which is replaced; `-` is standard output.
        kind: `csv`, `jsonl` or `parquet`.
        filters: As for `Catalogue.recordings`.

    Raises:
        ArchiveError: It takes a package that is not installed.
        InputError: A filter is not valid.
        OSError: The file cannot be written.
    """
    table = rows(archive.catalogue.recordings(order="start:ASC", **filters))
    with _replaced(path) as file:
        return WRITERS[kind](table, file)


@contextmanager
def _replaced(path: Path) -> Generator[IO[bytes]]:
    """A file that takes its place once it is whole."""
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    fresh = path.with_name(f"{path.name}.part")
    try:
        with fresh.open("wb") as file:
            yield file
        fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink()
