"""What is cancelled, at whatever moment, leaves no lock and no work behind: the next can start at once."""

import asyncio
import dataclasses
import io
import os
import random
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.files.serving import bytes_of
from vbc_call_recording import AsyncCallRecordingClient
from vbc_call_recording._concurrency import async_to_thread, checkpoint
from vbc_call_recording._files.unpacking import unpack_archive
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth

pytestmark = pytest.mark.slow

TIMES = 200


@pytest.mark.anyio
async def test_two_hundred_cancellations_of_many_downloads(sandbox: Sandbox, tmp_path: Path) -> None:
    stored = [
        sandbox.store.put(dataclasses.replace(recording, size=400_000))
        for recording in sandbox.store.company()[:4]
    ]
    chance = random.Random(9)
    async with AsyncCallRecordingClient.from_env(sandbox.environment) as client:
        ids = [recording.id for recording in stored]

        async def download(folder: Path, done: list[object]) -> None:
            async for result in client.company_recordings.download_many(ids, folder, concurrency=3):
                assert result.error is None, "a lock was left, or work was going on"
                done.append(result)

        before = len(asyncio.all_tasks())
        folder = tmp_path / "0"
        for number in range(TIMES):
            task = asyncio.create_task(download(folder, []))
            await asyncio.sleep(chance.uniform(0, 0.04))
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled() or task.exception() is None
            assert not list(folder.glob("*.lock"))
            if len(list(folder.glob("*.mp3"))) == len(ids):
                folder = tmp_path / str(number + 1)
        done: list[object] = []
        await download(folder, done)
        assert len(done) == len(ids)
        # Generators that httpx left are closed by tasks of their own, a moment later.
        with anyio.fail_after(60):
            while len(asyncio.all_tasks()) > before:
                await asyncio.sleep(0.01)
    for recording in stored:
        (path,) = folder.glob(f"*-{recording.id}.mp3")
        assert path.read_bytes() == bytes_of(truth.audio(recording))


@pytest.mark.anyio
async def test_nothing_reaches_a_file_object_once_its_download_is_cancelled(sandbox: Sandbox) -> None:
    stored = sandbox.store.put(dataclasses.replace(sandbox.store.company()[0], size=4_000_000))
    writing = threading.Event()

    class Slow(io.BytesIO):
        def write(self, data: Any) -> int:
            writing.set()
            time.sleep(0.1)
            return super().write(data)

    file = Slow()
    async with AsyncCallRecordingClient.from_env(sandbox.environment) as client:
        task = asyncio.create_task(client.company_recordings.download(stored.id, file))
        await soon(writing.is_set)
        task.cancel()
        await asyncio.wait([task])
        size = len(file.getvalue())
        await asyncio.sleep(0.3)
    assert task.cancelled()
    assert 0 < size == len(file.getvalue()) < stored.size


@pytest.mark.anyio
@pytest.mark.parametrize("by", ["task", "scope"])
async def test_two_hundred_cancellations_of_unpacking(by: str, tmp_path: Path) -> None:
    archive = tmp_path / "export.zip"
    contents = os.urandom(300_000)
    with zipfile.ZipFile(archive, "w") as made:
        for number in range(20):
            made.writestr(f"{number}.mp3", contents)
    chance = random.Random(9)
    target = tmp_path / "export"
    for _ in range(TIMES // 2):
        if by == "task":
            task = asyncio.create_task(async_to_thread(unpack_archive, archive, target, overwrite=True))
            await asyncio.sleep(chance.uniform(0, 0.02))
            task.cancel()
            await asyncio.wait([task])
        else:
            with anyio.move_on_after(chance.uniform(0, 0.02)):
                await async_to_thread(unpack_archive, archive, target, overwrite=True)
        left = {path.name for path in tmp_path.iterdir()} - {"export", "export.zip"}
        assert not left, "unpacking goes on, or has not tidied up"
    paths = await async_to_thread(unpack_archive, archive, target, overwrite=True)
    assert [path.read_bytes() for path in paths] == [contents] * 20


async def soon(condition: Callable[[], object]) -> None:
    with anyio.fail_after(60):
        while not condition():
            await asyncio.sleep(0.001)


@pytest.mark.anyio
async def test_work_on_a_thread_ends_at_its_checkpoint_and_before_its_task_does() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        try:
            while True:
                checkpoint()
        finally:
            ended.set()

    task = asyncio.create_task(async_to_thread(work))
    await soon(begun.is_set)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


@pytest.mark.anyio
async def test_whoever_is_cancelled_again_and_again_still_waits_for_the_thread() -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(60)
        ended.set()

    task = asyncio.create_task(async_to_thread(work))
    await soon(begun.is_set)
    for _ in range(5):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


@pytest.mark.anyio
async def test_what_the_work_raises_is_raised() -> None:
    def fail() -> None:
        raise LookupError("oops")

    with pytest.raises(LookupError, match="oops"):
        await async_to_thread(fail)


@pytest.mark.anyio
async def test_tidying_up_is_begun_and_ended_in_a_task_that_is_cancelled_already() -> None:
    tidied = threading.Event()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await async_to_thread(tidied.set)
    assert tidied.is_set()
    assert scope.cancelled_caught
