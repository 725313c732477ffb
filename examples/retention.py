"""Moves old company recordings out of the account: downloads each, verifies it, and only then deletes it.

    python examples/retention.py --directory /srv/recordings --older-than 90             says what it would do
    python examples/retention.py --directory /srv/recordings --older-than 90 --delete    does it

Without --delete nothing is downloaded or deleted. With it, a recording is deleted only once its file is on
disk under its final name: all of its bytes, as many as the API promised, and audio. One that cannot be had,
or whose size the API does not tell, is kept and reported. The account and the login come from the VBC_*
variables. Exit status: 0 everything went well, 1 it did not.
"""

import argparse
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vbc_call_recording import (
    CallRecordingClient,
    CallRecordingError,
    DownloadResult,
    NotFoundError,
    Paginator,
    Recording,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--directory", type=Path, required=True, help="where the recordings go")
    parser.add_argument("--older-than", type=int, required=True, metavar="DAYS", help="what counts as old")
    parser.add_argument("--delete", action="store_true", help="really download and delete")
    options = parser.parse_args()
    if options.older_than < 1:
        parser.error("--older-than: accepted: 1 or more")
    cutoff = datetime.now(UTC) - timedelta(days=options.older_than)
    try:
        with CallRecordingClient.from_env() as client:
            # Safe while recordings are deleted under it, and while new ones arrive.
            old = client.company_recordings.list(start_lte=cutoff, stable=True, strict=True)
            return move_out(client, old, options.directory) if options.delete else tell(old, cutoff)
    except CallRecordingError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def tell(old: Paginator[Recording], cutoff: datetime) -> int:
    count = size = 0
    for recording in old:
        print(f"would download and delete {recording.id}, of {recording.start:%Y-%m-%d %H:%M}")
        count += 1
        size += recording.file_size_in_bytes or 0
    print(f"dry run: {count} recordings from before {cutoff:%Y-%m-%d}, {size} bytes; --delete does it")
    return 0


def move_out(client: CallRecordingClient, old: Paginator[Recording], folder: Path) -> int:
    deleted = failed = 0
    with closing(client.company_recordings.download_many(old, folder)) as results:
        for result in results:
            reason = reason_to_keep(result)
            if reason is None:
                delete(client, result)
                deleted += 1
            else:
                print(f"kept {result.recording and result.recording.id}: {reason}", file=sys.stderr)
                failed += 1
    print(f"{deleted} recordings downloaded, verified and deleted; {failed} kept because of errors")
    return 1 if failed else 0


def reason_to_keep(result: DownloadResult) -> object | None:
    """Why a recording must not be deleted; None if it is on disk, as large as the API had promised."""
    if result.error or result.path is None or not result.recording:
        return result.error or "it is not on disk"
    promised = result.recording.file_size_in_bytes
    if not promised:
        return f"the API does not tell its size, so nothing proves that {result.path} is all of it"
    size = result.path.stat().st_size
    return None if size == promised else f"{result.path} has {size} bytes instead of {promised}"


def delete(client: CallRecordingClient, result: DownloadResult) -> None:
    recording_id = result.recording.id if result.recording else ""
    with suppress(NotFoundError):  # somebody else was faster
        client.company_recordings.delete(recording_id or "")
    print(f"deleted {recording_id}, kept as {result.path}")


if __name__ == "__main__":
    sys.exit(main())
