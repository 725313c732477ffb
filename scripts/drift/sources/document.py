"""From an OpenAPI 3.0 or 3.1 document to facts. What it does not know it refuses, with the line."""

import re
from collections.abc import Mapping
from typing import Any

from scripts.spec import METHODS, NotUnderstood, line_of

from ..facts import EXISTS, Facts, Place, snake_case
from .schemas import SchemaReader, listing, mapping, resolve

# For each kind of node outside schemas: what is read there, and what says nothing that is compared.
_KNOWN = {
    "document": "openapi info servers paths components security tags externalDocs",
    "path item": f"$ref summary description servers parameters {' '.join(METHODS)}",
    "operation": "tags summary description externalDocs operationId parameters requestBody responses "
    "deprecated security servers",
    "parameter": "name in description required deprecated style explode schema example examples content",
    "request body": "description required content",
    "response": "description headers content links",
    "media type": "schema example examples",
    "server": "url description",
}
_FORM, _SIMPLE = ("form", True), ("simple", False)
_STYLES = {"query": _FORM, "cookie": _FORM, "path": _SIMPLE, "header": _SIMPLE}


def read_document(tree: Any) -> Facts:
    """Reduces a document, parsed with its line numbers by ruamel.yaml, to facts."""
    return _Reader(tree).read()


def _check(kind: str, node: Any) -> None:
    for key in node:
        if key not in _KNOWN[kind].split() and not str(key).startswith("x-"):
            raise NotUnderstood(f"{kind} keyword {key!r} is not known", line_of(node, key))


