# Written by scripts/mirror from overlays/vbc_call_recording/_async/wire.py.
# Change that file and run `make generate`.
"""The httpx client under the generated client. Every request goes through its `send`."""

import time
from datetime import datetime, timedelta
from typing import Any, Self

import httpx

from .._auth.access import Auth
from .._auth.secrecy import without_frames
from .._errors import CallRecordingError, ConfigurationError, InputError
from .._http.answers import note_answer
from .._http.dates import header_date
from .._http.log import log_exchange
from .._http.outcomes import (
    error_for_exception,
    error_for_response,
    is_done_already,
    is_expected,
    operation_of,
    says_nothing_else,
    shown_copy,
    unreadable,
)
from .._http.retries import Tries
from .._http.settings import SendSettings, with_query
from .._http.urls import origin, trusted_url
from .._version import USER_AGENT
from .connections import Connections, NoCookies
from .login import Login
from .transport import RetryingTransport, beginning_of


class Wire(httpx.Client):
    """Adds to httpx what every request needs: the token, retries, the quota, the origin guard, typed errors.

    The extensions of a request tell more about it: `operation` names it; `accept_statuses` are statuses other
    than success that the caller settles itself.
    """

    def __init__(
        self,
        *,
        base_url: httpx.URL,
        auth: Auth,
        settings: SendSettings,
        connections: Connections,
        owns_connections: bool = True,
    ) -> None:
        self.credentials = auth
        self._login = Login(auth, self._send_token_request)
        self._connections = connections
        self._owns_connections = owns_connections
        self._date: str | None = None
        self._server_date: tuple[datetime, float] | None = None
        self.retrying = RetryingTransport(
            connections,
            auth.gate,
            settings,
            base_url,
        )
        self._root = str(base_url).rstrip("/")
        headers = httpx.Headers({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"})
        headers.update(settings.extra_headers)
        super().__init__(
            base_url=base_url,
            timeout=settings.timeout,
            headers=headers,
            cookies=NoCookies(),
            transport=self.retrying,  # what httpx would make instead takes long, and is never used
        )

    @property
    def settings(self) -> SendSettings:
        """How requests are sent."""
        return self.retrying.settings

    def with_settings(self, settings: SendSettings) -> "Wire":
        """Another one over the same login and connections. There is no need to close it."""
        return Wire(
            base_url=self.base_url,
            auth=self.credentials,
            settings=settings,
            connections=self._connections,
            owns_connections=False,
        )

    def server_time(self) -> datetime | None:
        """The API server's clock in UTC, by the answers seen; None before the first."""
        if self._server_date is None:
            return None
        date, seen = self._server_date
        return date + timedelta(seconds=time.monotonic() - seen)

    def trusted_url(self, url: str, *, operation: str) -> httpx.URL:
        """Resolves a URL the API handed out, or raises UntrustedUrlError if it is not on the API's origin."""
        return trusted_url(self.base_url, url, operation=operation)

    def build_request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Request:
        """As httpx does it. InputError for what cannot stand in a URL, a header or JSON."""
        is_link = not isinstance(url, str) or not url.startswith("/")
        try:
            if isinstance(url, str) and not is_link:
                # httpx reads a URL once for each part it is joined from, which takes longer than the rest.
                params = httpx.QueryParams(options.pop("params", None))
                url = f"{self._root}{url}?{params}" if params else self._root + url
            request = super().build_request(method, url, **options)
        except (httpx.InvalidURL, TypeError, ValueError) as error:
            message = f"the request cannot be written: {error}; accepted: what a URL and JSON can hold"
            raise InputError(message) from None
        if self.settings.extra_query:
            request.url = with_query(request.url, self.settings.extra_query, is_link=is_link)
        return request

    def send(self, request: httpx.Request, *, stream: bool = False, **_: Any) -> httpx.Response:
        """Sends a request and returns an answer of success, with its body unless it is a `stream`.

        Raises:
            ApiError: Anything else came of it.
            ConfigurationError: The client is closed.
        """
        if self.is_closed:
            raise ConfigurationError("this client is closed; create another one")
        if origin(request.url) != self.retrying.origin or request.url.userinfo:
            trusted_url(self.base_url, str(request.url), operation=operation_of(request))
        started = time.monotonic()
        tries = self.retrying.tries_for(request)
        request.extensions |= {"buffered": not stream, "tries": tries}
        outcome: httpx.Response | CallRecordingError | None = None
        try:
            outcome = response = self._exchange(request, tries)
            note_answer(response, time.monotonic() - started)
            return response
        except CallRecordingError as error:
            outcome = error
            without_frames(error)
            raise
        finally:
            log_exchange(request, outcome, time.monotonic() - started)

    def _exchange(self, request: httpx.Request, tries: Tries) -> httpx.Response:
        bearer = request.extensions["bearer"] = self._login.bearer()
        response = self._send(request)
        if response.status_code == 401:
            # First, so that the connection is free for whoever gets another token.
            body = beginning_of(response)
            asked = time.monotonic()
            other = self._login.bearer(rejected=bearer)
            tries.waited(time.monotonic() - asked)
            if other == bearer:
                raise error_for_response(response, body, self.credentials.secrets())
            self.retrying.tell_of_repeat(request, tries, 0.0, response)
            request.extensions["bearer"] = other
            response = self._send(request)
        response.extensions |= {"unreadable": unreadable, "secrets": self.credentials.secrets}
        if is_expected(request, response):
            is_documented = "operation" in request.extensions
            if request.method == "DELETE" and is_documented and not says_nothing_else(response):
                raise unreadable(response, ValueError("it does not say whether it was deleted"))
            return response
        body = beginning_of(response)
        if is_done_already(request, response):
            return httpx.Response(204, request=request, extensions=response.extensions)
        raise error_for_response(response, body, self.credentials.secrets())

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Sends it, and what redirects it leads to."""
        try:
            for _ in range(self.max_redirects + 1):
                for hook in self.event_hooks["request"]:
                    hook(request)
                response = self.retrying.handle_request(request)
                for hook in self.event_hooks["response"]:
                    hook(response)
                if response.next_request is None or request.method != "GET":
                    break
                response.close()
                request = self._redirected(request, response.next_request.url)
            else:
                raise httpx.TooManyRedirects("more redirects than are followed", request=request)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            if error is request.extensions["tries"].raised_by_hook:
                raise
            secrets = self.credentials.secrets()
            raise error_for_exception(error, request, secrets) from shown_copy(error, secrets)
        text = response.headers.get("Date")
        if text != self._date:  # reading it takes long
            self._date, date = text, header_date(response)
            self._server_date = (date, time.monotonic()) if date else self._server_date
        return response

    def _redirected(self, request: httpx.Request, url: httpx.URL) -> httpx.Request:
        """What a redirect of a GET leads to. Headers of the caller's go to the API's own origin only."""
        headers = httpx.Headers(request.headers)
        for name in ("Host", *(self.settings.extra_headers if origin(url) != self.retrying.origin else ())):
            headers.pop(name, None)
        return httpx.Request("GET", url, headers=headers, extensions=request.extensions)

    def _send_token_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions |= {
            "timeout": self.timeout.as_dict(),
            "buffered": True,
            "tries": self.retrying.tries_for(request),
        }
        return self._send(request)

    def __enter__(self) -> Self:
        """What `with client.api` comes to: nothing is opened, or closed afterwards."""
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        """Closes the connections, unless this is a clone or they are the user's."""
        super().close()
        if self._owns_connections:
            self._connections.close()
