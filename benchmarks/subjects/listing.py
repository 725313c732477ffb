"""Listing 20,000 recordings in 200 pages: ours against what people would use instead.

Without latency, processor time counts: the server has a core of its own, but there may be other work to do.
With 20 ms of latency, time on the clock does.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any

from benchmarks.rows import Goal, Row, Turn, Way, times

RECORDINGS, SIZE = 20_000, 100
PAGES = RECORDINGS // SIZE
PATH = "/api/accounts/self/company_call_recordings"

# What people would write. Each knows the API: nothing is checked, and nothing can fail.


def looped(fetch: Callable[[int], Any]) -> int:
    """Page by page, as each says how many there are."""
    walked = 0
    for number in count(1):
        page = fetch(number)
        walked += len(page["_embedded"]["recordings"])
        if number >= page["total_pages"]:
            break
    return walked


async def looped_async(fetch: Callable[[int], Awaitable[Any]]) -> int:
    walked = 0
    for number in count(1):
        page = await fetch(number)
        walked += len(page["_embedded"]["recordings"])
        if number >= page["total_pages"]:
            break
    return walked


def query(number: int) -> dict[str, int]:
    return {"page": number, "page_size": SIZE}


@contextmanager
def httpx_dicts(url: str) -> Iterator[Turn]:
    import httpx

    with httpx.Client(base_url=url) as client:
        yield lambda: looped(lambda number: client.get(PATH, params=query(number)).json())


@contextmanager
def httpx_threads(url: str) -> Iterator[Turn]:
    import httpx

    with httpx.Client(base_url=url) as client, ThreadPoolExecutor(8) as pool:

        def fetch(number: int) -> Any:
            return client.get(PATH, params=query(number)).json()

        def turn() -> int:
            first = fetch(1)
            pages = [first, *pool.map(fetch, range(2, first["total_pages"] + 1))]
            return sum(len(page["_embedded"]["recordings"]) for page in pages)

        yield turn


@contextmanager
def requests_dicts(url: str) -> Iterator[Turn]:
    import requests

    with requests.Session() as session:
        yield lambda: looped(lambda number: session.get(url + PATH, params=query(number)).json())


@contextmanager
def httpx_pydantic(url: str) -> Iterator[Turn]:
    import httpx

    from benchmarks.pydantic_models import Page

    with httpx.Client(base_url=url) as client:

        def turn() -> int:
            walked = 0
            for number in count(1):
                page = Page.model_validate_json(client.get(PATH, params=query(number)).content)
                walked += len(page.embedded.recordings)
                if number >= page.total_pages:
                    break
            return walked

        yield turn


@contextmanager
def stock(url: str) -> Iterator[Turn]:
    from stock.api.company_recordings import list_company_recordings as operation
    from stock.client import AuthenticatedClient

    with AuthenticatedClient(base_url=url, token="t") as client:

        def turn() -> int:
            walked = 0
            for number in count(1):
                page = operation.sync("self", client=client, page=number, page_size=SIZE)
                walked += len(page.hal_embedded.recordings)
                if number >= page.total_pages:
                    break
            return walked

        yield turn


@contextmanager
def openapi_generator(url: str) -> Iterator[Turn]:
    from openapi_generator import ApiClient, CompanyRecordingsApi, Configuration

    with ApiClient(Configuration(host=url, access_token="t")) as client:
        api = CompanyRecordingsApi(client)

        def turn() -> int:
            walked = 0
            for number in count(1):
                page = api.list_company_recordings("self", page=number, page_size=SIZE)
                walked += len(page.embedded.recordings)
                if number >= page.total_pages:
                    break
            return walked

        yield turn


@contextmanager
def async_httpx(url: str, *, orjson: bool = False) -> Iterator[Turn]:
    import httpx

    loads = fast_json() if orjson else None
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(base_url=url)

        async def fetch(number: int) -> Any:
            answer = await client.get(PATH, params=query(number))
            return loads(answer.content) if loads else answer.json()

        yield lambda: runner.run(looped_async(fetch))
        runner.run(client.aclose())


@contextmanager
def aiohttp_orjson(url: str, *, at_a_time: int = 1) -> Iterator[Turn]:
    import aiohttp

    loads = fast_json()
    with asyncio.Runner() as runner:

        async def begin() -> aiohttp.ClientSession:
            return aiohttp.ClientSession()

        session = runner.run(begin())
        turns = asyncio.Semaphore(at_a_time)

        async def fetch(number: int) -> Any:
            async with turns, session.get(url + PATH, params=query(number)) as answer:
                return loads(await answer.read())

        async def at_once() -> int:
            first = await fetch(1)
            others = await asyncio.gather(*map(fetch, range(2, first["total_pages"] + 1)))
            return sum(len(page["_embedded"]["recordings"]) for page in (first, *others))

        yield lambda: runner.run(looped_async(fetch) if at_a_time == 1 else at_once())
        runner.run(session.close())


def fast_json() -> Callable[[bytes], Any]:
    import orjson

    return orjson.loads


# Ours, with everything it does: typed, checked, retried, nothing twice.


@contextmanager
def ours(url: str, *, orjson: bool = True, **options: Any) -> Iterator[Turn]:
    without(orjson)
    from vbc_call_recording import CallRecordingClient

    with CallRecordingClient(auth="t", base_url=url) as client:
        yield lambda: sum(1 for _ in client.company_recordings.list(page_size=SIZE, **options))


@contextmanager
def ours_async(url: str, *, orjson: bool = True, **options: Any) -> Iterator[Turn]:
    without(orjson)
    from vbc_call_recording import AsyncCallRecordingClient

    with asyncio.Runner() as runner:
        client = AsyncCallRecordingClient(auth="t", base_url=url)

        async def walk() -> int:
            walked = 0
            async for _ in client.company_recordings.list(page_size=SIZE, **options):
                walked += 1
            return walked

        yield lambda: runner.run(walk())
        runner.run(client.aclose())


def without(orjson: bool) -> None:
    """As if it were not installed, unless it is wanted."""
    if orjson:
        pass
    else:
        sys.modules["orjson"] = None  # type: ignore[assignment]


ONE_AT_A_TIME: dict[str, Way] = {
    "httpx dicts": httpx_dicts,
    "requests dicts": requests_dicts,
    "aiohttp + orjson dicts": aiohttp_orjson,
    "async httpx dicts": async_httpx,
    "async httpx + orjson dicts": partial(async_httpx, orjson=True),
    "httpx + pydantic": httpx_pydantic,
    "stock generated": stock,
    "openapi-generator": openapi_generator,
    "ours": partial(ours, prefetch=0),
    "ours, without orjson": partial(ours, prefetch=0, orjson=False),
    "ours, default options": ours,
    "ours async": partial(ours_async, prefetch=0),
    "ours async, without orjson": partial(ours_async, prefetch=0, orjson=False),
    "ours async, default options": ours_async,
}
WITH_LATENCY: dict[str, Way] = {
    "httpx dicts": httpx_dicts,
    "httpx dicts, 8 threads": httpx_threads,
    "aiohttp + orjson dicts, 8 at a time": partial(aiohttp_orjson, at_a_time=8),
    "ours, default options": ours,
    "ours, prefetch=8": partial(ours, prefetch=8),
    "ours async, default options": ours_async,
    "ours async, prefetch=8": partial(ours_async, prefetch=8),
}
EIGHT = "aiohttp + orjson dicts, 8 at a time"
ROWS = [
    Row(
        "list 20,000, 0 ms",
        ONE_AT_A_TIME,
        path=f"/0/{RECORDINGS}",
        expects=RECORDINGS,
        quick=("httpx dicts", "ours"),
        goals=[
            Goal("sync ≤ 1.0 × httpx dicts", times("ours", "httpx dicts"), most=1.0),
            Goal("sync ≤ 0.6 × stock generated", times("ours", "stock generated"), most=0.6),
            Goal("sync ≤ 0.35 × openapi-generator", times("ours", "openapi-generator"), most=0.35),
            Goal("async ≤ 1.0 × async httpx dicts", times("ours async", "async httpx dicts"), most=1.0),
        ],
    ),
    Row(
        "list 20,000, 20 ms",
        WITH_LATENCY,
        by="wall",
        path=f"/20/{RECORDINGS}",
        expects=RECORDINGS,
        quick=("httpx dicts", "ours, default options"),
        goals=[
            Goal("default ≤ 0.20 × httpx", times("ours, default options", "httpx dicts"), most=0.2),
            Goal(
                "async default ≤ 0.20 × httpx", times("ours async, default options", "httpx dicts"), most=0.2
            ),
            Goal("prefetch=8 ≤ 0.14 × httpx", times("ours, prefetch=8", "httpx dicts"), most=0.14),
            Goal(
                "async prefetch=8 ≤ 0.14 × httpx", times("ours async, prefetch=8", "httpx dicts"), most=0.14
            ),
            Goal("prefetch=8 ≤ 1.05 × aiohttp, 8 at a time", times("ours, prefetch=8", EIGHT), most=1.05),
            Goal(
                "async prefetch=8 ≤ 1.05 × aiohttp, 8 at a time",
                times("ours async, prefetch=8", EIGHT),
                most=1.05,
            ),
        ],
    ),
]
