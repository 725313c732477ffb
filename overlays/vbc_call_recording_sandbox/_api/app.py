"""The API as an ASGI application: finds the operation, checks who asks and how, and renders what it gives."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from .._data import ACCOUNT_ID
from .._gateway.bodies import GatewayError, gateway_fault
from .._gateway.tokens import OAuthError
from .._quirks.panel import Quirks
from .contract import JSON_TYPE
from .handlers import Call, Handlers
from .operations import Operation, Target, find
from .paging import Json
from .refusals import Misfit, not_found
from .strict import decoded, problem_with
from .writer import Writer

MISFIT = "vbc_call_recording_sandbox.misfit"
"""Where the scope's state says why a request does not fit openapi.yaml."""

Reshape = Callable[[str, Any], Any]
_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:]+\](:[0-9]{1,5})?")


@dataclass(slots=True)
class Api:
    """The API and its token endpoint.

    Attributes:
        reshape: Gives the function that changes JSON answers, if there is one.
        public_url: Origin of the URLs that are handed out; None for the one that was asked.
        origin: The same if the request does not say.
    """

    handlers: Handlers
    quirks: Quirks
    reshape: Callable[[], Reshape | None]
    origin: str
    public_url: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except OAuthError as error:
            answer = JSONResponse(error.body, error.status)
        except GatewayError as error:
            answer = self._gateway_refusal(error)
        except HTTPException as error:
            if isinstance(error, Misfit):
                _note(request, error)
            answer = _plain_refusal(error.status_code, error.detail, error.headers)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode("ascii")
        target = find(path)
        if target is None:
            _note(request, Misfit(404, f"{path} is not a path of openapi.yaml."))
            raise GatewayError(404, 900_906, "No matching resource found for given API Request")
        operation = target.operation(request.method)
        if operation is None:
            message = f"{request.method} is not a method of this path; accepted: {target.allowed}."
            raise Misfit(405, message, {"Allow": target.allowed})
        if target.api_path:
            self.handlers.tokens.require(request.headers.get("authorization"))
            if target.ids.get("account_id", "self") not in ("self", ACCOUNT_ID):
                raise not_found("such account")
        return await self._carry_out(request, operation, target)

    async def _carry_out(self, request: Request, operation: Operation, target: Target) -> Response:
        body = await request.body()
        problem, is_lenient = problem_with(request, operation, body), self.quirks.requests.lenient
        if problem:
            _note(request, problem)
            if not is_lenient:
                # A token endpoint says it in the words of OAuth.
                raise problem if target.api_path else OAuthError(400, "invalid_request", problem.detail)
        content = decoded(body, operation, is_lenient=is_lenient) if operation.body == JSON_TYPE else None
        write = Writer(self._origin(request) + target.api_path, self.quirks)
        call = Call(request, operation, dict(request.query_params), target.ids, content, write)
        return self._rendered(operation, await self.handlers.of(operation)(call))

    def _rendered(self, operation: Operation, answer: Json | Response | None) -> Response:
        """The response that carries what an operation gives. JSON passes through here, whatever it is of."""
        status = operation.described.status
        if answer is None:
            return Response(status_code=status)
        if isinstance(answer, Response):
            return answer
        operation.described.additions.complete(answer)
        reshape = self.reshape()
        if reshape is not None:
            answer = reshape(operation.id, answer)
        # What is posted are exports.
        if operation.method == "POST" and operation.is_modelled:
            status = self.quirks.exports.success_status
        return JSONResponse(answer, status)

    def _origin(self, request: Request) -> str:
        host = request.headers.get("host", "")
        if self.public_url is not None or not _HOST.fullmatch(host):
            return self.public_url or self.origin
        return f"http://{host}"

    def _gateway_refusal(self, error: GatewayError) -> Response:
        if self.quirks.gateway.body == "plain":
            return _plain_refusal(error.status, error.message, error.headers)
        fault = {"code": error.code, "message": error.message, "description": error.message}
        return gateway_fault(error.status, fault, self.quirks.gateway.body, error.headers, about="security")


def _note(request: Request, problem: HTTPException) -> None:
    request.scope["state"].setdefault(MISFIT, problem.detail)


def _plain_refusal(status: int, message: str, headers: Any) -> Response:
    return JSONResponse({"status": status, "message": message}, status, headers=headers)
