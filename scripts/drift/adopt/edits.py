"""Which node of openapi.yaml an addition is written to, and how.

A node that several operations share is edited once, if all of them have changed alike; else not at all.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from scripts.spec import METHODS, operations

from ..compare.differences import Change, has_names_of_its_own
from ..compare.severity import Severity
from ..facts import ENUM, EXISTS, Fact, Facts, Place, canonical, kind_of, prefixes, snake_case
from ..sources.schemas import resolve
from .build import Builder, ByHand, flow, quoted, value_of
from .comments import insert

_COMPOSED = frozenset({"allOf", "oneOf", "anyOf", "const"})
_NOT_NEW = "it is not an addition: edit the line to follow it"


@dataclass(frozen=True)
class _Edit:
    """One addition: what is done to which node, and at which place that stands.

    The same action on the same node is one edit, whatever the places.
    """

    target: Any
    action: str
    place: Place
    apply: Callable[[], None]


class Editor:
    """Turns additions into edits of the parsed openapi.yaml."""

    def __init__(self, tree: Any, ours: Facts, theirs: Facts) -> None:
        self.tree, self.ours, self.theirs = tree, ours, theirs
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
        for change in sorted(changes, key=lambda change: len(change.place)):
            try:
                edit = self.edit(change)
                groups[(id(edit.target), edit.action)].append((edit, change))
            except ByHand as reason:
                yield partial(_refuse, reason), [change]
        for members in groups.values():
            edit = members[0][0]
            others = self.users.get(id(edit.target), set()) - {edit.place for edit, _ in members}
            apply = edit.apply
            if others:
                reason = ByHand(f"the definition is shared, and {min(others)[0]} has not changed")
                apply = partial(_refuse, reason)
            yield apply, [change for _, change in members]

    def edit(self, change: Change) -> _Edit:
        if change.severity is not Severity.ADDITIVE or change.aspect != EXISTS or change.ours is not None:
            raise ByHand(_NOT_NEW)
        if not change.sure:
            raise ByHand("the page leaves it in doubt: glued values, or perhaps a heading above it")
        adding = {
            "operation": self.operation,
            "server": self.server,
            "parameter": self.parameter,
            "body": self.body,
            "media type": self.media_type,
            "property": self.property,
            "enum value": self.value,
        }[kind_of(change.place)]
        return adding(change.place)

    # Nodes -------------------------------------------------------------------------------------------------

    def node(self, place: Place) -> Any:
        if place not in self.ours.sites:
            raise ByHand("there is nothing in openapi.yaml to write it to")
        return self.ours.sites[place].node

    def schema_of(self, place: Place) -> Any:
        """The schema at a place of ours; None if there is none."""
        site = self.ours.sites.get(place)
        if site is not None and kind_of(place) in ("parameter", "media type"):
            return resolve(self.tree, site.node, "schema").node if "schema" in site.node else None
        return site.node if site is not None and kind_of(place) in ("property", "item") else None

    def plain_schema(self, place: Place) -> Any:
        node = self.schema_of(place)
        if node is None or _COMPOSED & set(node):
            raise ByHand("the schema is composed of several" if node else "there is no schema to write it to")
        return node

    # Additions ---------------------------------------------------------------------------------------------

    def into_map(self, place: Place, owner: Any, keyword: str, value: Any) -> _Edit:
        """Adds an entry named like the place to the map under the keyword, in upstream's order."""

        def apply() -> None:
            if keyword not in owner:
                _put(owner, keyword, CommentedMap())
            entries = owner[keyword]
            last = next(reversed(entries), None)
            insert(entries, quoted(place[-1]), value, self.previous(place, entries) or last)

        return _Edit(owner, f"add {place[-1]} {value}", place[:-1], apply)

    def previous(self, place: Place, present: Any) -> Any:
        """The entry upstream has before this one, or the nearest before that, that we have, too."""
        siblings = self.build.names(place[:-1])
        before = siblings[: siblings.index(place[-1])]
        return next((name for name in reversed(before) if name in present), None)

    def property(self, place: Place) -> _Edit:
        node, required = self.plain_schema(place[:-1]), self.build.fact(place, "required")
        edit = self.into_map(place, node, "properties", self.build.schema(place))

        def apply() -> None:
            edit.apply()
            if required:
                _put(node, "required", flow([*node.get("required", []), place[-1]]))

        return _Edit(node, f"{edit.action} {required}", place[:-1], apply)

    def media_type(self, place: Place) -> _Edit:
        return self.into_map(place, self.node(place[:-1]), "content", self.build.media_type(place))

    def body(self, place: Place) -> _Edit:
        operation, body = self.node(place[:1]), self.build.body(place)
        return _Edit(operation, f"add {body}", place[:1], lambda: _put(operation, "requestBody", body))

    def server(self, place: Place) -> _Edit:
        def apply() -> None:
            if not self.tree.get("servers"):
                _put(self.tree, "servers", CommentedSeq())
            _append(self.tree["servers"], CommentedMap({"url": place[-1]}))

        return _Edit(self.tree, f"add {place[-1]}", place, apply)

    def parameter(self, place: Place) -> _Edit:
        operation, parameter = self.node(place[:1]), self.build.parameter(place)

        def apply() -> None:
            if "parameters" not in operation:
                _put(operation, "parameters", CommentedSeq())
            entries = operation["parameters"]
            keys = [resolve(self.tree, entries, index).node["name"] for index in range(len(entries))]
            previous = self.previous(place, keys)
            _append(entries, parameter, keys.index(previous) if previous else None)

        return _Edit(operation, f"add {place[1:]}", place[:1], apply)

    def value(self, place: Place) -> _Edit:
        parent, value = place[: place.index(ENUM)], place[-1]
        node = self.plain_schema(parent)
        typed = value_of(value, self.build.fact(parent, "type"))
        return _Edit(node, f"add value {value}", parent, lambda: _append(node["enum"], typed))

    def operation(self, place: Place) -> _Edit:
        method, path = place[0].split(" ", 1)
        paths = self.tree["paths"]
        namesakes = [known for known in paths if canonical(known) == canonical(path) and known != path]
        if namesakes:
            raise ByHand(f"openapi.yaml writes this path {namesakes[0]}")
        stated = [value for fact, value in self.ours.values.items() if fact.aspect == "security"]
        if self.build.fact(place, "security") not in {None, max(stated, key=stated.count, default=None)}:
            raise ByHand("the client's auth has to change with it")
        item = self.path_item(place, path)
        entries = item.get("parameters", [])
        nodes = [resolve(self.tree, entries, index).node for index in range(len(entries))]
        elsewhere = {(node["in"], node["name"]) for node in nodes}
        node = self.build.operation(place, self.name_for(place), self.tags_for(place), elsewhere)
        return _Edit(
            paths, f"add {place[0]}", place, lambda: self.add_operation(path, method.lower(), item, node)
        )

    def path_item(self, place: Place, path: str) -> Any:
        """The path item in openapi.yaml, or a new one with what the path itself names."""
        if path in self.tree["paths"]:
            return self.tree["paths"][path]
        names = self.build.names((*place, "path"))
        parameters = CommentedSeq(self.build.parameter((*place, "path", name)) for name in names)
        return CommentedMap({"parameters": parameters} if parameters else {})

    def add_operation(self, path: str, method: str, item: Any, node: Any) -> None:
        paths = self.tree["paths"]
        if node["operationId"] in [known.get("operationId") for _, known in operations(self.tree)]:
            raise ByHand(f"another operation has the operationId {node['operationId']}")
        if path in paths:
            _put(paths[path], method, node)
            return
        upstream = [name.split(" ", 1)[1] for name in self.theirs.operations()]
        before = upstream[: upstream.index(path)]
        previous = next((known for known in reversed(before) if known in paths), next(reversed(paths)))
        item[method] = node
        insert(paths, path, item, previous)

    def name_for(self, place: Place) -> str:
        stated = self.build.fact(place, "operationId")
        own = has_names_of_its_own(self.ours, self.theirs)
        usable = stated and not own and re.match("[a-z]", str(stated))
        return str(stated) if usable else proposed_id(place[0])

    def tags_for(self, place: Place) -> list[str]:
        """Upstream's, if we have them, or those of the operation whose path is the most alike."""
        stated = self.build.fact(place, "tags")
        if stated is None:
            alike = max(self.ours.operations(), key=lambda name: len(_in_common(place[0], name)))
            stated = self.ours.get((alike,), "tags")
        return str(stated).split(", ") if stated else []


