"""Fixtures of the tests that talk to the sandbox."""

from collections.abc import AsyncIterator

import pytest

from vbc_call_recording import AsyncCallRecordingClient, PasswordGrant, RetryPolicy
from vbc_call_recording_sandbox import Sandbox


@pytest.fixture
async def client(sandbox: Sandbox, grant: PasswordGrant) -> AsyncIterator[AsyncCallRecordingClient]:
    """A client of the sandbox, impatient between retries."""
    retries = RetryPolicy(first_wait=0.01)
    async with AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=retries) as client:
        yield client
