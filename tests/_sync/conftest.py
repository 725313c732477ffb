# Written by scripts/mirror from tests/_async/conftest.py.
# Change that file and run `make generate`.
"""Fixtures of the tests that talk to the sandbox."""

from collections.abc import Iterator

import pytest

from vbc_call_recording import CallRecordingClient, PasswordGrant, RetryPolicy
from vbc_call_recording_sandbox import Sandbox


@pytest.fixture
def client(sandbox: Sandbox, grant: PasswordGrant) -> Iterator[CallRecordingClient]:
    """A client of the sandbox, impatient between retries."""
    retries = RetryPolicy(first_wait=0.01)
    with CallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=retries) as client:
        yield client
