"""The main job, from logging in to a folder full of recordings, with nothing but the public async client.

    python -m scripts.demo async_quickstart   against the sandbox, on this machine
    python examples/async_quickstart.py       against whatever the VBC_* variables say

The variables are VBC_USERNAME, VBC_PASSWORD, VBC_CLIENT_ID and VBC_CLIENT_SECRET, and VBC_BASE_URL and
VBC_TOKEN_URL for anything but the vendor's own servers. With --delete it also deletes one on-demand
recording, but only in a sandbox.
"""

import argparse
import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from vbc_call_recording import AsyncCallRecordingClient, CallRecordingError, ExportProgress, Recording


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="where the files go")
    parser.add_argument("--delete", action="store_true", help="delete one recording, in a sandbox only")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    return asyncio.run(run_from_env(options.output, delete=options.delete))


async def run_from_env(folder: Path, *, delete: bool) -> int:
    status = 0
    try:
        async with AsyncCallRecordingClient.from_env() as client:
            await run(client, folder, delete=delete)
    except* CallRecordingError as errors:
        for error in errors.exceptions:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        status = 1
    return status


async def run(client: AsyncCallRecordingClient, folder: Path, *, delete: bool) -> None:
    print(f"API       {client.base_url}")
    newest = [recording async for recording in client.company_recordings.list(limit=1)]
    if not newest or not newest[0].start:
        print("there are no company recordings")
        return
    month = newest[0].start - timedelta(days=30)
    calls = await walk(client, month)
    # An export takes the server a while: time for everything else.
    async with asyncio.TaskGroup() as group:
        group.create_task(export_month(client, month, folder))
        group.create_task(download_few(client, calls[:5], folder))
        group.create_task(download_transcript(client, month, folder))
    await delete_one(client, asked=delete)
    report(folder)


async def walk(client: AsyncCallRecordingClient, since: datetime) -> list[Recording]:
    """A few hundred recordings over many pages."""
    calls = client.company_recordings.list(start_gte=since, call_direction="INBOUND", limit=300, page_size=25)
    walked = [call async for call in calls]
    minutes = sum(call.duration or 0 for call in walked) / 60_000
    print(
        f"walked    {len(walked)} of {calls.total_items} inbound calls since {since:%Y-%m-%d}, "
        f"{minutes:.0f} minutes in all"
    )
    return walked


async def download_few(client: AsyncCallRecordingClient, calls: list[Recording], folder: Path) -> None:
    """Fetches some recordings, all at once, and downloads them, each reported as soon as it is there."""
    recordings = await asyncio.gather(*[client.company_recordings.get(call) for call in calls])
    for recording in recordings:
        seconds = (recording.duration or 0) / 1000
        print(f"fetched   recording {recording.id}: {recording.cnam}, {seconds:.0f} s")
    async for result in client.company_recordings.download_many(recordings, folder, concurrency=3):
        if result.error:
            raise result.error
        print(f"saved     {result.path} ({result.bytes} bytes)")


async def download_transcript(client: AsyncCallRecordingClient, since: datetime, folder: Path) -> None:
    ready = client.transcriptions.list(start_gte=since, transcription_ready=True, limit=1)
    async for transcription in ready:
        saved = await client.transcriptions.download(transcription, folder)
        print(f"saved     {saved.path}, one of {ready.total_items} transcriptions that are ready")


async def export_month(client: AsyncCallRecordingClient, since: datetime, folder: Path) -> None:
    export = await client.company_recordings.export(start_gte=since, include_transcriptions=True)
    print(f"export    {len(export.job_ids)} jobs")
    await export.wait(on_progress=show)
    downloaded = await export.download(folder, extract=True)
    print(f"unpacked  {len(downloaded.extracted)} files from {len(downloaded.archives)} archives")


def show(progress: ExportProgress) -> None:
    print(f"waiting   {progress.files_completed} of {progress.files_total} files")


async def delete_one(client: AsyncCallRecordingClient, *, asked: bool) -> None:
    # The real API may be behind 127.0.0.1, too, at the end of a tunnel. So deleting must be asked for.
    if not asked or urlsplit(client.base_url).hostname != "127.0.0.1":
        print("deleted   nothing: that takes --delete and a sandbox")
        return
    async for recording in client.on_demand_recordings.list(limit=1):
        await client.on_demand_recordings.delete(recording)
        print(f"deleted   on-demand recording {recording.id}")


def report(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    print(f"\n{len(files)} files, {sum(path.stat().st_size for path in files)} bytes, in {folder.resolve()}")


if __name__ == "__main__":
    sys.exit(main())
