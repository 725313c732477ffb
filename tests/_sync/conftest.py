# Written by scripts/mirror from tests/_async/conftest.py.
# Change that file and run `make generate`.
"""Fixtures of the tests that talk to the sandbox."""

import dataclasses
from collections.abc import Iterator

import pytest

from tests.files.serving import SIZE
from vbc_call_recording import CallRecordingClient, PasswordGrant, RetryPolicy
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox._data import Recording as Stored


@pytest.fixture
def client(sandbox: Sandbox, grant: PasswordGrant) -> Iterator[CallRecordingClient]:
    """A client of the sandbox, impatient between retries."""
    retries = RetryPolicy(first_wait=0.01)
    with CallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=retries) as client:
        yield client


@pytest.fixture
def stored(sandbox: Sandbox) -> Stored:
    """A company recording of a size that takes several reads."""
    return sandbox.store.put(dataclasses.replace(sandbox.store.company()[0], size=SIZE))
