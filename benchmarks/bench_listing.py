"""How long a listing takes, how many requests and how much memory: ours against plain loops.

    python benchmarks/bench_listing.py            a few minutes, most of them measuring memory
    python benchmarks/bench_listing.py --quick    a few seconds, to see that it works

All ways take turns against the same server on this machine, which answers after a given latency; the best of
several turns counts. Memory is the peak of what Python allocates during a listing.
"""

import argparse
import asyncio
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import count
from typing import Any

import httpx
from canned_server import running

from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient
from vbc_call_recording_generated.api.company_recordings import list_company_recordings
from vbc_call_recording_generated.client import AuthenticatedClient

SIZE = 100
PATH = "/api/accounts/self/company_call_recordings"

Walk = Callable[[], int]
"""Goes through a listing and returns the number of recordings."""
Way = Callable[[str], AbstractContextManager[Walk]]
"""Sets up a client for a base URL, outside of what is measured."""


@contextmanager
def dicts(url: str) -> Iterator[Walk]:
    """The loop anybody would write first."""
    with httpx.Client(base_url=url) as client:

        def walk() -> int:
            walked = 0
            for number in count(1):
                page = client.get(PATH, params={"page": number, "page_size": SIZE}).json()
                walked += len(page["_embedded"]["recordings"])
                if number >= page["total_pages"]:
                    return walked
            raise AssertionError

        yield walk


@contextmanager
def dicts_threaded(url: str) -> Iterator[Walk]:
    """What is possible for somebody who knows the API: nothing is parsed or checked, and nothing fails."""
    with httpx.Client(base_url=url) as client, ThreadPoolExecutor(8) as pool:

        def fetch(number: int) -> Any:
            return client.get(PATH, params={"page": number, "page_size": SIZE}).json()

        def walk() -> int:
            first = fetch(1)
            pages = [first, *pool.map(fetch, range(2, first["total_pages"] + 1))]
            return sum(len(page["_embedded"]["recordings"]) for page in pages)

        yield walk


@contextmanager
def generated(url: str) -> Iterator[Walk]:
    """The same loop over the generated function."""
    with AuthenticatedClient(base_url=url, token="t") as client:

        def walk() -> int:
            walked = 0
            for number in count(1):
                page = list_company_recordings.sync("self", client=client, page=number, page_size=SIZE)
                assert page is not None
                assert page.hal_embedded
                walked += len(page.hal_embedded.recordings or ())
                if number >= (page.total_pages or 0):
                    return walked
            raise AssertionError

        yield walk


@contextmanager
def ours(url: str, **options: Any) -> Iterator[Walk]:
    with CallRecordingClient(auth="t", base_url=url) as client:
        yield lambda: sum(1 for _ in client.company_recordings.list(page_size=SIZE, **options))


@contextmanager
def ours_async(url: str, **options: Any) -> Iterator[Walk]:
    with asyncio.Runner() as runner:
        client = AsyncCallRecordingClient(auth="t", base_url=url)

        async def walk() -> int:
            walked = 0
            async for _ in client.company_recordings.list(page_size=SIZE, **options):
                walked += 1
            return walked

        yield lambda: runner.run(walk())
        runner.run(client.aclose())


@contextmanager
def dicts_async(url: str) -> Iterator[Walk]:
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(base_url=url)

        async def walk() -> int:
            walked = 0
            for number in count(1):
                answer = await client.get(PATH, params={"page": number, "page_size": SIZE})
                page = answer.json()
                walked += len(page["_embedded"]["recordings"])
                if number >= page["total_pages"]:
                    return walked
            raise AssertionError

        yield lambda: runner.run(walk())
        runner.run(client.aclose())


WAYS: dict[str, Way] = {
    "httpx loop, dicts": dicts,
    "generated function, loop": generated,
    "ours, prefetch=0": partial(ours, prefetch=0),
    "ours, default": ours,
    "ours, prefetch=8": partial(ours, prefetch=8),
    "httpx, 8 threads, dicts": dicts_threaded,
    "async httpx loop, dicts": dicts_async,
    "ours async, prefetch=0": partial(ours_async, prefetch=0),
    "ours async, default": ours_async,
    "ours async, prefetch=8": partial(ours_async, prefetch=8),
}
MEASURED_IN_MEMORY: dict[str, Way] = {
    "httpx loop, dicts": dicts,
    "ours, default": ours,
    "ours async, default": ours_async,
    "ours, stable=True": partial(ours, stable=True),
}


def seconds(way: Way, url: str, recordings: int) -> float:
    with way(url) as walk:
        started = time.perf_counter()
        walked = walk()
        spent = time.perf_counter() - started
    if walked != recordings:
        raise SystemExit(f"{walked} recordings instead of {recordings}")
    return spent


def measure_time(server: str, pages: int, latencies: list[int], turns: int) -> None:
    recordings = pages * SIZE
    print(f"\nSeconds for {pages} pages of {SIZE} (and times as fast as the httpx loop), best of {turns}:\n")
    print("| way | requests |" + "".join(f" {latency} ms |" for latency in latencies))
    print("|---|--:|" + "--:|" * len(latencies))
    best = {name: [float("inf")] * len(latencies) for name in WAYS}
    requests = dict.fromkeys(WAYS, 0)
    for column, latency in enumerate(latencies):
        for _ in range(turns):
            for name, way in WAYS.items():
                url = f"{server}/{latency}/{recordings}"
                best[name][column] = min(best[name][column], seconds(way, url, recordings))
                requests[name] = int(httpx.get(f"{server}/requests").text)
    base = best["httpx loop, dicts"]
    for name, row in best.items():
        cells = [f" {spent:.2f} ({first / spent:.1f}) |" for spent, first in zip(row, base, strict=True)]
        print(f"| {name} | {requests[name]} |" + "".join(cells))


def measure_memory(server: str, sizes: list[int]) -> None:
    print("\nPeak MiB allocated during a listing:\n")
    print("| way |" + "".join(f" {size:,} recordings |" for size in sizes))
    print("|---|" + "--:|" * len(sizes))
    for name, way in MEASURED_IN_MEMORY.items():
        peaks = [peak(way, f"{server}/0/{size}") for size in sizes]
        print(f"| {name} |" + "".join(f" {each / 2**20:.1f} |" for each in peaks))


def peak(way: Way, url: str) -> int:
    with way(url) as walk:
        tracemalloc.start()
        walk()
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return highest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, one turn")
    quick = parser.parse_args().quick
    with running() as server:
        measure_time(server, 5 if quick else 200, [0, 1] if quick else [0, 5, 20], 1 if quick else 3)
        measure_memory(server, [200, 400] if quick else [20_000, 200_000])


if __name__ == "__main__":
    main()
