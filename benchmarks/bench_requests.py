"""Count the requests that 1,000 recordings cost: a minute may hold only ten of them.

python benchmarks/bench_requests.py
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from vbc_call_recording import CallRecordingClient
from vbc_call_recording_sandbox import Sandbox

RECORDINGS = 1_000
EVERYTHING = {"start_gte": "2000-01-01T00:00:00Z"}


def main() -> int:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    ways: dict[str, Callable[[CallRecordingClient, Path], object]] = {
        "listing, defaults": lambda client, _: list(client.company_recordings.list()),
        "listing, page_size=10": lambda client, _: list(client.company_recordings.list(page_size=10)),
        "listing, stable=True": lambda client, _: list(client.company_recordings.list(stable=True)),
        "export, waited for and downloaded": export,
        "download_many over a listing": lambda client, folder: list(
            client.company_recordings.download_many(client.company_recordings.list(), folder)
        ),
        "download_many over ids": lambda client, folder: list(
            client.company_recordings.download_many(
                [recording.id or 0 for recording in client.company_recordings.list()], folder
            )
        ),
    }
    print(f"{'requests for 1,000 recordings':40}{'requests':>10}{'minutes at 10/min':>20}")
    with Sandbox(recordings=RECORDINGS, on_demand=0) as sandbox:
        for name, way in ways.items():
            sandbox.requests.clear()
            with (
                tempfile.TemporaryDirectory() as folder,
                CallRecordingClient.from_env(sandbox.environment) as client,
            ):
                way(client, Path(folder))
            requests = sum("/api/" in request.path for request in sandbox.requests)
            print(f"{name:40}{requests:>10,}{requests / 10:>20.1f}")
    return 0


def export(client: CallRecordingClient, folder: Path) -> object:
    handle = client.company_recordings.export(start_gte=EVERYTHING["start_gte"])
    handle.wait()
    return handle.download(folder)


if __name__ == "__main__":
    raise SystemExit(main())
