"""The transport under the wire: it tries again, and waits for the quota."""

import math
import time
from collections.abc import AsyncIterator

import httpx

from .._auth.access import Bearer
from .._concurrency import async_sleep, async_time_limit, async_within
from .._http.dates import opens_again, retry_after
from .._http.faults import read_fault
from .._http.outcomes import logger, operation_of, quota_error, status_line
from .._http.quota import TURN, Gate
from .._http.redaction import EXCERPT_BYTES
from .._http.retries import Tries, at_most
from .._http.settings import Hook, SendSettings, WaitEvent
from .._http.urls import origin, refuse_elsewhere
from .connections import AsyncConnections

LARGEST_ANSWER = 64 * 2**20  # bytes of JSON, unpacked: a page of 50,000 recordings
MOST_REFUSALS = 10  # how often one request is refused for the quota, and waits, before it gives up
LONGEST_EXCERPT = 10.0  # seconds to wait for as much of a refusal's body as an error quotes


class AsyncRetryingTransport(httpx.AsyncBaseTransport):
    """Sends a request as often as the policy allows, and not while the quota is known to be used up.

    The wire calls it, and sees to redirects. Closing it leaves the connections open.

    Attributes:
        origin: Where the API is. The token goes nowhere else.
        settings: How to send.
        deadline: When every request has to be over, by the monotonic clock; None for no such time.
    """

    def __init__(
        self,
        connections: AsyncConnections,
        gate: Gate,
        settings: SendSettings,
        base_url: httpx.URL,
    ) -> None:
        self._connections = connections
        self._gate = gate
        self.settings = settings
        self._base_url = base_url
        self.origin = origin(base_url)
        self.deadline: float | None = None

    def tries_for(self, request: httpx.Request) -> Tries:
        """What `handle_request` finds in the extensions of a request."""
        return Tries(self.settings.retries, request, time.monotonic(), self.deadline)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_elsewhere = origin(request.url) != self.origin
        if is_elsewhere:
            refuse_elsewhere(self._base_url, request)
        tries: Tries = request.extensions["tries"]
        tries.made = 0
        is_limited = not is_elsewhere and operation_of(request) != "token"
        send = self._sent_within_the_quota if is_limited else self._sent
        while True:
            tries.made += 1
            outcome = await send(request, tries)
            wait = tries.wait_after(outcome, time.monotonic())
            if wait is None:
                break
            if isinstance(outcome, httpx.Response):
                await outcome.aclose()
            self.tell_of_repeat(request, tries, wait, outcome)
            await async_sleep(wait)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _sent_within_the_quota(
        self, request: httpx.Request, tries: Tries
    ) -> httpx.Response | Exception:
        """One try. Refusals for the quota are waited for and do not count."""
        for refusals in range(1, MOST_REFUSALS + 1):
            await self._wait_for_the_gate(request, tries, was_refused=refusals > 1)
            try:
                outcome = await self._sent(request, tries)
                if not isinstance(outcome, httpx.Response) or outcome.status_code != 429:
                    self._gate.succeeded()
                    return outcome
                outcome = await self._refused(outcome)
            finally:
                self._gate.leave()
            if refusals == MOST_REFUSALS or self._gate.closed_for() > self._patience():
                return outcome
        raise AssertionError("the last refusal is returned")

    async def _refused(self, response: httpx.Response) -> httpx.Response:
        body = await beginning_of(response)
        fault = read_fault(body)
        wait = retry_after(response, fault.next_access)
        self._gate.refused(wait, opens_again(response, fault.next_access), fault)
        return httpx.Response(429, headers=response.headers, content=body, request=response.request)

    async def _wait_for_the_gate(self, request: httpx.Request, tries: Tries, *, was_refused: bool) -> None:
        while wait := self._gate.enter(takes_turns=self.settings.quota_wait > 0):
            if wait > self._patience():
                raise quota_error(request, wait, self._gate.last_refusal)
            if wait > 1 and self._gate.is_worth_telling():
                logger.info("waiting %.0f s for the quota", wait)
            if wait > TURN:
                reason = "quota" if self._gate.last_refusal else "rate_limit"
                status = 429 if was_refused else None
                _tell(self.settings.on_quota_wait, request, tries, wait, reason, status)
            tries.waits += wait
            tries.waited(wait)
            await async_sleep(wait)

    def tell_of_repeat(
        self, request: httpx.Request, tries: Tries, wait: float, outcome: httpx.Response | Exception
    ) -> None:
        """Note that the request will be sent again after so many seconds, and call the user's hook."""
        status = outcome.status_code if isinstance(outcome, httpx.Response) else None
        reason = status_line(status) if status else type(outcome).__name__
        _tell(self.settings.on_retry, request, tries, wait, reason, status)
        tries.waits += wait
        tries.repeats += 1

    def _patience(self) -> float:
        """Seconds that a request may wait for the quota now."""
        left = math.inf if self.deadline is None else self.deadline - time.monotonic()
        return min(self.settings.quota_wait, left)

    def _bearing(self, request: httpx.Request) -> httpx.Request:
        """A copy that bears the token, for the API's own origin. Errors and answers refer to the original."""
        bearer: Bearer | None = request.extensions.get("bearer")
        if bearer is None or origin(request.url) != self.origin:
            return request
        headers = httpx.Headers(request.headers)
        headers["Authorization"] = f"Bearer {bearer.token}"
        return httpx.Request(
            request.method, request.url, headers=headers, stream=request.stream, extensions=request.extensions
        )

    async def _sent(self, request: httpx.Request, tries: Tries) -> httpx.Response | Exception:
        """The answer, or why there is none. An API answer counts only if its body came, too."""
        left = tries.deadline - time.monotonic()
        usual = request.extensions.get("timeout", {})
        try:
            if request.extensions.get("buffered"):
                request.extensions["timeout"] = at_most(usual, left)
            return await async_within(left, self._answer, request, tries.deadline)
        except TimeoutError:
            return httpx.ReadTimeout("the answer did not come in time", request=request)
        except httpx.HTTPStatusError as error:  # a hook of the user's own client raises it
            return httpx.Response(error.response.status_code, headers=error.response.headers, request=request)
        except httpx.HTTPError as error:
            return error
        except UnicodeError as error:  # httpx of a redirect to a host that cannot be
            return httpx.RemoteProtocolError(f"no such host: {error}", request=request)
        finally:
            request.extensions["timeout"] = usual

    async def _answer(self, request: httpx.Request, deadline: float) -> httpx.Response:
        response = await self._connections.send(self._bearing(request))
        if request.extensions.get("buffered"):
            response = await whole_answer(response, deadline)
        response.request = request
        return response


