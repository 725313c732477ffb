"""The gateway's own words, as WSO2 API Manager sends them: nested JSON, flat JSON, codes as text, or XML."""

from typing import Any
from xml.sax.saxutils import escape

from starlette.responses import JSONResponse, Response

from .._quirks.quota import FaultBody


class GatewayError(Exception):
    """A refusal of the gateway, with its status and its code."""

    def __init__(self, status: int, code: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


def gateway_fault(
    status: int,
    fault: dict[str, Any],
    body: FaultBody,
    headers: dict[str, str] | None = None,
    *,
    about: str = "throttling",
) -> Response:
    """The answer that carries this fault.

    Args:
        status: Of the answer.
        fault: `code`, `message`, `description` and what else there is.
        body: In which of the ways the gateway has been seen to write it.
        headers: Of the answer.
        about: The last word of the XML namespace.
    """
    if body == "xml":
        return Response(_xml(fault, about), status, headers, "application/xml")
    if body != "json":
        fault = {**fault, "code": str(fault["code"])} if body == "text-codes" else fault
    return JSONResponse(fault if body == "flat" else {"fault": fault}, status, headers)


def _xml(fault: dict[str, Any], about: str) -> str:
    inner = "".join(f"<am:{name}>{escape(str(value))}</am:{name}>" for name, value in fault.items())
    namespace = f"http://wso2.org/apimanager/{about}"
    return f'<am:fault xmlns:am="{namespace}">{inner}</am:fault>'
