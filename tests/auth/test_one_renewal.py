"""Many callers, one renewal: over real sockets, with the token endpoint held up until everybody waits."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import anyio
import anyio.to_thread
import httpx
import pytest

from tests.auth.support import TOKEN_URL, Clock, TokenServer, send_async, send_sync
from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient, PasswordGrant
from vbc_call_recording._async import login as async_login
from vbc_call_recording._auth.renewal import Renewal, async_outcome_of, outcome_of
from vbc_call_recording._errors import ApiConnectionError, ConfigurationError, RateLimitError, ServerError
from vbc_call_recording._sync import login as sync_login
from vbc_call_recording_sandbox import Sandbox

CALLERS = 50
TOKEN_REQUEST = "POST /token"


class Crowd:
    """Counts who waits for somebody else's renewal, and holds up the token endpoint until all others do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._waiting = 0
        self._lock = threading.Lock()
        self._complete = threading.Event()

        def counting(renewal: Renewal) -> object:
            self._count()
            return outcome_of(renewal)

        async def counting_async(renewal: Renewal) -> object:
            self._count()
            return await async_outcome_of(renewal)

        monkeypatch.setattr(sync_login, "outcome_of", counting)
        monkeypatch.setattr(async_login, "async_outcome_of", counting_async)

    def _count(self) -> None:
        with self._lock:
            self._waiting += 1
            if self._waiting >= CALLERS - 1:
                self._complete.set()

    def wait(self, _store: object = None) -> None:
        assert self._complete.wait(60), f"only {self._waiting} wait for the one that renews"


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    return Crowd(monkeypatch)


def grant(sandbox: Sandbox) -> PasswordGrant:
    c = sandbox.credentials
    return PasswordGrant(c.username, c.password, c.client_id, c.client_secret, token_url=sandbox.token_url)


def get_one(sandbox: Sandbox, auth: PasswordGrant, **options: object) -> int:
    with CallRecordingClient(auth=auth, base_url=sandbox.base_url, **options) as client:
        return len(list(client.company_recordings.list(page_size=1, limit=1)))


def by_threads(auth: PasswordGrant, sandbox: Sandbox) -> list[object]:
    """What becomes of one request each by 50 threads with one client of ten connections."""
    with (
        httpx.Client(limits=httpx.Limits(max_connections=10)) as http,
        CallRecordingClient(auth=auth, base_url=sandbox.base_url, http_client=http, retries=0) as client,
        ThreadPoolExecutor(CALLERS) as pool,
    ):

        def call(_: int) -> object:
            try:
                return len(list(client.company_recordings.list(page_size=1, limit=1)))
            except Exception as error:  # noqa: BLE001  # it is what became of it
                return error

        return list(pool.map(call, range(CALLERS)))


def by_tasks(auth: PasswordGrant, sandbox: Sandbox) -> list[object]:
    """The same by 50 tasks."""
    outcomes: list[object] = []

    async def main() -> None:
        async with (
            httpx.AsyncClient(limits=httpx.Limits(max_connections=10)) as http,
            AsyncCallRecordingClient(
                auth=auth, base_url=sandbox.base_url, http_client=http, retries=0
            ) as client,
            anyio.create_task_group() as tasks,
        ):

            async def call() -> None:
                try:
                    found = [item async for item in client.company_recordings.list(page_size=1, limit=1)]
                    outcomes.append(len(found))
                except Exception as error:  # noqa: BLE001  # it is what became of it
                    outcomes.append(error)

            for _ in range(CALLERS):
                tasks.start_soon(call)

    anyio.run(main)
    return outcomes


everybody = pytest.mark.parametrize("by_all", [by_threads, by_tasks])
ByAll = Callable[[PasswordGrant, Sandbox], list[object]]


@everybody
def test_all_meeting_no_token_cause_one_token_request(by_all: ByAll, sandbox: Sandbox, crowd: Crowd) -> None:
    sandbox.faults.before(TOKEN_REQUEST, crowd.wait)
    assert by_all(grant(sandbox), sandbox) == [1] * CALLERS
    assert sandbox.tokens.requests == ["password"]


