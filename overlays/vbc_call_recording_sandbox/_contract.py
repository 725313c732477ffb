"""What openapi.yaml has and the sandbox does not model: sent as its schema has it, and taken if it fits that.

`openapi.json`, beside this module, is openapi.yaml without its wording; `make generate` writes it. So a
property, filter, body field or operation that is new there works here at once: a property has its example
for a value, and a filter filters nothing. To make more of it, model it, and say so in `MODELLED`; tests
compare that with openapi.yaml.
"""

import copy
import json
import re
from collections import ChainMap
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import resources
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from ._faults import Json

Operation = Callable[[Request], Awaitable[Json | None]]

_RECORDING_FILTERS = (
    "call_direction call_id caller_id cnam dnis duration:gte duration:lte extension start:gte start:lte"
)
_PAGE = "_embedded _links page page_size total_items total_pages"
# By schema: the properties the sandbox sends, or leaves out on purpose. By operation: what it takes.
MODELLED: Mapping[str, frozenset[str]] = {
    name: frozenset(names.split())
    for name, names in {
        "Recording": "_links call_direction call_id caller_id cnam dnis download_url duration end extensions "
        "file_name file_size_in_bytes id rule_ids start",
        "Transcription": "recording_id call_id caller_id call_date duration direction cnam dnis "
        "transcription_ready transcription_url transcription_error",
        "ExportJob": "_links download_url files_completed files_total id status valid_until",
        "ExportJobIds": "job_ids",
        "RecordingPage": _PAGE,
        "RecordingPage._embedded": "recordings",
        "TranscriptionPage": _PAGE,
        "TranscriptionPage._embedded": "transcriptions",
        "ExportJobPage": _PAGE,
        "ExportJobPage._embedded": "jobs",
        "ItemLinks": "self",
        "PageLinks": "first prev self next last",
        "Link": "href",
        "list_company_recordings": f"{_RECORDING_FILTERS} order page page_size",
        "list_on_demand_recordings": f"{_RECORDING_FILTERS} order page page_size",
        "list_company_transcriptions": f"{_RECORDING_FILTERS} transcription_ready order page page_size",
        "list_export_jobs": "status page page_size",
        "list_recording_transcription_export_jobs": "status page page_size",
        "create_company_recording_export": _RECORDING_FILTERS,
        "create_company_recording_transcription_export": _RECORDING_FILTERS,
        "create_on_demand_recording_export": _RECORDING_FILTERS,
    }.items()
}
_FORMATS = {
    "date-time": "2019-01-01T00:00:00+0000",
    "date": "2019-01-01",
    "uuid": "c91150a6-8cc4-4e73-9fef-17fd925c6448",
    "uri": "https://example.com/",
    "email": "somebody@example.com",
}
_VALUES: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True}
_TEXTS = {"integer": "-?[0-9]+", "number": r"-?[0-9]+(\.[0-9]+)?", "boolean": "true|false"}
_KINDS: Mapping[str, Any] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
}  # fmt: skip
_DEEPEST = 8


def load() -> Json:
    """openapi.yaml, as it was when `make generate` ran last."""
    text = resources.files(__package__ or "").joinpath("openapi.json").read_text("utf-8")
    return cast("Json", json.loads(text))


def follow(
    modelled: Sequence[tuple[str, str, Operation]], document: Json | None = None
) -> list[tuple[str, str, Operation]]:
    """The operations with what openapi.yaml says beyond them, and the operations only openapi.yaml has.

    Fixed words come before ids: the first path that fits serves a request.
    """
    contract = _Contract(document or load())
    described = {(method, _canonical(path)): (path, spec) for method, path, spec in contract.operations()}
    served: list[tuple[str, str, Operation]] = []
    for method, path, operation in modelled:
        _, known = described.pop((method, _canonical(path)), (path, None))
        served.append((method, path, operation if known is None else _Completed(contract, known, operation)))
    served += [(method, path, MadeUp(contract, spec)) for (method, _), (path, spec) in described.items()]
    return sorted(served, key=lambda entry: [step.startswith("{") for step in entry[1].split("/")])


