"""Downloads: ours against curl and loops over other clients, which check nothing and sync nothing.

Ours verifies, hashes, and syncs each file to the disk. For the comparison with those who do not, `os.fsync`
is put out of action; beside it stands what it costs.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from benchmarks import file_server
from benchmarks.file_peers import (
    AT_ONCE,
    aiohttp_session,
    curl,
    httpx_client,
    in_tasks,
    measured,
    plan,
    requests_session,
    save_httpx,
    save_requests,
    threaded,
)
from benchmarks.rows import Figures, Goal, Row, Turn, Way, beyond, times
from vbc_call_recording import AccessToken, AsyncCallRecordingClient, CallRecordingClient, Recording


def recordings(url: str) -> list[Recording]:
    addresses, size = plan(url)
    return [
        Recording(id=number, download_url=address, file_size_in_bytes=size)
        for number, address in enumerate(addresses)
    ]


def without_fsync() -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]


@contextmanager
def ours(url: str, *, sync: bool = True, few: bool = False) -> Iterator[Turn]:
    if not sync:
        without_fsync()
    if few:
        url = url.replace(str(2**30), "5000")  # idle, but for opening a connection
    with CallRecordingClient(auth=AccessToken("made-up"), base_url=url) as client:
        calls = client.company_recordings

        def job(folder: Path) -> int:
            results = list(calls.download_many(recordings(url), folder, concurrency=AT_ONCE))
            return sum(each.bytes for each in results)

        yield measured(job)


@contextmanager
def ours_async(url: str, *, sync: bool = True, few: bool = False) -> Iterator[Turn]:
    if not sync:
        without_fsync()
    if few:
        url = url.replace(str(2**30), "5000")  # idle, but for opening a connection
    with asyncio.Runner() as runner:
        client = AsyncCallRecordingClient(auth=AccessToken("made-up"), base_url=url)
        calls = client.company_recordings

        async def everything(folder: Path) -> int:
            results = calls.download_many(recordings(url), folder, concurrency=AT_ONCE)
            return sum([each.bytes async for each in results])

        yield measured(lambda folder: runner.run(everything(folder)))
        runner.run(client.aclose())


PARALLEL: dict[str, Way] = {
    "curl --parallel": partial(curl, options=["--parallel", "--parallel-max", str(AT_ONCE)]),
    "aiohttp, 8 tasks": in_tasks(aiohttp_session),
    "httpx, 8 threads": threaded(httpx.Client, save_httpx),
    "requests, 8 threads": threaded(requests_session, save_requests),
    "async httpx, 8 tasks": in_tasks(httpx_client),
}
OURS: dict[str, Way] = {
    "ours": ours,
    "ours, no fsync": partial(ours, sync=False),
    "ours async": ours_async,
    "ours async, no fsync": partial(ours_async, sync=False),
}
SYNCED = "httpx, 8 threads, fsync"


def as_fast(ours: str, peer: str) -> Callable[[Figures], float]:
    """How many times as fast as the peer ours is."""
    return lambda figures: figures[peer] / figures[ours]


def as_fast_as_curl(least: float, peer: str = "curl --parallel") -> list[Goal]:
    return [
        Goal(f"≥ {least} × {peer}, {way}", as_fast(way, peer), least=least)
        for way in ("ours, no fsync", "ours async, no fsync")
    ]


ROWS = [
    Row(
        "200 files of 1 MiB, 0 ms",
        PARALLEL | OURS,
        as_fast_as_curl(0.5),
        path=f"/0/{2**20}/200",
        expects=200 * 2**20,
        server=file_server.running,
        quick=["httpx, 8 threads", "ours, no fsync", "ours async, no fsync"],
    ),
    Row(
        "200 files of 1 MiB, 20 ms",
        PARALLEL | OURS,
        as_fast_as_curl(1.2),
        by="wall",
        path=f"/20/{2**20}/200",
        expects=200 * 2**20,
        server=file_server.running,
    ),
    Row(
        "3,000 files of 5 kB, 0 ms",
        {SYNCED: threaded(httpx.Client, save_httpx, sync=True)} | PARALLEL | OURS,
        [
            Goal(f"≥ 1.0 × {SYNCED}", as_fast("ours", SYNCED), least=1.0),
            Goal("async ≤ 1.2 × sync", times("ours async", "ours"), most=1.2),
        ],
        path="/0/5000/3000",
        expects=3_000 * 5_000,
        server=file_server.running,
    ),
    Row(
        "one file of 1 GiB, 0 ms",
        {"curl": curl, "httpx": threaded(httpx.Client, save_httpx)} | OURS,
        as_fast_as_curl(0.8, "curl"),
        by="wall",
        path=f"/0/{2**30}/1",
        expects=2**30,
        server=file_server.running,
    ),
    Row(
        "memory of one file of 1 GiB",
        {
            "idle": partial(ours, few=True),
            "ours": ours,
            "idle async": partial(ours_async, few=True),
            "ours async": ours_async,
        },
        [
            Goal("≤ 16 MiB over idle", beyond("ours", "idle"), most=16, unit="MiB"),
            Goal("≤ 16 MiB over idle, async", beyond("ours async", "idle async"), most=16, unit="MiB"),
        ],
        by="peak",
        path=f"/0/{2**30}/1",
        turns=1,
        fresh=True,
        server=file_server.running,
    ),
]
