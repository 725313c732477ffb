"""Fixtures every test may use."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from vbc_call_recording import PasswordGrant
from vbc_call_recording_sandbox import Sandbox

# A busy machine is no bug. CI tries the same examples every time: what it finds is about the change.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


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


@pytest.fixture
def grant(sandbox: Sandbox) -> PasswordGrant:
    given = sandbox.credentials
    return PasswordGrant(
        given.username, given.password, given.client_id, given.client_secret, token_url=sandbox.token_url
    )
