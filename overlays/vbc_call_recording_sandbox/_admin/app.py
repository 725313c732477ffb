"""The admin API over HTTP: who may use it, what it accepts, and its refusals. Its commands are in
`commands`."""

import ipaddress
import json
import re
from pathlib import Path
from typing import Any, Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .._errors import InputError
from .commands import COMMANDS, Administered

Reach = Literal["off", "loopback", "anywhere"]
PREFIX = "/_sandbox"
CONTRACT = Path(__file__).with_name("openapi.yaml")

_LOCAL_HOST = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?")


class Admin:
    """Serves the admin API and the health check, and passes on everything else. None of it is in the log."""

    def __init__(self, app: ASGIApp, sandbox: Administered, reach: Reach) -> None:
        self._app = app
        self._sandbox = sandbox
        self._reach = reach

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path: str = scope["path"]
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            answer = await self._answer(request, path.removeprefix(PREFIX))
        except InputError as error:
            answer = JSONResponse({"status": 400, "message": str(error)}, 400)
        except HTTPException as error:
            answer = JSONResponse(
                {"status": error.status_code, "message": error.detail}, error.status_code, error.headers
            )
        await answer(scope, receive, send)

    async def _answer(self, request: Request, path: str) -> Response:
        if path == "/health" and request.method in ("GET", "HEAD"):
            return JSONResponse({"status": "ok"})
        self._require_reach(request)
        if path == "/openapi.yaml" and request.method in ("GET", "HEAD"):
            return Response(CONTRACT.read_bytes(), media_type="application/yaml")
        methods = {command.method for command in COMMANDS if command.pattern.fullmatch(path)}
        if not methods:
            raise HTTPException(404, f"{PREFIX}{path} does not exist; see {PREFIX}/openapi.yaml")
        for command in COMMANDS:
            parts = command.pattern.fullmatch(path)
            if parts and command.method == request.method:
                content = await _content(request) if command.takes_body else None
                done = command.run(self._sandbox, content, {**request.query_params, **parts.groupdict()})
                return Response(status_code=204) if done is None else JSONResponse(done)
        allowed = ", ".join(sorted(methods))
        raise HTTPException(405, f"accepted: {allowed}", {"Allow": allowed})

    def _require_reach(self, request: Request) -> None:
        if self._reach == "anywhere":
            return
        if self._reach == "off":
            raise HTTPException(
                404, 'The admin API is off. Start the sandbox with admin="loopback" or --admin.'
            )
        # The Host, too: a page in a browser on this machine comes from here, under a name of its own.
        is_from_here = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
        if not is_from_here or not _LOCAL_HOST.fullmatch(request.headers.get("host", "")):
            raise HTTPException(403, 'The admin API is for this machine only, unless admin="anywhere".')


async def _content(request: Request) -> Any:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json":
        raise HTTPException(415, f"Content-Type is {media_type!r}; accepted: application/json")
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise InputError(f"body is not JSON: {error}") from error
