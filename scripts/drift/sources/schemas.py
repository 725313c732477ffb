"""From the schemas of an OpenAPI document to facts. What facts cannot tell is refused, with the line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from scripts.spec import NotUnderstood, follow, json_type, line_of

from ..facts import ENUM, EXISTS, EXTRA, ITEMS, Deviation, Fact, Place, Site

# Limits on values: each is one fact, and says nothing about types.
LIMITS = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"}
    | {"pattern", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
)
_FLAGS = ("nullable", "deprecated", "readOnly", "writeOnly")
_COMPOSED = ("allOf", "oneOf", "anyOf")
_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_READ = frozenset(
    {"$ref", "type", "format", "enum", "const", "default", *_FLAGS, "items"}
    | {"properties", "required", "additionalProperties", *_COMPOSED}
)
_WORDING = frozenset(
    {"title", "description", "example", "examples", "externalDocs", "xml", "$comment", "discriminator"}
)
_BESIDE_CHOICE = frozenset({"nullable", "default", "deprecated"})


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
        holder, key = follow(tree, node)


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
        self.deviations: dict[int, Deviation] = {}

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
        self.add_types(place, node, _declared_types(node) or set(_implied_types(node)))
        self.scalars(place, node)
        self.enumeration(place, node)
        self.members(place, node, trail)
        for keyword in _COMPOSED:
            branches = listing(node, keyword)
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
        self.add_types(place, node, types)

    def refuse_siblings(self, node: Any) -> None:
        """In OpenAPI 3.1 what stands beside a `$ref` adds to it; in 3.0 it is ignored."""
        if isinstance(node, Mapping) and "$ref" in node and str(self.tree["openapi"]).startswith("3.1"):
            beside = sorted((_READ | LIMITS) & set(node) - {"$ref"})
            if beside:
                raise NotUnderstood(f"{', '.join(beside)} beside a $ref", line_of(node, "$ref"))

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
        new = [Fact((*place, ENUM, str(value)), EXISTS) for value in values if value is not None]
        known = [fact for fact in self.values if fact.place[:-1] == (*place, ENUM)]
        if known and new and set(known) != set(new):
            self.refuse_two(place, "enum", *([fact.place[-1] for fact in each] for each in (known, new)))
        if values:
            self.state((*place, ENUM), EXISTS)
        for fact in new:
            self.state(*fact)

    def members(self, place: Place, node: Any, trail: tuple[int, ...]) -> None:
        for name in mapping(node, "properties"):
            self.state((*place, str(name)), EXISTS)
            self.schema((*place, str(name)), node["properties"], name, trail)
        for name in listing(node, "required"):
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