def _canonical(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


class MadeUp:
    """An operation the sandbox knows from openapi.yaml only. `status` is what it succeeds with."""

    def __init__(self, contract: "_Contract", spec: Json) -> None:
        self.__name__ = str(spec["operationId"])
        self.status, self._schema = contract.success(spec)
        self._contract, self._spec = contract, spec

    async def __call__(self, request: Request, /) -> Json | None:
        await self._contract.without_unmodelled(request, self._spec)
        return None if self._schema is None else cast("Json", self._contract.make(self._schema))


class _Completed:
    """A modelled operation, with what openapi.yaml has beyond it."""

    def __init__(self, contract: "_Contract", spec: Json, operation: Operation) -> None:
        self.__name__ = str(spec["operationId"])
        self._contract, self._spec, self._operation = contract, spec, operation
        schema = contract.success(spec)[1]
        self._schema = schema if schema is not None and contract.has_more(schema) else None

    async def __call__(self, request: Request, /) -> Json | None:
        plain, extra = await self._contract.without_unmodelled(request, self._spec)
        body = await self._operation(plain)
        if body is not None and self._schema is not None:
            self._contract.complete(self._schema, body)
        if body is not None and extra:
            for link in cast("Json", body.get("_links", {})).values():
                link["href"] += f"{'&' if '?' in link['href'] else '?'}{urlencode(extra)}"
        return body


class _Contract:
    def __init__(self, document: Json) -> None:
        self._document = document

    def operations(self) -> list[tuple[str, str, Json]]:
        """Method, path, and definition with the parameters of the path among its own."""
        return [
            (method.upper(), path, {**operation, "parameters": [*shared, *operation.get("parameters", [])]})
            for path, item in self._document["paths"].items()
            for shared in [item.get("parameters", [])]
            for method, operation in item.items()
            if "operationId" in operation
        ]

    def resolve(self, node: Json) -> tuple[Json, str]:
        """The definition behind any `$ref`, and the name of its component, if it is one."""
        name = ""
        while "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            node = self._document["components"][kind][name]
        return node, name

    def success(self, spec: Json) -> tuple[int, Json | None]:
        """The first status of success, and the schema of its JSON, if it has any."""
        status = next((status for status in spec["responses"] if status.startswith("2")), "200")
        response, _ = self.resolve(spec["responses"].get(status, {}))
        content = response.get("content", {}).get("application/json", {})
        return int(status.replace("X", "0")), content.get("schema")

    # -- what is sent

    def has_more(self, schema: Json, at: str = "", depth: int = 0) -> bool:
        """Whether there is a property the sandbox does not model."""
        node, name = self.resolve(schema)
        properties: Json = node.get("properties", {})
        inner = [(each, f"{name or at}.{key}") for key, each in properties.items()]
        inner += [(node["items"], f"{name or at}[]")] if "items" in node else []
        return bool(properties.keys() - MODELLED.get(name or at, frozenset())) or (
            depth < _DEEPEST and any(self.has_more(each, where, depth + 1) for each, where in inner)
        )

    def complete(self, schema: Json, value: Any, at: str = "") -> None:
        """Adds what the sandbox does not model. What it models and has left out stays left out."""
        node, name = self.resolve(schema)
        if isinstance(value, dict):
            members = cast("Json", value)
            for key, inner in node.get("properties", {}).items():
                if key in members:
                    self.complete(inner, members[key], f"{name or at}.{key}")
                elif key not in MODELLED.get(name or at, ()):
                    members[key] = self.make(inner)
        elif isinstance(value, list):
            for item in cast("list[Json]", value):
                self.complete(node.get("items", {}), item, f"{name or at}[]")

    def make(self, schema: Json, depth: int = 0) -> Any:
        """A value of the schema: its example, or one made from type and format."""
        node, _ = self.resolve(schema)
        for keyword in ("example", "default"):
            if keyword in node:
                return copy.deepcopy(node[keyword])
        if "enum" in node:
            return node["enum"][0]
        for keyword in ("oneOf", "anyOf", "allOf"):
            if keyword in node:
                made = [self.make(each, depth + 1) for each in node[keyword]]
                return dict(ChainMap(*made)) if keyword == "allOf" else made[0]
        if node.get("type") == "array":
            return [self.make(node.get("items", {}), depth + 1)] if depth < _DEEPEST else []
        if node.get("type") == "object" or "properties" in node:
            members = node.get("properties", {}).items() if depth < _DEEPEST else ()
            return {key: self.make(inner, depth + 1) for key, inner in members}
        value = _FORMATS.get(node.get("format", ""), _VALUES.get(node.get("type", "string"), "text"))
        return max(value, node["minimum"]) if "minimum" in node else value

    # -- what is taken

    async def without_unmodelled(self, request: Request, spec: Json) -> tuple[Request, list[tuple[str, str]]]:
        """The request without what only openapi.yaml knows, once that is checked, and that part of the query.

        Raises:
            HTTPException: 400 for a value that does not fit its schema.
        """
        modelled = MODELLED.get(spec["operationId"], frozenset())
        parameters = [self.resolve(each)[0] for each in spec["parameters"]]
        more = {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}
        more = {name: schema for name, schema in more.items() if name not in modelled}
        query = parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)
        extra = [(name, text) for name, text in query if name in more]
        for name, text in extra:
            self._check_text(name, text, more[name])
        if extra:
            kept = urlencode([(name, text) for name, text in query if name not in more])
            request = Request({**request.scope, "query_string": kept.encode()}, request.receive)
        return await self._body_without_unmodelled(request, spec, modelled), extra

    async def _body_without_unmodelled(
        self, request: Request, spec: Json, modelled: frozenset[str]
    ) -> Request:
        body, _ = self.resolve(spec.get("requestBody", {}))
        schema = body.get("content", {}).get("application/json", {}).get("schema", {})
        properties: Json = self.resolve(schema)[0].get("properties", {})
        more = properties.keys() - modelled
        if not more:
            return request
        try:
            sent = json.loads(await request.body())
        except (ValueError, RecursionError):
            sent = None
        if not isinstance(sent, dict):
            return request  # which the operation refuses in its own words
        fields = cast("Json", sent)
        for name in more & fields.keys():
            self._check_value(name, fields[name], properties[name])
        kept = json.dumps({name: value for name, value in fields.items() if name not in more}).encode()

        async def receive() -> Message:
            return {"type": "http.request", "body": kept, "more_body": False}

        return Request(request.scope, receive)

    def _check_text(self, name: str, text: str, schema: Json) -> None:
        node, _ = self.resolve(schema)
        fits = re.fullmatch(_TEXTS.get(node.get("type", ""), ".*"), text, re.DOTALL)
        if not fits or text not in map(str, node.get("enum", [text])):
            raise HTTPException(400, f"{name} is {text!r}; accepted is {_accepted(node)}.")

    def _check_value(self, name: str, value: Any, schema: Json) -> None:
        node, _ = self.resolve(schema)
        kind = _KINDS.get(node.get("type", ""), object)
        fits = isinstance(value, kind) and (kind in (bool, object) or not isinstance(value, bool))
        if not fits or value not in node.get("enum", [value]):
            raise HTTPException(400, f"{name} is {value!r}; accepted is {_accepted(node)}.")


def _accepted(node: Json) -> str:
    return ", ".join(map(str, node["enum"])) if "enum" in node else f"a value of type {node.get('type')}"