def proposed_id(operation: str) -> str:
    """A name for an operation upstream gives none: the method, what is fixed in its path, its end."""
    method, path = operation.split(" ", 1)
    one = re.search(r"\{([^}]*)\}$", path)
    fixed = re.sub(r"\{[^}]*\}", " ", path)
    return snake_case(f"{method} {fixed}{f' by {one[1]}' if one else ''}")


def _in_common(one: str, other: str) -> list[tuple[str, str]]:
    """The steps with which the paths of both operations begin."""
    paths = (operation.split(" ", 1)[1].split("/") for operation in (one, other))
    return list(takewhile(lambda pair: len(set(pair)) == 1, zip(*paths, strict=False)))


def _refuse(reason: ByHand) -> None:
    raise reason


# An operation's last keys, and the keys anything else new comes right after.
_ORDER = ("parameters", "requestBody", "responses", *METHODS)
_FIRST = ("in", "type", "tags", "operationId")


def _put(node: Any, key: str, value: Any) -> None:
    """Sets an entry where it belongs."""
    if key in node:
        node[key] = value
        return
    later = _ORDER[_ORDER.index(key) :] if key in _ORDER and key not in METHODS else ()
    before = [known for known in node if known not in later]
    insert(node, key, value, next((known for known in _FIRST if known in before), (before or [None])[-1]))


def _append(entries: Any, value: Any, after: int | None = None) -> None:
    last = len(entries) - 1 if entries else None
    insert(entries, None, value, last if after is None else after)