class _Reader(SchemaReader):
    def read(self) -> Facts:
        self.check_version()
        _check("document", self.tree)
        self.servers(("",), self.tree)
        for path in mapping(self.tree, "paths"):
            if not path.startswith("x-"):
                self.path_item(path)
        for place, types in self.types.items():
            self.state(place, "type", " | ".join(sorted(types - {"anything"}) or ["anything"]))
        lines = {place: site.line for place, site in self.sites.items()}
        return Facts(self.values, lines, self.sites, tuple(self.deviations.values()))

    def check_version(self) -> None:
        if not isinstance(self.tree, Mapping):
            raise NotUnderstood("not an OpenAPI document: its top level is not a mapping", 1)
        if "swagger" in self.tree:
            message = "Swagger 2.0 is not read; convert the document to OpenAPI 3.0 or 3.1 first"
            raise NotUnderstood(message, line_of(self.tree, "swagger"))
        version = str(self.tree.get("openapi", "missing"))
        if not re.fullmatch(r"3\.[01](\.\d+)?", version):
            line = line_of(self.tree, "openapi") if "openapi" in self.tree else 1
            raise NotUnderstood(f"OpenAPI version {version}: only 3.0 and 3.1 are read", line)
        if not self.tree.get("paths"):
            raise NotUnderstood("the document has no paths", 1)

    def servers(self, place: Place, node: Any) -> None:
        for index, server in enumerate(listing(node, "servers")):
            if not isinstance(server, Mapping) or "url" not in server:
                raise NotUnderstood("a server without url", line_of(node["servers"], index))
            _check("server", server)
            inner = (*place, "server", str(server["url"]).rstrip("/"))
            self.enter(inner, node["servers"], index)
            self.state(inner, EXISTS)

    def path_item(self, path: str) -> None:
        item = mapping(self.tree["paths"], path)
        beside = sorted(key for key in item if key not in ("$ref", "summary", "description"))
        if "$ref" in item and beside:
            raise NotUnderstood(f"{', '.join(beside)} beside a $ref", line_of(item, "$ref"))
        found = resolve(self.tree, self.tree["paths"], path)
        _check("path item", found.node)
        for method in METHODS:
            if method in found.node:
                place = (f"{method.upper()} {path}",)
                self.note(place, found.deviations)
                self.operation(place, found.node, method)

    def operation(self, place: Place, item: Any, method: str) -> None:
        node = self.enter(place, item, method)
        _check("operation", node)
        self.state(place, EXISTS)
        if "operationId" in node:
            # Generated functions are called like it in snake_case, so another spelling changes nothing.
            self.state(place, "operationId", snake_case(str(node["operationId"])))
        if listing(node, "tags"):
            self.state(place, "tags", ", ".join(sorted(map(str, node["tags"]))))
        self.flag(place, node, "deprecated")
        self.state(place, "security", self.security(node))
        self.servers(place, node if "servers" in node else item)
        self.parameters(place, item, node)
        if "requestBody" in node:
            self.body((*place, "body"), node)
        for status in mapping(node, "responses"):
            if not str(status).startswith("x-"):
                self.response((*place, "response", _status(status)), node["responses"], status)

    def security(self, operation: Any) -> str:
        """The ways to be let in, by what they are and not by what the document calls them."""
        holder = operation if "security" in operation else self.tree
        ways: list[str] = []
        for index, way in enumerate(listing(holder, "security")):
            if not isinstance(way, Mapping):
                line = line_of(holder["security"], index)
                raise NotUnderstood(f"security should hold mappings, not {way!r}", line)
            ways.append(" + ".join(sorted(self.scheme(way, name) for name in way)))
        return " or ".join(sorted(way or "none" for way in ways)) or "none"

    def scheme(self, way: Any, name: str) -> str:
        schemes = mapping(mapping(self.tree, "components"), "securitySchemes")
        if name not in schemes:
            raise NotUnderstood(f"security scheme {name} is not defined", line_of(way, name))
        node = resolve(self.tree, schemes, name).node
        details = {"http": ["scheme"], "apiKey": ["in", "name"], "openIdConnect": ["openIdConnectUrl"]}
        known = map(node.get, ["type", *details.get(node.get("type"), [])])
        text = " ".join(map(str, [*known, *sorted(listing(way, name))]))
        return text.lower() if node.get("type") == "http" else text  # HTTP does not mind: Bearer, bearer

    def parameters(self, operation: Place, item: Any, node: Any) -> None:
        """An operation's own parameter replaces the one its path item has of the same name."""
        entries: dict[Place, tuple[Any, int]] = {}
        for holder in (listing(item, "parameters"), listing(node, "parameters")):
            for index, _ in enumerate(holder):
                parameter = resolve(self.tree, holder, index).node
                kind = str(parameter.get("in"))
                if kind not in _STYLES or "name" not in parameter:
                    raise NotUnderstood(f"no parameter: name or in ({kind})", line_of(holder, index))
                entries[(*operation, kind, str(parameter["name"]))] = (holder, index)
        for place, (holder, index) in entries.items():
            self.parameter(place, holder, index)

    def parameter(self, place: Place, holder: Any, index: int) -> None:
        node = self.enter(place, holder, index)
        _check("parameter", node)
        self.state(place, EXISTS)
        self.flag(place, node, "required")
        self.flag(place, node, "deprecated")
        usual = _STYLES[node["in"]]
        style = str(node.get("style", usual[0]))
        sent = (style, bool(node.get("explode", style == "form")))
        if sent != usual:
            self.state(place, "style", f"{sent[0]}, {'exploded' if sent[1] else 'not exploded'}")
        for media in mapping(node, "content"):
            self.state(place, "media type", str(media))
            self.schema(place, node["content"][media], "schema")
        if "schema" in node:
            self.schema(place, node, "schema")

    def body(self, place: Place, operation: Any) -> None:
        node = self.enter(place, operation, "requestBody")
        _check("request body", node)
        self.state(place, EXISTS)
        self.flag(place, node, "required")
        self.content(place, node)

    def response(self, place: Place, holder: Any, status: Any) -> None:
        node = self.enter(place, holder, status)
        _check("response", node)
        self.state(place, EXISTS)
        if place[-1].startswith("2"):
            self.content(place, node)

    def content(self, place: Place, node: Any) -> None:
        for media in mapping(node, "content"):
            inner = (*place, str(media).lower())
            medium = self.enter(inner, node["content"], media)
            _check("media type", medium)
            self.state(inner, EXISTS)
            if "schema" in medium:
                self.schema(inner, medium, "schema")


def _status(key: object) -> str:
    """A status, or `2XX`, or `default`, however it is spelt."""
    return "default" if str(key).lower() == "default" else str(key).upper()
