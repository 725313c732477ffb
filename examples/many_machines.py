"""An archive that is brought by several machines: with threads, or with the workers of a Dask cluster.

    python examples/many_machines.py /srv/recordings --since 2024-12-30
    python examples/many_machines.py /srv/recordings --since 2024-12-30 --scheduler tcp://scheduler:8786

The folder must be an archive: `vbc-recordings init` makes one. Each worker of a cluster needs this package,
the VBC_* variables of the account, and the archive's folder at the same place, unless the archive is kept in
an object store. The quota is the account's, so no more than `--at-once` units of it are under way at a time,
and each of them takes its share of `--quota`.
"""

import argparse
import sys
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from vbc_call_recording import CallRecordingClient
from vbc_call_recording_archive import Archive, SyncResult
from vbc_call_recording_archive.units import Receipt, Unit, run, sync_with


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="of the archive")
    parser.add_argument("--since", type=datetime.fromisoformat, help="the first day, in UTC")
    parser.add_argument("--scheduler", help="the address of a Dask scheduler; without, threads")
    parser.add_argument("--at-once", type=int, default=1, help="units under way at a time")
    parser.add_argument("--quota", type=int, default=10, help="requests a minute that the account has")
    options = parser.parse_args()
    since = options.since and options.since.replace(tzinfo=UTC)
    with Archive(options.folder, writable=True) as archive, CallRecordingClient.from_env() as client:
        if options.scheduler:
            share = f"{options.quota // options.at_once}/min"
            result = on_a_cluster(archive, client, options.scheduler, options.at_once, share, since)
        else:
            result = sync_with(archive, client, since=since)
    print(f"{result.result}: {result.files} recordings, windows: {result.windows}")
    return 0 if result.result == "ok" else 1


def on_a_cluster(
    archive: Archive,
    client: CallRecordingClient,
    scheduler: str,
    at_once: int,
    share: str,
    since: datetime | None,
) -> SyncResult:
    from distributed import Client, Semaphore

    with Client(scheduler) as cluster:
        turns = Semaphore(max_leases=at_once, name=f"vbc {client.account_id}")
        task = partial(in_turn, turns=turns, share=share)
        # The unit of a worker that dies is done again by another one.
        executor: Executor = cluster.get_executor(pure=False)  # pyright: ignore[reportUnknownMemberType]
        return sync_with(archive, client, executor, task, since=since)


def in_turn(unit: Unit, turns: AbstractContextManager[Any], share: str) -> Receipt:
    """On a worker: do a unit once it is its turn, within its share of the quota."""
    with turns, CallRecordingClient.from_env(rate_limit=share) as client:
        return run(unit, client=client)


if __name__ == "__main__":
    sys.exit(main())
