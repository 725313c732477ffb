"""A walk that is left early leaves no task, no thread and no request behind."""

import asyncio
import gc
import threading
import time
from contextlib import aclosing

import anyio
import pytest

from tests.listing.fake_server import LISTING, FakeServer
from vbc_call_recording import AsyncPaginator, Paginator
from vbc_call_recording._listing.pages import PageReply, PageRequest


class Slow:
    """Answers some pages; of the others none ever comes back to tasks, and all do to threads."""

    def __init__(self, answered: int = 3) -> None:
        self.answered = answered
        self.server = FakeServer(count=1000)
        self.under_way = 0
        self.begun = 0

    async def in_task(self, request: PageRequest) -> PageReply[int]:
        self.begun += 1
        self.under_way += 1
        try:
            if (request.page or 1) > self.answered:
                await anyio.sleep_forever()
            return self.server.answer(request)
        finally:
            self.under_way -= 1

    def in_thread(self, request: PageRequest) -> PageReply[int]:
        self.begun += 1
        return self.server.answer(request)


@pytest.fixture
def slow() -> Slow:
    return Slow()


def paginator(slow: Slow) -> AsyncPaginator[int]:
    return AsyncPaginator(slow.in_task, LISTING, {}, page_size=10)


async def settled() -> None:
    """What is left of a generator is closed by the event loop, in a task of its own."""
    for _ in range(10):
        await asyncio.sleep(0)


def nothing_is_left(slow: Slow) -> bool:
    jobs = [task for task in asyncio.all_tasks() if "AsyncPool" in repr(task)]
    return not jobs and slow.under_way == 0


@pytest.mark.anyio
async def test_by_break(slow: Slow) -> None:
    async for number in paginator(slow):
        await asyncio.sleep(0)
        if number == 25:
            assert slow.under_way == 3
            break
    await settled()
    assert nothing_is_left(slow)


@pytest.mark.anyio
async def test_by_an_error_in_the_loop(slow: Slow) -> None:
    async def walk() -> None:
        async for _ in paginator(slow):
            await asyncio.sleep(0)
            raise LookupError

    with pytest.raises(LookupError):
        await walk()
    await settled()
    gc.collect()
    await settled()
    assert nothing_is_left(slow)


@pytest.mark.anyio
@pytest.mark.parametrize("by_page", [False, True])
async def test_by_closing_it_while_the_error_is_still_held(slow: Slow, by_page: bool) -> None:
    async def walk() -> None:
        listing = paginator(slow)
        async with aclosing(listing.pages()) if by_page else aclosing(aiter(listing)) as pages_or_items:
            async for _ in pages_or_items:
                await asyncio.sleep(0)
                raise LookupError

    with pytest.raises(LookupError):
        await walk()
    assert nothing_is_left(slow)


@pytest.mark.anyio
async def test_by_cancellation_while_waiting_for_a_page(slow: Slow) -> None:
    came = list[int]()
    with anyio.move_on_after(0.05) as scope:
        async for number in paginator(slow):
            came.append(number)
    assert scope.cancelled_caught
    assert came == list(range(30))
    assert nothing_is_left(slow)


@pytest.mark.anyio
async def test_by_cancelling_the_task(slow: Slow) -> None:
    async def walk() -> None:
        async for _ in paginator(slow):
            pass

    task = asyncio.create_task(walk())
    while slow.under_way < 3:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert nothing_is_left(slow)


def test_by_break_with_threads(slow: Slow) -> None:
    for number in Paginator(slow.in_thread, LISTING, {}, page_size=10):
        if number == 5:
            break
    assert slow.begun <= 2, "no page beyond the one ahead was requested"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("vbc-call-recording")]


TAKEN_AND_REQUESTED = [(1, 2), (2, 4), (3, 6), (7, 14), (8, 16), (9, 17), (20, 28)]
"""Of pages, by default. Whoever leaves early has requested twice as many as were taken, or eight more."""


@pytest.mark.anyio
@pytest.mark.parametrize(("taken", "requested"), TAKEN_AND_REQUESTED)
async def test_a_loop_left_early_has_requested_few_pages_in_vain(taken: int, requested: int) -> None:
    slow = Slow(answered=100)
    pages = paginator(slow).pages()
    for _ in range(taken):
        assert await anext(pages)
        await settled()
    await pages.aclose()
    assert slow.begun == requested


@pytest.mark.parametrize(("taken", "requested"), TAKEN_AND_REQUESTED)
def test_a_loop_left_early_has_requested_few_pages_in_vain_with_threads(taken: int, requested: int) -> None:
    slow = Slow()
    pages = Paginator(slow.in_thread, LISTING, {}, page_size=10).pages()
    for _ in range(taken):
        assert next(pages)
    patience = time.monotonic() + 10
    while slow.begun < requested and time.monotonic() < patience:
        time.sleep(0.001)
    pages.close()
    assert slow.begun == requested


@pytest.mark.parametrize("prefetch", [0, 1, 4])
def test_no_more_pages_are_ahead_than_asked_for(slow: Slow, prefetch: int) -> None:
    """So that memory is bounded by `prefetch`."""
    listing = Paginator(slow.in_thread, LISTING, {}, prefetch=prefetch, page_size=10)
    ahead = [slow.begun - taken for taken, _ in enumerate(listing.pages(), start=1)]
    assert len(ahead) == 100
    assert max(ahead) <= prefetch
