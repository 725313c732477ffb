"""Which node of openapi.yaml a change is written to, and how.

A node that several operations share is edited once, if all of them have changed alike; else not at all.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from ..compare.differences import Change, has_names_of_its_own
from ..facts import ENUM, EXISTS, EXTRA, ITEMS, Fact, Facts, Place, Site, canonical, kind_of, prefixes
from ..sources.document import LIMITS, METHODS, resolve
from .build import Builder, ByHand, flow, proposed_id, quoted, value_of
from .comments import insert, remove

_COMPOSED = frozenset({"allOf", "oneOf", "anyOf", "const"})
_OURS_TO_DECIDE = {
    "tags": "generated modules would move, and with them what users import",
    "security": "the client's auth has to change with it",
    "style": "how the client writes the parameter has to change with it",
    "media type": "how the client writes the parameter has to change with it",
}
_AS_JSON = LIMITS | {"default", "additionalProperties"}


@dataclass(frozen=True)
class _Edit:
    """One change written down.

    Attributes:
        target: The node that is edited.
        action: What is done to it: the same action on the same node is one edit, whatever the places.
        place: The place the target stands at.
        apply: Does it.
    """

    target: Any
    action: str
    place: Place
    apply: Callable[[], None]


class Editor:
    """Turns changes into edits of the parsed openapi.yaml.

    Attributes:
        advice: What a person should look at after the edits.
    """

    def __init__(self, tree: Any, ours: Facts, theirs: Facts) -> None:
        self.tree, self.ours, self.theirs = tree, ours, theirs
        self.advice: list[str] = []
        self.build = Builder(ours, theirs)
        self.users: dict[int, set[Place]] = defaultdict(set)
        for place, site in ours.sites.items():
            if self.is_reached_upstream(place):
                for node in (site.holder[site.key], site.node, self.schema_of(place)):
                    self.users[id(node)].add(place)

    def is_reached_upstream(self, place: Place) -> bool:
        """Whether upstream has everything around the place, so that it could have changed there."""
        around = [Fact(outer, EXISTS) for outer in prefixes(place[:-1])]
        return all(fact in self.theirs.values for fact in around if fact in self.ours.values)

    def plan(self, changes: list[Change]) -> Iterator[tuple[Callable[[], None], list[Change]]]:
        """The edits, outer ones first, each with its changes; it raises ByHand if it cannot be made."""
        groups: dict[tuple[int, str], list[tuple[_Edit, Change]]] = defaultdict(list)
        for change in sorted(changes, key=_turn):
            try:
                edit = self.edit(change)
                groups[(id(edit.target), edit.action)].append((edit, change))
            except ByHand as reason:
                yield _refusal(reason), [change]
        for members in groups.values():
            edit = members[0][0]
            others = self.users.get(id(edit.target), set()) - {edit.place for edit, _ in members}
            apply = edit.apply
            if others:
                apply = _refusal(ByHand(f"the definition is shared, and {min(others)[0]} has not changed"))
            yield apply, [change for _, change in members]

    def edit(self, change: Change) -> _Edit:
        if not change.sure:
            raise ByHand("the page leaves it in doubt: glued values, or perhaps a heading above it")
        if change.aspect != EXISTS:
            return self.aspect(change)
        kind = kind_of(change.place)
        if change.ours is not None:
            return self.removed_value(change.place) if kind.startswith("enum") else self.removed(change.place)
        return {
            "operation": self.added_operation,
            "server": self.added_server,
            "operation's server": self.added_server,
            "parameter": self.added_parameter,
            "body": self.added_body,
            "success status": self.added_status,
            "documented error": self.added_error,
            "media type": self.added_media_type,
            "property": self.added_property,
            "enum": self.added_enum,
            "enum value": self.added_value,
        }[kind](change.place)

    # Nodes -------------------------------------------------------------------------------------------------

    def site(self, place: Place) -> Site:
        if place not in self.ours.sites:
            raise ByHand("there is nothing in openapi.yaml to write it to")
        return self.ours.sites[place]

    def schema_of(self, place: Place) -> Any:
        """The schema at a place of ours; None if there is none."""
        site = self.ours.sites.get(place)
        if site is None:
            return None
        if kind_of(place) in ("parameter", "media type"):
            return resolve(self.tree, site.node, "schema").node if "schema" in site.node else None
        return site.node if kind_of(place) in ("property", "item") else None

    def plain_schema(self, place: Place) -> Any:
        node = self.schema_of(place)
        if node is None:
            raise ByHand("there is no schema in openapi.yaml to write it to")
        if _COMPOSED & set(node):
            raise ByHand("the schema is composed of several")
        return node

    # Aspects -----------------------------------------------------------------------------------------------

    def aspect(self, change: Change) -> _Edit:
        kind, aspect, place = kind_of(change.place), change.aspect, change.place
        if aspect in _OURS_TO_DECIDE:
            raise ByHand(_OURS_TO_DECIDE[aspect])
        if aspect == "required" and kind == "property":
            return self.required_property(change)
        if aspect == "type" and kind == "item" and None in (change.ours, change.theirs):
            return self.items(change)
        if aspect == "type":
            self.build.require_items(place, str(change.theirs).split(" | "))
        whole = kind in ("operation", "body") or (
            kind == "parameter" and aspect in ("required", "deprecated")
        )
        node = self.site(place).node if whole else self.plain_schema(place)
        return _Edit(node, f"{aspect} {change.theirs}", place, lambda: _state(node, aspect, change.theirs))

    def required_property(self, change: Change) -> _Edit:
        parent, name = change.place[:-1], change.place[-1]
        node = self.plain_schema(parent)
        required = bool(change.theirs)
        return _Edit(node, f"{name} {required}", parent, lambda: _require(node, name, required))

    def items(self, change: Change) -> _Edit:
        parent = change.place[:-1]
        node = self.plain_schema(parent)
        keyword = {ITEMS: "items", EXTRA: "additionalProperties"}[change.place[-1]]
        schema = self.build.schema(change.place) if change.theirs else None
        return _Edit(node, f"{keyword} {schema}", parent, lambda: _put(node, keyword, schema))

    # Removed -----------------------------------------------------------------------------------------------

    def removed(self, place: Place) -> _Edit:
        site = self.site(place)
        entry = site.holder[site.key]
        return _Edit(entry, "remove", place, lambda: self.remove(place, site, entry))

    def remove(self, place: Place, site: Site, entry: Any) -> None:
        holder, key = site.holder, site.key
        if isinstance(holder, list):
            key = next(index for index, item in enumerate(holder) if item is entry)
        remove(holder, key)
        kind = kind_of(place)
        if kind == "property":
            _require(self.plain_schema(place[:-1]), place[-1], False)
        elif kind == "operation" and not set(METHODS) & set(holder):
            remove(self.tree["paths"], place[0].split(" ", 1)[1])
        elif kind == "parameter" and not holder:
            operation = self.site(place[:1])
            owner = operation.node if operation.node.get("parameters") is holder else operation.holder
            remove(owner, "parameters")

    def removed_value(self, place: Place) -> _Edit:
        parent = place[: place.index(ENUM)]
        node, value = self.plain_schema(parent), place[-1]
        if value == ENUM:
            return _Edit(node, "remove enum", parent, lambda: remove(node, "enum"))

        def apply() -> None:
            remove(node["enum"], list(map(str, node["enum"])).index(value))

        return _Edit(node, f"remove value {value}", parent, apply)

    # Added -------------------------------------------------------------------------------------------------

    def previous(self, place: Place, present: Any) -> Any:
        """The entry upstream has before this one, or the nearest before that, that we have, too."""
        siblings = self.build.names(place[:-1])
        before = siblings[: siblings.index(place[-1])]
        return next((name for name in reversed(before) if name in present), None)

    def into_map(self, place: Place, at: Place, owner: Any, keyword: str, value: Any) -> _Edit:
        """Adds an entry named like the place to the map under the keyword."""

        def apply() -> None:
            if keyword not in owner:
                _put(owner, keyword, CommentedMap())
            entries = owner[keyword]
            last = next(reversed(entries), None)
            insert(entries, _name(place), value, self.previous(place, entries) or last)

        return _Edit(owner, f"add {place[-1]} {value}", at, apply)

    def added_property(self, place: Place) -> _Edit:
        parent = place[:-1]
        node, required = self.plain_schema(parent), self.build.fact(place, "required")
        edit = self.into_map(place, parent, node, "properties", self.build.schema(place))

        def apply() -> None:
            edit.apply()
            _require(node, place[-1], bool(required))

        return _Edit(node, f"{edit.action} {required}", parent, apply)

    def added_media_type(self, place: Place) -> _Edit:
        owner = self.site(place[:-1]).node
        return self.into_map(place, place[:-1], owner, "content", self.build.media_type(place))

    def added_status(self, place: Place) -> _Edit:
        operation = self.site(place[:1]).node
        return self.into_map(place, place[:1], operation, "responses", self.build.response(place))

    def added_error(self, place: Place) -> _Edit:
        raise ByHand("an error without a schema makes the generated functions return None without a word")

    def added_body(self, place: Place) -> _Edit:
        operation, body = self.site(place[:1]).node, self.build.body(place)
        return _Edit(operation, f"add {body}", place[:1], lambda: _put(operation, "requestBody", body))

    def added_server(self, place: Place) -> _Edit:
        if place[0]:
            raise ByHand("the client has one server for all operations")
        server = CommentedMap({"url": place[-1]})

        def apply() -> None:
            if not self.tree.get("servers"):
                _put(self.tree, "servers", CommentedSeq())
            _append(self.tree["servers"], server)

        return _Edit(self.tree, f"add {place[-1]}", place, apply)

    def added_parameter(self, place: Place) -> _Edit:
        if place[1] == "path":
            raise ByHand("the path itself has to name it")
        operation, parameter = self.site(place[:1]).node, self.build.parameter(place)

        def apply() -> None:
            if "parameters" not in operation:
                _put(operation, "parameters", CommentedSeq())
            entries = operation["parameters"]
            keys = [resolve(self.tree, entries, index).node["name"] for index in range(len(entries))]
            previous = self.previous(place, keys)
            _append(entries, parameter, keys.index(previous) if previous else None)

        return _Edit(operation, f"add {place[1:]}", place[:1], apply)

    def added_enum(self, place: Place) -> _Edit:
        parent = place[:-1]
        node, kind = self.plain_schema(parent), self.build.fact(parent, "type")
        values = flow(value_of(value, kind) for value in self.build.names(place))
        return _Edit(node, f"enum {list(values)}", parent, lambda: _put(node, "enum", values))

    def added_value(self, place: Place) -> _Edit:
        parent, value = place[:-2], place[-1]
        node = self.plain_schema(parent)
        return _Edit(
            node,
            f"add value {value}",
            parent,
            lambda: _append(node["enum"], value_of(value, self.build.fact(parent, "type"))),
        )

    def added_operation(self, place: Place) -> _Edit:
        method, path = place[0].split(" ", 1)
        paths = self.tree["paths"]
        namesakes = [known for known in paths if canonical(known) == canonical(path) and known != path]
        if namesakes:
            raise ByHand(f"openapi.yaml writes this path {namesakes[0]}")
        if self.build.fact(place, "security") not in {None, self.usual_security()}:
            raise ByHand(_OURS_TO_DECIDE["security"])
        item = self.path_item(place, path)
        node = self.build.operation(
            place, self.name_for(place), self.tags_for(place), self.parameters_of(item)
        )
        return _Edit(
            paths, f"add {place[0]}", place, lambda: self.add_operation(place, method.lower(), item, node)
        )

    def path_item(self, place: Place, path: str) -> Any:
        """The path item in openapi.yaml, or a new one with what the path itself names."""
        if path in self.tree["paths"]:
            return self.tree["paths"][path]
        names = self.build.names((*place, "path"))
        parameters = CommentedSeq(self.build.parameter((*place, "path", name)) for name in names)
        return CommentedMap({"parameters": parameters} if parameters else {})

    def add_operation(self, place: Place, method: str, item: Any, node: Any) -> None:
        paths, path = self.tree["paths"], place[0].split(" ", 1)[1]
        if node["operationId"] in self.operation_ids():
            raise ByHand(f"another operation has the operationId {node['operationId']}")
        if path not in paths:
            upstream = [name.split(" ", 1)[1] for name in self.theirs.operations()]
            before = upstream[: upstream.index(path)]
            previous = next((known for known in reversed(before) if known in paths), next(reversed(paths)))
            item[method] = node
            insert(paths, path, item, previous)
        else:
            _put(paths[path], method, node)
        self.advice.append(
            f"{place[0]}: describe it, and check its operationId {node['operationId']} and tags"
        )

    def operation_ids(self) -> list[str]:
        items = self.tree["paths"].values()
        return [item[method].get("operationId") for item in items for method in METHODS if method in item]

    def parameters_of(self, item: Any) -> set[tuple[str, str]]:
        """Parameters a path item has for all of its operations."""
        entries = item.get("parameters", [])
        nodes = [resolve(self.tree, entries, index).node for index in range(len(entries))]
        return {(node["in"], node["name"]) for node in nodes}

    def usual_security(self) -> object:
        stated = [value for fact, value in self.ours.values.items() if fact.aspect == "security"]
        return max(stated, key=stated.count, default=None)

    def name_for(self, place: Place) -> str:
        stated = self.build.fact(place, "operationId")
        own = has_names_of_its_own(self.ours, self.theirs)
        usable = stated and not own and re.match("[a-z]", str(stated))
        return str(stated) if usable else proposed_id(place[0])

    def tags_for(self, place: Place) -> list[str]:
        """Upstream's, or those of the operation whose path is the most alike."""
        stated = self.build.fact(place, "tags")
        if stated is None:
            path = place[0].split(" ", 1)[1]
            alike = max(self.ours.operations(), key=lambda name: len(_in_common(path, name.split(" ", 1)[1])))
            stated = self.ours.values.get(Fact((alike,), "tags"))
        return str(stated).split(", ") if stated else []


