"""What differs between tasks and threads, and nothing else.

The names that begin with `Async` (or `async_`) serve `_async`; the others serve its mirror `_sync`, under the
same names without that prefix. Tasks are those of asyncio: `AsyncPool` and the login make them, so the async
client does not run on trio.

Longer than 300 lines, because everything here stands beside its counterpart.
"""

import asyncio
import os
import time
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Callable,
    Collection,
    Coroutine,
    Generator,
    Iterable,
)
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar, copy_context
from functools import partial
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeAlias, TypeVar
from weakref import WeakSet

import anyio
import anyio.to_thread

T = TypeVar("T")
P = ParamSpec("P")

GRACE = 1.0
"""Seconds that the threads of a closed pool get to end in, before nobody waits for them any longer."""


class Closing:
    """How work on other threads learns that its result is not wanted any more. Safe from any thread."""

    def __init__(self) -> None:
        self.asked = Event()
        self._guard = Lock()
        self._hooks: dict[object, tuple[Callable[[], object], bool]] = {}

    def ask(self) -> None:
        """Ask the work to end, and call the hooks that make it."""
        with self._guard:
            self.asked.set()
        self._call(late=False)

    def give_up(self) -> None:
        """Call the hooks for work that did not end when it was asked to."""
        self._call(late=True)

    @contextmanager
    def hook(self, call: Callable[[], object], *, late: bool) -> Generator[None]:
        key = object()
        with self._guard:
            if self.asked.is_set():
                raise CancelledError
            self._hooks[key] = call, late
        try:
            yield
        finally:
            with self._guard:
                del self._hooks[key]

    def _call(self, *, late: bool) -> None:
        with self._guard:
            due = [call for call, is_late in self._hooks.values() if is_late is late]
        for call in due:
            call()


_closing: ContextVar[Closing | None] = ContextVar("closing", default=None)
"""Set in a thread that works for a pool, or for a task: tells that the result is not wanted any more."""


@contextmanager
def if_closed(call: Callable[[], object], *, late: bool = False) -> Generator[None]:
    """While inside, `call` is called from another thread if the `Pool` this is a job of is closed.

    Args:
        call: Ends what the job may be waiting for, a read from the network for example.
        late: Call it only if the job has not ended `GRACE` seconds later.
    """
    closing = _closing.get()
    if closing is None:  # a task is cancelled wherever it awaits
        yield
        return
    with closing.hook(call, late=late):
        yield


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
    elif closing.asked.wait(seconds):
        raise CancelledError


def async_time_limit(seconds: float) -> AbstractContextManager[object]:
    """A block that raises TimeoutError if it takes longer."""
    return anyio.fail_after(max(seconds, 0.0))


def time_limit(seconds: float) -> AbstractContextManager[object]:
    """A block without limit: a thread cannot be interrupted. Loops inside it look at the clock themselves."""
    return nullcontext()


def checkpoint() -> None:
    """Raise CancelledError in a thread whose result is not wanted any more: its pool is being closed, or its
    task was cancelled. Work that may take a while calls it now and then.
    """
    closing = _closing.get()
    if closing is not None and closing.asked.is_set():
        raise CancelledError


async def async_to_thread(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work (disk, locks) on a worker thread, so that the event loop goes on.

    When it is cancelled, the work ends at its next `checkpoint`, and has ended before this does.
    """
    closing = Closing()

    def work() -> T:
        _closing.set(closing)
        return fn(*args, **kwargs)

    task = asyncio.ensure_future(anyio.to_thread.run_sync(work))
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        closing.ask()
        await _until_done([task])
        raise
    return task.result()


def to_thread(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work right here: nobody else waits for this thread."""
    return fn(*args, **kwargs)


async def async_finish(fn: Callable[[], None]) -> None:
    """Run blocking work of tidying up on a worker thread, in a task that is being cancelled too."""
    task = asyncio.ensure_future(anyio.to_thread.run_sync(fn))
    await _until_done([task])
    task.result()


def finish(fn: Callable[[], None]) -> None:
    """Run blocking work of tidying up right here."""
    fn()


async def _until_done(tasks: Collection[asyncio.Future[Any]]) -> None:
    """Wait until all are done, however often this is cancelled meanwhile, and only then be cancelled, too."""
    cancelled: asyncio.CancelledError | None = None
    while unfinished := [task for task in tasks if not task.done()]:
        try:
            with anyio.CancelScope(shield=True):
                await asyncio.wait(unfinished)
        except asyncio.CancelledError as error:
            cancelled = error
    for task in tasks:
        if not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not complain about what nobody asks any more
    if cancelled is not None:
        raise cancelled


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
        await _until_done(unfinished)

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

    Leaving the `with` block, for whatever reason, drops what has not begun and asks what has to end. A thread
    cannot be cancelled, but it ends by itself in `sleep`, at a `checkpoint`, or when what it waits for is cut
    off (`if_closed`). One that has not ended after `GRACE` seconds is left behind: it waits for a server that
    does not answer, will end when that times out, and does not keep the program from ending (a daemon).
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._closing = Closing()
        self._guard = Lock()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._at_work = 0
        self._threads: list[Thread] = []

    def start(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Job[T]:
        """Begin `fn(*args, **kwargs)` without waiting for it, in a copy of the caller's context variables."""
        context = copy_context()
        context.run(_closing.set, self._closing)
        future: Future[T] = Future()
        with self._guard:
            self._waiting.append((future, partial(context.run, fn, *args, **kwargs)))
            if self._at_work < self._limit:
                self._at_work += 1
                self._threads = [thread for thread in self._threads if thread.is_alive()]
                self._threads.append(Thread(target=self._work, name="vbc-call-recording", daemon=True))
                self._threads[-1].start()
        return Job(future)

    def _work(self) -> None:
        while True:
            with self._guard:
                if not self._waiting:
                    self._at_work -= 1
                    return
                future, work = self._waiting.popleft()
                future.set_running_or_notify_cancel()
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever asks for the result
                future.set_exception(error)
            del future, work  # or what they hold would live on until the next job

    def next_done(self, jobs: Iterable[Job[T]]) -> Job[T]:
        """Give the first of `jobs` (at least one) to have finished, waiting until there is one."""
        by_future = {job.future: job for job in jobs}
        done, _ = wait(by_future, return_when=FIRST_COMPLETED)
        return next(job for future, job in by_future.items() if future in done)

    def close(self) -> None:
        """Drop what has not begun and ask what has to end; wait for it, but not long."""
        with self._guard:
            dropped, threads = list(self._waiting), list(self._threads)
            self._waiting.clear()
        for future, _ in dropped:
            future.cancel()
        self._closing.ask()
        until = time.monotonic() + GRACE
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._closing.give_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
