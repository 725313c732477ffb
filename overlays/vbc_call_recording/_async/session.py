"""What every call of a client shares."""

from typing import Self

from attrs import frozen

from .._http.api_client import ApiClient
from .._http.retries import RetryPolicy
from .._http.settings import SendSettings
from .wire import AsyncWire


@frozen
class AsyncSession:
    """What sends every request, the account as a segment of a path, and the generated client over both."""

    wire: AsyncWire
    account_id: str
    api: ApiClient

    @classmethod
    def over(cls, wire: AsyncWire, account_id: str) -> Self:
        api = ApiClient(base_url=str(wire.base_url), token="")
        api.set_async_httpx_client(wire)
        return cls(wire, account_id, api)

    def for_one_try(self) -> Self:
        """The same over a wire without retries, for who asks again anyway."""
        return self.with_settings(self.wire.settings.with_changes({"retries": RetryPolicy(tries=1)}))

    def with_settings(self, settings: SendSettings) -> Self:
        """The same over a wire that sends otherwise."""
        return self.over(self.wire.with_settings(settings), self.account_id)
