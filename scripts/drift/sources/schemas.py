"""From the schemas of an OpenAPI document to facts. What facts cannot tell is refused, with the line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from scripts.spec import METHODS, NotUnderstood, follow, json_type, line_of

from ..facts import ENUM, EXISTS, EXTRA, ITEMS, Deviation, Fact, Place, Site

# Limits on values: each is one fact, and says nothing about types.
LIMITS = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"}
    | {"pattern", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
)
_FLAGS = ("nullable", "deprecated", "readOnly", "writeOnly")
_COMPOSED = ("allOf", "oneOf", "anyOf")
_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_READ = LIMITS | {"$ref", "type", "format", "enum", "const", "default", "items", *_FLAGS, *_COMPOSED}
_READ |= {"properties", "required", "additionalProperties"}
_WORDING = frozenset(
    {"title", "description", "example", "examples", "externalDocs", "xml", "$comment", "discriminator"}
)
_BESIDE_CHOICE = frozenset({"nullable", "default", "deprecated"})


@dataclass(frozen=True)
class Resolved:
    """A definition, behind any `$ref`: its line, and the deviations declared on the way to it."""

    node: Any
    line: int
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
            return Resolved(node, line_of(holder, key), tuple(deviations))
        _refuse_siblings(tree, node)
        pointer = str(node["$ref"])
        if pointer in seen:
            raise NotUnderstood(f"$ref {pointer} leads back to itself", line_of(*start))
        seen.add(pointer)
        holder, key = follow(tree, node)


def _refuse_siblings(tree: Any, node: Any) -> None:
    """In OpenAPI 3.1 what stands beside a `$ref` adds to it; in 3.0 so it does in a path item only."""
    adding = {*METHODS, "parameters", "servers"}
    adding |= _READ if str(tree["openapi"]).startswith("3.1") else set()
    beside = sorted(adding & set(node) - {"$ref"})
    if beside:
        raise NotUnderstood(f"{', '.join(beside)} beside a $ref", line_of(node, "$ref"))


def mapping(holder: Any, key: Any, kind: type = Mapping) -> Any:
    """The map (or list) under the key; an empty one if there is no such key."""
    node = holder.get(key, {} if kind is Mapping else [])
    if not isinstance(node, kind):
        wanted = "mapping" if kind is Mapping else "list"
        raise NotUnderstood(f"{key} should be a {wanted}, not {node!r}", line_of(holder, key))
    return node


def listing(holder: Any, key: Any) -> Any:
    """The list under the key; an empty one if there is no such key."""
    return mapping(holder, key, list)


class SchemaReader:
    """Collects the facts of schemas, and where each stands."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.values: dict[Fact, str | bool] = {}
        self.types: dict[Place, set[str]] = {}
        self.sites: dict[Place, Site] = {}
        self.lines: dict[Place, int] = {}
        self.deviations: dict[int, Deviation] = {}

    def state(self, place: Place, aspect: str = EXISTS, value: str | bool = True) -> None:
        known = self.values.setdefault(Fact(place, aspect), value)
        if known != value:
            self.refuse_two(place, aspect, known, value)

    def refuse_two(self, place: Place, aspect: str, one: object, other: object) -> NoReturn:
        """Schemas taken together would have to be intersected here."""
        raise NotUnderstood(f"{aspect} is both {one} and {other}", self.lines[place])

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
        self.sites.setdefault(place, Site(holder, key, found.node))
        self.lines.setdefault(place, found.line)
        return found.node

    def note(self, place: Place, deviations: tuple[Deviation, ...]) -> None:
        for deviation in deviations:
            self.deviations.setdefault(deviation.line, deviation).places.add(place)

    def schema(self, place: Place, holder: Any, key: Any, trail: tuple[int, ...] = ()) -> None:
        types = self.types.setdefault(place, set())
        if holder[key] is True:
            types.add("anything")
            return
        node = self.enter(place, holder, key)
        if id(node) in trail:
            types.add("recursive")
            return
        for keyword in node:
            if keyword not in _READ | _WORDING and not str(keyword).startswith("x-"):
                raise NotUnderstood(f"schema keyword {keyword!r} is not known", line_of(node, keyword))
        self.add_types(place, node, _declared_types(node) or set(_implied_types(node)))
        self.scalars(place, node)
        self.enumeration(place, node)
        self.members(place, node, (*trail, id(node)))

    def add_types(self, place: Place, node: Any, types: set[str]) -> None:
        unknown = sorted(types - _TYPES - {"anything"})
        if unknown:
            accepted = ", ".join(sorted(_TYPES))
            raise NotUnderstood(f"type is {unknown[0]!r}; accepted: {accepted}", line_of(node, "type"))
        if "null" in types:
            self.state(place, "nullable")
        known, new = self.types[place] - {"anything"}, types - {"anything", "null"}
        if known and new and known != new:
            self.refuse_two(place, "type", " | ".join(sorted(known)), " | ".join(sorted(new)))
        self.types[place] |= types - {"null"}

    def scalars(self, place: Place, node: Any) -> None:
        for aspect in _FLAGS:
            self.flag(place, node, aspect)
        if "format" in node:
            self.state(place, "format", str(node["format"]))
        for keyword in sorted((LIMITS | {"default"}) & set(node)):
            self.state(place, keyword, json.dumps(node[keyword], sort_keys=True, default=str))
        if node.get("additionalProperties") is False:
            self.state(place, "additionalProperties", "false")

    def enumeration(self, place: Place, node: Any) -> None:
        values = [node["const"]] if "const" in node else listing(node, "enum")
        new = [(*place, ENUM, str(value)) for value in values if value is not None]
        known = [fact.place for fact in self.values if fact.place[:-1] == (*place, ENUM)] if new else []
        if known and set(known) != set(new):
            self.refuse_two(place, "enum", *([each[-1] for each in places] for places in (known, new)))
        for each in [(*place, ENUM), *new] if values else []:
            self.state(each)

    def members(self, place: Place, node: Any, trail: tuple[int, ...]) -> None:
        for name in mapping(node, "properties"):
            self.state((*place, str(name)))
            self.schema((*place, str(name)), node["properties"], name, trail)
        for name in listing(node, "required"):
            self.state((*place, str(name)), "required")
        if "items" in node:
            self.schema((*place, ITEMS), node, "items", trail)
        if node.get("additionalProperties", True) not in (True, False, {}):
            self.schema((*place, EXTRA), node, "additionalProperties", trail)
        for keyword in _COMPOSED:
            branches = listing(node, keyword)
            nodes = [resolve(self.tree, branches, index).node for index in range(len(branches))]
            if keyword != "allOf" and len([each for each in nodes if _stated(each) != {"type": "null"}]) > 1:
                self.choice(place, node, keyword, nodes)
            else:
                for index in range(len(branches)):
                    self.schema(place, branches, index, trail)

    def choice(self, place: Place, node: Any, keyword: str, nodes: list[Any]) -> None:
        """Facts can tell a choice of types. Not what belongs to which branch."""
        beside = set(_stated(node)) - {keyword, *_BESIDE_CHOICE}
        if beside or any(set(_stated(each)) != {"type"} for each in nodes):
            raise NotUnderstood(f"{keyword} of more than types", line_of(node, keyword))
        self.add_types(place, node, {name for each in nodes for name in _declared_types(each)})


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
        yield from map(json_type, [node["const"]] if "const" in node else node["enum"])
    elif not set(_COMPOSED) & set(node):
        yield "anything"
