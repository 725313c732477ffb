"""The httpx client under the API client: every request of ours goes through its `send`."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
from httpx_retries import RetryTransport

from .._auth.flow import Auth
from .._errors import ApiError, ConfigurationError
from .._http.outcomes import (
    error_for_exception,
    error_for_response,
    is_done_already,
    is_expected,
    log_exchange,
    malformed,
    operation_of,
    server_date,
)
from .._http.redaction import EXCERPT_BYTES
from .._http.retries import RetryPolicy
from .._http.urls import refuse_downgrade, trusted_url
from .._version import USER_AGENT


class AsyncWire(httpx.AsyncClient):
    """Adds to httpx what every request needs: the token, retries, the origin guard, typed errors, a log line.

    The extensions of a request tell more about it: `operation` names it; `accept_statuses` are statuses other
    than success that the caller settles itself.
    """

    def __init__(
        self,
        *,
        base_url: httpx.URL,
        auth: Auth,
        timeout: httpx.Timeout,
        retries: RetryPolicy,
        transport: httpx.AsyncBaseTransport | None = None,
        proxy: httpx.Proxy | str | None = None,
    ) -> None:
        headers = {"User-Agent": USER_AGENT}
        super().__init__(
            base_url=base_url, auth=auth, timeout=timeout, transport=transport, proxy=proxy, headers=headers
        )
        self.credentials = auth
        self._retries = retries
        self._server_date: tuple[datetime, float] | None = None

    def with_options(self, *, timeout: httpx.Timeout | None, retries: RetryPolicy | None) -> "AsyncWire":
        """A client with other settings over the same connections. Closing it leaves them open."""
        return AsyncWire(
            base_url=self.base_url,
            auth=self.credentials,
            timeout=timeout or self.timeout,
            retries=retries or self._retries,
            transport=AsyncBorrowedTransport(self.bare_transport),
        )

    def server_time(self) -> datetime | None:
        """The API server's clock in UTC, by the last answer seen; None before the first."""
        if self._server_date is None:
            return None
        date, seen = self._server_date
        return date + timedelta(seconds=time.monotonic() - seen)

    def trusted_url(self, url: str, *, operation: str) -> httpx.URL:
        """Resolves a URL the API handed out, or raises UntrustedUrlError if it is not on the API's origin."""
        return trusted_url(self.base_url, url, operation=operation)

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Sends a request and returns an answer of success.

        Raises:
            ApiError: Anything else came of it.
            ConfigurationError: The client is closed.
        """
        self._require_open()
        trusted_url(self.base_url, str(request.url), operation=operation_of(request))
        request.extensions["buffered"] = not options.get("stream", False)
        options["follow_redirects"] = True
        started = time.monotonic()
        outcome: object = "cancelled"
        try:
            response = await self._exchange(request, options)
            outcome = response.status_code
            return response
        except ApiError as error:
            outcome = error.status_code or type(error).__name__
            raise
        finally:
            log_exchange(request, outcome, time.monotonic() - started)

    async def _exchange(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        try:
            response = await super().send(request, **options)
        except httpx.HTTPStatusError as error:  # a hook of the user's own client may raise it
            raise error_for_response(request, error.response, b"", self.credentials.secrets()) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise error_for_exception(error, request, self.credentials.secrets()) from error
        date = server_date(response)
        if date is not None:
            self._server_date = (date, time.monotonic())
        if is_expected(request, response):
            response.extensions["unreadable"] = self._unreadable
            return response
        body = await beginning_of(response)
        if is_done_already(request, response):
            return httpx.Response(204, request=request)
        raise error_for_response(request, response, body, self.credentials.secrets())

    def _unreadable(self, response: httpx.Response, cause: Exception) -> Exception:
        return malformed(response, cause, self.credentials.secrets())

    def bare_transport(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        """The transport for a URL, without retries."""
        self._require_open()
        return super()._transport_for_url(url)

    def _transport_for_url(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        return AsyncRetryingTransport(self.bare_transport(url), self._retries, self.base_url)

    def _require_open(self) -> None:
        if self.is_closed:
            raise ConfigurationError("this client is closed; create another one")


class AsyncRetryingTransport(httpx.AsyncBaseTransport):
    """Sends a request as often as the policy lets it. Leaves the last failure where an auth flow finds it."""

    def __init__(self, transport: httpx.AsyncBaseTransport, policy: RetryPolicy, base_url: httpx.URL) -> None:
        self._tries = RetryTransport(AsyncSingleTry(transport))
        self._policy = policy
        self._base_url = base_url

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        refuse_downgrade(self._base_url, request)
        request.extensions["retry"] = self._policy.start(request.method)
        request.extensions["tries"] = 0
        try:
            response = await self._tries.handle_async_request(request)
        except httpx.HTTPError as error:
            request.extensions["failure"] = error
            raise
        if request.method != "GET":
            # Only a GET means the same at another address, and a token request holds the password.
            response.headers.pop("Location", None)
        return response


class AsyncSingleTry(httpx.AsyncBaseTransport):
    """One try. The body of an API answer belongs to it: what breaks while it is read is tried again."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.extensions["tries"]:
            request.extensions["retried"] = True
        request.extensions["tries"] += 1
        response = await self._transport.handle_async_request(request)
        request.extensions["retry"].heed(response)
        if request.extensions.get("buffered"):
            try:
                await response.aread()
            finally:
                await response.aclose()
        return response


class AsyncBorrowedTransport(httpx.AsyncBaseTransport):
    """Somebody else's transports: used, and left open."""

    def __init__(self, choose: Callable[[httpx.URL], httpx.AsyncBaseTransport]) -> None:
        self._choose = choose

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._choose(request.url).handle_async_request(request)


class AsyncClientTransport(httpx.AsyncBaseTransport):
    """Sends through an httpx client of the user's, with its hooks, proxies and TLS. Leaves it open."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._client.is_closed:
            raise ConfigurationError("the http_client passed in is closed; accepted: one that is open")
        return await self._client.send(request, stream=True, auth=None, follow_redirects=False)


async def beginning_of(response: httpx.Response) -> bytes:
    """As much of the body as an error quotes. A body that breaks off is no reason to hide the status."""
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
