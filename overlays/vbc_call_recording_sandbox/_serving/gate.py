"""What every request passes through before the API: the log, the quota, the planned faults."""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl

import anyio
import anyio.to_thread
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .._api.operations import FORM_TYPE, find
from .._data import USER_ID, Store
from .._faults.fault import Fault
from .._faults.planned import Faults
from .._gateway.quota import Quota
from .._gateway.tokens import Tokens
from .._quirks.panel import Quirks
from .._requests import ReceivedRequest
from .connection import FaultySend, disconnected, planned_answer


@dataclass(slots=True)
class Gate:
    """The outermost ASGI application.

    Attributes:
        log: Every request received, in order.
        errors: What tests and the sandbox itself did wrong while answering.
    """

    app: ASGIApp
    store: Store
    faults: Faults
    tokens: Tokens
    quota: Quota
    quirks: Quirks
    log: list[ReceivedRequest]
    errors: list[Exception]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = _received(scope, await _read_body(receive), self.tokens)
        self.log.append(request)
        try:
            await self._serve(request, scope, receive, send)
        except Exception as error:  # noqa: BLE001 - no answer at all: a 500 could be what a test waits for
            self.errors.append(error)
            await FaultySend(Fault(), request, self.faults.now(), scope, receive, send).hang_up()

    async def _serve(self, request: ReceivedRequest, scope: Scope, receive: Receive, send: Send) -> None:
        for action in self.faults.take_actions(request):
            # A limiter of its own: actions may wait for each other, however many requests they hold up.
            await anyio.to_thread.run_sync(action, self.store, limiter=anyio.CapacityLimiter(1))
        refusal = self._refusal(request)
        # What the gateway refuses never gets to where the planned faults happen.
        fault = Fault() if refusal else self.faults.take_fault(request)
        if fault.delay:
            with anyio.move_on_after(fault.delay):
                await disconnected(receive)
        faulty_send = FaultySend(fault, request, self.faults.now(), scope, receive, send)
        if refusal:
            await refusal(scope, receive, faulty_send)
        else:
            await self._answer(fault, scope, _replaying(request.body, receive), faulty_send)

    def _refusal(self, request: ReceivedRequest) -> Response | None:
        """What the gateway answers by itself, if it does."""
        if not request.path.startswith("/t/"):
            return None
        token = self.tokens.bearer(request.headers.get("authorization"))
        return self.quota.admit(token, self.quirks.quota) if token else None

    async def _answer(self, fault: Fault, scope: Scope, receive: Receive, send: FaultySend) -> None:
        if fault.ignore_range:
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"range"]
        if not fault.replaces_answer:
            await self.app(scope, receive, send)
            return
        if fault.acts:
            await self.app(scope, receive, _discard)
        if fault.drop:
            await send.hang_up()
        else:
            await planned_answer(fault)(scope, receive, send)


def _received(scope: Scope, body: bytes, tokens: Tokens) -> ReceivedRequest:
    raw_path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path = raw_path.decode("ascii")
    target = find(path)
    operation = target and target.operation(scope["method"])
    request = ReceivedRequest(
        method=scope["method"],
        path=path,
        query=query.decode("ascii"),
        headers=headers,
        body=body,
        operation=operation.id if operation else None,
        user=USER_ID if tokens.bearer(headers.get("authorization")) else None,
    )
    request.parameters = {
        **(target.ids if target else {}),
        **dict(parse_qsl(request.query, keep_blank_values=True)),
        **_of_body(request, operation.body if operation else None),
    }
    return request


def _of_body(request: ReceivedRequest, media_type: str | None) -> dict[str, Any]:
    if media_type == FORM_TYPE:
        form = dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
        # The rest are secrets, and parameters are shown.
        return {name: form[name] for name in ("grant_type", "scope") if name in form}
    content = request.json if media_type else None
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}


async def _read_body(receive: Receive) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _replaying(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body read before, and then goes on."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


async def _discard(_: Message) -> None:
    """A `send` that sends nothing."""
