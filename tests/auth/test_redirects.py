"""Credentials go to the token endpoint, and not wherever it points."""

from collections.abc import Callable

import anyio
import httpx
import pytest

from tests.auth.support import TOKEN_URL, TokenServer
from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient
from vbc_call_recording._auth.grants import PasswordGrant
from vbc_call_recording._errors import StatusError


def get_sync(auth: PasswordGrant, transport: httpx.MockTransport) -> None:
    with CallRecordingClient(auth=auth, transport=transport, retries=0) as client:
        client.company_recordings.get(1)


def get_async(auth: PasswordGrant, transport: httpx.MockTransport) -> None:
    async def main() -> None:
        async with AsyncCallRecordingClient(auth=auth, transport=transport, retries=0) as client:
            await client.company_recordings.get(1)

    anyio.run(main)


@pytest.mark.parametrize("get", [get_sync, get_async])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_token_request_is_not_followed(
    status: int, get: Callable[[PasswordGrant, httpx.MockTransport], None], server: TokenServer
) -> None:
    """Although the request it is made for, a GET, would be."""
    server.scripted = [httpx.Response(status, headers={"Location": "https://evil.test/token"})]
    auth = PasswordGrant("user", "password", "id", "secret", token_url=TOKEN_URL)
    with pytest.raises(StatusError) as caught:
        get(auth, server.transport())
    assert (caught.value.status_code, caught.value.operation) == (status, "token")
    assert len(server.token_requests) == 1
    assert server.api_requests == []
