"""What requests are sent through: plain httpx clients, made here or the user's own."""

import os
import threading
import warnings
from http.cookiejar import CookieJar

import httpx

from .._concurrency import EventLoop, async_event_loop
from .._errors import ConfigurationError
from .._forks import call_after_fork
from .._http.surroundings import DIRECT, variable_at_fault


class AsyncConnections:
    """The connections that a client and its clones share: an httpx client for each event loop.

    A connection belongs to the process and the event loop that opened it. So a forked child and a second loop
    get an httpx client of their own. What they inherit is left alone: closing it would interfere with the
    parent's TLS, or with a closed loop.
    """

    def __init__(
        self,
        http_client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        proxy: httpx.Proxy | None,
    ) -> None:
        if transport is not None:
            http_client = httpx.AsyncClient(transport=transport, cookies=NoCookies())
        self.is_closed = False
        self._is_ours = http_client is None
        self._proxy = proxy
        self._lock = threading.Lock()
        self._unused: httpx.AsyncClient | None = http_client or self._made()
        self._used: dict[EventLoop, httpx.AsyncClient] = {}
        call_after_fork(self)

    def _made(self) -> httpx.AsyncClient:
        if not self._is_ours:
            raise ConfigurationError(
                "the http_client or transport passed in has connections of another event loop, or of the "
                "process this one was forked from; accepted: one made here"
            )
        mounts = None if self._proxy else dict.fromkeys(DIRECT)
        try:
            return httpx.AsyncClient(proxy=self._proxy, mounts=mounts, cookies=NoCookies())
        except (httpx.InvalidURL, ValueError, OSError) as error:
            raise variable_at_fault(error, os.environ) from None

    async def send(self, request: httpx.Request) -> httpx.Response:
        """One request as it is, with a streamed answer. Hooks, proxies and TLS are the httpx client's."""
        client = self._client()
        if client.is_closed:
            raise ConfigurationError("the http_client passed in is closed; accepted: one that is open")
        return await client.send(request, stream=True, auth=None, follow_redirects=False)

    def _client(self) -> httpx.AsyncClient:
        loop = async_event_loop()
        with self._lock:
            if self.is_closed:
                raise ConfigurationError(
                    "this client is closed, or the one whose `with_options` made it; create another one"
                )
            if loop not in self._used:
                # Only forgotten: a closed loop cannot close its connections.
                for closed in [each for each in self._used if each is not None and each.is_closed()]:
                    del self._used[closed]
                self._used[loop] = self._unused or self._made()
                self._unused = None
            return self._used[loop]

    def after_fork(self) -> None:
        """In a child process: the connections are the parent's, and no thread holds the lock."""
        self._lock = threading.Lock()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # closing them is the parent's
            self._used.clear()

    async def aclose(self) -> None:
        """Closes those of this event loop, unless they are the user's."""
        self.is_closed = True
        with self._lock:
            client = self._used.pop(async_event_loop(), None) or self._unused
        if client is not None and self._is_ours:
            await client.aclose()


class NoCookies(CookieJar):
    """A jar that keeps nothing, and reads nothing: a login is a token here, so cookies are not needed."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Called by httpx for each answer, whether it has cookies or not."""
