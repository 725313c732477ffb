"""What every request passes through before the API: the log, the planned faults, the common headers.

A fault that breaks a connection needs that connection: `Connection` makes uvicorn hand it over.
"""

import asyncio
import uuid
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any, cast

import anyio
import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from ._data import Store
from ._faults import Fault, Faults, ReceivedRequest
from ._gateway.quota import Quota
from ._quirks.panel import Quirks
from ._tokens import TokenDesk

_CONNECTION = "vbc_call_recording_sandbox.connection"


class Connection(H11Protocol):
    """An HTTP connection that the application finds in its scope's state, to break it on purpose."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, _CONNECTION: self}, _loop)


@dataclass(slots=True)
class Gate:
    """The outermost ASGI application."""

    app: ASGIApp
    store: Store
    faults: Faults
    log: list[ReceivedRequest]
    tokens: TokenDesk
    quota: Quota
    quirks: Quirks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = _received(scope, await _read_body(receive))
        self.log.append(request)
        for action in self.faults.take_actions(request):
            # A limiter of its own: actions may wait for each other, however many requests they hold up.
            await anyio.to_thread.run_sync(action, self.store, limiter=anyio.CapacityLimiter(1))
        refusal = self._refusal(request)
        # What the gateway refuses never gets to where the planned faults happen.
        fault = Fault() if refusal else self.faults.take_fault(request)
        if fault.delay:
            with anyio.move_on_after(fault.delay):
                await _disconnected(receive)
        connection = cast(Connection, scope["state"][_CONNECTION])
        faulty_send = _FaultySend(fault, self.faults, connection, receive, send)
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

    async def _answer(self, fault: Fault, scope: Scope, receive: Receive, send: "_FaultySend") -> None:
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
            await _canned(fault)(scope, receive, send)


class _FaultySend:
    """Sends one answer to the client the way the fault wants it."""

    def __init__(
        self, fault: Fault, faults: Faults, connection: Connection, receive: Receive, send: Send
    ) -> None:
        self._fault = fault
        self._faults = faults
        self._connection = connection
        self._receive = receive
        self._send = send
        self._left = fault.truncate if fault.truncate is not None else fault.stall

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif self._left is None or len(message.get("body", b"")) <= self._left:
            await self._pass_on(message)
        else:
            await self._pass_on({**message, "body": message["body"][: self._left], "more_body": True})
            await self._break_off()

    async def hang_up(self) -> None:
        """Close the connection, once what was sent before is on its way."""
        self._connection.transport.close()
        await _disconnected(self._receive)

    async def _start(self, message: Message) -> None:
        headers = MutableHeaders(raw=list(message["headers"]))
        headers["Date"] = format_datetime(self._faults.now(), usegmt=True)
        headers["X-Request-Id"] = str(uuid.uuid4())
        for name, value in self._fault.headers.items():
            if value is None:
                del headers[name]
            else:
                headers[name] = value
        if self._fault.framing != "length":
            del headers["Content-Length"]
        if self._fault.framing == "close":
            # Towards a client of HTTP/1.0 there are no chunks: the connection's end is the body's.
            self._connection.conn.their_http_version = b"1.0"
        await self._send({**message, "headers": headers.raw})

    async def _pass_on(self, message: Message) -> None:
        if self._left is not None:
            self._left -= len(message.get("body", b""))
        await self._send(message)

    async def _break_off(self) -> None:
        if self._fault.truncate is not None:
            await self.hang_up()
        else:
            await _disconnected(self._receive)


def _canned(fault: Fault) -> Response:
    status = fault.status or 200
    if isinstance(fault.body, str):
        return HTMLResponse(fault.body, status)
    if isinstance(fault.body, bytes):
        return Response(fault.body, status, media_type="application/octet-stream")
    if fault.body is not None:
        return JSONResponse(fault.body, status)
    if status in (204, 304):
        return Response(status_code=status)
    return JSONResponse({"status": status, "message": "This fault was planned."}, status)


def _received(scope: Scope, body: bytes) -> ReceivedRequest:
    raw_path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return ReceivedRequest(scope["method"], raw_path.decode("ascii"), query.decode("ascii"), headers, body)


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


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _discard(_: Message) -> None:
    """A `send` that sends nothing."""
