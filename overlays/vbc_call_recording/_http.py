"""Decisions about a request and its answer, apart from sending it: origins, errors, what is logged. Pure."""

import logging
from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address

import httpx

from vbc_call_recording_generated.errors import UnreadableField

from ._errors import (
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    MalformedResponseError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    StatusError,
    UnprocessableEntityError,
    UntrustedUrlError,
)
from ._redaction import excerpt, redact, shown_url
from ._retries import is_seconds, retry_after

BASE_URL = "https://api.vonage.com/t/vbc.prod/call_recording"
BASE_URL_INDIA = "https://api.vonage.com/t/vbc.prod/call_recording_india"
DEFAULT_TIMEOUT = httpx.Timeout(connect=10.0, read=60.0, write=60.0, pool=60.0)

logger = logging.getLogger("vbc_call_recording")
logger.addHandler(logging.NullHandler())

_BY_STATUS: dict[int, type[StatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}
_REQUEST_ID_HEADERS = ("x-request-id", "x-correlation-id", "x-amzn-requestid", "x-amz-request-id", "cf-ray")
_DEFAULT_PORTS = {"https": 443, "http": 80}


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port: what a token is bound to."""
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)


def is_loopback(url: httpx.URL) -> bool:
    try:
        return ip_address(url.host).is_loopback
    except ValueError:
        return url.host == "localhost"


def secure_url(url: str, name: str) -> httpx.URL:
    """Reads a URL from the configuration.

    Raises:
        ConfigurationError: It is no absolute https URL (http is accepted for this machine only), or carries
            credentials, a query or a fragment.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise ConfigurationError(f"{name} is no URL: {error}") from error
    if not parsed.host or parsed.scheme not in _DEFAULT_PORTS:
        raise ConfigurationError(f"{name} is {shown_url(parsed)!r}; accepted: an absolute https URL")
    if parsed.scheme == "http" and not is_loopback(parsed):
        raise ConfigurationError(f"{name} is {shown_url(parsed)!r}; accepted: https, or http to this machine")
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise ConfigurationError(f"{name} must have no credentials, query or fragment: {shown_url(parsed)!r}")
    return parsed


def timeouts(timeout: float | httpx.Timeout) -> httpx.Timeout:
    """Seconds, or seconds told apart by httpx. There is no waiting forever by accident."""
    if isinstance(timeout, httpx.Timeout):
        return timeout
    if not is_seconds(timeout):
        raise ConfigurationError(f"timeout is {timeout!r}; accepted: seconds above 0, or an httpx.Timeout")
    return httpx.Timeout(timeout)


def require_type(name: str, value: object, kind: type) -> None:
    """Raises ConfigurationError if the argument is of another type: not everybody checks types before."""
    if not isinstance(value, kind):
        raise ConfigurationError(f"{name} is of type {type(value).__name__}; accepted: {kind.__name__}")


def checked_proxy(proxy: httpx.Proxy | str | None) -> httpx.Proxy | None:
    """Raises ConfigurationError if httpx could not use it."""
    if proxy is None:
        return None
    try:
        checked = httpx.Proxy(proxy) if isinstance(proxy, str) else proxy
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigurationError("proxy cannot be used; accepted: an http or https URL") from error
    require_type("proxy", checked, httpx.Proxy)
    return checked


def trusted_url(base_url: httpx.URL, url: str, *, operation: str) -> httpx.URL:
    """Resolves a URL the API handed out.

    Raises:
        UntrustedUrlError: It is not on the API's own origin, so the access token must not be sent there.
    """
    try:
        resolved = base_url.join(url)
    except httpx.InvalidURL as error:
        raise UntrustedUrlError(
            "the API handed out a URL that cannot be read", operation=operation
        ) from error
    if origin(resolved) != origin(base_url) or resolved.userinfo:
        raise UntrustedUrlError(
            f"will not go to {shown_url(resolved)}: the access token is for the origin of {base_url} only",
            operation=operation,
            method="GET",
            url=shown_url(resolved),
        )
    return resolved


def refuse_downgrade(base_url: httpx.URL, request: httpx.Request) -> None:
    """Raises UntrustedUrlError if a redirect leads from https to http."""
    if base_url.scheme == "https" and request.url.scheme != "https":
        raise UntrustedUrlError(
            "will not go from https to http",
            operation=operation_of(request),
            method=request.method,
            url=shown_url(request.url),
        )


def operation_of(request: httpx.Request) -> str:
    """The operation id the generated code left in the request's extensions, or who else made the request."""
    return str(request.extensions.get("operation", "request"))


def error_for_response(
    request: httpx.Request, response: httpx.Response, body: bytes, secrets: Collection[str] = ()
) -> StatusError:
    """The error for an answer other than success. `body` is its beginning, as far as it was read."""
    status = response.status_code
    fallback = ServerError if 500 <= status <= 599 else StatusError
    error = _BY_STATUS.get(status, fallback)(
        describe_status(status),
        operation=operation_of(request),
        method=request.method,
        url=shown_url(request.url, secrets),
        status_code=status,
        request_id=request_id(response),
        body_excerpt=excerpt(body, secrets),
    )
    if isinstance(error, RateLimitError | ServerError):
        error.retry_after = retry_after(response)
    return error


def describe_status(status: int) -> str:
    try:
        return f"the server answered {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"the server answered {status}"


def request_id(response: httpx.Response) -> str | None:
    return next((response.headers[name] for name in _REQUEST_ID_HEADERS if name in response.headers), None)


def error_for_exception(
    error: Exception, request: httpx.Request | None, secrets: Collection[str] = ()
) -> ApiError:
    """Our error for what httpx raised while sending a request or reading its answer."""
    request = _failed_request(error) or request
    cls, message = _explain(error)
    detail = redact(str(error), secrets)
    return cls(
        f"{message} ({type(error).__name__}{': ' + detail if detail else ''})",
        operation=operation_of(request) if request else None,
        method=request.method if request else None,
        url=shown_url(request.url, secrets) if request else None,
    )


def _failed_request(error: Exception) -> httpx.Request | None:
    """Which request it was: on the way to the one asked for, there may be token requests and redirects."""
    try:
        return error.request if isinstance(error, httpx.RequestError) else None
    except RuntimeError:  # httpx was not told
        return None


def _explain(error: Exception) -> tuple[type[ApiError], str]:
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return ApiTimeoutError, "no connection to the server in time"
    if isinstance(error, httpx.TimeoutException):
        return ApiTimeoutError, "the server did not answer in time"
    if isinstance(error, httpx.DecodingError):
        return MalformedResponseError, "the answer's content encoding is broken"
    if isinstance(error, httpx.TooManyRedirects | httpx.InvalidURL | httpx.UnsupportedProtocol):
        return UntrustedUrlError, "the server redirects to nowhere"
    if isinstance(error, httpx.ConnectError):
        return ApiConnectionError, "the server could not be reached"
    return ApiConnectionError, "the connection broke"


def malformed(
    response: httpx.Response, cause: Exception, secrets: Collection[str] = ()
) -> MalformedResponseError:
    """The error for an answer of success that cannot be read."""
    field = cause.field if isinstance(cause, UnreadableField) else None
    kind = response.headers.get("Content-Type", "no content type")
    what = f"cannot read `{field}`" if field else "the answer is not the JSON documented"
    error = MalformedResponseError(
        f"{what}: {redact(str(cause), secrets)} ({response.status_code}, {kind})",
        operation=operation_of(response.request),
        method=response.request.method,
        url=shown_url(response.request.url, secrets),
        status_code=response.status_code,
        request_id=request_id(response),
        body_excerpt=excerpt(response.content, secrets),
    )
    error.field = field
    return error


def is_expected(request: httpx.Request, response: httpx.Response) -> bool:
    """Whether the caller can do something with this answer. Downloads name further statuses to settle."""
    return response.is_success or response.status_code in request.extensions.get("accept_statuses", ())


def is_done_already(request: httpx.Request, response: httpx.Response) -> bool:
    """Whether a DELETE found nothing because an earlier try, whose answer was lost, had deleted it."""
    return request.method == "DELETE" and response.status_code == 404 and "retried" in request.extensions


def server_date(response: httpx.Response) -> datetime | None:
    """The `Date` header, in UTC."""
    try:
        date = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def log_exchange(request: httpx.Request, outcome: object, seconds: float) -> None:
    """One line a request, at DEBUG. It holds no URL, and so nobody's data."""
    logger.debug(
        "%s: %s in %d ms, %d tries",
        operation_of(request),
        outcome,
        seconds * 1000,
        request.extensions.get("tries", 0),
    )
