"""What others bring files with: curl, and loops over httpx, requests and aiohttp as anybody would write them.

They write what comes to files, and check nothing.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from benchmarks.rows import Sample, Turn, Way
from benchmarks.worker import processor_time

AT_ONCE = 8
CHUNK = 64 * 1024

Save = Callable[[str, Path], int]
"""Writes what an address sends to a file, and returns how many bytes there were."""
AsyncSave = Callable[[str, Path], Awaitable[int]]
Job = Callable[[Path], int]
"""Brings everything into an empty directory, and returns how many bytes there are."""


def plan(url: str) -> tuple[list[str], int]:
    """The addresses that a URL `…/{latency}/{bytes}/{number of files}` stands for, and the bytes of each."""
    base, count = url.rsplit("/", 1)
    return [f"{base}/{number}" for number in range(int(count))], int(base.rsplit("/", 1)[1])


def measured(job: Job) -> Turn:
    """Into a new directory each time. Making and removing it does not count."""

    def turn() -> Sample:
        os.sync()
        with tempfile.TemporaryDirectory() as folder:
            before, wall = processor_time(), time.perf_counter()
            done = job(Path(folder))
            return Sample(done, cpu=processor_time() - before, wall=time.perf_counter() - wall)

    return turn


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def curl(url: str, *, options: Sequence[str] = ()) -> Iterator[Turn]:
    addresses, _ = plan(url)
    if shutil.which("curl") is None:
        raise FileNotFoundError("curl")

    def job(folder: Path) -> int:
        config = folder / "curl.config"
        files = [f'url = "{each}"\noutput = "{folder}/{number}"\n' for number, each in enumerate(addresses)]
        config.write_text("".join(files))
        run("curl", "--silent", "--no-progress-meter", "--show-error", *options, "--config", str(config))
        return sum(path.stat().st_size for path in folder.iterdir() if path != config)

    yield measured(job)


def threaded(make: Callable[[], Any], save: Callable[[Any, str, Path], int], *, sync: bool = False) -> Way:
    """A pool of threads over one client or session, as anybody would write it."""

    @contextmanager
    def way(url: str) -> Iterator[Turn]:
        addresses, _ = plan(url)
        with make() as client, ThreadPoolExecutor(AT_ONCE) as pool:

            def one(folder: Path, address: str) -> int:
                path = folder / address.rsplit("/", 1)[1]
                size = save(client, address, path)
                if sync:
                    with path.open("rb") as file:
                        os.fsync(file.fileno())
                return size

            yield measured(lambda folder: sum(pool.map(partial(one, folder), addresses)))

    return way


def save_httpx(client: httpx.Client, address: str, path: Path) -> int:
    with client.stream("GET", address) as response, path.open("wb") as file:
        return sum(map(file.write, response.iter_raw()))


def requests_session() -> Any:
    import requests
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    session.mount("http://", HTTPAdapter(pool_maxsize=AT_ONCE))
    return session


def save_requests(session: Any, address: str, path: Path) -> int:
    with session.get(address, stream=True) as response, path.open("wb") as file:
        return sum(map(file.write, response.iter_content(CHUNK)))


def in_tasks(make: Callable[[], AbstractAsyncContextManager[AsyncSave]]) -> Way:
    """At most eight tasks over one client or session, writing where they stand."""

    @contextmanager
    def way(url: str) -> Iterator[Turn]:
        addresses, _ = plan(url)
        with asyncio.Runner() as runner:
            context = make()
            save = runner.run(context.__aenter__())

            async def everything(folder: Path) -> int:
                turns = asyncio.Semaphore(AT_ONCE)

                async def one(address: str) -> int:
                    async with turns:
                        return await save(address, folder / address.rsplit("/", 1)[1])

                return sum(await asyncio.gather(*map(one, addresses)))

            yield measured(lambda folder: runner.run(everything(folder)))
            runner.run(context.__aexit__(None, None, None))

    return way


@asynccontextmanager
async def aiohttp_session() -> AsyncIterator[AsyncSave]:
    import aiohttp

    async with aiohttp.ClientSession() as session:

        async def save(address: str, path: Path) -> int:
            async with session.get(address) as response:
                with path.open("wb") as file:
                    return sum([file.write(chunk) async for chunk in response.content.iter_any()])

        yield save


@asynccontextmanager
async def httpx_client() -> AsyncIterator[AsyncSave]:
    async with httpx.AsyncClient() as client:

        async def save(address: str, path: Path) -> int:
            async with client.stream("GET", address) as response:
                with path.open("wb") as file:
                    return sum([file.write(chunk) async for chunk in response.aiter_raw()])

        yield save
