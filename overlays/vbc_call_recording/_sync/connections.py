# Written by scripts/mirror from overlays/vbc_call_recording/_async/connections.py.
# Change that file and run `make generate`.
"""What requests are sent through: a plain httpx client, made here or the user's own."""

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Self

import httpx

from .._checks import require_type
from .._errors import ConfigurationError
from .._http.urls import checked_proxy, is_loopback


class Connections:
    """An httpx client, and whether it is ours to close. Clones of a client share one of these."""

    def __init__(self, client: httpx.Client, *, is_ours: bool) -> None:
        self._client = client
        self._is_ours = is_ours

    @classmethod
    def choose(
        cls,
        base_url: httpx.URL,
        http_client: httpx.Client | None,
        transport: httpx.BaseTransport | None,
        proxy: httpx.Proxy | str | None,
    ) -> Self:
        """The connections that the arguments of a client ask for.

        Raises:
            ConfigurationError: They contradict each other, or cannot be used.
        """
        if sum(given is not None for given in (http_client, transport, proxy)) > 1:
            raise ConfigurationError("accepted: one of http_client, transport and proxy, or none of them")
        if http_client is not None:
            require_type("http_client", http_client, httpx.Client)
            return cls(http_client, is_ours=False)
        if transport is not None:
            require_type("transport", transport, httpx.BaseTransport)
            borrowed = BorrowedTransport(transport)
            return cls(httpx.Client(transport=borrowed, cookies=no_cookies()), is_ours=True)
        if proxy is not None:
            client = httpx.Client(proxy=checked_proxy(proxy), cookies=no_cookies())
            return cls(client, is_ours=True)
        return cls(httpx.Client(mounts=_direct(base_url), cookies=no_cookies()), is_ours=True)

    @property
    def is_closed(self) -> bool:
        """Whether they were ours, and are closed."""
        return self._is_ours and self._client.is_closed

    def send(self, request: httpx.Request) -> httpx.Response:
        """One request as it is, with a streamed answer. Hooks, proxies and TLS are the httpx client's."""
        if self._client.is_closed:
            raise ConfigurationError("the http_client passed in is closed; accepted: one that is open")
        return self._client.send(request, stream=True, auth=None, follow_redirects=False)

    def close(self) -> None:
        """Closes them, unless they are the user's."""
        if self._is_ours:
            self._client.close()


class BorrowedTransport(httpx.BaseTransport):
    """Somebody else's transport: used, and left open."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._transport.handle_request(request)


def no_cookies() -> CookieJar:
    """A jar that takes nothing: a login is a token here, and a load balancer's cookies belong to nobody."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def _direct(base_url: httpx.URL) -> dict[str, None]:
    """To this machine there is no proxy, whatever the environment says: what goes there is not encrypted."""
    hosts = ["localhost", "127.0.0.1", "[::1]", *([base_url.host] if is_loopback(base_url) else [])]
    return dict.fromkeys(f"all://{host}" for host in hosts)
