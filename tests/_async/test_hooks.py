"""`on_retry` and `on_quota_wait`: what they are told, and what becomes of what they raise."""

import anyio
import httpx
import pytest

from vbc_call_recording import (
    AsyncCallRecordingClient,
    ConfigurationError,
    PasswordGrant,
    RetryPolicy,
    WaitEvent,
)
from vbc_call_recording_sandbox import Sandbox

ONE = r"/company_call_recordings/\d+$"


class Stop(Exception):  # noqa: N818 - what a user's hook may raise
    pass


def stop(_: WaitEvent) -> None:
    raise Stop


@pytest.fixture
def told() -> list[WaitEvent]:
    return []


@pytest.fixture
def hooked(client: AsyncCallRecordingClient, told: list[WaitEvent]) -> AsyncCallRecordingClient:
    return client.with_options(on_retry=told.append, on_quota_wait=told.append)


@pytest.mark.anyio
async def test_a_repeated_request_is_told_of_with_its_reason(
    hooked: AsyncCallRecordingClient, told: list[WaitEvent], sandbox: Sandbox
) -> None:
    wanted = sandbox.store.company()[0].id
    sandbox.faults.next(ONE, status=503)
    sandbox.faults.next(ONE, drop=True)

    assert (await hooked.company_recordings.get(wanted)).id == wanted

    assert [(event.operation, event.attempt, event.reason, event.status_code) for event in told] == [
        ("get_company_recording", 1, "503 Service Unavailable", 503),
        ("get_company_recording", 2, "RemoteProtocolError", None),
    ]
    assert all(0 < event.wait < 1 for event in told)


@pytest.mark.anyio
async def test_another_token_after_a_401_is_told_of_too(
    hooked: AsyncCallRecordingClient, told: list[WaitEvent], sandbox: Sandbox
) -> None:
    wanted = sandbox.store.company()[0].id
    sandbox.faults.next(ONE, status=401)

    await hooked.company_recordings.get(wanted)

    assert told == [WaitEvent("get_company_recording", 1, 0.0, "401 Unauthorized", 401)]


@pytest.mark.anyio
async def test_waiting_for_the_quota_is_told_of(
    hooked: AsyncCallRecordingClient, told: list[WaitEvent], sandbox: Sandbox
) -> None:
    sandbox.quirks.quota.requests = 1
    sandbox.quirks.quota.window = 1
    wanted = sandbox.store.company()[0].id

    for _ in range(3):
        await hooked.company_recordings.get(wanted)

    assert {event.operation for event in told} == {"get_company_recording"}
    assert (told[0].attempt, told[0].reason, told[0].status_code) == (1, "quota", 429)
    assert all(0.05 < event.wait < 5 for event in told)


@pytest.mark.anyio
async def test_pacing_is_told_of_as_such(
    sandbox: Sandbox, grant: PasswordGrant, told: list[WaitEvent]
) -> None:
    async with AsyncCallRecordingClient(
        auth=grant, base_url=sandbox.base_url, rate_limit="2/s", on_quota_wait=told.append
    ) as client:
        for stored in sandbox.store.company()[:3]:
            await client.company_recordings.get(stored.id)

    assert [(event.attempt, event.reason, event.status_code) for event in told] == [(1, "rate_limit", None)]


@pytest.mark.anyio
async def test_what_a_hook_raises_ends_the_call_and_nothing_else(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    wanted = sandbox.store.company()[0].id
    hooked = client.with_options(on_retry=stop, on_quota_wait=stop)
    sandbox.faults.next(ONE, status=503)
    with pytest.raises(Stop):
        await hooked.company_recordings.get(wanted)
    sandbox.quirks.quota.requests = 1
    sandbox.quirks.quota.window = 1
    await hooked.company_recordings.get(wanted)
    with pytest.raises(Stop):
        await hooked.company_recordings.get(wanted)

    assert (await client.company_recordings.get(wanted)).id == wanted, "the gate lets others through"


@pytest.mark.anyio
async def test_hooks_are_kept_by_clones_and_listings_until_others_are_named(
    hooked: AsyncCallRecordingClient, told: list[WaitEvent], sandbox: Sandbox
) -> None:
    sandbox.faults.next("GET", status=503)
    again = hooked.with_options(retries=RetryPolicy(first_wait=0.01))

    assert len([item async for item in again.company_recordings.list(limit=3)]) == 3

    assert [event.operation for event in told] == ["list_company_recordings"]


@pytest.mark.parametrize("name", ["on_retry", "on_quota_wait"])
@pytest.mark.parametrize("bad", [5, "print", anyio.sleep])
def test_what_is_no_plain_function_is_refused(name: str, bad: object) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is .*; accepted: a plain function"):
        AsyncCallRecordingClient(auth="t", **{name: bad})  # type: ignore[arg-type]


def test_a_clone_of_a_subclass_keeps_its_attributes() -> None:
    class Ours(AsyncCallRecordingClient):
        def __init__(self, tenant: str) -> None:
            super().__init__(auth="t")
            self.tenant = tenant

    client = Ours("acme")
    clone = client.with_options(timeout=httpx.Timeout(5))

    assert (type(clone), clone.tenant) == (Ours, "acme")
    assert clone.company_recordings is not client.company_recordings


@pytest.mark.anyio
@pytest.mark.parametrize("error", [httpx.ConnectError("a webhook's"), httpx.InvalidURL("a webhook's")])
async def test_errors_of_httpx_that_a_hook_raises_are_not_taken_for_ours(
    client: AsyncCallRecordingClient, sandbox: Sandbox, error: Exception
) -> None:
    def call_a_webhook(_: WaitEvent) -> None:
        raise error

    sandbox.faults.next(ONE, status=503)
    with pytest.raises(type(error)) as caught:
        await client.with_options(on_retry=call_a_webhook).company_recordings.get(5)
    assert caught.value is error


def test_objects_whose_call_is_async_are_refused_like_async_functions() -> None:
    class Hook:
        __call__ = staticmethod(anyio.sleep)

    with pytest.raises(ConfigurationError, match=r"on_retry is .*; accepted: a plain function"):
        AsyncCallRecordingClient(auth="token-1", on_retry=Hook())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
