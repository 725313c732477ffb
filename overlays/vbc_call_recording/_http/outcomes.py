"""Turns an answer or an exception into success or an error of ours, and a log line. Pure."""

import logging
from collections.abc import Collection
from typing import Any, Protocol, TypeVar

import httpx

from vbc_call_recording_generated.errors import UnreadableField
from vbc_call_recording_generated.types import Response, Unset

from .._checks import shown
from .._errors import (
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    AuthenticationError,
    BadRequestError,
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
from .dates import opens_again, retry_after
from .faults import QUOTA_HINT, Fault, read_fault
from .redaction import excerpt, redact, shown_url

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
# The first that fits counts.
_EXPLAINED: tuple[tuple[tuple[type[Exception], ...], type[ApiError], str], ...] = (
    ((httpx.ConnectTimeout, httpx.PoolTimeout), ApiTimeoutError, "no connection to the server in time"),
    ((httpx.TimeoutException,), ApiTimeoutError, "the server did not answer in time"),
    ((httpx.DecodingError,), MalformedResponseError, "the answer's content encoding is broken"),
    (
        (httpx.TooManyRedirects, httpx.InvalidURL, httpx.UnsupportedProtocol),
        UntrustedUrlError,
        "too many redirects, or one to an address that cannot be used",
    ),
    ((httpx.ConnectError,), ApiConnectionError, "the server could not be reached"),
    ((Exception,), ApiConnectionError, "the connection broke"),
)
_REQUEST_ID_HEADERS = ("x-request-id", "x-correlation-id", "x-amzn-requestid", "x-amz-request-id", "cf-ray")


class Model(Protocol):
    """What every generated model can do."""

    def to_dict(self) -> dict[str, Any]: ...


M = TypeVar("M", bound=Model)


def operation_of(request: httpx.Request) -> str:
    """The operation id that the generated code left in the request's extensions, or what else sent it."""
    return str(request.extensions.get("operation", "request"))


def status_line(status: int) -> str:
    return f"{status} {httpx.codes.get_reason_phrase(status)}".rstrip()


def request_id(response: httpx.Response, secrets: Collection[str] = ()) -> str | None:
    named = (response.headers[name] for name in _REQUEST_ID_HEADERS if name in response.headers)
    return next((redact(each, secrets)[:100] for each in named), None)


def told_of(request: httpx.Request, secrets: Collection[str] = ()) -> dict[str, str]:
    """What an error says about its request."""
    url = shown_url(request.url, secrets)
    return {"operation": operation_of(request), "method": request.method, "url": url}


def told_of_answer(response: httpx.Response, body: bytes, secrets: Collection[str]) -> dict[str, Any]:
    """What an error says about an answer and its request. `body` is its beginning, as far as it was read."""
    return {
        **told_of(response.request, secrets),
        "status_code": response.status_code,
        "request_id": request_id(response, secrets),
        "body_excerpt": excerpt(body, secrets),
    }


def error_for_response(response: httpx.Response, body: bytes, secrets: Collection[str] = ()) -> StatusError:
    """The error for an answer other than success. `body` is its beginning, as far as it was read."""
    status = response.status_code
    fallback = ServerError if 500 <= status <= 599 else StatusError
    fault = read_fault(body, secrets)
    error = _BY_STATUS.get(status, fallback)(
        f"the server answered {status_line(status)}",
        **told_of_answer(response, body, secrets),
        code=fault.code,
        server_message=fault.message,
        invalid_parameters=fault.invalid_parameters,
        hint=fault.hint or _hint_for_status(response, fault),
    )
    if isinstance(error, RateLimitError | ServerError):
        error.retry_after = retry_after(response, fault.next_access)
    if isinstance(error, RateLimitError):
        error.next_access = opens_again(response, fault.next_access)
    return error


def _hint_for_status(response: httpx.Response, fault: Fault) -> str | None:
    """What to do where the status says more than the body."""
    size = response.request.url.params.get("page_size")
    named = {name for name, _ in fault.invalid_parameters} or {"page_size"}
    if response.status_code == 400 and size is not None and "page_size" in named:
        return f"page_size={size} may be too large for the server: try a smaller one"
    return QUOTA_HINT if response.status_code == 429 else None


def quota_error(request: httpx.Request, wait: float, last: Fault | None) -> RateLimitError:
    """The error for a request that is not sent: it would wait longer than its caller is willing to.

    `last` is what the server said when it last refused; without it, only `rate_limit` forbids to send.
    """
    what = "the quota is used up" if last else "rate_limit allows no request"
    return RateLimitError(
        f"{what} for another {wait:.0f} s; nothing was sent",
        **told_of(request),
        status_code=429,
        retry_after=wait,
        code=last and last.code,
        next_access=last and last.next_access,
        hint=QUOTA_HINT if last else None,
    )


def error_for_exception(error: Exception, request: httpx.Request, secrets: Collection[str] = ()) -> ApiError:
    """Our error for what httpx raised while sending a request or reading its answer."""
    if isinstance(error, httpx.RequestError):
        request = error.request  # on the way to the one asked for, there may be token requests and redirects
    cls, message = next((cls, words) for kinds, cls, words in _EXPLAINED if isinstance(error, kinds))
    detail = redact(f"{type(error).__name__}: {error}".removesuffix(": "), secrets)
    return cls(f"{message} ({detail})", **told_of(request, secrets))


def shown_copy(error: Exception, secrets: Collection[str] = ()) -> Exception:
    """What to chain to an error of ours. The original refers to a request with credentials in it."""
    copied: object = type(error).__new__(type(error), redact(str(error), secrets))
    if isinstance(error, httpx.RequestError) and isinstance(copied, httpx.RequestError):
        copied.request = httpx.Request(error.request.method, shown_url(error.request.url, secrets))
    assert isinstance(copied, Exception)
    return copied


def unreadable(response: httpx.Response, cause: Exception) -> MalformedResponseError:
    """The error for an answer of success that cannot be read."""
    field = cause.field if isinstance(cause, UnreadableField) else None
    kind = response.headers.get("Content-Type", "no content type")
    what = f"cannot read `{field}`" if field else "the answer is not the JSON documented"
    return malformed(response, f"{what}: {cause} ({response.status_code}, {kind})", field)


def malformed(response: httpx.Response, message: str, field: str | None = None) -> MalformedResponseError:
    """The error for an answer of success that does not fit what was asked."""
    secrets: Collection[str] = response.extensions["secrets"]()
    told = told_of_answer(response, response.content, secrets)
    return MalformedResponseError(redact(message, secrets), **told, field=field)


def is_expected(request: httpx.Request, response: httpx.Response) -> bool:
    """Whether the caller can do something with this answer. Downloads name further statuses to settle."""
    return response.is_success or response.status_code in request.extensions.get("accept_statuses", ())


def is_done_already(request: httpx.Request, response: httpx.Response) -> bool:
    """Whether a DELETE found nothing because an earlier try, whose answer was lost, had deleted it.

    A web page comes from a proxy, which knows nothing of recordings.
    """
    is_gone = (
        response.status_code in (404, 410) and "html" not in response.headers.get("Content-Type", "").lower()
    )
    return request.method == "DELETE" and is_gone and request.extensions["tries"].answer_may_be_lost


def says_nothing_else(response: httpx.Response) -> bool:
    """Whether a success has no other content. A web page in answer to a DELETE is not the API's."""
    return response.status_code == 204 or response.content.strip() in (b"", b"{}", b"null")


def parsed(answer: Response[M]) -> M:
    """The model in an answer of success, if it has documented properties, or none at all.

    If it has others only, somebody else answered, a gateway for example. Taken for an export's answer, that
    would be an export of nothing.
    """
    model = answer.parsed
    assert model is not None
    others = list(getattr(model, "additional_properties", ()))
    if others and not model.to_dict().keys() - others:
        names = ", ".join(sorted(others))[:100]
        raise malformed(answer.http, f"nothing in the answer is documented: {names}")
    return model


def require_identity(found: object, asked: str, answer: Response[Any]) -> None:
    """Refuses an answer that says nothing, or is about something else than what was asked for.

    One that says something, but no id, will do.
    """
    if answer.parsed is None or (isinstance(found, Unset) and not answer.parsed.to_dict()):
        raise malformed(answer.http, f"asked for {asked!r}, the answer says nothing of it")
    if not isinstance(found, Unset) and str(found) != asked:
        message = f"asked for {asked!r}, the answer is about {shown(found)}"
        raise malformed(answer.http, message, field="id")
