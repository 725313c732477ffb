"""What differs between tasks and threads, and nothing else.

The names that begin with `Async` (or `async_`) serve `_async`; the others serve its mirror `_sync`, under the
same names without that prefix. Tasks are those of asyncio: `AsyncPool` and the login make them, so the async
client does not run on trio. Over 300 lines, because each thing is read best beside its twin.
"""

import asyncio
import os
import sys
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Generator,
    Iterable,
)
from concurrent.futures import CancelledError, Future, wait
from contextlib import AbstractContextManager, nullcontext, suppress
from contextvars import ContextVar, copy_context
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Semaphore, Thread
from typing import Any, ClassVar, Generic, ParamSpec, Self, TypeAlias, TypeVar

import anyio

from ._errors import ConfigurationError

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")

THREADS = "vbc-call-recording"
"""The name of every thread of ours that is at work."""

IDLE = 1.0
"""Seconds that a `_Helper` waits for another call."""

GRACE = 1.0
"""Seconds for which a pool that is closed waits for its threads."""

_stop: ContextVar[Event | None] = ContextVar("stop", default=None)
"""In a thread that works for a pool, or for a task: set once its result is not wanted any more."""


def checkpoint() -> None:
    """Raise CancelledError in a thread whose result is not wanted any more: its pool is being closed, or its
    task was cancelled. Work that may take a while calls it now and then.
    """
    stop = _stop.get()
    if stop is not None and stop.is_set():
        raise CancelledError


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(before=lambda: _Helper.dismiss(), after_in_child=lambda: _Helper.forget())

EventLoop: TypeAlias = asyncio.AbstractEventLoop | None


async_event_loop = asyncio.get_running_loop  # connections belong to the running event loop


def event_loop() -> EventLoop:
    """None: connections of threads belong to no loop."""
    return None


def running_loop() -> EventLoop:
    """The event loop that runs in this thread, if there is one, whoever asks."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async_sleep = anyio.sleep


def sleep(seconds: float) -> None:
    """Let time pass. In a job of a `Pool` that is being closed, raise CancelledError instead."""
    stop = _stop.get()
    if stop is None:
        time.sleep(seconds)
    elif stop.wait(seconds):
        raise CancelledError


def async_time_limit(seconds: float) -> AbstractContextManager[object]:
    """A block that raises TimeoutError if it takes longer."""
    return anyio.fail_after(max(seconds, 0.0))


def time_limit(seconds: float) -> AbstractContextManager[object]:
    """A block without limit: a thread cannot be interrupted. Loops inside it check the clock themselves."""
    return nullcontext()


async def async_within(seconds: float, fn: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
    """Make a call that raises TimeoutError if it takes longer."""
    async with asyncio.timeout(max(seconds, 0.0)):  # for each request: anyio's takes ten times as long
        return await fn(*args, **kwargs)


def within(seconds: float, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """As its twin, on a thread that is kept for that. After that time it is left behind, and its result will
    be closed.

    httpx reads headers that drip in, or one interim answer after another, for as long as the server likes.
    """
    try:
        job = _Helper.give(partial(fn, *args, **kwargs))
    except RuntimeError:  # no more threads, or Python is on its way out
        return fn(*args, **kwargs)
    try:
        return job.result(max(seconds, 0.0))
    except BaseException:
        job.add_done_callback(_close_result)
        raise


class _Helper(Thread):
    """A thread that makes one call after another. A new one for each would cost a third of a request."""

    _idle: ClassVar[list["_Helper"]] = []

    def __init__(self) -> None:
        super().__init__(name=THREADS, daemon=True)
        self._calls: SimpleQueue[tuple[Job[Any], Callable[[], Any]] | None] = SimpleQueue()

    @classmethod
    def give(cls, fn: Callable[[], R]) -> "Job[R]":
        """Have a call made, in a copy of the caller's context variables.

        Raises:
            RuntimeError: No thread can be started, or Python is on its way out: then those kept are frozen.
        """
        if sys.is_finalizing():
            raise RuntimeError("Python is on its way out")
        try:
            helper = cls._idle.pop()
        except IndexError:
            helper = cls()
            helper.start()
        job: Job[R] = Future()
        helper._calls.put((job, partial(copy_context().run, fn)))
        return job

    def run(self) -> None:
        while self._make_a_call():
            pass

    def _make_a_call(self) -> bool:
        """False once there is none to be expected. Nothing of a call is kept while waiting for the next."""
        try:
            call = self._calls.get(timeout=IDLE)
        except Empty:
            try:
                self._idle.remove(self)
            except ValueError:  # somebody has just taken it
                call = self._calls.get()
            else:
                return False
        if call is None:
            return False
        self.name = THREADS
        job, fn = call
        try:
            tell = partial(job.set_result, fn())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever asks for the result
            tell = partial(job.set_exception, error)
        self.name = f"idle-{THREADS}"
        self._idle.append(self)  # first: whoever hears of the result may have another call
        tell()
        return True

    @classmethod
    def dismiss(cls) -> None:
        """End those that have nothing to do: Python warns of threads when a process is forked."""
        with suppress(IndexError):
            while True:
                helper = cls._idle.pop()
                helper._calls.put(None)
                helper.join()

    @classmethod
    def forget(cls) -> None:
        """In a forked child, which has none of them."""
        cls._idle.clear()


def _close_result(job: "Job[Any]") -> None:
    if job.exception() is None:
        job.result().close()


async def async_to_thread(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work (disk, locks) on a worker thread, so that the event loop goes on.

    When this is cancelled, the work ends at its next `checkpoint`, and before this does. In a task that is
    cancelled already it is begun all the same: tidying up must be.
    """
    stop = Event()

    def work() -> T:
        _stop.set(stop)
        return fn(*args, **kwargs)

    done = asyncio.wrap_future(_Helper.give(work))  # anyio's threads take twice as long
    done.add_done_callback(_retrieve)
    await _all_done([done], stop.set)
    return done.result()


