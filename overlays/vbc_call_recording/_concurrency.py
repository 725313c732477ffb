"""What differs between tasks and threads, and nothing else.

The names that begin with `Async` (or `async_`) serve `_async`; the others serve its mirror `_sync`, under the
same names without that prefix. Tasks are those of asyncio: `AsyncPool` and the login make them, so the async
client does not run on trio.
"""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, copy_context
from threading import Event
from types import TracebackType
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeAlias, TypeVar
from weakref import WeakSet

import anyio
import anyio.to_thread

T = TypeVar("T")
P = ParamSpec("P")

_closing: ContextVar[Event | None] = ContextVar("closing", default=None)
"""Set, in the thread of a job, to what tells that its pool is being closed."""


class Inherited(Protocol):
    """Something that a forked child gets in a state that only the parent's threads could change."""

    def after_fork(self) -> None: ...


_inherited: WeakSet[Inherited] = WeakSet()


def call_after_fork(thing: Inherited) -> None:
    """Have `thing.after_fork()` called in every child that is forked while it lives."""
    _inherited.add(thing)


def _after_fork() -> None:
    for thing in list(_inherited):
        thing.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_after_fork)

EventLoop: TypeAlias = asyncio.AbstractEventLoop | None


def async_event_loop() -> EventLoop:
    """The running event loop, to which its connections belong."""
    return asyncio.get_running_loop()


def event_loop() -> EventLoop:
    """None: connections of threads belong to no loop."""
    return None


async def async_sleep(seconds: float) -> None:
    """Let `seconds` pass without blocking the event loop."""
    await anyio.sleep(seconds)


def sleep(seconds: float) -> None:
    """Let `seconds` pass. In a job of a `Pool` that is being closed, raise CancelledError instead."""
    closing = _closing.get()
    if closing is None:
        time.sleep(seconds)
    elif closing.wait(seconds):
        raise CancelledError


def async_time_limit(seconds: float) -> AbstractContextManager[object]:
    """A block that raises TimeoutError if it takes longer."""
    return anyio.fail_after(max(seconds, 0.0))


def time_limit(seconds: float) -> AbstractContextManager[object]:
    """A block without limit: a thread cannot be interrupted. Loops inside it look at the clock themselves."""
    return nullcontext()


async def async_checkpoint() -> None:
    """Nothing: a task is cancelled wherever it awaits."""


def checkpoint() -> None:
    """In a job of a `Pool` that is being closed, raise CancelledError. Long ones call it now and then."""
    closing = _closing.get()
    if closing is not None and closing.is_set():
        raise CancelledError


async def async_to_thread(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work (disk, locks) on a worker thread, so that the event loop goes on."""
    return await anyio.to_thread.run_sync(lambda: fn(*args, **kwargs))


def to_thread(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work right here: nobody else waits for this thread."""
    return fn(*args, **kwargs)


async def async_finish(fn: Callable[[], None]) -> None:
    """Run blocking work of tidying up on a worker thread, in a task that is being cancelled too."""
    with anyio.CancelScope(shield=True):
        await anyio.to_thread.run_sync(fn)


def finish(fn: Callable[[], None]) -> None:
    """Run blocking work of tidying up right here."""
    fn()


async def async_each(items: AsyncIterable[T] | Iterable[T]) -> AsyncGenerator[T]:
    """Go through items of either kind, a paginator's or a list's. Closing it ends what they come from."""
    if not isinstance(items, AsyncIterable):
        for item in items:
            yield item
        return
    source = aiter(items)
    try:
        async for item in source:
            yield item
    finally:
        if isinstance(source, AsyncGenerator):
            await source.aclose()


def each(items: Iterable[T]) -> Generator[T]:
    """Go through items. Closing it ends what they come from."""
    source = iter(items)
    try:
        yield from source
    finally:
        if isinstance(source, Generator):
            source.close()


class AsyncJob(Generic[T]):
    """One call that was started in an `AsyncPool`."""

    def __init__(self, task: asyncio.Task[T]) -> None:
        self.task = task

    async def result(self) -> T:
        """What the call returned or raised. Giving up waiting does not cancel the call."""
        await asyncio.wait([self.task])
        return self.task.result()

    @property
    def done(self) -> bool:
        """Whether `result()` would answer at once."""
        return self.task.done()


class AsyncPool:
    """Runs at most `limit` calls at a time; the others wait their turn.

    Leaving the `async with` block, for whatever reason, cancels what has not finished and waits until it
    is gone.
    """

    def __init__(self, limit: int) -> None:
        self._turns = asyncio.Semaphore(limit)
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(
        self, fn: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncJob[T]:
        """Begin `fn(*args, **kwargs)` without waiting for it."""

        async def in_turn() -> T:
            async with self._turns:
                return await fn(*args, **kwargs)

        task = asyncio.get_running_loop().create_task(in_turn())
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return AsyncJob(task)

    async def next_done(self, jobs: Iterable[AsyncJob[T]]) -> AsyncJob[T]:
        """Give the first of `jobs` (at least one) to have finished, waiting until there is one."""
        by_task = {job.task: job for job in jobs}
        done, _ = await asyncio.wait(by_task, return_when=asyncio.FIRST_COMPLETED)
        return next(job for task, job in by_task.items() if task in done)

    async def aclose(self) -> None:
        """Cancel what has not finished and wait until it is gone."""
        unfinished = list(self._tasks)
        for task in unfinished:
            task.cancel()
        if unfinished:
            with anyio.CancelScope(shield=True):
                await asyncio.wait(unfinished)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not complain about jobs nobody asks any more


class Job(Generic[T]):
    """One call that was started in a `Pool`."""

    def __init__(self, future: Future[T]) -> None:
        self.future = future

    def result(self) -> T:
        """What the call returned or raised."""
        return self.future.result()

    @property
    def done(self) -> bool:
        """Whether `result()` would answer at once."""
        return self.future.done()


class Pool:
    """Runs at most `limit` calls at a time, each on a thread of its own; the others wait their turn.

    Leaving the `with` block, for whatever reason, drops what has not begun and waits for what has: a thread
    cannot be cancelled, so that a request in flight is let finish. A call that only waits, in `sleep`, before
    it tries again, or comes by a `checkpoint`, ends with a CancelledError, which nobody is there to see any
    more.
    """

    def __init__(self, limit: int) -> None:
        self._threads = ThreadPoolExecutor(limit, thread_name_prefix="vbc-call-recording")
        self._closing = Event()

    def start(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Job[T]:
        """Begin `fn(*args, **kwargs)` without waiting for it, in a copy of the caller's context variables."""
        context = copy_context()
        context.run(_closing.set, self._closing)
        return Job(self._threads.submit(lambda: context.run(fn, *args, **kwargs)))

    def next_done(self, jobs: Iterable[Job[T]]) -> Job[T]:
        """Give the first of `jobs` (at least one) to have finished, waiting until there is one."""
        by_future = {job.future: job for job in jobs}
        done, _ = wait(by_future, return_when=FIRST_COMPLETED)
        return next(job for future, job in by_future.items() if future in done)

    def close(self) -> None:
        """Drop what has not begun and wait for what has."""
        self._closing.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
