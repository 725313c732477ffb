"""The transport under the wire: it tries again, and waits for the quota."""

import time
from datetime import datetime

import httpx

from .._concurrency import async_sleep, async_time_limit
from .._http.faults import read_fault
from .._http.outcomes import logger, operation_of, quota_error
from .._http.quota import TURN, Gate
from .._http.redaction import EXCERPT_BYTES
from .._http.retries import RetryPolicy, Tries, at_most
from .._http.urls import origin, refuse_downgrade
from .connections import AsyncConnections

LARGEST_ANSWER = 64 * 2**20  # bytes of JSON, unpacked: a page of 50,000 recordings
MOST_REFUSALS = 10  # how often one request is refused for the quota, and waits, before it gives up


class AsyncRetryingTransport(httpx.AsyncBaseTransport):
    """Sends a request as often as the policy lets it, and never while the quota is known to be used up.

    Closing it leaves the connections open.

    Attributes:
        quota_wait: Seconds to wait at most, each time, for the quota.
    """

    def __init__(
        self,
        connections: AsyncConnections,
        gate: Gate,
        policy: RetryPolicy,
        quota_wait: float,
        base_url: httpx.URL,
    ) -> None:
        self._connections = connections
        self._gate = gate
        self._policy = policy
        self.quota_wait = quota_wait
        self._base_url = base_url

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        refuse_downgrade(self._base_url, request)
        tries = Tries(self._policy, request, time.monotonic())
        while True:
            tries.begin()
            request.extensions["tries"] = tries.made
            outcome = await self._outcome(request, tries)
            wait = tries.wait_after(outcome, time.monotonic())
            if wait is None:
                break
            if tries.answer_may_be_lost:
                request.extensions["answer_lost"] = True
            if isinstance(outcome, httpx.Response):
                await outcome.aclose()
            await async_sleep(wait)
        if isinstance(outcome, Exception):
            raise outcome
        if request.method != "GET":
            # Only a GET means the same at another address, and a token request holds the password.
            outcome.headers.pop("Location", None)
        return outcome

    async def _outcome(self, request: httpx.Request, tries: Tries) -> httpx.Response | Exception:
        """One try. A refusal for the quota is waited for and does not count as one."""
        if operation_of(request) == "token" or origin(request.url) != origin(self._base_url):
            return await self._sent(request, tries)
        for _ in range(MOST_REFUSALS - 1):
            await self._wait_for_the_gate(request, tries)
            outcome = await self._let_through(request, tries)
            if not (isinstance(outcome, httpx.Response) and outcome.status_code == 429 and self.quota_wait):
                return outcome
        await self._wait_for_the_gate(request, tries)
        return await self._let_through(request, tries)

    async def _wait_for_the_gate(self, request: httpx.Request, tries: Tries) -> None:
        while wait := self._gate.enter():
            if wait > max(self.quota_wait, TURN):
                raise quota_error(request, wait)
            if wait > 1 and self._gate.is_worth_telling():
                logger.info("waiting %.0f s for the quota", wait)
            tries.deadline += wait
            await async_sleep(wait)

    async def _let_through(self, request: httpx.Request, tries: Tries) -> httpx.Response | Exception:
        answer: httpx.Response | None = None
        next_access: datetime | None = None
        try:
            outcome = await self._sent(request, tries)
            if isinstance(outcome, httpx.Response):
                answer = outcome
                if outcome.status_code == 429:
                    body = await beginning_of(outcome)
                    next_access = read_fault(body).next_access
                    outcome = httpx.Response(429, headers=outcome.headers, content=body, request=request)
            return outcome
        finally:
            self._gate.leave(answer, next_access)

    async def _sent(self, request: httpx.Request, tries: Tries) -> httpx.Response | Exception:
        """The answer, or why there is none. The body of an API answer belongs to it: what breaks counts."""
        left = tries.deadline - time.monotonic()
        usual = request.extensions.get("timeout", {})
        try:
            with async_time_limit(left):
                if not request.extensions.get("buffered"):
                    return await self._connections.send(request)
                request.extensions["timeout"] = at_most(usual, left)
                return await whole_answer(await self._connections.send(request), tries.deadline)
        except TimeoutError:
            return httpx.ReadTimeout("the answer did not come within RetryPolicy.total_time", request=request)
        except httpx.HTTPError as error:
            return error
        finally:
            request.extensions["timeout"] = usual


async def whole_answer(response: httpx.Response, deadline: float) -> httpx.Response:
    """The answer with its body read, unpacked, up to a size that no JSON of this API has.

    Raises:
        httpx.HTTPError: It broke off, took too long, or is too large.
    """
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise httpx.DecodingError(
                    f"more than {LARGEST_ANSWER} bytes of JSON", request=response.request
                )
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("the answer dripped in too slowly", request=response.request)
    finally:
        await response.aclose()
    # As bytes: a header may hold what is not ASCII.
    headers = [(name, value) for name, value in response.headers.raw if name.lower() != b"content-encoding"]
    return httpx.Response(
        response.status_code,
        headers=headers,
        content=bytes(body),
        request=response.request,
        extensions=response.extensions,
    )


async def beginning_of(response: httpx.Response) -> bytes:
    """As much of the body as an error quotes. Where it breaks off, the status is still worth telling."""
    body = b""
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) >= EXCERPT_BYTES:
                break
    except httpx.HTTPError:
        pass
    finally:
        await response.aclose()
    return body
