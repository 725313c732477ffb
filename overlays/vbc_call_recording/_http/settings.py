"""How requests are sent: what a client, its clones and single calls may choose. Pure."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import httpx
from attrs import evolve, field, frozen

from .._checks import Refusal, checked_by, is_encodable, is_int, require_type, seconds, shown, timeouts
from .._errors import ConfigurationError, InputError
from .quota import DEFAULT_QUOTA_WAIT
from .retries import RetryPolicy, policy

# The token is never anybody else's, and these decide how the request travels and how its answer is read.
_OURS = {"authorization", "host", "content-length", "content-type", "transfer-encoding", "connection"} | {
    "accept-encoding",
    "range",
    "if-range",
    *("expect", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade"),
}
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True)
class WaitEvent:
    """A request is about to wait before it is sent, or sent again.

    Attributes:
        operation: Operation id from openapi.yaml, `"download"`, `"token"` or `"request"`.
        attempt: The number of the try: for `on_retry` of the one that failed, for `on_quota_wait` of the one
            that has to wait. The first is 1.
        wait: Seconds it is going to wait.
        reason: Why, without secrets: `"503 Service Unavailable"`, `"ReadTimeout"`, `"quota"`, `"rate_limit"`.
        status_code: Of the answer that is the reason; None if there was none.
    """

    operation: str
    attempt: int
    wait: float
    reason: str
    status_code: int | None


Hook = Callable[[WaitEvent], object]
QueryValue = str | int | float | bool


class CallOptions(TypedDict, total=False):
    """How the requests of one call are sent, instead of how the client sends them.

    They hold for everything the call leads to: all pages of a listing, all looks and downloads of an export.

    Keys:
        timeout: As the client's. For downloads, `stall_timeout` says how long to wait for bytes.
        retries: As the client's.
        extra_headers: Further headers, or another `User-Agent` or `Accept`. They are sent to the API's own
            origin only. `Authorization`, and headers that say how a request travels, are refused.
        extra_query: Further parameters of the URL. Those that the call sets itself are refused.
    """

    timeout: float | httpx.Timeout
    retries: RetryPolicy | int
    extra_headers: Mapping[str, str]
    extra_query: Mapping[str, QueryValue]


def _hook(value: Hook | None, name: str) -> None:
    """Async functions are refused: nobody would await what they return."""
    if value is None:
        return
    if not callable(value) or any(map(inspect.iscoroutinefunction, (value, type(value).__call__))):
        raise ConfigurationError(f"{name} is {shown(value)}; accepted: a plain function, or None")


def _headers(given: Mapping[str, str], name: str) -> None:
    """Values are never quoted: they may be secret."""
    require_type(name, given, Mapping)
    for key, value in given.items():
        if not isinstance(key, str) or not _NAME.fullmatch(key):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"{name} has {shown(key)}; accepted: names of headers")
        if key.lower() in _OURS:
            raise ConfigurationError(f"{name} has {key!r}, which the client sets itself; accepted: others")
        if not isinstance(value, str) or (value and not _VALUE.fullmatch(value)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"{name}[{key!r}] cannot be sent; accepted: printable ASCII text")


def checked_query(
    given: Mapping[str, QueryValue], name: str, error: Refusal = ConfigurationError
) -> dict[str, QueryValue]:
    """Parameters of a URL. Values are never quoted: they may be secret."""
    if not isinstance(given, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise error(f"{name} is {shown(given)}; accepted: names and values in a dict")
    for key, value in given.items():
        if not is_encodable(key) or not key:
            raise error(f"{name} has {shown(key)}; accepted: names of parameters")
        if not (is_encodable(value) or is_int(value) or isinstance(value, float | bool)):
            raise error(f"{name}[{key!r}] cannot be sent; accepted: text, a number, True or False")
    return dict(given)


def with_query(url: httpx.URL, extra: Mapping[str, QueryValue], *, is_link: bool) -> httpx.URL:
    """The URL with further parameters. A link of the server's may have them already: it repeats what it got.

    Raises:
        InputError: Another URL has one of that name.
    """
    own = extra.keys() & url.params.keys()
    if own and not is_link:
        raise sets_itself(min(own))
    return url.copy_merge_params({name: value for name, value in extra.items() if name not in own})


def sets_itself(name: str) -> InputError:
    """The error for an extra parameter that the call has a say in."""
    return InputError(f"extra_query has {name!r}, which the call sets itself; accepted: others")


def _quota_wait(value: object) -> float:
    return seconds(value, "quota_wait", zero=True, error=ConfigurationError)


@frozen
class SendSettings:
    """The attributes are arguments of the client, or of a call. ConfigurationError for an invalid value."""

    timeout: httpx.Timeout = field(converter=timeouts)
    retries: RetryPolicy = field(converter=policy)
    quota_wait: float = field(default=DEFAULT_QUOTA_WAIT, converter=_quota_wait)
    on_retry: Hook | None = field(default=None, validator=checked_by(_hook))
    on_quota_wait: Hook | None = field(default=None, validator=checked_by(_hook))
    extra_headers: Mapping[str, str] = field(
        factory=dict[str, str], validator=checked_by(_headers), repr=False
    )
    extra_query: Mapping[str, QueryValue] = field(
        factory=dict[str, QueryValue], validator=checked_by(checked_query), repr=False
    )

    def with_changes(self, changes: Mapping[str, Any]) -> "SendSettings":
        """Others in place of some. None changes nothing."""
        return evolve(self, **{name: value for name, value in changes.items() if value is not None})

    def for_call(self, options: Mapping[str, Any]) -> "SendSettings":
        """Those of a single call. InputError for an invalid value."""
        try:
            return self.with_changes(options)
        except ConfigurationError as error:
            raise InputError(str(error)) from None