@everybody
def test_all_meeting_an_expired_token_cause_one_token_request(
    by_all: ByAll, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    auth = grant(sandbox)
    get_one(sandbox, auth)
    clock.now += 86_400
    sandbox.faults.before(TOKEN_REQUEST, Crowd(monkeypatch).wait)
    assert by_all(auth, sandbox) == [1] * CALLERS
    assert sandbox.tokens.requests == ["password", "refresh_token"]


@pytest.mark.slow
@everybody
def test_all_refused_with_401_cause_one_token_request_even_with_few_connections(
    by_all: ByAll, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was refused must give its connection back before it waits, or none is left for the renewal."""
    auth = grant(sandbox)
    get_one(sandbox, auth)
    sandbox.tokens.revoke_access_tokens()
    sandbox.faults.before(TOKEN_REQUEST, Crowd(monkeypatch).wait)
    assert by_all(auth, sandbox) == [1] * CALLERS
    assert sandbox.tokens.requests == ["password", "refresh_token"]


@everybody
def test_a_failure_is_delivered_to_all_and_not_remembered(
    by_all: ByAll, sandbox: Sandbox, crowd: Crowd
) -> None:
    sandbox.faults.before(TOKEN_REQUEST, crowd.wait)
    sandbox.faults.next(TOKEN_REQUEST, status=503, headers={"Retry-After": "3", "X-Request-Id": "once"})
    auth = grant(sandbox)
    errors = by_all(auth, sandbox)
    assert Counter(map(type, errors)) == {ServerError: CALLERS}
    assert {str(error) for error in errors} == {str(errors[0])}
    assert {getattr(error, "retry_after", None) for error in errors} == {3}
    assert len({id(error) for error in errors}) == CALLERS, "threads must not share an exception object"
    assert len([line for line in sandbox.requests if line.path == "/token"]) == 1
    assert get_one(sandbox, auth) == 1


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("unreachable", request=request)


def test_threads_are_told_alike_that_the_token_endpoint_cannot_be_reached(crowd: Crowd) -> None:
    attempts: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        attempts.append(str(request.url))
        crowd.wait()
        return refuse(request)

    auth = PasswordGrant("user", "password", "client", "secret", token_url=TOKEN_URL)
    with (
        CallRecordingClient(auth=auth, transport=httpx.MockTransport(serve), retries=0) as client,
        ThreadPoolExecutor(CALLERS) as pool,
    ):
        calls = [pool.submit(client.company_recordings.get, 1) for _ in range(CALLERS)]
        errors = [call.exception() for call in calls]
    assert attempts == [TOKEN_URL]
    assert Counter(map(type, errors)) == {ApiConnectionError: CALLERS}
    assert {str(error) for error in errors} == {str(errors[0])}
    assert f"operation: token; request: POST {TOKEN_URL}" in str(errors[0])


def test_tasks_are_told_alike_that_the_token_endpoint_cannot_be_reached(crowd: Crowd) -> None:
    attempts: list[str] = []
    errors: list[Exception] = []

    async def serve(request: httpx.Request) -> httpx.Response:
        attempts.append(str(request.url))
        await anyio.to_thread.run_sync(crowd.wait)
        return refuse(request)

    async def main() -> None:
        auth = PasswordGrant("user", "password", "client", "secret", token_url=TOKEN_URL)
        transport = httpx.MockTransport(serve)
        async with (
            AsyncCallRecordingClient(auth=auth, transport=transport, retries=0) as client,
            anyio.create_task_group() as tasks,
        ):

            async def call() -> None:
                try:
                    await client.company_recordings.get(1)
                except ApiConnectionError as error:
                    errors.append(error)

            for _ in range(CALLERS):
                tasks.start_soon(call)

    anyio.run(main)
    assert attempts == [TOKEN_URL]
    assert len(errors) == CALLERS
    assert {str(error) for error in errors} == {str(errors[0])}


def test_a_cancelled_renewal_is_taken_over_by_the_next_in_line(server: TokenServer) -> None:
    """Cancelling one task must fail no other."""
    auth = PasswordGrant("user", "password", "client", "secret", token_url=TOKEN_URL)
    outcomes: list[int] = []

    async def main() -> None:
        sending, forever = anyio.Event(), anyio.Event()

        async def serve(request: httpx.Request) -> httpx.Response:
            if str(request.url) == TOKEN_URL and not sending.is_set():
                sending.set()
                await forever.wait()
            return server(request)

        async def call() -> None:
            outcomes.append(await send_async(auth, serve))

        async with anyio.create_task_group() as others, anyio.create_task_group() as leader:
            leader.start_soon(call)
            await sending.wait()
            for _ in range(3):
                others.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            leader.cancel_scope.cancel()

    anyio.run(main)
    assert outcomes == [200, 200, 200]
    assert server.grants == ["password"]


def test_a_cancelled_waiter_disturbs_nobody(server: TokenServer) -> None:
    auth = PasswordGrant("user", "password", "client", "secret", token_url=TOKEN_URL)
    outcomes: list[int] = []

    async def main() -> None:
        sending, go_on = anyio.Event(), anyio.Event()

        async def serve(request: httpx.Request) -> httpx.Response:
            if str(request.url) == TOKEN_URL:
                sending.set()
                await go_on.wait()
            return server(request)

        async def call() -> None:
            outcomes.append(await send_async(auth, serve))

        async with anyio.create_task_group() as others:
            others.start_soon(call)
            await sending.wait()
            others.start_soon(call)
            async with anyio.create_task_group() as unlucky:
                unlucky.start_soon(call)
                await anyio.wait_all_tasks_blocked()
                unlucky.cancel_scope.cancel()
            go_on.set()

    anyio.run(main)
    assert outcomes == [200, 200]
    assert server.grants == ["password"]


@pytest.mark.slow
def test_threads_and_tasks_share_one_renewal(sandbox: Sandbox, crowd: Crowd) -> None:
    """One auth object may serve clients of both kinds at once."""
    auth = grant(sandbox)
    sandbox.faults.before(TOKEN_REQUEST, crowd.wait)
    outcomes: list[int] = []

    async def main() -> None:
        async with (
            AsyncCallRecordingClient(auth=auth, base_url=sandbox.base_url) as client,
            anyio.create_task_group() as tasks,
        ):

            async def call() -> None:
                found = [item async for item in client.company_recordings.list(page_size=1, limit=1)]
                outcomes.append(len(found))

            def call_sync() -> None:
                outcomes.append(get_one(sandbox, auth))

            for _ in range(CALLERS // 2):
                tasks.start_soon(call)
                tasks.start_soon(anyio.to_thread.run_sync, call_sync)

    anyio.run(main)
    assert outcomes == [1] * CALLERS
    assert sandbox.tokens.requests == ["password"]


def test_a_sync_call_in_the_thread_that_renews_is_refused_instead_of_waiting_for_itself(
    server: TokenServer,
) -> None:
    """An event loop cannot finish the renewal of one of its tasks while another task blocks it."""
    auth = PasswordGrant("user", "password", "client", "secret", token_url=TOKEN_URL)
    outcomes: list[object] = []

    def call_sync() -> None:
        try:
            outcomes.append(send_sync(auth, server))
        except ConfigurationError as error:
            outcomes.append(str(error))

    async def serve(request: httpx.Request) -> httpx.Response:
        if str(request.url) == TOKEN_URL:
            call_sync()
        return server(request)

    async def main() -> None:
        outcomes.append(await send_async(auth, serve))
        call_sync()

    # Whoever waits for himself can only be left behind.
    thread = threading.Thread(target=anyio.run, args=(main,), daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "it waits for itself"
    refusal, *others = outcomes
    assert "worker thread" in str(refusal)
    assert others == [200, 200]
    assert server.grants == ["password"]


def test_a_rate_limited_token_endpoint_says_when_to_come_back(sandbox: Sandbox) -> None:
    sandbox.faults.next(TOKEN_REQUEST, status=429, headers={"Retry-After": "17"})
    with pytest.raises(RateLimitError) as caught:
        get_one(sandbox, grant(sandbox), retries=0)
    assert caught.value.retry_after == 17


def test_while_one_renews_ahead_of_expiry_the_others_go_on_with_the_old_token(
    sandbox: Sandbox, clock: Clock
) -> None:
    auth = grant(sandbox)
    get_one(sandbox, auth)
    clock.now += 86_400 - 30
    asked, go_on = threading.Event(), threading.Event()

    def hold(_store: object) -> None:
        asked.set()
        assert go_on.wait(60)

    sandbox.faults.before(TOKEN_REQUEST, hold)
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(get_one, sandbox, auth)
        assert asked.wait(60)
        assert [get_one(sandbox, auth) for _ in range(3)] == [1, 1, 1]
        assert not renewing.done()
        go_on.set()
        assert renewing.result(20) == 1
    assert sandbox.tokens.requests == ["password", "refresh_token"]
