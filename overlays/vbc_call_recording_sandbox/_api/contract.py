"""What openapi.yaml has and the sandbox does not model: sent as its schema has it, and taken if it fits that.

`openapi.json`, beside this module, is openapi.yaml without its wording; `make generate` writes it. So a
property, filter, body field or operation that is new there works here at once: a property has its example
for a value, and a filter filters nothing. To make more of it, model it: filters and operations are declared
in `query` and `operations`, properties in `MODELLED`. Tests compare these with openapi.yaml.
"""

import copy
import json
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, cast

Json = dict[str, Any]

JSON_TYPE = "application/json"
_PAGE = "_embedded _links page page_size total_items total_pages"
# The properties the sandbox sends, or leaves out on purpose.
MODELLED: Mapping[str, frozenset[str]] = {
    schema: frozenset(names.split())
    for schema, names in {
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
    }.items()
}
_EXAMPLES: Mapping[str, Any] = {
    "instant": "2019-01-01T00:00:00+0000",
    "date-time": "2019-01-01T00:00:00+0000",
    "date": "2019-01-01",
    "uuid": "c91150a6-8cc4-4e73-9fef-17fd925c6448",
    "uri": "https://example.com/",
    "email": "somebody@example.com",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
}
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Additions:
    """Properties an object is to have as well, with their values; the same for what it holds.

    Attributes:
        inside: By the name of a property: what is to be added to its value, or to each item of that.
    """

    values: Json = field(default_factory=dict[str, Any])
    inside: "Mapping[str, Additions]" = field(default_factory=dict[str, "Additions"])

    def __bool__(self) -> bool:
        return bool(self.values or self.inside)

    def complete(self, value: Any) -> None:
        """Add what is not there."""
        for each in cast("list[Json]", value) if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                members = cast("Json", each)
                for name, inner in self.inside.items():
                    inner.complete(members.get(name))
                members |= copy.deepcopy({n: v for n, v in self.values.items() if n not in members})


@dataclass(frozen=True, slots=True)
class Described:
    """An operation as openapi.yaml has it.

    Attributes:
        query: Schemas of its parameters, by name.
        body: Content type of the body; None if there is none to send.
        fields: Schemas of the body's properties, by name.
        status: The first one of success.
        answer: JSON to answer with, where the sandbox does not know better; None if there is none.
        additions: To the answers of a sandbox that does.
    """

    id: str = ""
    method: str = ""
    path: str = ""
    query: Mapping[str, Json] = field(default_factory=dict[str, Json])
    body: str | None = None
    fields: Mapping[str, Json] = field(default_factory=dict[str, Json])
    status: int = 200
    answer: Any = None
    additions: Additions = Additions()


def load() -> Json:
    """openapi.yaml, as it was when `make generate` ran last."""
    text = resources.files(__package__ or "").joinpath("openapi.json").read_text("utf-8")
    return cast("Json", json.loads(text))


class Contract:
    """An openapi.yaml."""

    def __init__(self, document: Json) -> None:
        self._document = document

    def operations(self) -> Iterator[Described]:
        """All of them."""
        for path, item in self._document["paths"].items():
            for method, spec in item.items():
                if "operationId" in spec:
                    shared = item.get("parameters", [])
                    yield self._described(method, path, shared + spec.get("parameters", []), spec)

    def _described(self, method: str, path: str, parameters: list[Json], spec: Json) -> Described:
        body, sent = self._content(spec.get("requestBody", {}))
        status = next((status for status in spec["responses"] if status.startswith("2")), "200")
        media_type, schema = self._content(spec["responses"].get(status, {}))
        resolved = [self._resolved(each)[0] for each in parameters]
        return Described(
            id=spec["operationId"],
            method=method.upper(),
            path=path,
            query={each["name"]: self._whole(each["schema"]) for each in resolved if each["in"] == "query"},
            body=body,
            fields={name: self._whole(each) for name, each in self._properties(sent).items()},
            status=int(status.replace("X", "0")),
            answer=self._make(schema) if media_type == JSON_TYPE else None,
            additions=self._additions(schema),
        )

    def _additions(self, schema: Json, at: str = "") -> Additions:
        node, name = self._resolved(schema)
        at = name or at
        if "items" in node:
            return self._additions(node["items"], f"{at}[]")
        modelled = MODELLED.get(at, frozenset())
        properties = self._properties(node)
        inside = {
            key: self._additions(each, f"{at}.{key}") for key, each in properties.items() if key in modelled
        }
        return Additions(
            {key: self._make(each) for key, each in properties.items() if key not in modelled},
            {key: each for key, each in inside.items() if each},
        )

    def _make(self, schema: Json, depth: int = 0) -> Any:
        """A value of the schema: its example, or one made from type and format."""
        node, _ = self._resolved(schema)
        for keyword in ("example", "default"):
            if keyword in node:
                return copy.deepcopy(node[keyword])
        if "enum" in node:
            return node["enum"][0]
        for keyword in ("oneOf", "anyOf", "allOf"):
            if keyword in node:
                made = [self._make(each, depth + 1) for each in node[keyword]]
                return dict(ChainMap(*made)) if keyword == "allOf" else made[0]
        if node.get("type") == "array":
            return [self._make(node.get("items", {}), depth + 1)] if depth < _DEEPEST else []
        if node.get("type") == "object" or "properties" in node:
            members = node.get("properties", {}).items() if depth < _DEEPEST else ()
            return {key: self._make(inner, depth + 1) for key, inner in members}
        value = _EXAMPLES.get(node.get("format", ""), _EXAMPLES.get(node.get("type", ""), "text"))
        return max(value, node["minimum"]) if "minimum" in node else value

    def _content(self, node: Json) -> tuple[str | None, Json]:
        """Content type and schema of a body or an answer: of JSON, if it can be that."""
        content: dict[str, Json] = self._resolved(node)[0].get("content", {})
        media_type = min(content, key=lambda each: each != JSON_TYPE, default=None)
        return media_type, content[media_type].get("schema", {}) if media_type else {}

    def _properties(self, schema: Json) -> dict[str, Json]:
        properties: dict[str, Json] = self._resolved(schema)[0].get("properties", {})
        return properties

    def _whole(self, schema: Json) -> Json:
        """The schema without a `$ref`, of itself and of its items."""
        node, _ = self._resolved(schema)
        return {**node, "items": self._resolved(node["items"])[0]} if "items" in node else node

    def _resolved(self, node: Json) -> tuple[Json, str]:
        """The definition behind any `$ref`, and the name of its component, if it is one."""
        name = ""
        while "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            node = self._document["components"][kind][name]
        return node, name