def to_thread(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work right here, in the caller's thread."""
    return fn(*args, **kwargs)


async def _all_done(tasks: Collection[asyncio.Future[Any]], stop: Callable[[], object]) -> None:
    """Wait until all are done. If this is cancelled meanwhile, call `stop`, and be cancelled at the end."""
    cancelled: asyncio.CancelledError | None = None
    while unfinished := [task for task in tasks if not task.done()]:
        try:
            # Once is enough: without the shield, anyio would cancel this anew in every turn of the loop.
            with anyio.CancelScope(shield=cancelled is not None):
                await asyncio.wait(unfinished)
        except asyncio.CancelledError as error:
            cancelled = error
            stop()
    if cancelled is not None:
        raise cancelled


def _retrieve(task: asyncio.Future[Any]) -> None:
    """Otherwise asyncio complains about errors that were never retrieved."""
    if not task.cancelled():
        task.exception()


def _refuse_elsewhere(tasks: Iterable[asyncio.Future[Any]]) -> None:
    if any(task.get_loop() is not asyncio.get_running_loop() for task in tasks):
        raise ConfigurationError(
            "this was begun in another event loop; accepted: going on in that one, or beginning anew"
        )


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
    yield from items


class AsyncJob(Generic[T]):
    """One call that was started in an `AsyncPool`."""

    def __init__(self, task: asyncio.Task[T]) -> None:
        self.task = task

    async def result(self) -> T:
        """What the call returned or raised. Giving up waiting does not cancel the call."""
        _refuse_elsewhere([self.task])
        await asyncio.wait([self.task])
        return self.task.result()


class AsyncPool:
    """Runs at most `limit` calls at a time; the others wait their turn. `async with` ends with `aclose`."""

    def __init__(
        self, limit: int, *, collects: bool = False, interrupt: Callable[[], object] | None = None
    ) -> None:
        """`collects` says whether `next_done` will be asked for every job. `interrupt` is for `Pool`."""
        self._turns = asyncio.Semaphore(limit)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._done: asyncio.Queue[AsyncJob[Any]] | None = asyncio.Queue() if collects else None

    def start(
        self, fn: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncJob[T]:
        """Begin `fn(*args, **kwargs)` without waiting for it."""

        async def in_turn() -> T:
            async with self._turns:
                return await fn(*args, **kwargs)

        task = asyncio.get_running_loop().create_task(in_turn())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_retrieve)
        job, done = AsyncJob(task), self._done
        if done is not None:
            task.add_done_callback(lambda _: done.put_nowait(job))
        return job

    async def next_done(self) -> AsyncJob[Any]:
        """Give the first job to have finished that was not given yet, waiting until there is one."""
        assert self._done is not None
        _refuse_elsewhere(self._tasks)
        return await self._done.get()

    async def aclose(self) -> None:
        """Cancel what has not finished and wait until it is gone. A loop that was left has it no longer."""
        here = asyncio.get_running_loop()
        unfinished = [task for task in self._tasks if task.get_loop() is here]
        for task in unfinished:
            task.cancel()
        await _all_done(unfinished, lambda: None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


Job = Future


def async_was_dropped(job: AsyncJob[Any]) -> bool:
    """Whether its pool was closed before it had finished."""
    return job.task.cancelled()


def was_dropped(job: Job[Any]) -> bool:
    """As its twin."""
    return job.done() and isinstance(job.exception(), CancelledError)


class Pool:
    """Runs at most `limit` calls at a time, each on a thread of its own; the others wait their turn.

    Leaving the `with` block, for whatever reason, drops what has not begun and asks what has to end. A thread
    cannot be cancelled, but ends by itself in `sleep`, at a `checkpoint`, or when `interrupt` cuts off what
    it waits for. One that has not ended after `GRACE` seconds is left behind: it waits for a server that does
    not answer, will end when that times out, and does not keep the program from ending (a daemon).
    """

    def __init__(
        self, limit: int, *, collects: bool = False, interrupt: Callable[[], object] | None = None
    ) -> None:
        """`collects` says whether `next_done` will be asked for every job."""
        self._turns = Semaphore(limit)
        self._stop = Event()
        self._interrupt = interrupt
        self._jobs: set[Job[Any]] = set()
        self._done: SimpleQueue[Job[Any]] | None = SimpleQueue() if collects else None

    def start(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Job[T]:
        """Begin `fn(*args, **kwargs)` without waiting for it, in a copy of the caller's context variables."""

        def in_turn() -> T:
            _stop.set(self._stop)
            with self._turns:
                checkpoint()
                return fn(*args, **kwargs)

        job = _Helper.give(in_turn)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        if self._done is not None:
            job.add_done_callback(self._done.put)
        return job

    def next_done(self) -> Job[Any]:
        """Give the first job to have finished that was not given yet, waiting until there is one."""
        assert self._done is not None
        return self._done.get()

    def close(self) -> None:
        """Drop what has not begun and ask what has to end; wait for it, but not long."""
        self._stop.set()
        if self._interrupt is not None:
            self._interrupt()
        wait(self._jobs.copy(), GRACE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
