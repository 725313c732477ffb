"""How many requests 1,000 recordings cost. An application may make ten a minute, or what its quota says."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.rows import Row, Sample, Turn, Way, no_server

RECORDINGS = 1_000
Client = Any


@contextmanager
def counted(_: str, *, way: Callable[[Client, Path], object], recordings: int = RECORDINGS) -> Iterator[Turn]:
    from vbc_call_recording import CallRecordingClient
    from vbc_call_recording_sandbox import Sandbox

    with (
        Sandbox(recordings=recordings, on_demand=0) as sandbox,
        tempfile.TemporaryDirectory() as folder,
        CallRecordingClient.from_env(sandbox.environment) as client,
    ):

        def turn() -> Sample:
            sandbox.requests.clear()
            way(client, Path(folder))
            return Sample(1, requests=sum("/api/" in request.path for request in sandbox.requests))

        yield turn


def listed(client: Client, _: Path, **options: Any) -> object:
    return list(client.company_recordings.list(**options))


def exported(client: Client, folder: Path) -> object:
    handle = client.company_recordings.export(start_gte="2000-01-01T00:00:00Z")
    handle.wait()
    return handle.download(folder)


def downloaded(client: Client, folder: Path) -> object:
    return list(client.company_recordings.download_many(client.company_recordings.list(), folder))


def downloaded_by_id(client: Client, folder: Path) -> object:
    ids = [recording.id for recording in client.company_recordings.list()]
    return list(client.company_recordings.download_many(ids, folder))


WAYS: dict[str, Way] = {
    name: partial(counted, way=way)
    for name, way in {
        "listing, defaults": listed,
        "listing, page_size=10": partial(listed, page_size=10),
        "listing, stable=True": partial(listed, stable=True),
        "export, waited for and downloaded": exported,
        "download_many over a listing": downloaded,
        "download_many over ids": downloaded_by_id,
    }.items()
}
ROWS = [Row("requests for 1,000 recordings", WAYS, by="requests", server=no_server, turns=1, fresh=True)]
