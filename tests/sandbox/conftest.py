"""Plain httpx to talk to the sandbox with."""

from collections.abc import Iterator

import httpx
import pytest

from vbc_call_recording_sandbox import Sandbox


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """Authorized, and relative to the account."""
    with httpx.Client(
        base_url=f"{sandbox.base_url}/api/accounts/self",
        headers={"Authorization": f"Bearer {sandbox.tokens.issue()['access_token']}"},
        timeout=60,
    ) as client:
        yield client
