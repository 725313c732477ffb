"""An async client in more than one event loop, one after the other and at once."""

import asyncio
import gc
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from vbc_call_recording import (
    AsyncCallRecordingClient,
    CallRecordingClient,
    ConfigurationError,
    PasswordGrant,
)
from vbc_call_recording_sandbox import Sandbox

# Loops that end before the client is closed leave sockets behind, and asyncio says so.
pytestmark = [
    pytest.mark.slow,
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


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_login_begun_in_a_loop_that_was_left_is_begun_anew(
    sandbox: Sandbox, grant: PasswordGrant, is_closed: bool
) -> None:
    arrived, answer = threading.Event(), threading.Event()

    def hold_up(_: object) -> None:
        arrived.set()
        answer.wait(10)

    sandbox.faults.before("POST /token", hold_up)
    client = AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=0)
    left = asyncio.new_event_loop()
    task = left.create_task(ids(client))
    left.run_until_complete(asyncio.to_thread(arrived.wait, 10))
    if is_closed:
        left.close()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(lambda: asyncio.run(ids(client)))
        answer.set()
        assert len(waiting.result(10)) == 60
    with CallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=0) as other:
        assert len(list(other.company_recordings.list(limit=3))) == 3
    asyncio.run(client.aclose())
    del task, left
    gc.collect()


def test_a_login_whose_loop_is_left_while_others_wait_is_begun_anew(
    sandbox: Sandbox, grant: PasswordGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vbc_call_recording._auth.renewal.LOOK_AGAIN", 0.05)
    arrived, answer = threading.Event(), threading.Event()
    held = iter([True, False])

    def hold_up(_: object) -> None:
        if next(held, False):
            arrived.set()
            answer.wait(10)

    sandbox.faults.before("POST /token", hold_up)
    client = AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=0)
    left = asyncio.new_event_loop()
    task = left.create_task(ids(client))
    with ThreadPoolExecutor() as pool:

        async def until_others_wait() -> None:
            await asyncio.to_thread(arrived.wait, 10)
            waiting.append(pool.submit(lambda: asyncio.run(ids(client))))
            await asyncio.sleep(0.2)

        waiting: list[Future[list[object]]] = []
        left.run_until_complete(until_others_wait())
        assert len(waiting[0].result(10)) == 60
    answer.set()
    asyncio.run(client.aclose())
    del task, left
    gc.collect()


def test_a_listing_begun_in_another_loop_says_so_when_it_is_continued(
    sandbox: Sandbox, grant: PasswordGrant
) -> None:
    client = AsyncCallRecordingClient(auth=grant, base_url=sandbox.base_url, retries=0)
    left = asyncio.new_event_loop()
    listing = aiter(client.company_recordings.list(page_size=2))
    left.run_until_complete(anext(listing))

    async def go_on() -> list[object]:
        return [recording.id async for recording in listing]

    with pytest.raises(ConfigurationError, match="begun in another event loop"):
        asyncio.run(asyncio.wait_for(go_on(), 10))
    asyncio.run(client.aclose())
    left.close()
    gc.collect()
