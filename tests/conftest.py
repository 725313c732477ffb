"""Fixtures every test may use."""

from collections.abc import Iterator

import pytest

from vbc_call_recording_sandbox import Sandbox


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio: the retry transport sleeps with it."""
    return "asyncio"


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, recordings=600, on_demand=80) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """A sandbox as good as new."""
    running_sandbox.reset()
    return running_sandbox
