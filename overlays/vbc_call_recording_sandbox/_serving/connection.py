"""Sending answers the way a fault wants it, down to the connection.

A fault that breaks a connection needs that connection: `Connection` makes uvicorn hand it over.
"""

import asyncio
import json
import uuid
from datetime import datetime
from email.utils import format_datetime
from typing import Any, cast

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from .._api.app import MISFIT
from .._faults.fault import Fault
from .._requests import ReceivedRequest

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


class FaultySend:
    """Sends one answer to the client the way the fault wants it."""

    def __init__(
        self,
        fault: Fault,
        request: ReceivedRequest,
        now: datetime,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._fault = fault
        self._request = request
        self._now = now
        self._state = scope["state"]
        self._connection = cast(Connection, self._state[_CONNECTION])
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
        await disconnected(self._receive)

    async def _start(self, message: Message) -> None:
        # Before anything is sent, so that a test which has its answer finds all of it in the log.
        self._request.status = message["status"]
        if not self._fault.replaces_answer:
            self._request.misfit = self._state.get(MISFIT)
        headers = MutableHeaders(raw=list(message["headers"]))
        headers["Date"] = format_datetime(self._now, usegmt=True)
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
            await disconnected(self._receive)


def planned_answer(fault: Fault) -> Response:
    """The answer that a fault has of its own."""
    status = fault.status or 200
    if isinstance(fault.body, str):
        return HTMLResponse(fault.body, status)
    if isinstance(fault.body, bytes):
        return Response(fault.body, status, media_type="application/octet-stream")
    if fault.body is not None:
        # In ASCII, so that it may hold what cannot be encoded: half a surrogate pair.
        return Response(json.dumps(fault.body), status, media_type="application/json")
    if status in (204, 304):
        return Response(status_code=status)
    return JSONResponse({"status": status, "message": "This fault was planned."}, status)


async def disconnected(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
