"""What a subject consists of: rows, the ways that compete in them, and goals."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Literal

from benchmarks import canned_server

Measure = Literal["cpu", "wall", "peak", "rate", "requests"]
UNITS: Mapping[str, str] = {"cpu": "cpu s", "wall": "s", "peak": "MiB", "rate": "/s", "requests": "requests"}


@dataclass(frozen=True)
class Sample:
    """What one turn cost. A turn that measures by itself returns one, and None for what it did not measure.

    Attributes:
        done: How much was done. All ways of a row must do the same.
        cpu: Seconds of processor time, of child processes too.
        wall: Seconds on the clock.
        peak: MiB that the process held at most, since it began.
        requests: How many requests it took.
    """

    done: int
    cpu: float | None = None
    wall: float | None = None
    peak: float | None = None
    requests: float | None = None

    @property
    def rate(self) -> float | None:
        return self.done / self.wall if self.wall else None


Turn = Callable[[], "int | Sample"]
"""Does the job once, and returns how much it did."""
Way = Callable[[str], AbstractContextManager[Turn]]
"""Sets up, outside of what is measured, for the URL of the row's server."""
Figures = Mapping[str, float]
"""The median of each way of a row, by the row's measure."""


@dataclass(frozen=True)
class Goal:
    """`figure` is made of a row's medians, KeyError if a way is absent; it has to be within the limits."""

    words: str
    figure: Callable[[Figures], float]
    most: float | None = None
    least: float | None = None
    unit: str = "×"

    def is_met(self, figure: float) -> bool:
        within = self.most is None or figure <= self.most
        return within and (self.least is None or figure >= self.least)


@dataclass(frozen=True)
class Row:
    """Ways of doing one thing, compared by one measure. `name` is also what `--only` looks for.

    Attributes:
        by: The measure that counts. The others are reported beside it.
        path: What is added to the server's URL.
        expects: What every turn has to return as done; None if there is nothing to compare.
        turns: Medians of so many. 1 is for what does not vary.
        fresh: Whether each turn is a process of its own. Peaks are only comparable then.
        quick: Names of the ways that `make bench-quick` compares, the peer first; none leaves the row out.
    """

    name: str
    ways: Mapping[str, Way]
    goals: Sequence[Goal] = ()
    by: Measure = "cpu"
    path: str = ""
    expects: int | None = None
    turns: int = 7
    fresh: bool = False
    server: Callable[[], AbstractContextManager[str]] = canned_server.running
    quick: Sequence[str] = field(default=())


def times(ours: str, peer: str) -> Callable[[Figures], float]:
    """How many times the peer's figure ours is."""
    return lambda figures: figures[ours] / figures[peer]


def beyond(ours: str, base: str) -> Callable[[Figures], float]:
    """By how much our figure is more than the other."""
    return lambda figures: figures[ours] - figures[base]


def pin(place: Literal["server", "client"]) -> None:
    """Keep this process, and its children, on the last core if it is a server, else on the others."""
    if not hasattr(os, "sched_setaffinity"):
        return
    *others, last = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {last} if place == "server" or not others else others)


@contextmanager
def no_server() -> Iterator[str]:
    """For rows that need none."""
    yield ""
