"""A sandbox shared by all tests of the sandbox, put back before each, and plain httpx to talk to it."""

from collections.abc import Iterator

import httpx
import pytest

from vbc_call_recording_sandbox import Sandbox


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=1, recordings=600, on_demand=80) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """Authorized, and relative to the account."""
    with httpx.Client(
        base_url=f"{sandbox.base_url}/api/accounts/self",
        headers={"Authorization": f"Bearer {sandbox.tokens.issue()['access_token']}"},
        timeout=10,
    ) as client:
        yield client
