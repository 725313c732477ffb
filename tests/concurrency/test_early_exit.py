"""Leaving a loop early does not wait for what only waits to try again."""

import asyncio
import threading
import time
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient
from vbc_call_recording._concurrency import Pool, async_checkpoint, checkpoint, sleep
from vbc_call_recording._files import targets
from vbc_call_recording_sandbox import Sandbox


def test_a_job_that_sleeps_ends_when_its_pool_is_closed() -> None:
    with Pool(1) as pool:
        job = pool.start(sleep, 60)

    with pytest.raises(CancelledError):
        job.result()


def test_a_job_that_goes_on_and_on_ends_at_its_next_checkpoint_when_its_pool_is_closed() -> None:
    begun = threading.Event()

    def work() -> None:
        while True:
            begun.set()
            checkpoint()

    with Pool(1) as pool:
        job = pool.start(work)
        begun.wait(20)
        checkpoint()  # of nobody's job

    with pytest.raises(CancelledError):
        job.result()


@pytest.mark.anyio
async def test_tasks_need_no_checkpoint() -> None:
    await async_checkpoint()


@pytest.mark.anyio
async def test_cancelling_a_download_that_is_being_verified_does_not_hold_up_the_event_loop(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifying, go_on = threading.Event(), threading.Event()
    was_let_go: list[bool] = []

    def verify(_: bytes) -> None:
        verifying.set()
        was_let_go.append(go_on.wait(5))

    monkeypatch.setattr(targets, "_check_audio", verify)
    async with AsyncCallRecordingClient.from_env(sandbox.environment) as client:
        recording_id = sandbox.store.company()[0].id
        task = asyncio.create_task(client.company_recordings.download(recording_id, tmp_path))
        await asyncio.to_thread(verifying.wait, 20)
        task.cancel()
        for _ in range(10):
            await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert was_let_go == [True]
    assert not list(tmp_path.glob("*.lock"))


def test_a_job_that_has_time_to_sleep_finishes() -> None:
    with Pool(1) as pool:
        pool.start(sleep, 0.01).result()


def test_retries_of_pages_nobody_wants_any_more_are_given_up(sandbox: Sandbox) -> None:
    def later_page(request: object) -> bool:
        return "page=" in str(getattr(request, "query", "")).replace("page_size=", "")

    sandbox.faults.next(later_page, times=99, status=503, headers={"Retry-After": "25"})
    started = time.monotonic()
    with CallRecordingClient.from_env(sandbox.environment) as client:
        for _ in client.company_recordings.list(page_size=20):
            break

    assert time.monotonic() - started < 20
