"""From an OpenAPI 3.0 or 3.1 document to facts. What it does not know it refuses, with the line."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.spec import METHODS, NotUnderstood, line_of, version_of

from ..facts import NAME, Facts, Naming, Place, snake_case
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
_SCHEMES = {"http": ["scheme"], "apiKey": ["in", "name"], "openIdConnect": ["openIdConnectUrl"]}


def read_document(tree: Any, names: Naming | None = None) -> Facts:
    """Reduces a document, parsed with its line numbers by ruamel.yaml, to facts.

    Its operations and path parameters go by those names, whatever the document calls them.
    """
    version_of(tree)
    return _Reader(tree).read(names or Naming(()))


def _entries(holder: Any, key: str) -> Iterator[Any]:
    """The keys of the map under the key, but for extensions."""
    yield from (each for each in mapping(holder, key) if not str(each).startswith("x-"))


class _Reader(SchemaReader):
    def read(self, names: Naming) -> Facts:
        if not self.tree.get("paths"):
            raise NotUnderstood("the document has no paths", 1)
        self.check("document", self.tree)
        self.servers(("",), self.tree)
        for path in _entries(self.tree, "paths"):
            found = resolve(self.tree, mapping(self.tree, "paths"), path)
            self.check("path item", found.node)
            for method in [each for each in METHODS if each in found.node]:
                name, parameters = names.operation(method, path)
                if (name,) in self.sites:
                    message = "two paths differ in nothing but the names of their parameters"
                    raise NotUnderstood(message, line_of(self.tree["paths"], path))
                self.note((name,), found.deviations)
                self.operation((name,), found.node, method, parameters)
        for place, types in self.types.items():
            self.state(place, "type", " | ".join(sorted(types - {"anything"}) or ["anything"]))
        return Facts(self.values, self.lines, self.sites, tuple(self.deviations.values()))

    def check(self, kind: str, node: Any) -> Any:
        for key in node:
            if key not in _KNOWN[kind].split() and not str(key).startswith("x-"):
                raise NotUnderstood(f"{kind} keyword {key!r} is not known", line_of(node, key))
        return node

    def existing(self, kind: str, place: Place, holder: Any, key: Any) -> Any:
        """The definition under the key, which is one of that kind, and its being there as a fact."""
        node = self.check(kind, self.enter(place, holder, key))
        self.state(place)
        return node

    def servers(self, place: Place, node: Any) -> None:
        for index, server in enumerate(listing(node, "servers")):
            if not isinstance(server, Mapping) or "url" not in server:
                raise NotUnderstood("a server without url", line_of(node["servers"], index))
            inner = (*place, "server", str(server["url"]).rstrip("/"))
            self.existing("server", inner, node["servers"], index)

    def operation(self, place: Place, item: Any, method: str, names: Mapping[str, str]) -> None:
        node = self.existing("operation", place, item, method)
        if "operationId" in node:
            # Generated functions have its name in snake_case, so another spelling changes nothing.
            self.state(place, "operationId", snake_case(str(node["operationId"])))
        if listing(node, "tags"):
            self.state(place, "tags", ", ".join(sorted(map(str, node["tags"]))))
        self.flag(place, node, "deprecated")
        self.state(place, "security", self.security(node if "security" in node else self.tree))
        self.servers(place, node if "servers" in node else item)
        self.parameters(place, item, node, names)
        if "requestBody" in node:
            body = (*place, "body")
            self.flag(body, self.existing("request body", body, node, "requestBody"), "required")
            self.content(body, self.sites[body].node)
        for status in _entries(node, "responses"):
            self.response((*place, "response", _status(status)), node["responses"], status)

    def security(self, holder: Any) -> str:
        """The ways to be let in, by what they are and not by what the document calls them."""
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
        known = map(node.get, ["type", *_SCHEMES.get(node.get("type"), [])])
        text = " ".join(map(str, [*known, *sorted(listing(way, name))]))
        return text.lower() if node.get("type") == "http" else text  # HTTP does not mind: Bearer, bearer

    def parameters(self, operation: Place, item: Any, node: Any, names: Mapping[str, str]) -> None:
        """An operation's own parameter replaces the one its path item has of the same name."""
        entries: dict[Place, tuple[Any, int]] = {}
        for holder in (listing(item, "parameters"), listing(node, "parameters")):
            for index in range(len(holder)):
                parameter = resolve(self.tree, holder, index).node
                kind, name = str(parameter.get("in")), parameter.get("name")
                if kind not in _STYLES or name is None:
                    raise NotUnderstood(f"no parameter: name or in ({kind})", line_of(holder, index))
                known = names if kind == "path" else {}
                entries[(*operation, kind, known.get(str(name), str(name)))] = (holder, index)
        for place, (holder, index) in entries.items():
            self.parameter(place, holder, index)

    def parameter(self, place: Place, holder: Any, index: int) -> None:
        node = self.existing("parameter", place, holder, index)
        if str(node["name"]) != place[-1]:
            self.state(place, NAME, str(node["name"]))
        self.flag(place, node, "required")
        self.flag(place, node, "deprecated")
        style = str(node.get("style", _STYLES[node["in"]][0]))
        sent = (style, bool(node.get("explode", style == "form")))
        if sent != _STYLES[node["in"]]:
            self.state(place, "style", f"{sent[0]}, {'exploded' if sent[1] else 'not exploded'}")
        for media in mapping(node, "content"):
            self.state(place, "media type", str(media))
            self.schema(place, node["content"][media], "schema")
        if "schema" in node:
            self.schema(place, node, "schema")

    def response(self, place: Place, holder: Any, status: Any) -> None:
        node = self.existing("response", place, holder, status)
        if place[-1].startswith("2"):
            self.content(place, node)

    def content(self, place: Place, node: Any) -> None:
        for media in mapping(node, "content"):
            inner = (*place, str(media).lower())
            medium = self.existing("media type", inner, node["content"], media)
            if "schema" in medium:
                self.schema(inner, medium, "schema")


def _status(key: object) -> str:
    """A status, or `2XX`, or `default`, however it is spelt."""
    return "default" if str(key).lower() == "default" else str(key).upper()
