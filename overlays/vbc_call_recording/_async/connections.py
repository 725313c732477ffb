"""What requests are sent through: plain httpx clients, made here or the user's own."""

import os
import threading
import warnings
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Self

import httpx

from .._checks import require_type
from .._concurrency import EventLoop, async_event_loop, call_after_fork
from .._errors import ConfigurationError
from .._http.surroundings import DIRECT, refuse_bad_proxies, variable_at_fault
from .._http.urls import checked_proxy


class AsyncConnections:
    """The connections that a client and its clones share: an httpx client for each event loop.

    A connection belongs to the process and the event loop that opened it. So a forked child and a second loop
    get an httpx client of their own, and what they inherit is left alone: closing it would take part in the
    parent's TLS, or in a loop that is closed.
    """

    def __init__(self, make: Callable[[], httpx.AsyncClient], *, is_ours: bool) -> None:
        self.is_closed = False
        self._make = make
        self._is_ours = is_ours
        self._lock = threading.Lock()
        self._unused: httpx.AsyncClient | None = make()
        self._used: dict[EventLoop, httpx.AsyncClient] = {}
        self._is_of_parent = False
        call_after_fork(self)

    @classmethod
    def choose(
        cls,
        http_client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        proxy: httpx.Proxy | str | None,
    ) -> Self:
        """The connections that the arguments of a client ask for.

        Raises:
            ConfigurationError: They contradict each other, or cannot be used.
        """
        if sum(given is not None for given in (http_client, transport, proxy)) > 1:
            raise ConfigurationError("accepted: one of http_client, transport and proxy, or none of them")
        if http_client is not None:
            require_type("http_client", http_client, httpx.AsyncClient)
            return cls(lambda: http_client, is_ours=False)
        if transport is not None:
            require_type("transport", transport, httpx.AsyncBaseTransport)
            client = httpx.AsyncClient(transport=transport, cookies=no_cookies())
            return cls(lambda: client, is_ours=False)
        checked = checked_proxy(proxy)
        mounts = None if checked else dict.fromkeys(DIRECT)

        def make() -> httpx.AsyncClient:
            if checked is None:
                refuse_bad_proxies(os.environ)
            try:
                return httpx.AsyncClient(proxy=checked, mounts=mounts, cookies=no_cookies())
            except (httpx.InvalidURL, ValueError, ImportError, OSError) as error:
                raise variable_at_fault(error, os.environ) from None

        return cls(make, is_ours=True)

    async def send(self, request: httpx.Request) -> httpx.Response:
        """One request as it is, with a streamed answer. Hooks, proxies and TLS are the httpx client's.

        Raises:
            ConfigurationError: The http_client or transport passed in is closed, or somebody else's by now.
        """
        client = self._client()
        if client.is_closed:
            raise ConfigurationError("the http_client passed in is closed; accepted: one that is open")
        return await client.send(request, stream=True, auth=None, follow_redirects=False)

    def _client(self) -> httpx.AsyncClient:
        loop = async_event_loop()
        with self._lock:
            if loop not in self._used:
                self._forget_closed_loops()
                self._used[loop] = self._unused or self._another()
                self._unused = None
            return self._used[loop]

    def _another(self) -> httpx.AsyncClient:
        if self._is_ours:
            return self._make()
        whose = "the process this one was forked from" if self._is_of_parent else "another event loop"
        raise ConfigurationError(
            f"the http_client or transport passed in has connections of {whose}; accepted: one made here"
        )

    def _forget_closed_loops(self) -> None:
        # Only forgotten, as their loops cannot close them: the sockets end without a word to the server.
        closed = [loop for loop in self._used if loop is not None and loop.is_closed()]
        for loop in closed if self._is_ours else ():
            del self._used[loop]

    def after_fork(self) -> None:
        """In a child process: these are the parent's connections, and nobody holds the lock."""
        self._lock = threading.Lock()
        self._is_of_parent = bool(self._used) or self._is_of_parent
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # closing them is the parent's
            self._used.clear()

    async def aclose(self) -> None:
        """Closes those of this event loop, unless they are the user's, and forgets the others."""
        self.is_closed = True
        if not self._is_ours:
            return
        with self._lock:
            client = self._used.pop(async_event_loop(), None) or self._unused
            self._forget_closed_loops()
        if client is not None:
            await client.aclose()


def no_cookies() -> CookieJar:
    """A jar that takes nothing: a login is a token here, and a load balancer's cookies belong to nobody."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))
