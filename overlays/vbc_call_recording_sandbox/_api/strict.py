"""What is asked of every request alike, before its operation looks at it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import parse_qsl

from starlette.requests import Request

from .contract import Json
from .operations import Operation
from .refusals import Misfit, bad_request

_TYPES: Mapping[str, Any] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
}  # fmt: skip


def problem_with(request: Request, operation: Operation, body: bytes) -> Misfit | None:
    """Why this request does not fit its operation, as far as that can be told without knowing values."""
    problem = _problem_with_query(request.query_params.multi_items(), operation)
    if problem:
        return problem
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    # Whether a body may be left out is known for the modelled operations only.
    expected = operation.body if body or operation.is_modelled else None
    if expected is not None and media_type != expected:
        return Misfit(415, f"Content-Type is {media_type!r}; accepted: {expected}.")
    if expected is None and body:
        return bad_request(f"There is a body; accepted: none for {operation.id}.")
    if operation.id == "token":
        return _repeated_field(body)
    return None


def _problem_with_query(given: Sequence[tuple[str, str]], operation: Operation) -> Misfit | None:
    names = Counter(name for name, _ in given)
    more = operation.more_query
    repeated = [name for name, count in names.items() if count > 1 and "items" not in more.get(name, ())]
    if repeated:
        return bad_request(f"{repeated[0]!r} is repeated; accepted: each parameter once.")
    known = (*operation.query, *more)
    # `authorize` answers in the words of OAuth, which says that unknown parameters are ignored.
    unknown = [name for name in names if name not in known and operation.id != "authorize"]
    if unknown:
        accepted = ", ".join(known) or "no parameters"
        return bad_request(f"{unknown[0]!r} is not a parameter of {operation.id}; accepted: {accepted}.")
    problems = (_problem_with_text(name, text, more[name]) for name, text in given if name in more)
    return next(filter(None, problems), None)


def _problem_with_text(name: str, text: str, schema: Json) -> Misfit | None:
    schema = schema.get("items", schema)
    if schema.get("type", "string") == "string":
        return _problem_with_value(name, text, schema)
    try:
        return _problem_with_value(name, json.loads(text), schema)
    except (ValueError, RecursionError):
        return _problem_with_value(name, text, schema)


def _problem_with_value(name: str, value: Any, schema: Json) -> Misfit | None:
    wanted = _TYPES.get(schema.get("type", ""), object)
    fits = isinstance(value, wanted) and (wanted in (bool, object) or not isinstance(value, bool))
    fits = fits and value in schema.get("enum", [value])
    if fits or (value is None and schema.get("nullable")):
        return None
    accepted = ", ".join(map(str, schema.get("enum", ()))) or f"a value of type {schema.get('type')}"
    return bad_request(f"{name} is {value!r}; accepted: {accepted}.")


def _repeated_field(form: bytes) -> Misfit | None:
    names = Counter(name for name, _ in parse_qsl(form.decode(errors="replace"), keep_blank_values=True))
    repeated = [name for name, count in names.items() if count > 1]
    return bad_request(f"{repeated[0]!r} is repeated; accepted: each field once.") if repeated else None


def decoded(body: bytes, operation: Operation, *, is_lenient: bool) -> Any:
    """The JSON of a body, without what only openapi.yaml knows, once that is checked."""
    try:
        content = json.loads(body) if body or operation.is_modelled else None
    except (ValueError, RecursionError) as error:
        raise bad_request("The body is not JSON, or too deep; accepted: an object of filters.") from error
    if not isinstance(content, dict):
        return content
    fields = cast("Json", content)
    more = operation.more_fields
    for name in more.keys() & fields.keys():
        problem = _problem_with_value(name, fields.pop(name), more[name])
        if problem and not is_lenient:
            raise problem
    return fields
