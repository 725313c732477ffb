"""The main job, from logging in to a folder full of recordings, with nothing but the public client.

    make demo                       against the sandbox, on this machine
    python examples/quickstart.py   against whatever the VBC_* variables say

The variables are VBC_USERNAME, VBC_PASSWORD, VBC_CLIENT_ID and VBC_CLIENT_SECRET, and VBC_BASE_URL and
VBC_TOKEN_URL for anything but the vendor's own servers. With --delete it also deletes one on-demand
recording, but only in a sandbox.
"""

import argparse
import sys
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from vbc_call_recording import CallRecordingClient, CallRecordingError, ExportProgress, Recording


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="where the files go")
    parser.add_argument("--delete", action="store_true", help="delete one recording, in a sandbox only")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    try:
        with CallRecordingClient.from_env() as client:
            run(client, options.output, delete=options.delete)
    except CallRecordingError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def run(client: CallRecordingClient, folder: Path, *, delete: bool) -> None:
    print(f"API       {client.base_url}")
    newest = next(iter(client.company_recordings.list(limit=1)), None)
    if newest is None or not newest.start:
        print("there are no company recordings")
        return
    month = newest.start - timedelta(days=30)
    calls = walk(client, month)
    if calls:
        download_one(client, calls[0], folder)
    download_transcript(client, month, folder)
    export_month(client, month, folder)
    delete_one(client, asked=delete)
    report(folder)


def walk(client: CallRecordingClient, since: datetime) -> list[Recording]:
    """A few hundred recordings over many pages."""
    calls = client.company_recordings.list(start_gte=since, call_direction="INBOUND", limit=300, page_size=25)
    walked = list(calls)
    minutes = sum(call.duration or 0 for call in walked) / 60_000
    print(
        f"walked    {len(walked)} of {calls.total_items} inbound calls since {since:%Y-%m-%d}, "
        f"{minutes:.0f} minutes in all"
    )
    return walked


def download_one(client: CallRecordingClient, call: Recording, folder: Path) -> None:
    recording = client.company_recordings.get(call)
    print(f"fetched   recording {recording.id}: {recording.cnam}, {(recording.duration or 0) / 1000:.0f} s")
    saved = client.company_recordings.download(recording, folder)
    print(f"saved     {saved.path} ({saved.bytes} bytes)")


def download_transcript(client: CallRecordingClient, since: datetime, folder: Path) -> None:
    ready = client.transcriptions.list(start_gte=since, transcription_ready=True, limit=1)
    for transcription in ready:
        saved = client.transcriptions.download(transcription, folder)
        print(f"saved     {saved.path}, one of {ready.total_items} transcriptions that are ready")


def export_month(client: CallRecordingClient, since: datetime, folder: Path) -> None:
    export = client.company_recordings.export(start_gte=since, include_transcriptions=True)
    print(f"export    {len(export.job_ids)} jobs")
    export.wait(on_progress=show)
    downloaded = export.download(folder, extract=True)
    print(f"unpacked  {len(downloaded.extracted)} files from {len(downloaded.archives)} archives")


def show(progress: ExportProgress) -> None:
    print(f"waiting   {progress.files_completed} of {progress.files_total} files")


def delete_one(client: CallRecordingClient, *, asked: bool) -> None:
    # The real API may be behind 127.0.0.1, too, at the end of a tunnel. So deleting must be asked for.
    if not asked or urlsplit(client.base_url).hostname != "127.0.0.1":
        print("deleted   nothing: that takes --delete and a sandbox")
        return
    for recording in client.on_demand_recordings.list(limit=1):
        client.on_demand_recordings.delete(recording)
        print(f"deleted   on-demand recording {recording.id}")


def report(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    print(f"\n{len(files)} files, {sum(path.stat().st_size for path in files)} bytes, in {folder.resolve()}")


if __name__ == "__main__":
    sys.exit(main())
