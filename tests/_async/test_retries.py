"""What is tried again, how often, and what is not."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from vbc_call_recording import (
    ApiConnectionError,
    ApiTimeoutError,
    AsyncCallRecordingClient,
    ConfigurationError,
    MalformedResponseError,
    NotFoundError,
    PasswordGrant,
    RateLimitError,
    RetryPolicy,
    ServerError,
)
from vbc_call_recording._http.retries import Tries
from vbc_call_recording_sandbox import Sandbox

ONE = r"/company_call_recordings/\d+$"


def some_id(sandbox: Sandbox) -> int:
    return sandbox.store.company()[0].id


def count(sandbox: Sandbox, method: str) -> int:
    return sum(request.method == method and "/api/" in request.path for request in sandbox.requests)


@pytest.mark.anyio
@pytest.mark.parametrize("status", [502, 503, 504])
async def test_get_is_tried_again_after(
    client: AsyncCallRecordingClient, sandbox: Sandbox, status: int
) -> None:
    wanted = some_id(sandbox)
    sandbox.faults.next(ONE, status=status, times=2)

    assert (await client.company_recordings.get(wanted)).id == wanted

    assert count(sandbox, "GET") == 3


@pytest.mark.anyio
async def test_get_is_tried_again_after_a_broken_connection_and_a_cut_body(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    wanted = some_id(sandbox)
    sandbox.faults.next(ONE, drop=True)
    sandbox.faults.next(ONE, truncate=20)

    assert (await client.company_recordings.get(wanted)).id == wanted

    assert count(sandbox, "GET") == 3


@pytest.mark.anyio
async def test_a_timeout_is_tried_again(client: AsyncCallRecordingClient, sandbox: Sandbox) -> None:
    wanted = some_id(sandbox)
    sandbox.faults.next(ONE, delay=2)

    impatient = client.with_options(timeout=0.3)

    assert (await impatient.company_recordings.get(wanted)).id == wanted


@pytest.mark.anyio
async def test_tries_are_bounded(client: AsyncCallRecordingClient, sandbox: Sandbox) -> None:
    sandbox.faults.next(ONE, status=503, times=9)

    with pytest.raises(ServerError):
        await client.company_recordings.get(some_id(sandbox))

    assert count(sandbox, "GET") == RetryPolicy().tries


@pytest.mark.anyio
async def test_no_try_begins_after_the_total_time(client: AsyncCallRecordingClient, sandbox: Sandbox) -> None:
    sandbox.faults.next(ONE, status=503, delay=0.2, times=99)
    hurried = client.with_options(retries=RetryPolicy(tries=99, total_time=0.3, first_wait=0.001))

    with pytest.raises((ServerError, ApiTimeoutError)):
        await hurried.company_recordings.get(some_id(sandbox))

    assert count(sandbox, "GET") == 2


@pytest.mark.anyio
@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500, 501, 520])
async def test_other_statuses_are_final(
    client: AsyncCallRecordingClient, sandbox: Sandbox, status: int
) -> None:
    sandbox.faults.next(ONE, status=status)

    with pytest.raises(Exception, match=str(status)):
        await client.company_recordings.get(some_id(sandbox))

    assert count(sandbox, "GET") == 1


@pytest.mark.anyio
async def test_an_export_is_not_asked_for_twice_when_the_first_may_have_begun(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    sandbox.faults.next("POST .*/export", drop=True, acts=True)
    with pytest.raises(ApiConnectionError):
        await client.company_recordings.export()

    sandbox.faults.next("POST .*/export", status=503)
    with pytest.raises(ServerError):
        await client.company_recordings.export()

    assert count(sandbox, "POST") == 2


@pytest.mark.anyio
async def test_an_export_is_asked_for_again_after_429(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    sandbox.faults.next("POST .*/export", status=429)

    assert (await client.company_recordings.export(extension="none")).job_ids == ()

    assert count(sandbox, "POST") == 2


@pytest.mark.anyio
async def test_retry_after_is_waited_for(client: AsyncCallRecordingClient, sandbox: Sandbox) -> None:
    sandbox.faults.next(ONE, status=503, headers={"Retry-After": "1"})
    started = time.monotonic()

    await client.company_recordings.get(some_id(sandbox))

    assert time.monotonic() - started >= 1


@pytest.mark.anyio
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_a_longer_retry_after_than_allowed_is_an_error_at_once(
    client: AsyncCallRecordingClient, sandbox: Sandbox, status: int, form: str
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=3600), usegmt=True)
    sandbox.faults.next(ONE, status=status, headers={"Retry-After": date if form == "date" else "3600"})

    with pytest.raises((RateLimitError, ServerError)) as caught:
        await client.company_recordings.get(some_id(sandbox))

    assert caught.value.retry_after == pytest.approx(3600, abs=5)
    assert count(sandbox, "GET") == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("policy", "seconds"),
    [
        (RetryPolicy(max_wait=5, total_time=500), 60),  # longer than any wait
        (RetryPolicy(max_wait=500, total_time=5), 60),  # longer than the time left
    ],
)
async def test_each_bound_of_a_wait_holds_by_itself(
    client: AsyncCallRecordingClient, sandbox: Sandbox, policy: RetryPolicy, seconds: int
) -> None:
    sandbox.faults.next(ONE, status=503, headers={"Retry-After": str(seconds)})

    with pytest.raises(ServerError):
        await client.with_options(retries=policy).company_recordings.get(some_id(sandbox))

    assert count(sandbox, "GET") == 1


@pytest.mark.anyio
async def test_our_own_wait_does_not_outlast_the_total_time(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    sandbox.faults.next(ONE, status=503, times=9)
    slow = client.with_options(retries=RetryPolicy(tries=9, total_time=0.5, first_wait=20))
    started = time.monotonic()

    with pytest.raises(ServerError):
        await slow.company_recordings.get(some_id(sandbox))

    assert time.monotonic() - started < 10


def test_waits_differ_from_each_other_and_grow() -> None:
    def waits(attempt: int) -> list[float]:
        drawn: list[float] = []
        for _ in range(20):
            tries = Tries(RetryPolicy(first_wait=1), httpx.Request("GET", "https://a.test"), now=0)
            for _ in range(attempt):
                tries.made += 1
            drawn.append(tries.wait_after(httpx.Response(503), now=0) or 0)
        return drawn

    first, third = waits(1), waits(3)

    assert len(set(first)) > 1
    assert 0.75 <= min(first) <= max(first) <= 1.25
    assert 3 <= min(third) <= max(third) <= 5


@pytest.mark.anyio
@pytest.mark.parametrize(
    "value", ["soon", "-5", "1.5e3", "Mon, 01 Jan 2001 00:00:00 GMT", "0", "\xb2", "9" * 400 + "x"]
)
async def test_a_retry_after_without_sense_is_replaced_by_our_own_wait(
    client: AsyncCallRecordingClient, sandbox: Sandbox, value: str
) -> None:
    sandbox.faults.next(ONE, status=503, headers={"Retry-After": value})

    await client.company_recordings.get(some_id(sandbox))

    assert count(sandbox, "GET") == 2


@pytest.mark.anyio
async def test_a_delete_whose_first_answer_was_lost_counts_as_done(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    gone = some_id(sandbox)
    sandbox.faults.next("DELETE", drop=True, acts=True)

    await client.company_recordings.delete(gone)

    assert count(sandbox, "DELETE") == 2
    with pytest.raises(NotFoundError):
        await client.company_recordings.delete(gone)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "is_done"),
    [(502, True), (504, True), (503, False), (429, False)],  # proxies that lost the answer; refusals
)
async def test_a_delete_that_finds_nothing_is_done_only_if_an_answer_was_lost(
    client: AsyncCallRecordingClient, sandbox: Sandbox, status: int, is_done: bool
) -> None:
    sandbox.faults.next("DELETE", status=status)
    deletion = client.company_recordings.delete

    if is_done:
        await deletion(1)
    else:
        with pytest.raises(NotFoundError):
            await deletion(1)

    assert count(sandbox, "DELETE") == 2


@pytest.mark.anyio
@pytest.mark.parametrize("body", ["<html>Please log in</html>", {"error": "later"}])
async def test_a_delete_answered_with_something_else_is_not_taken_for_done(
    client: AsyncCallRecordingClient, sandbox: Sandbox, body: object
) -> None:
    sandbox.faults.next("DELETE", status=200, body=body)

    with pytest.raises(MalformedResponseError, match="whether it was deleted"):
        await client.company_recordings.delete(some_id(sandbox))


@pytest.mark.anyio
@pytest.mark.parametrize("body", [b"", b" {} "])
async def test_a_delete_answered_with_another_success_and_nothing_in_it_is_done(
    client: AsyncCallRecordingClient, sandbox: Sandbox, body: bytes
) -> None:
    sandbox.faults.next("DELETE", status=200, body=body, acts=True)

    await client.company_recordings.delete(some_id(sandbox))


@pytest.mark.anyio
async def test_that_a_delete_was_tried_before_is_not_forgotten_over_a_new_login(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    gone = some_id(sandbox)
    sandbox.faults.next("DELETE", drop=True, acts=True)
    sandbox.faults.next("DELETE", status=401)

    await client.company_recordings.delete(gone)

    assert count(sandbox, "DELETE") == 3


@pytest.mark.anyio
async def test_a_new_login_is_no_retry(client: AsyncCallRecordingClient, sandbox: Sandbox) -> None:
    sandbox.faults.next("DELETE", status=401)

    with pytest.raises(NotFoundError):
        await client.company_recordings.delete(1)


@pytest.mark.anyio
async def test_retries_can_be_turned_off_for_a_clone_over_the_same_connections(
    client: AsyncCallRecordingClient, sandbox: Sandbox
) -> None:
    sandbox.faults.next(ONE, status=503)
    async with client.with_options(retries=0) as once:
        with pytest.raises(ServerError):
            await once.company_recordings.get(some_id(sandbox))

    assert (await client.company_recordings.get(some_id(sandbox))).id == some_id(sandbox)
    assert [request.path for request in sandbox.requests].count("/token") == 1


@pytest.mark.anyio
async def test_a_server_that_is_not_there(grant: PasswordGrant) -> None:
    retries = RetryPolicy(tries=2, first_wait=0.01)
    nowhere = AsyncCallRecordingClient(auth="t", base_url="http://127.0.0.1:9", retries=retries)

    with pytest.raises(ApiConnectionError, match="could not be reached"):
        await nowhere.company_recordings.get(5)
    await nowhere.aclose()


@pytest.mark.anyio
async def test_a_slow_server_is_a_timeout(client: AsyncCallRecordingClient, sandbox: Sandbox) -> None:
    sandbox.faults.next(ONE, delay=2)

    with pytest.raises(ApiTimeoutError):
        await client.with_options(timeout=0.2, retries=0).company_recordings.get(5)


@pytest.mark.parametrize("bad", [-1, True, RetryPolicy, "3", None, 1.5])
def test_retries_that_make_no_sense_are_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match="retries"):
        AsyncCallRecordingClient(auth="t", retries=bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [{"tries": 0}, {"tries": 1.5}, {"max_wait": 0}, {"total_time": "5"}])
def test_a_policy_that_makes_no_sense_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(bad))):
        RetryPolicy(**bad)  # type: ignore[arg-type]
