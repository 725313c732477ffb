"""Peak memory of long listings. Each is a process of its own, so that the peak is its own, too."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.rows import Goal, Row, Turn, Way, beyond
from benchmarks.subjects import listing


@contextmanager
def ours(url: str, *, recordings: int, **options: Any) -> Iterator[Turn]:
    with listing.ours(f"{url}/0/{recordings}", **options) as turn:
        yield turn


@contextmanager
def ours_async(url: str, *, recordings: int) -> Iterator[Turn]:
    with listing.ours_async(f"{url}/0/{recordings}") as turn:
        yield turn


SHORT, LONG = "10,000", "1,000,000"
WAYS: dict[str, Way] = {
    SHORT: partial(ours, recordings=10_000),
    LONG: partial(ours, recordings=1_000_000),
    f"{SHORT}, async": partial(ours_async, recordings=10_000),
    f"{LONG}, async": partial(ours_async, recordings=1_000_000),
}
ROWS = [
    Row(
        "peak memory of a listing",
        WAYS,
        by="peak",
        fresh=True,
        turns=1,
        goals=[
            Goal("1,000,000 ≤ 10 MiB over 10,000", beyond(LONG, SHORT), most=10, unit="MiB"),
            Goal(
                "async: 1,000,000 ≤ 10 MiB over 10,000",
                beyond(f"{LONG}, async", f"{SHORT}, async"),
                most=10,
                unit="MiB",
            ),
        ],
    )
]
