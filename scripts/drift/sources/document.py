"""From an OpenAPI 3.0 or 3.1 document to facts. What it does not know it refuses, with the line."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import unquote

from ..facts import ENUM, EXISTS, EXTRA, ITEMS, Deviation, Fact, Facts, NotUnderstood, Place, Site, snake_case

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# Limits on values: each is one fact, and says nothing about types.
LIMITS = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"}
    | {"pattern", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
)
FLAGS = ("nullable", "deprecated", "readOnly", "writeOnly")
_COMPOSED = ("allOf", "oneOf", "anyOf")
_READ = frozenset(
    {"$ref", "type", "format", "enum", "const", "default", *FLAGS, "items"}
    | {"properties", "required", "additionalProperties", *_COMPOSED}
)
_WORDING = frozenset(
    {"title", "description", "example", "examples", "externalDocs", "xml", "$comment"} | {"discriminator"}
)
_BESIDE_CHOICE = frozenset({"nullable", "default", "deprecated"})
# Outside schemas, for each kind of node: what is read there, and what says nothing that is compared.
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


def line_of(holder: Any, key: Any) -> int:
    """The line, counted from 1, that an entry of a parsed map or list stands on."""
    marks = holder.lc
    mark = marks.item(key) if isinstance(holder, list) else marks.key(key)
    return int(mark[0]) + 1


@dataclass(frozen=True)
class Resolved:
    """A definition, behind any `$ref`: where it stands, and the deviations declared on the way to it."""

    holder: Any
    key: Any
    node: Any
    deviations: tuple[Deviation, ...]


def resolve(tree: Any, holder: Any, key: Any) -> Resolved:
    """Follows the references of an entry to its definition."""
    start, seen = (holder, key), set[str]()
    deviations: list[Deviation] = []
    while True:
        node = holder[key]
        if not isinstance(node, Mapping):
            raise NotUnderstood(f"{key} should be a mapping, not {node!r}", line_of(holder, key))
        if "x-deviation" in node:
            reason = " ".join(str(node["x-deviation"]).split())
            deviations.append(Deviation(line_of(node, "x-deviation"), reason))
        if "$ref" not in node:
            return Resolved(holder, key, node, tuple(deviations))
        pointer = str(node["$ref"])
        if pointer in seen:
            raise NotUnderstood(f"$ref {pointer} leads back to itself", line_of(*start))
        seen.add(pointer)
        holder, key = _follow(tree, node)


def _follow(tree: Any, node: Any) -> tuple[Any, Any]:
    pointer = str(node["$ref"])
    if not pointer.startswith("#/"):
        message = f"$ref {pointer}: only references inside the document are followed"
        raise NotUnderstood(message, line_of(node, "$ref"))
    holder, target, key = None, tree, ""
    for part in pointer[2:].split("/"):
        holder, key = target, unquote(part).replace("~1", "/").replace("~0", "~")
        if not isinstance(holder, Mapping) or key not in holder:
            raise NotUnderstood(f"$ref {pointer} leads nowhere", line_of(node, "$ref"))
        target = holder[key]
    return holder, key


def _mapping(holder: Any, key: Any) -> Any:
    """The map under the key; an empty one if there is no such key."""
    node = holder.get(key, {})
    if not isinstance(node, Mapping):
        raise NotUnderstood(f"{key} should be a mapping, not {node!r}", line_of(holder, key))
    return node


def _list(holder: Any, key: Any) -> Any:
    node = holder.get(key, [])
    if not isinstance(node, list):
        raise NotUnderstood(f"{key} should be a list, not {node!r}", line_of(holder, key))
    return node


def _check(kind: str, node: Any) -> None:
    for key in node:
        if key not in _KNOWN[kind].split() and not str(key).startswith("x-"):
            raise NotUnderstood(f"{kind} keyword {key!r} is not known", line_of(node, key))


class _Reader:
    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.values: dict[Fact, str | bool] = {}
        self.types: dict[Place, set[str]] = {}
        self.sites: dict[Place, Site] = {}
        self.deviations: dict[int, Deviation] = {}

    def read(self) -> Facts:
        self.check_version()
        _check("document", self.tree)
        self.servers(("",), self.tree)
        for path in _mapping(self.tree, "paths"):
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
            raise NotUnderstood(
                "Swagger 2.0 is not read; convert the document to OpenAPI 3.0 or 3.1 first",
                line_of(self.tree, "swagger"),
            )
        version = str(self.tree.get("openapi", "missing"))
        if not re.fullmatch(r"3\.[01](\.\d+)?", version):
            line = line_of(self.tree, "openapi") if "openapi" in self.tree else 1
            raise NotUnderstood(f"OpenAPI version {version}: only 3.0 and 3.1 are read", line)
        if not self.tree.get("paths"):
            raise NotUnderstood("the document has no paths", 1)

    def state(self, place: Place, aspect: str, value: str | bool = True) -> None:
        known = self.values.setdefault(Fact(place, aspect), value)
        if known != value:
            self.refuse_two(place, aspect, known, value)

    def refuse_two(self, place: Place, aspect: str, one: object, other: object) -> NoReturn:
        """Schemas taken together would have to be intersected here."""
        raise NotUnderstood(f"{aspect} is both {one} and {other}", self.sites[place].line)

    def flag(self, place: Place, node: Any, aspect: str) -> None:
        value = node.get(aspect, False)
        if not isinstance(value, bool):
            raise NotUnderstood(f"{aspect} should be true or false, not {value!r}", line_of(node, aspect))
        if value:
            self.state(place, aspect)

    def enter(self, place: Place, holder: Any, key: Any) -> Any:
        """The definition under the key; the place is recorded as standing there."""
        found = resolve(self.tree, holder, key)
        self.note(place, found.deviations)
        # A parameter and its schema are one place, and so are the parts of a composed one: the whole counts.
        self.sites.setdefault(place, Site(holder, key, found.node, line_of(found.holder, found.key)))
        return found.node

    def note(self, place: Place, deviations: tuple[Deviation, ...]) -> None:
        for deviation in deviations:
            self.deviations.setdefault(deviation.line, deviation).places.add(place)

    # Operations --------------------------------------------------------------------------------------------

    def servers(self, place: Place, node: Any) -> None:
        for index, server in enumerate(_list(node, "servers")):
            if not isinstance(server, Mapping) or "url" not in server:
                raise NotUnderstood("a server without url", line_of(node["servers"], index))
            _check("server", server)
            inner = (*place, "server", str(server["url"]).rstrip("/"))
            self.enter(inner, node["servers"], index)
            self.state(inner, EXISTS)

    def path_item(self, path: str) -> None:
        item = _mapping(self.tree["paths"], path)
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
            # Generated functions are called like it in snake_case, so another spelling is no change.
            self.state(place, "operationId", snake_case(str(node["operationId"])))
        if _list(node, "tags"):
            self.state(place, "tags", ", ".join(sorted(map(str, node["tags"]))))
        self.flag(place, node, "deprecated")
        self.state(place, "security", self.security(node))
        self.servers(place, node if "servers" in node else item)
        self.parameters(place, item, node)
        if "requestBody" in node:
            self.body((*place, "body"), node)
        for status in _mapping(node, "responses"):
            if not str(status).startswith("x-"):
                self.response((*place, "response", str(status)), node["responses"], status)

    def security(self, operation: Any) -> str:
        """The ways to be let in, by what they are and not by what the document calls them."""
        holder = operation if "security" in operation else self.tree
        ways: list[str] = []
        for index, way in enumerate(_list(holder, "security")):
            if not isinstance(way, Mapping):
                raise NotUnderstood(
                    f"security should hold mappings, not {way!r}", line_of(holder["security"], index)
                )
            ways.append(" + ".join(sorted(self.scheme(way, name) for name in way)))
        return " or ".join(sorted(way or "none" for way in ways)) or "none"

    def scheme(self, way: Any, name: str) -> str:
        schemes = _mapping(_mapping(self.tree, "components"), "securitySchemes")
        if name not in schemes:
            raise NotUnderstood(f"security scheme {name} is not defined", line_of(way, name))
        node = resolve(self.tree, schemes, name).node
        details = {"http": ["scheme"], "apiKey": ["in", "name"], "openIdConnect": ["openIdConnectUrl"]}
        words = [
            node.get("type"),
            *map(node.get, details.get(node.get("type"), [])),
            *sorted(_list(way, name)),
        ]
        text = " ".join(map(str, words))
        return text.lower() if node.get("type") == "http" else text  # HTTP does not mind: Bearer, bearer

    def parameters(self, operation: Place, item: Any, node: Any) -> None:
        """An operation's own parameter replaces the one its path item has of the same name."""
        entries: dict[Place, tuple[Any, int]] = {}
        for holder in (_list(item, "parameters"), _list(node, "parameters")):
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
        for media in _mapping(node, "content"):
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
        for media in _mapping(node, "content"):
            inner = (*place, str(media))
            medium = self.enter(inner, node["content"], media)
            _check("media type", medium)
            self.state(inner, EXISTS)
            if "schema" in medium:
                self.schema(inner, medium, "schema")

    # Schemas -----------------------------------------------------------------------------------------------

    def schema(self, place: Place, holder: Any, key: Any, trail: tuple[int, ...] = ()) -> None:
        types = self.types.setdefault(place, set())
        if holder[key] is True:
            types.add("anything")
            return
        self.refuse_siblings(holder[key])
        node = self.enter(place, holder, key)
        if id(node) in trail:
            types.add("recursive")
            return
        for keyword in node:
            if keyword not in _READ | _WORDING | LIMITS and not str(keyword).startswith("x-"):
                raise NotUnderstood(f"schema keyword {keyword!r} is not known", line_of(node, keyword))
        trail = (*trail, id(node))
        self.own_types(place, node)
        self.scalars(place, node)
        self.enumeration(place, node)
        self.members(place, node, trail)
        for keyword in _COMPOSED:
            branches = _list(node, keyword)
            if keyword != "allOf" and self.is_choice(branches):
                self.choice(place, node, keyword)
            else:
                for index in range(len(branches)):
                    self.schema(place, branches, index, trail)

    def is_choice(self, branches: Any) -> bool:
        """Whether there is more than one, null apart."""
        nodes = [resolve(self.tree, branches, index).node for index in range(len(branches))]
        return len([node for node in nodes if _stated(node) != {"type": "null"}]) > 1

    def choice(self, place: Place, node: Any, keyword: str) -> None:
        """Facts can tell a choice of types. Not what belongs to which branch."""
        types = set[str]()
        for index, branch in enumerate(node[keyword]):
            self.refuse_siblings(branch)
            stated = _stated(resolve(self.tree, node[keyword], index).node)
            if set(stated) != {"type"} or set(_stated(node)) - {keyword, *_BESIDE_CHOICE}:
                raise NotUnderstood(f"{keyword} of more than types", line_of(node, keyword))
            types |= _declared_types(stated)
        self.add_types(place, types)

    def refuse_siblings(self, node: Any) -> None:
        """In OpenAPI 3.1 what stands beside a `$ref` adds to it; in 3.0 it is ignored."""
        if isinstance(node, Mapping) and "$ref" in node and str(self.tree["openapi"]).startswith("3.1"):
            beside = sorted((_READ | LIMITS) & set(node) - {"$ref"})
            if beside:
                raise NotUnderstood(f"{', '.join(beside)} beside a $ref", line_of(node, "$ref"))

    def own_types(self, place: Place, node: Any) -> None:
        self.add_types(place, _declared_types(node) or set(_implied_types(node)))

    def add_types(self, place: Place, types: set[str]) -> None:
        if "null" in types:
            self.state(place, "nullable")
        known, new = self.types[place] - {"anything"}, types - {"anything", "null"}
        if known and new and known != new:
            self.refuse_two(place, "type", " | ".join(sorted(known)), " | ".join(sorted(new)))
        self.types[place] |= types - {"null"}

    def scalars(self, place: Place, node: Any) -> None:
        for aspect in FLAGS:
            self.flag(place, node, aspect)
        if "format" in node:
            self.state(place, "format", str(node["format"]))
        for keyword in sorted(LIMITS & set(node)):
            self.state(place, keyword, json.dumps(node[keyword], default=str))
        if node.get("additionalProperties") is False:
            self.state(place, "additionalProperties", "false")
        if "default" in node:
            self.state(place, "default", json.dumps(node["default"], sort_keys=True, default=str))

    def enumeration(self, place: Place, node: Any) -> None:
        values = [node["const"]] if "const" in node else _list(node, "enum")
        new = [Fact((*place, ENUM, str(value)), EXISTS) for value in values if value is not None]
        known = [fact for fact in self.values if fact.place[:-1] == (*place, ENUM)]
        if known and new and set(known) != set(new):
            self.refuse_two(place, "enum", *([fact.place[-1] for fact in each] for each in (known, new)))
        if values:
            self.state((*place, ENUM), EXISTS)
        for fact in new:
            self.state(*fact)

    def members(self, place: Place, node: Any, trail: tuple[int, ...]) -> None:
        for name in _mapping(node, "properties"):
            self.state((*place, str(name)), EXISTS)
            self.schema((*place, str(name)), node["properties"], name, trail)
        for name in _list(node, "required"):
            self.state((*place, str(name)), "required")
        if "items" in node:
            self.schema((*place, ITEMS), node, "items", trail)
        if node.get("additionalProperties", True) not in (True, False, {}):
            self.schema((*place, EXTRA), node, "additionalProperties", trail)


def _stated(node: Any) -> dict[str, Any]:
    """A schema without what is wording."""
    return {key: node[key] for key in node if key not in _WORDING and not str(key).startswith("x-")}


def _declared_types(node: Any) -> set[str]:
    declared = node.get("type", [])
    return set(map(str, declared if isinstance(declared, list) else [declared]))


def _implied_types(node: Any) -> Iterator[str]:
    """What a schema without `type` is likely to be: the vendor leaves `type: object` out here and there."""
    if "properties" in node or "additionalProperties" in node:
        yield "object"
    elif "items" in node:
        yield "array"
    elif "enum" in node or "const" in node:
        values = [node["const"]] if "const" in node else node["enum"]
        yield from {json_type(value) for value in values}
    elif not set(_COMPOSED) & set(node):
        yield "anything"


def json_type(value: object) -> str:
    """The JSON Schema type of a value."""
    if value is None:
        return "null"
    names = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"))
    return next((name for kind, name in names if isinstance(value, kind)), "object")
