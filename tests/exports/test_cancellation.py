"""Waiting and downloading can be called off at any moment: by a cancelled task, a cancel scope, or Ctrl-C."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient, PasswordGrant
from vbc_call_recording_sandbox import Sandbox

FOREVER = 3600


@pytest.fixture
def grant(sandbox: Sandbox) -> PasswordGrant:
    given = sandbox.credentials
    return PasswordGrant(
        given.username, given.password, given.client_id, given.client_secret, token_url=sandbox.token_url
    )


@pytest.fixture
async def client(sandbox: Sandbox, grant: PasswordGrant) -> AsyncIterator[AsyncCallRecordingClient]:
    async with AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url) as client:
        yield client


@pytest.fixture
def sync_client(sandbox: Sandbox, grant: PasswordGrant) -> Iterator[CallRecordingClient]:
    with CallRecordingClient(auth=grant, base_url=sandbox.base_url) as client:
        yield client


@pytest.fixture
def big(sandbox: Sandbox) -> int:
    """A recording too large to be there at once, whose bytes stop coming."""
    stored = sandbox.store.put(replace(sandbox.store.company()[0], size=50_000_000))
    sandbox.faults.next("/audio/recording/", stall=1_000_000)
    return stored.id


async def soon(condition: Callable[[], object]) -> None:
    """Lets the loop go on until something holds."""
    with anyio.fail_after(60):
        while not condition():
            await anyio.sleep(0.005)


@pytest.mark.anyio
async def test_a_cancelled_task_stops_waiting_at_once_and_the_handle_can_go_on(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    export = await client.company_recordings.export()
    waiting = asyncio.create_task(export.wait(poll=FOREVER))
    await soon(lambda: export.progress.files_total)
    before = len(asyncio.all_tasks())
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(asyncio.all_tasks()) == before - 1
    assert (await export.wait(poll=0.01)).fraction == 1


@pytest.mark.anyio
async def test_a_cancel_scope_stops_waiting(client: AsyncCallRecordingClient) -> None:
    export = await client.company_recordings.export()
    with anyio.move_on_after(0.2) as scope:
        await export.wait(poll=FOREVER)
    assert scope.cancelled_caught
    assert (await export.wait(poll=0.01)).fraction == 1


@pytest.mark.anyio
@pytest.mark.parametrize("by", ["task", "scope"])
async def test_a_cancelled_download_lets_go_of_everything_but_its_bytes(
    by: str, client: AsyncCallRecordingClient, sandbox: Sandbox, big: int, tmp_path: Path
) -> None:
    part = tmp_path / "a.mp3.part"

    async def download() -> None:
        await client.company_recordings.download(big, tmp_path / "a.mp3")

    if by == "task":
        task = asyncio.create_task(download())
        await soon(lambda: part.exists() and part.stat().st_size)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        async with anyio.create_task_group() as group:
            group.start_soon(download)
            await soon(lambda: part.exists() and part.stat().st_size)
            group.cancel_scope.cancel()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp3.part", "a.mp3.part.json"]
    done = await client.company_recordings.download(big, tmp_path / "a.mp3")
    assert done.bytes == 50_000_000
    assert any("range" in request.headers for request in sandbox.requests)


@pytest.mark.anyio
async def test_a_task_cancelled_among_many_downloads_leaks_no_task(
    client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.next("/audio/recording/", stall=500, times=4)

    async def download_all() -> None:
        listing = client.company_recordings.list(limit=50)
        async for _ in client.company_recordings.download_many(listing, tmp_path, concurrency=4):
            pass

    before = len(asyncio.all_tasks())
    task = asyncio.create_task(download_all())
    await soon(lambda: len(list(tmp_path.glob("*.part.lock"))) == 4)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # Generators that httpx left are closed by tasks of their own, a moment later.
    await soon(lambda: len(asyncio.all_tasks()) == before)
    assert not list(tmp_path.glob("*.lock"))


def ctrl_c_when(condition: Callable[[], object]) -> threading.Thread:
    def press() -> None:
        give_up = time.monotonic() + 60
        while not condition() and time.monotonic() < give_up:
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


def test_ctrl_c_ends_a_wait_at_once_and_the_handle_can_go_on(sync_client: CallRecordingClient) -> None:
    export = sync_client.company_recordings.export()
    pressing = ctrl_c_when(lambda: export.progress.files_total)
    with pytest.raises(KeyboardInterrupt):
        export.wait(poll=FOREVER)
    pressing.join()
    assert export.wait(poll=0.01).fraction == 1


def test_ctrl_c_ends_a_download_and_keeps_its_bytes(
    sync_client: CallRecordingClient, big: int, tmp_path: Path
) -> None:
    part = tmp_path / "a.mp3.part"
    pressing = ctrl_c_when(lambda: part.exists() and part.stat().st_size)
    with pytest.raises(KeyboardInterrupt):
        sync_client.company_recordings.download(big, tmp_path / "a.mp3")
    pressing.join()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp3.part", "a.mp3.part.json"]
    assert sync_client.company_recordings.download(big, tmp_path / "a.mp3").bytes == 50_000_000
