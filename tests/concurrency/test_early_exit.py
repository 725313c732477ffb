"""Leaving a loop early waits neither for what only waits to try again, nor for a server that stalls."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path

import pytest

from tests.files.serving import AUDIO
from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient
from vbc_call_recording._concurrency import Pool, checkpoint, sleep
from vbc_call_recording._files import verification
from vbc_call_recording_sandbox import Sandbox

pytestmark = pytest.mark.slow

STALL = 10
"""Seconds that a server takes which answers too late."""


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


def test_what_a_job_waits_for_is_cut_off_when_its_pool_is_closed() -> None:
    waiting, cut_off = threading.Event(), threading.Event()

    def work() -> bool:
        waiting.set()
        return cut_off.wait(20)

    with Pool(1, interrupt=cut_off.set) as pool:
        job = pool.start(work)
        waiting.wait(20)

    assert job.result() is True


def test_a_job_that_does_not_end_is_left_behind_and_goes_on_with_nothing() -> None:
    """As one that waits for a server's answer: there is no socket to close yet."""
    waiting, answer = threading.Event(), threading.Event()
    told: list[str] = []

    def work() -> None:
        waiting.set()
        answer.wait(20)
        checkpoint()
        told.append("went on")

    with Pool(1) as pool:
        job = pool.start(work)
        waiting.wait(20)

    assert not job.done()
    answer.set()
    with pytest.raises(CancelledError):
        job.result()
    assert told == []


class Stall:
    """Three recordings, of which two stall: in the middle of the answer, or before there is any."""

    def __init__(self, sandbox: Sandbox, where: str) -> None:
        fine, *stalling = (
            sandbox.store.put(replace(stored, size=500_000)) for stored in sandbox.store.company()[:3]
        )
        self.ids = [fine.id, *(stored.id for stored in stalling)]
        self.where = where
        self._sandbox = sandbox
        for stored in stalling:
            if where == "in the body":
                sandbox.faults.next(f"{AUDIO}{stored.id}", stall=300_000)  # more than is held back
            else:
                sandbox.faults.next(f"{AUDIO}{stored.id}", delay=STALL)

    def is_under_way(self, folder: Path) -> bool:
        """Whether both wait for what does not come. Before the headers came, there is no socket to close."""
        asked = len([request for request in self._sandbox.requests if AUDIO in request.path]) == 3
        parts = list(folder.glob("*.part"))
        return asked and (self.where != "in the body" or len(parts) == 2)


@pytest.fixture(params=["in the body", "before the answer"])
def stall(sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Stall]:
    yield Stall(sandbox, request.param)
    for thread in threading.enumerate():
        if thread.name == "vbc-call-recording":
            thread.join(2 * STALL)  # those left behind, which other tests would wonder about


def can_start_again(client: CallRecordingClient, stall: Stall, folder: Path) -> None:
    assert not list(folder.glob("*.lock"))
    again = list(client.company_recordings.download_many(stall.ids, folder))
    assert [result.error for result in again] == [None] * 3
    assert all(path.stat().st_size == 500_000 for path in folder.iterdir())


def busy_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "vbc-call-recording"]


def test_leaving_a_sync_loop_does_not_wait_for_a_server_that_stalls(
    stall: Stall, sandbox: Sandbox, tmp_path: Path
) -> None:
    """The bound is two seconds. A busy machine gets five."""
    with CallRecordingClient.from_env(sandbox.environment) as client:
        for _ in client.company_recordings.download_many(stall.ids, tmp_path):
            while not stall.is_under_way(tmp_path):
                time.sleep(0.01)
            started = time.monotonic()
            break
        assert time.monotonic() - started < STALL / 2
        if stall.where == "in the body":
            while busy_threads() and time.monotonic() - started < STALL / 2:
                time.sleep(0.01)
            assert not busy_threads()
        can_start_again(client, stall, tmp_path)


def test_ctrl_c_does_not_wait_for_a_server_that_stalls(
    stall: Stall, sandbox: Sandbox, tmp_path: Path
) -> None:
    pressed: list[float] = []

    def press() -> None:
        while not stall.is_under_way(tmp_path):
            time.sleep(0.01)
        time.sleep(0.2)  # what does not stall has come
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    with CallRecordingClient.from_env(sandbox.environment) as client:
        results = client.company_recordings.download_many(stall.ids, tmp_path)
        assert next(results).error is None
        pressing = threading.Thread(target=press)
        pressing.start()
        with pytest.raises(KeyboardInterrupt):
            next(results)
        pressing.join()
        assert time.monotonic() - pressed[0] < STALL / 2
        can_start_again(client, stall, tmp_path)


def test_a_program_ends_although_a_thread_of_it_waits_for_a_server_that_does_not_answer(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    stall = Stall(sandbox, "before the answer")
    program = """
import sys
from vbc_call_recording import CallRecordingClient
with CallRecordingClient.from_env() as client:
    for _ in client.company_recordings.download_many(map(int, sys.argv[2:]), sys.argv[1]):
        print("left", flush=True)
        break
"""
    command = [sys.executable, "-c", program, str(tmp_path), *map(str, stall.ids)]
    environment = os.environ | sandbox.environment
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"left\n"
        started = time.monotonic()
        assert process.wait(STALL) == 0
        assert time.monotonic() - started < STALL / 2


@pytest.mark.anyio
async def test_cancelling_a_download_that_is_being_verified_does_not_hold_up_the_event_loop(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifying, go_on = threading.Event(), threading.Event()
    was_let_go: list[bool] = []

    def verify(_: bytes) -> bool:
        verifying.set()
        was_let_go.append(go_on.wait(60))
        return True

    monkeypatch.setattr(verification, "looks_like_audio", verify)
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


AT_THE_VERY_END = """
import builtins, sys
from vbc_call_recording._concurrency import within

class Last:
    def __init__(self, within, sys):
        self.within, self.sys = within, sys

    def __del__(self):
        print(self.within(60, self.sys.is_finalizing), flush=True)

assert within(60, int) == 0  # a thread is kept from now on
builtins.last = Last(within, sys)
"""


def test_a_call_while_python_ends_does_not_wait_for_a_thread_that_is_frozen() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", AT_THE_VERY_END], capture_output=True, text=True, timeout=50
    )
    assert (ended.stdout, ended.stderr) == ("True\n", "")
