"""The generated client as users get it. It sends through our own httpx client only."""

from typing import NoReturn

import httpx

from vbc_call_recording_generated.client import AuthenticatedClient

from .._errors import ConfigurationError


class ApiClient(AuthenticatedClient):
    """Pass it as `client` to any function of `vbc_call_recording_generated.api`.

    Login, retries, timeouts and errors are those of the client it belongs to. It refuses what would bypass
    them: settings of its own, and sync functions of an async client or the reverse.
    """

    def get_httpx_client(self) -> httpx.Client:
        """The httpx client of a `CallRecordingClient`."""
        if self._client is None:
            raise ConfigurationError(
                "this api belongs to an AsyncCallRecordingClient; accepted: asyncio_detailed() and asyncio()"
            )
        return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """The httpx client of an `AsyncCallRecordingClient`."""
        if self._async_client is None:
            raise ConfigurationError(
                "this api belongs to a CallRecordingClient; accepted: sync_detailed() and sync()"
            )
        return self._async_client

    def with_headers(self, headers: object) -> NoReturn:
        """Refused, like the other settings: they would make a client without login and retries."""
        self._refuse()

    def with_cookies(self, cookies: object) -> NoReturn:
        """Refused: see `with_headers`."""
        self._refuse()

    def with_timeout(self, timeout: object) -> NoReturn:
        """Refused: see `with_headers`."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise ConfigurationError(
            "this api has no settings of its own; accepted: with_options(timeout=…, retries=…) of its client"
        )
