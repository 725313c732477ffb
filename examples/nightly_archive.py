"""Archives one day of company recordings and their transcripts, and says so only if everything is there.

    python examples/nightly_archive.py --directory /srv/recordings             yesterday, in UTC
    python examples/nightly_archive.py --directory /srv/recordings --day 2026-11-01

For a scheduler: it can be killed at any moment and started again. The export goes on where it was, files that
are there are not transferred again, and a day that is done is left alone. The account and the login come from
the VBC_* variables. Exit status: 0 the day is complete, 1 something is missing or went wrong.
"""

import argparse
import json
import os
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from vbc_call_recording import (
    CallRecordingClient,
    CallRecordingError,
    Export,
    ExportDownload,
    ExportExpiredError,
    ExportFailedError,
    ExportProgress,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--directory", type=Path, required=True, help="gets a directory for each day")
    parser.add_argument("--day", type=date.fromisoformat, help="in UTC, as 2026-11-01; default: yesterday")
    parser.add_argument(
        "--hours", type=float, default=6.0, help="how long to wait for the export; default: 6"
    )
    options = parser.parse_args()
    day = options.day or datetime.now(UTC).date() - timedelta(days=1)
    try:
        with CallRecordingClient.from_env() as client:
            return archive(client, day, options.directory / day.isoformat(), options.hours * 3600)
    except CallRecordingError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def archive(client: CallRecordingClient, day: date, folder: Path, timeout: float) -> int:
    manifest = folder / "manifest.json"
    if manifest.exists():
        print(f"{day} is archived already: {manifest}")
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    brought = fetch(begun(client, day, folder), folder, timeout)
    report = brought.report
    files = [*brought.extracted, *(result.path for result in report.fetched if result.path)]
    print(f"{day}: {len(report.included or ())} recordings in {len(brought.archives)} archives, ", end="")
    print(f"{len(report.missing or ())} missing there, {len(report.fetched)} of them fetched singly")
    for result in report.fetched:
        if result.error:
            print(f"not fetched: {result.error}", file=sys.stderr)
    if not report.complete:
        return 1
    listed = sorted(str(path.relative_to(folder)) for path in files)
    write(manifest, json.dumps({"day": day.isoformat(), "files": listed}, indent=2))
    return 0


def begun(client: CallRecordingClient, day: date, folder: Path) -> Export:
    """The day's export: the one an earlier run began, or a new one."""
    kept = folder / "export.token"
    if kept.exists():
        return client.export_jobs.resume(kept.read_text("utf-8"))
    start = datetime.combine(day, time(), UTC)
    end = start + timedelta(days=1, seconds=-1)
    export = client.company_recordings.export(include_transcriptions=True, start_gte=start, start_lte=end)
    write(kept, export.token)
    return export


def fetch(export: Export, folder: Path, timeout: float) -> ExportDownload:
    try:
        wait(export, timeout)
        return export.download(folder, extract=True, fetch_missing=True)
    except ExportExpiredError:
        print("the export has expired: asking again")
        export = export.reexport()
        write(folder / "export.token", export.token)
        wait(export, timeout)
        return export.download(folder, extract=True, fetch_missing=True)


def wait(export: Export, timeout: float) -> None:
    try:
        export.wait(timeout=timeout, on_progress=show)
    except ExportFailedError as error:
        print(f"{error}; what is missing will be fetched singly", file=sys.stderr)


def show(progress: ExportProgress) -> None:
    print(f"waiting: {progress}", flush=True)


def write(path: Path, text: str) -> None:
    """Writes a small file so that it is there whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(path)


if __name__ == "__main__":
    sys.exit(main())
