"""How requests are authorised: one sans-I/O flow, driven by two short loops, for threads and for tasks.

A flow is a generator. It yields what has to happen outside of it: an httpx request to send, a function that
may block or ask the user's code, or another caller's renewal to wait for. The drivers do that and hand the
result back, so that every decision is written once and nothing blocks an event loop.
"""

import asyncio
import inspect
import logging
import threading
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import Future
from typing import Any, NoReturn, TypeAlias, TypeVar

import anyio.to_thread
import attrs
import httpx

from .._checks import checked_bearer_token
from .._errors import ConfigurationError
from .store import StoreSession
from .tokens import (
    TokenSet,
)

REMEMBERED_TOKENS = 16  # tokens kept for redaction: answers to requests with older ones may still arrive


T = TypeVar("T")


Outcome: TypeAlias = TokenSet | Exception | None
"""How a renewal ended; None: it was abandoned, and nobody knows."""


Step: TypeAlias = "httpx.Request | Callable[[], object] | Renewal"


Flow: TypeAlias = Generator[Step, Any, T]


logger = logging.getLogger("vbc_call_recording")


class Auth(httpx.Auth):
    """Base of all ways to authorise requests. One object serves any number of threads and tasks.

    A 401 is answered once, with a newer token if there is one to be had; a second 401 stands.

    Requests whose extensions say `"authorize": False` are sent as they are.
    """

    def secrets(self) -> set[str]:
        """Everything that must not be shown, as far as known by now."""
        raise NotImplementedError

    def _token(self, request: httpx.Request, rejected: str | None) -> Flow[str]:
        """A token for this request, other than the rejected one if possible."""
        raise NotImplementedError

    def _flow(self, request: httpx.Request) -> Flow[None]:
        if not request.extensions.get("authorize", True):
            yield request
            return
        token = yield from self._token(request, None)
        response: httpx.Response = yield _bearing(request, token)
        if response.status_code == 401:
            other = yield from self._token(request, token)
            if other != token:
                yield _bearing(request, other)

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        flow = self._flow(request)
        result: object
        try:
            step = next(flow)
            while True:
                try:
                    if isinstance(step, httpx.Request):
                        response = result = yield step
                        if step is not request or response.status_code == 401:
                            # Gives its connection back before anybody waits for the token endpoint.
                            response.read()
                    else:
                        result = _perform(step)
                except Exception as error:  # noqa: BLE001  # the flow decides
                    step = flow.throw(error)
                else:
                    step = flow.send(result)
        except StopIteration:
            return
        finally:
            flow.close()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        flow = self._flow(request)
        result: object
        try:
            step = next(flow)
            while True:
                try:
                    if isinstance(step, httpx.Request):
                        response = result = yield step
                        if step is not request or response.status_code == 401:
                            # Gives its connection back before anybody waits for the token endpoint.
                            await response.aread()
                    else:
                        result = await _perform_async(step)
                except Exception as error:  # noqa: BLE001  # the flow decides
                    step = flow.throw(error)
                else:
                    step = flow.send(result)
        except StopIteration:
            return
        finally:
            flow.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds secrets and locks: create it where it is used")


class AccessToken(Auth):
    """A token obtained elsewhere.

    Args:
        token: The bare token, or a function that returns it. A function is asked before every request, so it
            should remember what it knows; on a 401 it is asked once more. With the async client it may be
            async, and a plain one is called in a worker thread. What it raises reaches the caller.

    Raises:
        ConfigurationError: The token cannot be one, or an async function is used with the sync client.
    """

    def __init__(self, token: str | Callable[[], str] | Callable[[], Awaitable[str]]) -> None:
        self._source = token if callable(token) else None
        self._seen: deque[str] = deque(maxlen=REMEMBERED_TOKENS)
        if not callable(token):
            self._seen.append(checked_bearer_token(token, "token"))

    def secrets(self) -> set[str]:
        return set(self._seen.copy())

    def _token(self, request: httpx.Request, rejected: str | None) -> Flow[str]:
        if self._source is None:
            return self._seen[-1]
        token = checked_bearer_token((yield self._source), "the token returned by the function given")
        if token not in self._seen:
            self._seen.append(token)
        return token


@attrs.define(eq=False)
class Renewal:
    """A renewal under way, for others to wait for.

    Attributes:
        request: The request it is made for.
        rejected: The access token that request was refused with, if any.
        thread: Where it is made; an event loop's, if a task makes it.
        landed: How it ended.
        session: Its hold on the token store, if there is one.
        sent: The token request on its way.
    """

    request: httpx.Request
    rejected: str | None
    thread: int = attrs.field(factory=threading.get_ident)
    landed: Future[Outcome] = attrs.field(factory=Future[Outcome])
    session: StoreSession | None = None
    sent: httpx.Request | None = None

    def failure(self) -> Exception | None:
        """Why the token request had no answer; None if whoever sent it was cancelled.

        httpx only closes a flow whose request failed: the transport leaves the reason with the request.
        """
        failure = self.sent.extensions.get("failure") if self.sent else None
        return failure if isinstance(failure, Exception) else None


def _bearing(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request


def _perform(step: Callable[[], object] | Renewal) -> object:
    if isinstance(step, Renewal):
        if step.thread == threading.get_ident():
            raise ConfigurationError(
                "this sync call would wait forever: the renewal it needs is under way in its own thread; "
                "in an event loop use the async client, or make sync calls in a worker thread"
            )
        return step.landed.result()
    result = None if _is_async(step) else step()
    if _is_async(step) or inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise ConfigurationError("AccessToken was given an async function; use it with the async client")
    return result


async def _perform_async(step: Callable[[], object] | Renewal) -> object:
    if isinstance(step, Renewal):
        # Shielded: one waiter's cancellation must not cancel what the others wait for.
        return await asyncio.shield(asyncio.wrap_future(step.landed))
    result = step() if _is_async(step) else await anyio.to_thread.run_sync(step)
    return await result if inspect.isawaitable(result) else result


def _is_async(function: Callable[[], object]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  # an object may have an async one
    )
