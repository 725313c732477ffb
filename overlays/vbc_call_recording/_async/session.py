"""What every call of a client shares."""

from collections.abc import Mapping
from typing import Any, Self

import httpx
from attrs import frozen

from .._auth.access import Auth
from .._checks import refuse_unknown
from .._http.api_client import ApiClient
from .._http.retries import RetryPolicy
from .._http.settings import CallOptions, SendSettings
from .._keywords import split
from .._options import refuse_own
from .connections import AsyncConnections
from .wire import AsyncWire


@frozen
class AsyncSession:
    """What sends every request, the account as a segment of a path, and the generated client over both."""

    wire: AsyncWire
    account_id: str
    api: ApiClient

    @classmethod
    def opened(
        cls,
        base_url: httpx.URL,
        account_id: str,
        auth: Auth,
        settings: SendSettings,
        http_client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        proxy: httpx.Proxy | None,
    ) -> Self:
        """One with connections of its own. The arguments were checked by the client."""
        connections = AsyncConnections(http_client, transport, proxy)
        wire = AsyncWire(base_url=base_url, auth=auth, settings=settings, connections=connections)
        return cls.over(wire, account_id)

    @classmethod
    def over(cls, wire: AsyncWire, account_id: str) -> Self:
        api = ApiClient(base_url=str(wire.base_url), token="")
        api.set_async_httpx_client(wire)
        return cls(wire, account_id, api)

    def for_call(self, options: Mapping[str, Any], allowed: type) -> tuple[Self, dict[str, Any]]:
        """The same as one call's `CallOptions` want it, and the call's other options.

        Raises:
            InputError: The TypedDict `allowed` lacks an option, or one of `CallOptions` is invalid.
        """
        refuse_unknown("argument", options, allowed)
        others, chosen = split(options, CallOptions)
        if not chosen:
            return self, others
        settings = self.wire.settings.for_call(chosen)
        refuse_own(settings.extra_query, allowed)
        return self.with_settings(settings), others

    def for_one_try(self) -> Self:
        """The same over a wire without retries, for who asks again anyway."""
        return self.with_settings(self.wire.settings.with_changes({"retries": RetryPolicy(tries=1)}))

    def with_settings(self, settings: SendSettings) -> Self:
        """The same over a wire that sends otherwise."""
        return self.over(self.wire.with_settings(settings), self.account_id)
