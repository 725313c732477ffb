"""Fixtures of the tests that talk to the sandbox."""

import dataclasses
from collections.abc import AsyncIterator

import pytest

from tests.files.serving import SIZE
from vbc_call_recording import AsyncCallRecordingClient, PasswordGrant, RetryPolicy
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox._data import Recording as Stored


@pytest.fixture
async def client(sandbox: Sandbox, grant: PasswordGrant) -> AsyncIterator[AsyncCallRecordingClient]:
    """A client of the sandbox, impatient between retries."""
    retries = RetryPolicy(first_wait=0.01)
    async with AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=retries) as client:
        yield client


@pytest.fixture
def stored(sandbox: Sandbox) -> Stored:
    """A company recording of a size that takes several reads."""
    return sandbox.store.put(dataclasses.replace(sandbox.store.company()[0], size=SIZE))
