"""Recordings as a table: CSV by the standard library, and a DataFrame if pandas is installed.

    python examples/to_csv.py recordings.csv --since 2024-12-01T00:00:00Z

The account comes from `VBC_*` variables, as in quickstart.py.
"""

import argparse
import csv
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vbc_call_recording import CallRecordingClient, Recording, or_none

COLUMNS: tuple[str, ...] = ("id", "start", "seconds", "direction", "caller_id", "dnis", "extensions")


def row(recording: Recording) -> dict[str, object]:
    """A recording as one line of a table. `or_none` is for what the server left out."""
    length, extensions = or_none(recording.duration_time), or_none(recording.extensions)
    return {
        "id": or_none(recording.id),
        "start": or_none(recording.start),
        "seconds": length and length.total_seconds(),
        "direction": or_none(recording.call_direction),
        "caller_id": or_none(recording.caller_id),
        "dnis": or_none(recording.dnis),
        "extensions": " ".join(map(str, extensions or ())),
    }


def write_csv(recordings: Iterable[Recording], path: Path) -> int:
    """One page after the other, so that any number fits into memory."""
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for recording in recordings:
            writer.writerow(row(recording))
            count += 1
    return count


def describe(path: Path) -> str:
    """What pandas makes of the table: calls and minutes a day."""
    pandas: Any = import_module("pandas")
    # Numbers of telephones and extensions are names: +44 and 007 are to stay as they are.
    names = dict.fromkeys(("caller_id", "dnis", "extensions"), "string")
    frame = pandas.read_csv(path, dtype=names, parse_dates=["start"])
    days = frame.groupby(frame["start"].dt.date)["seconds"].agg(["count", "sum"])
    return str(days)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--since", help="only calls that started then or later: ISO 8601 with an offset")
    options = parser.parse_args()
    with CallRecordingClient.from_env() as client:
        calls = client.company_recordings.list(start_gte=options.since, stable=True)
        print(f"{write_csv(calls, options.path)} recordings in {options.path}")
    if find_spec("pandas") is not None:
        print(describe(options.path))


if __name__ == "__main__":
    main()
