"""What is known of an answer besides its contents. Pure."""

from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any, Generic, TypeVar

import httpx
from attrs import field, frozen

from vbc_call_recording_generated.errors import reading

from .outcomes import operation_of, request_id
from .redaction import shown_url
from .retries import Tries

T = TypeVar("T")

watched: ContextVar[list[httpx.Response] | None] = ContextVar("watched", default=None)
"""Where the answers of a call are noted, if somebody wants to know."""


@frozen
class ResponseInfo:
    """An answer of success, without its body.

    Attributes:
        operation: Operation id from openapi.yaml, `"download"`, or `"request"` for what is not documented.
        method: HTTP method.
        url: URL without secrets, after redirects.
        status_code: HTTP status.
        headers: The answer's headers. Names are looked up in any case.
        request_id: The server's id for the request, if it gave one.
        elapsed: Seconds from the call until the answer was here, all tries and waits included. Of a download:
            until its headers were here.
        tries: How often the request was sent. Waiting for the quota, and redirects, do not count.
        waited: Seconds of these that were spent waiting, between tries and for the quota.
    """

    operation: str
    method: str
    url: str
    status_code: int
    headers: httpx.Headers = field(repr=False)
    request_id: str | None
    elapsed: float
    tries: int
    waited: float


@frozen
class ApiResponse(ResponseInfo, Generic[T]):
    """An answer of success, with what the call made of it.

    Attributes:
        content: The body.
        parsed: What the call returns otherwise. Of `client.request()` it is the JSON, and None for an answer
            that is something else.
    """

    content: bytes = field(repr=False)
    parsed: T

    def parse(self) -> T:
        """The same as `parsed`."""
        return self.parsed


def note_answer(response: httpx.Response, elapsed: float) -> None:
    """Keep with an answer how long it took, and note it where somebody watches."""
    response.extensions["elapsed"] = elapsed
    seen = watched.get()
    if seen is not None:
        seen.append(response)


def info_of(response: httpx.Response) -> ResponseInfo:
    """What to tell of an answer that came through the wire."""
    return ResponseInfo(**_told(response))


def told_later(response: httpx.Response) -> Callable[[], ResponseInfo]:
    """The same, for those who may never ask: it takes a while. The body is not kept in memory for that."""
    bare = partial(
        httpx.Response,
        response.status_code,
        headers=response.headers,
        request=response.request,
        extensions=response.extensions,
    )
    return lambda: info_of(bare())


def answer_of(response: httpx.Response, parsed: T) -> ApiResponse[T]:
    """The same, with what was made of it."""
    return ApiResponse(**_told(response), content=response.content, parsed=parsed)


def json_in(response: httpx.Response) -> Any:
    """The JSON in an answer; None if it is empty, or calls itself something else."""
    if "json" not in response.headers.get("Content-Type", "").lower() or not response.content:
        return None
    with reading(response):
        return response.json()


def _told(response: httpx.Response) -> dict[str, Any]:
    request, secrets = response.request, response.extensions["secrets"]()
    tries: Tries = request.extensions["tries"]
    return {
        "operation": operation_of(request),
        "method": request.method,
        "url": shown_url(request.url, secrets),
        "status_code": response.status_code,
        "headers": response.headers,
        "request_id": request_id(response, secrets),
        "elapsed": response.extensions["elapsed"],
        "tries": tries.repeats + 1,
        "waited": tries.waits,
    }