def _in_common(one: str, other: str) -> list[tuple[str, str]]:
    """The steps with which both paths begin."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return list(takewhile(lambda pair: len(set(pair)) == 1, pairs))


def _refusal(reason: ByHand) -> Callable[[], None]:
    def refuse() -> None:
        raise reason

    return refuse


def _name(place: Place) -> str:
    return DoubleQuotedScalarString(place[-1]) if kind_of(place) == "success status" else quoted(place[-1])


def _state(node: Any, aspect: str, value: str | bool | None) -> None:
    """Writes an aspect's value, or takes it out if there is none any more."""
    if aspect == "type":
        _state_type(node, str(value))
    elif value is None:
        remove(node, aspect)
    else:
        _put(node, aspect, json.loads(str(value)) if aspect in _AS_JSON else value)


def _state_type(node: Any, value: str) -> None:
    types = value.split(" | ")
    if len(types) > 1:
        _put(node, "oneOf", CommentedSeq(CommentedMap({"type": name}) for name in types))
    if len(types) > 1 or value == "anything":
        remove(node, "type")
    else:
        _put(node, "type", value)


def _require(node: Any, name: str, required: bool) -> None:
    known = list(node.get("required", []))
    if required == (name in known):
        return
    names = [*known, name] if required else [other for other in known if other != name]
    _put(node, "required", flow(names) if names else None)


def _turn(change: Change) -> tuple[int, bool]:
    """What is around others comes first; what is new comes before what goes, so that no map is empty between.

    A new operation comes after one that goes, which may have had its operationId.
    """
    goes = change.theirs is None
    return len(change.place), not goes if kind_of(change.place) == "operation" else goes


# An operation's last keys, and the keys anything else new comes right after.
_ORDER = ("parameters", "requestBody", "responses")
_FIRST = ("in", "type", "tags", "operationId")


def _put(node: Any, key: str, value: Any) -> None:
    """Sets an entry where it belongs; takes it out if the value is None."""
    if value is None:
        remove(node, key)
    elif key in node:
        node[key] = value
    else:
        later = _ORDER[_ORDER.index(key) :] if key in _ORDER else ()
        before = [known for known in node if known not in later]
        after = next((known for known in _FIRST if known in before), (before or [None])[-1])
        insert(node, key, value, after)


def _append(entries: Any, value: Any, after: int | None = None) -> None:
    last = len(entries) - 1 if entries else None
    insert(entries, None, value, last if after is None else after)
