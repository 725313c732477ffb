"""An async client in more than one event loop, one after the other and at once."""

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from vbc_call_recording import AsyncCallRecordingClient, ConfigurationError, PasswordGrant
from vbc_call_recording_sandbox import Sandbox

# Loops that end before the client is closed leave sockets behind, and asyncio says so.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


async def ids(client: AsyncCallRecordingClient) -> list[object]:
    return [recording.id async for recording in client.company_recordings.list(limit=60, page_size=20)]


def test_a_client_goes_on_in_a_second_loop_and_is_closed_in_a_third(
    sandbox: Sandbox, grant: PasswordGrant
) -> None:
    client = AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=0)
    first, second = asyncio.run(ids(client)), asyncio.run(ids(client))
    assert first == second
    assert len(first) == 60
    asyncio.run(client.aclose())
    with pytest.raises(ConfigurationError, match="closed"):
        asyncio.run(ids(client))
    gc.collect()


def test_a_client_may_be_closed_by_another_loop_right_away(sandbox: Sandbox, grant: PasswordGrant) -> None:
    client = AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=0)
    assert len(asyncio.run(ids(client))) == 60
    asyncio.run(client.aclose())
    gc.collect()


def test_loops_in_several_threads_share_a_client_and_its_login(
    sandbox: Sandbox, grant: PasswordGrant
) -> None:
    client = AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=0)
    with ThreadPoolExecutor(4) as pool:
        listings = list(pool.map(lambda _: asyncio.run(ids(client)), range(8)))
    assert [len(listing) for listing in listings] == [60] * 8
    assert len({tuple(listing) for listing in listings}) == 1
    assert sandbox.tokens.requests == ["password"]
    asyncio.run(client.aclose())
    gc.collect()


def test_an_http_client_of_the_users_is_refused_in_a_second_loop(
    sandbox: Sandbox, grant: PasswordGrant
) -> None:
    own = httpx.AsyncClient()
    client = AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, http_client=own, retries=0)
    assert len(asyncio.run(ids(client))) == 60
    with pytest.raises(ConfigurationError, match="another event loop"):
        asyncio.run(ids(client))
    asyncio.run(client.aclose())
    del own, client
    gc.collect()
