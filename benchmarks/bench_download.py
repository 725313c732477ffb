"""Peak memory and speed of downloads: one file of a gigabyte, and thousands of small ones.

    python benchmarks/bench_download.py            about a minute; needs 1.2 GB of disk for the while
    python benchmarks/bench_download.py --quick    a tenth of it

Every row is a process of its own, against a sandbox in another one, so that the peak is the client's alone.
The first row is the memory of a process that only imports the client and opens a connection: what a download
adds to that is its cost. Exit status 1 if any adds more than the limit.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient
from vbc_call_recording_sandbox import Sandbox

LIMIT = 20 * 2**20  # bytes a download may add to the peak; a buffered file of any size shows at once


def idle(client: CallRecordingClient, folder: Path, what: int) -> int:
    client.company_recordings.get(what)
    return 0


def one(client: CallRecordingClient, folder: Path, what: int) -> int:
    return client.company_recordings.download(what, folder).bytes


def many(client: CallRecordingClient, folder: Path, what: int) -> int:
    listing = client.company_recordings.list(duration_lte=10**9, limit=what, page_size=200)
    return sum(result.bytes for result in client.company_recordings.download_many(listing, folder))


async def one_async(client: AsyncCallRecordingClient, folder: Path, what: int) -> int:
    return (await client.company_recordings.download(what, folder)).bytes


async def many_async(client: AsyncCallRecordingClient, folder: Path, what: int) -> int:
    listing = client.company_recordings.list(duration_lte=10**9, limit=what, page_size=200)
    results = client.company_recordings.download_many(listing, folder)
    return sum([result.bytes async for result in results])


SYNC: dict[str, Callable[[CallRecordingClient, Path, int], int]] = {"idle": idle, "one": one, "many": many}


def measure(job: str, folder: Path, what: int) -> dict[str, float]:
    """What one job costs this process."""
    if job in SYNC:
        with CallRecordingClient.from_env() as client:
            started = time.perf_counter()
            size = SYNC[job](client, folder, what)
    else:
        started = time.perf_counter()
        size = asyncio.run(_measure_async(job, folder, what))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"bytes": size, "seconds": seconds, "peak": peak}


async def _measure_async(job: str, folder: Path, what: int) -> int:
    async with AsyncCallRecordingClient.from_env() as client:
        return await (one_async if job == "one_async" else many_async)(client, folder, what)


def run(sandbox: Sandbox, job: str, what: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--job", job, "--what", str(what), "--folder", folder]
        env = os.environ | sandbox.environment
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size and number")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    parser.add_argument("--what", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        print(json.dumps(measure(options.job, options.folder, options.what)))
        return 0
    size, count = (2**30 // 10, 300) if options.quick else (2**30, 3_000)
    with Sandbox(recordings=count) as sandbox:
        big = sandbox.store.put(
            replace(sandbox.store.company()[0], id=sandbox.store.new_id(), size=size, duration=2**40)
        )
        jobs = [
            ("idle", big.id),
            ("one", big.id),
            ("one_async", big.id),
            ("many", count),
            ("many_async", count),
        ]
        rows = {job: run(sandbox, job, what) for job, what in jobs}
    return table(rows)


def table(rows: dict[str, dict[str, float]]) -> int:
    base = rows["idle"]["peak"]
    print(f"{'job':<12}{'MB':>10}{'s':>8}{'MB/s':>8}{'peak MiB':>10}{'added MiB':>11}")
    for job, row in rows.items():
        size, seconds, peak = row["bytes"] / 1e6, row["seconds"], row["peak"] / 2**20
        added = peak - base / 2**20
        print(f"{job:<12}{size:>10.1f}{seconds:>8.1f}{size / seconds:>8.0f}{peak:>10.1f}{added:>11.1f}")
    return int(any(row["peak"] - base > LIMIT for row in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
