"""What our client adds to one request: 200 recordings, each asked for by its id."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.rows import Goal, Row, Turn, Way, times

NUMBERS = range(1, 201)


@contextmanager
def httpx_dicts(url: str) -> Iterator[Turn]:
    import httpx

    path = "/api/accounts/self/company_call_recordings/{}"
    with httpx.Client(base_url=url) as client:
        yield lambda: sum(client.get(path.format(number)).json()["id"] > 0 for number in NUMBERS)


@contextmanager
def generated(url: str) -> Iterator[Turn]:
    from vbc_call_recording_generated.api.company_recordings import get_company_recording as operation
    from vbc_call_recording_generated.client import AuthenticatedClient

    with AuthenticatedClient(base_url=url, token="t") as client:
        yield lambda: sum(
            operation.sync("self", str(number), client=client) is not None for number in NUMBERS
        )


@contextmanager
def generated_async(url: str) -> Iterator[Turn]:
    from vbc_call_recording_generated.api.company_recordings import get_company_recording as operation
    from vbc_call_recording_generated.client import AuthenticatedClient

    with asyncio.Runner() as runner:
        client = AuthenticatedClient(base_url=url, token="t")

        async def turn() -> int:
            answers = [await operation.asyncio("self", str(number), client=client) for number in NUMBERS]
            return len(answers)

        yield lambda: runner.run(turn())


@contextmanager
def ours(url: str) -> Iterator[Turn]:
    from vbc_call_recording import CallRecordingClient

    with CallRecordingClient(auth="t", base_url=url) as client:
        yield lambda: sum(client.company_recordings.get(number) is not None for number in NUMBERS)


@contextmanager
def ours_async(url: str) -> Iterator[Turn]:
    from vbc_call_recording import AsyncCallRecordingClient

    with asyncio.Runner() as runner:
        client = AsyncCallRecordingClient(auth="t", base_url=url)

        async def turn() -> int:
            return len([await client.company_recordings.get(number) for number in NUMBERS])

        yield lambda: runner.run(turn())
        runner.run(client.aclose())


WAYS: dict[str, Way] = {
    "httpx dicts": httpx_dicts,
    "the generated function": generated,
    "ours": ours,
    "the generated function, async": generated_async,
    "ours async": ours_async,
}
ROWS = [
    Row(
        "200 × one recording, 0 ms",
        WAYS,
        path="/0/1000",
        expects=len(NUMBERS),
        quick=("httpx dicts", "ours"),
        goals=[
            Goal("≤ 1.1 × the generated function", times("ours", "the generated function"), most=1.1),
            Goal(
                "async ≤ 1.1 × the generated function",
                times("ours async", "the generated function, async"),
                most=1.1,
            ),
        ],
    )
]
