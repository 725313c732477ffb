"""Destinations in threads of their own, so that Ctrl-C need not wait for a store that does not answer.

Libraries in other languages hear no signal while they wait. Whoever waits for a thread does. Threads that are
left behind end with the program.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from attrs import frozen

from .protocol import Destination, Seen

T = TypeVar("T")
_TOGETHER = 1000  # entries of a listing that are waited for at a time


def together(count: int, function: Callable[..., T], *arguments: Iterable[Any]) -> Iterator[T]:
    """As `map`, so many at a time."""
    calls: SimpleQueue[tuple[Future[T], tuple[Any, ...]] | None] = SimpleQueue()
    futures: list[Future[T]] = []
    for given in zip(*arguments, strict=False):
        futures.append(Future())
        calls.put((futures[-1], given))
    for _ in range(min(count, len(futures))):
        calls.put(None)
        threading.Thread(target=_work, args=(calls, function), daemon=True).start()
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def _work(calls: SimpleQueue[Any], function: Callable[..., Any]) -> None:
    while call := calls.get():
        future, given = call
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(function(*given))
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                future.set_exception(error)


@frozen
class Apart:
    """A destination whose methods do not keep the main thread from hearing signals."""

    within: Destination

    @property
    def name(self) -> str:
        return self.within.name

    def create(self, key: str, source: Path, sha256: str) -> None:
        """As `Destination.create`."""
        _apart(self.within.create, key, source, sha256)

    def replace(self, key: str, source: Path, sha256: str) -> None:
        """As `Destination.replace`."""
        _apart(self.within.replace, key, source, sha256)

    def read(self, key: str) -> Iterator[bytes]:
        """As `Destination.read`."""
        return _pieces(_apart(self.within.read, key), 1)

    def look(self, key: str) -> Seen | None:
        """As `Destination.look`."""
        return _apart(self.within.look, key)

    def list(self, prefix: str) -> Iterator[Seen]:
        """As `Destination.list`."""
        return _pieces(_apart(self.within.list, prefix), _TOGETHER)


def _apart(function: Callable[..., T], *given: Any) -> T:
    if threading.current_thread() is not threading.main_thread():
        return function(*given)
    return next(together(1, function, *([each] for each in given)))


def _pieces(pieces: Iterator[T], count: int) -> Iterator[T]:
    while block := _apart(_block, pieces, count):
        yield from block


def _block(pieces: Iterator[T], count: int) -> list[T]:
    return [*islice(pieces, count)]
