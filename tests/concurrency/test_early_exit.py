"""Leaving a loop early does not wait for what only waits to try again."""

import time
from concurrent.futures import CancelledError

import pytest

from vbc_call_recording import CallRecordingClient
from vbc_call_recording._concurrency import Pool, sleep
from vbc_call_recording_sandbox import Sandbox


def test_a_job_that_sleeps_ends_when_its_pool_is_closed() -> None:
    with Pool(1) as pool:
        job = pool.start(sleep, 60)

    with pytest.raises(CancelledError):
        job.result()


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
