"""Pools of tasks and of threads: bounded, in order where asked for, and nothing left behind."""

import asyncio
import threading
from collections.abc import Callable
from contextvars import ContextVar

import anyio
import pytest

from vbc_call_recording._concurrency import AsyncPool, Pool, async_sleep, async_to_thread, to_thread

MARK: ContextVar[str] = ContextVar("MARK", default="unset")


def jobs_left() -> list[str]:
    """The test runner has tasks of its own."""
    return [name for task in asyncio.all_tasks() if "AsyncPool" in (name := repr(task))]


def our_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("vbc-call-recording")]


class Gauge:
    """Counts how many are inside at once."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.inside -= 1


@pytest.mark.anyio
async def test_no_more_tasks_run_at_once_than_the_limit() -> None:
    gauge = Gauge()

    async def work(number: int) -> int:
        with gauge:
            await async_sleep(0.001)
        return number

    async with AsyncPool(3) as pool:
        jobs = [pool.start(work, number) for number in range(20)]
        assert [await job.result() for job in jobs] == list(range(20))
    assert gauge.most == 3


def test_no_more_threads_run_at_once_than_the_limit() -> None:
    gauge, meeting = Gauge(), threading.Barrier(3, timeout=60)

    def work(number: int) -> int:
        with gauge:
            meeting.wait()
        return number

    with Pool(3) as pool:
        jobs = [pool.start(work, number) for number in range(21)]
        assert [job.result() for job in jobs] == list(range(21))
    assert gauge.most == 3


@pytest.mark.anyio
async def test_leaving_a_pool_of_tasks_cancels_them_and_waits_until_they_are_gone() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            await asyncio.sleep(0)
            ended.append("ended")

    async with AsyncPool(2) as pool:
        for _ in range(5):
            pool.start(work)
        await asyncio.sleep(0)
    assert ended == ["ended"] * 2, "the other three never began"
    assert not jobs_left()


def test_leaving_a_pool_of_threads_drops_what_has_not_begun_and_waits_for_what_has() -> None:
    began, go_on, ended = threading.Event(), threading.Event(), list[int]()

    def work(number: int) -> None:
        began.set()
        go_on.wait(60)
        ended.append(number)

    with Pool(1) as pool:
        jobs = [pool.start(work, number) for number in range(5)]
        began.wait(60)
        threading.Timer(0.01, go_on.set).start()
    assert len(ended) == 1, "which of them has its turn first is the system's choice"
    assert all(job.done() for job in jobs)
    assert not our_threads()


@pytest.mark.anyio
@pytest.mark.parametrize("leave", ["cancelled", "failed"])
async def test_a_pool_of_tasks_leaves_nothing_behind_however_it_is_left(leave: str) -> None:
    async def work() -> None:
        await anyio.sleep_forever()

    async def scene() -> None:
        async with AsyncPool(4) as pool:
            job = pool.start(work)
            assert jobs_left()
            if leave == "failed":
                raise LookupError
            await job.result()

    if leave == "failed":
        with pytest.raises(LookupError):
            await scene()
    else:
        with anyio.move_on_after(0.01) as scope:
            await scene()
        assert scope.cancelled_caught
    assert not jobs_left()


@pytest.mark.anyio
async def test_the_first_task_to_finish_is_given_first() -> None:
    gates = [anyio.Event() for _ in range(3)]

    async def work(number: int) -> int:
        await gates[number].wait()
        return number

    async with AsyncPool(3, collects=True) as pool:
        jobs = [pool.start(work, number) for number in range(3)]
        order = list[int]()
        for number in (1, 2, 0):
            gates[number].set()
            job = await pool.next_done()
            order.append(await job.result())
            jobs.remove(job)
    assert order == [1, 2, 0]


def test_the_first_thread_to_finish_is_given_first() -> None:
    gates = [threading.Event() for _ in range(3)]

    def work(number: int) -> int:
        gates[number].wait(60)
        return number

    with Pool(3, collects=True) as pool:
        jobs = [pool.start(work, number) for number in range(3)]
        order = list[int]()
        for number in (1, 2, 0):
            gates[number].set()
            job = pool.next_done()
            order.append(job.result())
            jobs.remove(job)
    assert order == [1, 2, 0]


@pytest.mark.anyio
async def test_what_a_task_raises_comes_with_its_result_and_only_there() -> None:
    async def work() -> None:
        raise LookupError("oops")

    async with AsyncPool(1) as pool:
        asked, unasked = pool.start(work), pool.start(work)
        with pytest.raises(LookupError, match="oops"):
            await asked.result()
    assert unasked.task.done()


def test_what_a_thread_raises_comes_with_its_result_and_only_there() -> None:
    def work() -> None:
        raise LookupError("oops")

    with Pool(1) as pool:
        asked, unasked = pool.start(work), pool.start(work)
        with pytest.raises(LookupError, match="oops"):
            asked.result()
    assert unasked.done()


@pytest.mark.anyio
async def test_context_variables_are_the_callers() -> None:
    async def look() -> str:
        return MARK.get()

    MARK.set("mine")
    async with AsyncPool(1) as tasks:
        assert await tasks.start(look).result() == "mine"
    with Pool(1) as threads:
        assert threads.start(MARK.get).result() == "mine"


@pytest.mark.anyio
@pytest.mark.parametrize("run", [async_to_thread, to_thread])
async def test_blocking_work_leaves_the_event_loop_free(run: Callable[..., object]) -> None:
    thread = run(threading.current_thread)
    if run is async_to_thread:
        assert await thread is not threading.current_thread()  # type: ignore[misc]
    else:
        assert thread is threading.current_thread()