def _tell(
    hook: Hook | None, request: httpx.Request, tries: Tries, wait: float, reason: str, status: int | None
) -> None:
    """What the hook raises reaches whoever makes the call: nothing is under way then."""
    if hook is None:
        return
    try:
        hook(WaitEvent(operation_of(request), tries.repeats + 1, wait, reason, status))
    except Exception as error:
        tries.raised_by_hook = error
        raise


async def whole_answer(response: httpx.Response, deadline: float) -> httpx.Response:
    """The answer with its body, unpacked. Bodies larger than any JSON of this API are refused.

    Raises:
        httpx.HTTPError: It broke off, took too long, is too large, or packed in a way not asked for.
    """
    if response.is_stream_consumed:  # a transport of the user's read it already
        return response
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    body = bytearray()
    try:
        if encoding in ("", "identity"):
            response.stream = _Bounded(response, deadline)
            await response.aread()  # in place, which takes less time
            return response
        if encoding not in ("gzip", "x-gzip"):
            raise httpx.DecodingError(f"the answer is packed as {encoding}", request=response.request)
        async for chunk in response.aiter_bytes():  # a packed one grows to a thousand times 64 KiB at most
            body += chunk
            _refuse_endless(response, len(body), deadline)
    finally:
        await response.aclose()
    # As bytes: a header may hold what is not ASCII.
    headers = [(name, value) for name, value in response.headers.raw if name.lower() != b"content-encoding"]
    whole = httpx.Response(
        response.status_code, headers=headers, content=bytes(body), extensions=response.extensions
    )
    whole.next_request = response.next_request
    return whole


class _Bounded(httpx.AsyncByteStream):
    """The body of an answer that is read in place, whatever its headers say of its length."""

    def __init__(self, response: httpx.Response, deadline: float) -> None:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._body = response.stream
        self._response = response
        self._deadline = deadline

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._body:
            size += len(chunk)
            _refuse_endless(self._response, size, self._deadline)
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


def _refuse_endless(response: httpx.Response, size: int, deadline: float) -> None:
    """Also so that a thread that was left behind ends, and gives its connection back."""
    if size > LARGEST_ANSWER:
        raise httpx.DecodingError(f"more than {LARGEST_ANSWER} bytes", request=response.request)
    if time.monotonic() > deadline:
        raise httpx.ReadTimeout("the answer dripped in too slowly", request=response.request)


async def beginning_of(response: httpx.Response) -> bytes:
    """As much of the body as an error quotes. If it breaks off, the status still tells enough."""
    body = b""
    deadline = time.monotonic() + LONGEST_EXCERPT
    try:
        with async_time_limit(LONGEST_EXCERPT):
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) >= EXCERPT_BYTES or time.monotonic() > deadline:
                    break
    except (httpx.HTTPError, httpx.StreamError, TimeoutError):
        pass
    finally:
        await response.aclose()
    return body
