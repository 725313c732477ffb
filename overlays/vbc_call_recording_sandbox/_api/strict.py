"""What is asked of every request alike, before its operation looks at it."""

import json
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from .operations import Operation
from .refusals import Misfit, bad_request


def problem_with(request: Request, operation: Operation, body: bytes) -> Misfit | None:
    """Why this request does not fit its operation, as far as that can be told without knowing values."""
    names = Counter(name for name, _ in request.query_params.multi_items())
    repeated = [name for name, count in names.items() if count > 1]
    if repeated:
        return bad_request(f"{repeated[0]!r} is repeated; accepted: each parameter once.")
    # `authorize` answers in the words of OAuth, which says that unknown parameters are ignored.
    unknown = [name for name in names if name not in operation.query and operation.id != "authorize"]
    if unknown:
        accepted = ", ".join(operation.query) or "no parameters"
        return bad_request(f"{unknown[0]!r} is not a parameter of {operation.id}; accepted: {accepted}.")
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if operation.body is not None and media_type != operation.body:
        return Misfit(415, f"Content-Type is {media_type!r}; accepted: {operation.body}.")
    if operation.body is None and body:
        return bad_request(f"There is a body; accepted: none for {operation.id}.")
    if operation.id == "token":
        return _repeated_field(body)
    return None


def _repeated_field(form: bytes) -> Misfit | None:
    names = Counter(name for name, _ in parse_qsl(form.decode(errors="replace"), keep_blank_values=True))
    repeated = [name for name, count in names.items() if count > 1]
    return bad_request(f"{repeated[0]!r} is repeated; accepted: each field once.") if repeated else None


def decoded(body: bytes) -> Any:
    """The JSON of a body."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad_request("The body is not JSON, or too deep; accepted: an object of filters.") from error
