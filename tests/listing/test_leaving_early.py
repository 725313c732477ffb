"""A walk that is left early leaves no task, no thread and no request behind."""

import asyncio
import gc
import threading
from contextlib import aclosing

import anyio
import pytest

from tests.listing.fake_server import LISTING, FakeServer
from vbc_call_recording import AsyncPaginator, Paginator
from vbc_call_recording._listing.pages import PageReply, PageRequest


class Slow:
    """Answers the first page; of the others none ever comes back to tasks, and all do to threads."""

    def __init__(self) -> None:
        self.server = FakeServer(count=1000)
        self.under_way = 0
        self.begun = 0

    async def in_task(self, request: PageRequest) -> PageReply[int]:
        self.begun += 1
        self.under_way += 1
        try:
            if request.page is not None:
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
        if number == 5:
            assert slow.under_way == 6
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
    assert came == list(range(10))
    assert nothing_is_left(slow)


@pytest.mark.anyio
async def test_by_cancelling_the_task(slow: Slow) -> None:
    async def walk() -> None:
        async for _ in paginator(slow):
            pass

    task = asyncio.create_task(walk())
    while slow.under_way < 6:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert nothing_is_left(slow)


def test_by_break_with_threads(slow: Slow) -> None:
    for number in Paginator(slow.in_thread, LISTING, {}, page_size=10):
        if number == 5:
            break
    assert slow.begun <= 7, "no page beyond those ahead was requested"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("vbc-call-recording")]


@pytest.mark.parametrize("prefetch", [0, 1, 4])
def test_no_more_pages_are_ahead_than_asked_for(slow: Slow, prefetch: int) -> None:
    """So that memory is bounded by `prefetch`."""
    listing = Paginator(slow.in_thread, LISTING, {}, prefetch=prefetch, page_size=10)
    ahead = [slow.begun - taken for taken, _ in enumerate(listing.pages(), start=1)]
    assert len(ahead) == 100
    assert max(ahead) <= prefetch
