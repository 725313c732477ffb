"""Archives one day of company recordings and their transcripts, and says so only if everything is there.

    python examples/nightly_archive.py --directory /srv/recordings             yesterday, in UTC
    python examples/nightly_archive.py --directory /srv/recordings --day 2026-11-01

For a scheduler: it can be killed at any moment and started again. The export goes on where it was, files that
are there are not transferred again, and a day that is done is left alone. Recordings and transcripts that the
listings name and the export does not bring are fetched singly. The account and the login come from the VBC_*
variables. Exit status: 0 the day is complete, 1 something is missing or went wrong, 2 the arguments are
wrong: the day is not over, for example.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypedDict

from vbc_call_recording import (
    CallRecordingClient,
    CallRecordingError,
    Export,
    ExportExpiredError,
    ExportFailedError,
    ExportProgress,
    Transcription,
)
from vbc_call_recording_archive import check_export, fetch_missing


class Window(TypedDict):
    start_gte: datetime
    start_lte: datetime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--directory", type=Path, required=True, help="gets a directory for each day")
    parser.add_argument("--day", type=date.fromisoformat, help="in UTC, as 2026-11-01; default: yesterday")
    parser.add_argument(
        "--hours", type=float, default=6.0, help="how long to wait for the export; default: 6"
    )
    options = parser.parse_args()
    today = datetime.now(UTC).date()
    day = options.day or today - timedelta(days=1)
    if day >= today:
        parser.error(f"--day: {day} is not over; accepted: days before {today}, the day it is in UTC")
    try:
        with CallRecordingClient.from_env() as client:
            return archive(client, day, options.directory / day.isoformat(), options.hours * 3600)
    except CallRecordingError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    except OSError as error:
        print(f"cannot write below {options.directory}: {error}", file=sys.stderr)
    return 1


def archive(client: CallRecordingClient, day: date, folder: Path, timeout: float) -> int:
    manifest = folder / "manifest.json"
    if manifest.exists():
        print(f"{day} is archived already: {manifest}")
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    export = fetch(begun(client, day, folder), folder, timeout)
    brought = export.download(folder, extract=True, allow_missing=True)
    report = fetch_missing(client, check_export(client, export, brought), folder)
    fetched = [result.path for result in report.fetched if result.path and not result.error]
    failures = [result.error for result in report.fetched if result.error]
    transcripts, no_transcripts = fetch_transcripts(client, day, folder, brought.extracted)
    print(f"{day}: {len(report.included)} recordings in {len(brought.archives)} archives; ", end="")
    print(f"fetched singly: {len(fetched)} recordings, {len(transcripts)} transcripts")
    for error in failures + no_transcripts:
        print(f"not fetched: {error}", file=sys.stderr)
    if failures or no_transcripts:
        return 1
    files = sorted(str(path.relative_to(folder)) for path in (*brought.extracted, *fetched, *transcripts))
    write(manifest, json.dumps({"day": day.isoformat(), "files": files}, indent=2))
    return 0


def window(day: date) -> Window:
    start = datetime.combine(day, time(), UTC)
    return {"start_gte": start, "start_lte": start + timedelta(days=1, seconds=-1)}


def begun(client: CallRecordingClient, day: date, folder: Path) -> Export:
    """The day's export: the one an earlier run began, or a new one."""
    kept = folder / "export.token"
    if kept.exists():
        return client.export_jobs.resume(kept.read_text("utf-8"))
    export = client.company_recordings.export(include_transcriptions=True, **window(day))
    write(kept, export.token)
    return export


def fetch(export: Export, folder: Path, timeout: float) -> Export:
    """The export once it has ended, asked for again if its archives are gone."""
    wait(export, timeout)
    try:
        export.download(folder)
    except ExportFailedError:
        print("what is missing will be fetched singly", file=sys.stderr)
    except ExportExpiredError:
        print("the export has expired: asking again")
        export = export.reexport()
        write(folder / "export.token", export.token)
        wait(export, timeout)
    return export


def wait(export: Export, timeout: float) -> None:
    """Waits until there is nothing more to wait for; how well it ended, downloading will tell."""
    try:
        export.wait(timeout=timeout, on_progress=show)
    except (ExportFailedError, ExportExpiredError) as error:
        print(error, file=sys.stderr)


def fetch_transcripts(
    client: CallRecordingClient, day: date, folder: Path, extracted: Iterable[Path]
) -> tuple[list[Path], list[CallRecordingError]]:
    """Downloads the transcripts that no archive held: the files, and what went wrong."""
    paths: list[Path] = []
    errors: list[CallRecordingError] = []
    for transcription in transcripts_missing(client, day, extracted):
        try:
            result = client.transcriptions.download(transcription, folder)
        except CallRecordingError as error:
            errors.append(error)
        else:
            paths += [result.path] if result.path else []
    return paths, errors


def transcripts_missing(
    client: CallRecordingClient, day: date, extracted: Iterable[Path]
) -> Iterator[Transcription]:
    """Those that are ready and not there under the recording's name and one more suffix."""
    # How archives name transcripts is not documented: under another name, they are fetched once more.
    held = Counter(path.stem for path in extracted if path.stat().st_size)
    recordings = client.company_recordings.list(strict=True, **window(day))
    names = {recording.id: recording.file_name for recording in recordings}
    for transcription in client.transcriptions.list(transcription_ready=True, strict=True, **window(day)):
        name = str(names.get(transcription.recording_id))
        if not held[name]:
            yield transcription
        held[name] -= 1


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
