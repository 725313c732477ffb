# Written by scripts/mirror from overlays/vbc_call_recording/_async/client.py.
# Change that file and run `make generate`.
"""The client: where a session with the API begins and ends."""

import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack

import httpx

from .._auth.access import AccessToken, Auth
from .._auth.secrecy import keeps_secrets
from .._checks import DEFAULT_TIMEOUT, api_path, one_of, path_segment, require_type
from .._errors import ConfigurationError, InputError
from .._http.log import show_log
from .._http.quota import DEFAULT_QUOTA_WAIT, Rate
from .._http.retries import RetryPolicy
from .._http.settings import CallOptions, Hook, QueryValue, SendSettings, checked_query
from .._http.surroundings import checked_ways
from .._http.urls import BASE_URL, secure_url
from .._keywords import spelled_out
from .._lazy import copied, once

if TYPE_CHECKING:
    from .._http.answers import ApiResponse
    from .._http.api_client import ApiClient
    from .export_jobs import ExportJobs
    from .recordings import CompanyRecordings, OnDemandRecordings
    from .session import Session
    from .transcriptions import Transcriptions

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
_VERBS: tuple[Verb, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")


class ClientOptions(TypedDict, total=False):
    """The arguments of `CallRecordingClient`."""

    auth: Auth | str
    base_url: str
    account_id: str | int
    timeout: float | httpx.Timeout
    retries: RetryPolicy | int
    quota_wait: float
    rate_limit: str | None
    on_retry: Hook | None
    on_quota_wait: Hook | None
    http_client: httpx.Client | None
    transport: httpx.BaseTransport | None
    proxy: httpx.Proxy | str | None


class CallRecordingClient:
    """The VBC Call Recording API.

    One client holds one login and a pool of connections: create it once, share it, and close it (or use it in
    a `with` statement). Nothing is sent before the first call. That takes a moment longer than later ones,
    because it imports what sends, and reads the system's certificates.

    Args:
        auth: How to authenticate: `PasswordGrant`, `RefreshToken`, `AuthorizationCode`, `AccessToken`, or the
            access token itself.
        base_url: Where the API is. `BASE_URL_INDIA` is the API for India, which has company recordings only.
            Tokens are sent to this origin and no other.
        account_id: The VBC account; `"self"` is the account of the authenticated user (vendor docs).
        timeout: Seconds for connecting, for sending, for each pause in the answer, and for getting a free
            connection; or an `httpx.Timeout` with a value for each. Default: 10 to connect, else 60.
        retries: A `RetryPolicy`, or how often to retry after the first try.
        quota_wait: Seconds to wait at most, each time, for the application's quota to open again after a 429.
            0 raises `RateLimitError` at once, for callers that cannot wait. All clients that share an `auth`
            object wait together.
        rate_limit: Pace requests before anything is refused: `"10/min"` for example, also with `/s` and `/h`.
            It applies to all clients that share an `auth` object; the latest value counts. Default: requests
            are not slowed until the first 429.
        on_retry: Called with a `WaitEvent` each time a request is about to be sent again. What it raises ends
            the call.
        on_quota_wait: The same each time a request is about to wait for the quota or for `rate_limit`.
        http_client: An httpx client to send through. Its proxies, TLS settings, limits and hooks apply. Its
            headers, cookies, parameters, timeouts, auth and redirect settings do not. It is not closed.
        transport: An httpx transport to send through instead. It is not closed.
        proxy: URL of a proxy to send through instead. Without it, the environment's proxy variables apply.

    Raises:
        ConfigurationError: The arguments contradict each other or cannot work.
    """

    @keeps_secrets
    def __init__(
        self,
        *,
        auth: Auth | str,
        base_url: str = BASE_URL,
        account_id: str | int = "self",
        timeout: float | httpx.Timeout = DEFAULT_TIMEOUT,
        retries: RetryPolicy | int = RetryPolicy(),  # noqa: B008 - immutable
        quota_wait: float = DEFAULT_QUOTA_WAIT,
        rate_limit: str | None = None,
        on_retry: Hook | None = None,
        on_quota_wait: Hook | None = None,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        proxy: httpx.Proxy | str | None = None,
    ) -> None:
        show_log(os.environ)
        login = AccessToken(auth) if isinstance(auth, str) else auth
        require_type("auth", login, Auth)
        rate = None if rate_limit is None else Rate.read(rate_limit)
        self.account_id = path_segment(account_id, "account_id", error=ConfigurationError)
        self._base_url = secure_url(base_url, "base_url")
        self._credentials = login
        self._settings = SendSettings(timeout, retries, quota_wait, on_retry, on_quota_wait)
        kinds = (httpx.Client, httpx.BaseTransport)
        checked_proxy = checked_ways(http_client, transport, proxy, kinds, os.environ)
        self._ways = (http_client, transport, checked_proxy)
        if rate is not None:
            login.gate.limit(rate)

    # What sends is imported when it is needed: until then, a client takes as long as one of httpx.

    @once
    def _session(self) -> "Session":
        from .session import Session

        return Session.opened(self._base_url, self.account_id, self._credentials, self._settings, *self._ways)

    @once
    def api(self) -> "ApiClient":
        """The generated client: pass it to any function of `vbc_call_recording_generated.api`."""
        return self._session.api

    @once
    def company_recordings(self) -> "CompanyRecordings":
        """The recordings of the company."""
        from .recordings import CompanyRecordings

        return CompanyRecordings(self._session)

    @once
    def on_demand_recordings(self) -> "OnDemandRecordings":
        """The recordings that users made on demand."""
        from .recordings import OnDemandRecordings

        return OnDemandRecordings(self._session)

    @once
    def transcriptions(self) -> "Transcriptions":
        """The transcriptions of the company's recordings."""
        from .transcriptions import Transcriptions

        return Transcriptions(self._session)

    @once
    def export_jobs(self) -> "ExportJobs":
        """The jobs of exports, of whoever asked for them."""
        from .export_jobs import ExportJobs

        return ExportJobs(self._session)

    @classmethod
    @spelled_out(ClientOptions)
    @keeps_secrets
    def from_env(cls, environ: Mapping[str, str] | None = None, **options: Unpack[ClientOptions]) -> Self:
        """A client set up by `VBC_*` variables of `environ`, by default of the process.

        The options are arguments of the constructor. An option replaces its variables, which are ignored
        then. The guide lists the variables.

        Raises:
            ConfigurationError: Variables are missing, contradict each other, or have invalid values. The
                message names them.
        """
        from .._auth.environment import settings_from_env

        chosen: dict[str, Any] = {**options}
        return cls(**settings_from_env(os.environ if environ is None else environ, chosen) | chosen)

    @spelled_out(CallOptions)
    def request(
        self,
        method: Verb,
        path: str,
        *,
        params: Mapping[str, QueryValue] | None = None,
        json: object = None,
        **options: Unpack[CallOptions],
    ) -> "ApiResponse[Any]":
        """Makes a request that there is no method for, with login, quota, retries and errors as usual.

        `GET` and `DELETE` are retried; the others only if no connection was made.

        Args:
            method: The HTTP method.
            path: Below `base_url`, as `"/api/accounts/self/…"`. Percent-encode what stands between slashes.
            params: The query.
            json: The body.
            **options: See `CallOptions`.

        Returns:
            The answer, whose `parsed` is its JSON, or None if it is something else: see `content`.

        Raises:
            StatusError: The server answered with something other than success.
            MalformedResponseError: The answer calls itself JSON, and is not.
            InputError: An argument is invalid.
        """
        from .._http.answers import answer_of, json_in

        session, _ = self._session.for_call(options, CallOptions)
        given: dict[str, Any] = {} if json is None else {"json": json}
        if params:
            given["params"] = checked_query(params, "params", InputError)
        answer = session.wire.request(one_of(method, "method", _VERBS), api_path(path), **given)
        return answer_of(answer, json_in(answer))

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return str(self._base_url).rstrip("/")

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | None = None,
        retries: RetryPolicy | int | None = None,
        quota_wait: float | None = None,
        on_retry: Hook | None = None,
        on_quota_wait: Hook | None = None,
    ) -> Self:
        """A client with other settings over the same login and connections. There is no need to close it.

        None leaves a setting as it is. Attributes of a subclass are those of this client.
        """
        changes = {
            "timeout": timeout,
            "retries": retries,
            "quota_wait": quota_wait,
            "on_retry": on_retry,
            "on_quota_wait": on_quota_wait,
        }
        clone = copied(self)
        settings = self._session.wire.settings.with_changes(changes)
        vars(clone)["_session"] = self._session.with_settings(settings)
        return clone

    def close(self) -> None:
        """Closes the connections. Calls after that raise ConfigurationError."""
        self._session.wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r}, account_id={self.account_id!r})"
