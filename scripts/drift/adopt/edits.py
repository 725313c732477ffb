"""Which node of openapi.yaml an addition is written to, and how.

A node that several operations share is edited once, if all of them have changed alike; else not at all.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from scripts.spec import METHODS, operations

from ..compare.differences import Change, has_names_of_its_own
from ..compare.severity import Severity
from ..facts import ENUM, EXISTS, Fact, Facts, Place, kind_of, likeness, prefixes, snake_case
from ..sources.schemas import resolve
from .build import Builder, ByHand, flow, quoted, value_of
from .comments import insert

_COMPOSED = frozenset({"allOf", "oneOf", "anyOf", "const"})
_OF_SEVERAL = "the schema is composed of several"
_NOT_NEW = "it is not an addition: edit the line to follow it"
_IN_DOUBT = "the page leaves it in doubt: glued values, or perhaps a heading above it"


@dataclass(frozen=True)
class _Edit:
    """One addition: the node it is made to, at which place that stands, what it is, and how it is made.

    The same thing added to the same node is one edit, whatever the places.
    """

    target: Any
    place: Place
    added: Any
    apply: Callable[[], None]


class Editor:
    """Turns additions into edits of the parsed openapi.yaml.

    Attributes:
        written, left: The changes made, and those that are not, each with the reason.
    """

    def __init__(self, tree: Any, ours: Facts, theirs: Facts) -> None:
        self.tree, self.ours, self.theirs = tree, ours, theirs
        self.build = Builder(ours, theirs)
        self.written: list[Change] = []
        self.left: list[tuple[Change, str]] = []
        self.users: dict[int, set[Place]] = defaultdict(set)
        for place, site in ours.sites.items():
            if self.is_reached_upstream(place):
                for node in (site.holder[site.key], site.node, self.schema_of(place)):
                    self.users[id(node)].add(place)

    def is_reached_upstream(self, place: Place) -> bool:
        """Whether upstream has everything around the place, so that it could have changed there."""
        around = [Fact(outer, EXISTS) for outer in prefixes(place[:-1])]
        return all(fact in self.theirs.values for fact in around if fact in self.ours.values)

    def make(self, changes: Iterable[Change]) -> None:
        """Makes the additions among the changes, outer ones first."""
        groups: dict[tuple[int, str], list[tuple[_Edit, Change]]] = defaultdict(list)
        for change in sorted(changes, key=lambda change: len(change.place)):
            try:
                edit = self.edit(change)
                groups[(id(edit.target), f"{change.place[-1]} {edit.added}")].append((edit, change))
            except ByHand as reason:
                self.left.append((change, str(reason)))
        for group in groups.values():
            edit, alike = group[0][0], [change for _, change in group]
            others = self.users.get(id(edit.target), set()) - {each.place for each, _ in group}
            try:
                if others:
                    raise ByHand(f"the definition is shared, and {min(others)[0]} has not changed")
                edit.apply()
                self.written += alike
            except ByHand as reason:
                self.left += [(change, str(reason)) for change in alike]

    def edit(self, change: Change) -> _Edit:
        if change.severity is not Severity.ADDITIVE or change.aspect != EXISTS or change.ours is not None:
            raise ByHand(_NOT_NEW)
        if not change.sure:
            raise ByHand(_IN_DOUBT)
        adding: dict[str, Callable[[Place], _Edit]] = {
            "operation": self.operation,
            "server": lambda place: self.entry(place, self.tree, "servers", {"url": place[-1]}),
            "parameter": self.parameter,
            "body": lambda place: self.whole(place, self.node(place[:1]), "requestBody"),
            "media type": lambda place: self.named(place, self.node(place[:-1]), "content"),
            "property": self.property,
            "enum value": self.value,
        }
        return adding[kind_of(change.place)](change.place)

    # Nodes -------------------------------------------------------------------------------------------------

    def node(self, place: Place) -> Any:
        if place not in self.ours.sites:
            raise ByHand("there is nothing in openapi.yaml to write it to")
        return self.ours.sites[place].node

    def schema_of(self, place: Place) -> Any:
        """The schema at a place of ours; None if there is none."""
        site, kind = self.ours.sites.get(place), kind_of(place)
        if site is None or kind in ("property", "item"):
            return site and site.node
        is_around = kind in ("parameter", "media type") and "schema" in site.node
        return resolve(self.tree, site.node, "schema").node if is_around else None

    def plain_schema(self, place: Place) -> Any:
        node = self.schema_of(place)
        if node is None or _COMPOSED & set(node):
            raise ByHand(_OF_SEVERAL if node else "there is no schema to write it to")
        return node

    # Additions ---------------------------------------------------------------------------------------------

    def whole(self, place: Place, owner: Any, keyword: str) -> _Edit:
        """Adds it as what stands under the keyword."""
        value = self.build.of(place)
        return _Edit(owner, place[:1], value, lambda: _put(owner, keyword, value))

    def entry(
        self, place: Place, owner: Any, keyword: str, value: Any, names: Callable[[], list[Any]] = list
    ) -> _Edit:
        """Adds it to the list under the keyword, whose entries have these names."""

        def apply() -> None:
            entries = _holder(owner, keyword, CommentedSeq)
            previous = self.previous(place, known := names())
            last = len(entries) - 1 if entries else None
            insert(entries, None, value, known.index(previous) if previous else last)

        is_schema = ENUM in place
        return _Edit(owner, place[: place.index(ENUM)] if is_schema else place[:1], value, apply)

    def named(self, place: Place, owner: Any, keyword: str) -> _Edit:
        """Adds it to the map under the keyword."""
        value, required = self.build.of(place), bool(self.build.fact(place, "required"))

        def apply() -> None:
            entries = _holder(owner, keyword, CommentedMap)
            last = next(reversed(entries), None)
            insert(entries, quoted(place[-1]), value, self.previous(place, entries) or last)
            if required:
                _put(owner, "required", flow([*owner.get("required", []), place[-1]]))

        return _Edit(owner, place[:-1], (value, required), apply)

    def previous(self, place: Place, present: Any) -> Any:
        """The entry upstream has before this one, or the nearest before that, that we have, too."""
        siblings = self.build.names(place[:-1])
        before = siblings[: siblings.index(place[-1])]
        return next((name for name in reversed(before) if name in present), None)

    def property(self, place: Place) -> _Edit:
        return self.named(place, self.plain_schema(place[:-1]), "properties")

    def parameter(self, place: Place) -> _Edit:
        operation = self.node(place[:1])

        def names() -> list[Any]:
            entries = operation["parameters"]
            return [resolve(self.tree, entries, index).node["name"] for index in range(len(entries))]

        return self.entry(place, operation, "parameters", self.build.of(place), names)

    def value(self, place: Place) -> _Edit:
        parent = place[: place.index(ENUM)]
        value = value_of(place[-1], self.build.fact(parent, "type"))
        return self.entry(place, self.plain_schema(parent), "enum", value)

    def operation(self, place: Place) -> _Edit:
        method, path = place[0].split(" ", 1)
        paths = self.tree["paths"]
        stated = [value for fact, value in self.ours.values.items() if fact.aspect == "security"]
        if self.build.fact(place, "security") not in {None, max(stated, key=stated.count, default=None)}:
            raise ByHand("the client's auth has to change with it")
        item = self.path_item(place, path)
        entries = item.get("parameters", [])
        nodes = [resolve(self.tree, entries, index).node for index in range(len(entries))]
        elsewhere = {(node["in"], node["name"]) for node in nodes}
        node = self.build.operation(place, self.name_for(place), self.tags_for(place), elsewhere)
        return _Edit(paths, place, place, lambda: self.add_operation(path, method.lower(), item, node))

    def path_item(self, place: Place, path: str) -> Any:
        """The path item in openapi.yaml, or a new one with what the path itself names."""
        if path in self.tree["paths"]:
            return self.tree["paths"][path]
        names = self.build.names((*place, "path"))
        parameters = CommentedSeq(self.build.of((*place, "path", name)) for name in names)
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
        item[method] = node
        insert(paths, path, item, next((known for known in reversed(before) if known in paths), [*paths][-1]))

    def name_for(self, place: Place) -> str:
        stated = self.build.fact(place, "operationId")
        own = has_names_of_its_own(self.ours, self.theirs)
        return str(stated) if stated and not own and re.match("[a-z]", stated) else proposed_id(place[0])

    def tags_for(self, place: Place) -> list[str]:
        """Upstream's, if we have them, or those of the operation whose path is the most alike."""
        stated = self.build.fact(place, "tags")
        if stated is None:
            alike = max(self.ours.operations(), key=lambda name: likeness(place[0], name))
            stated = self.ours.get((alike,), "tags")
        return str(stated).split(", ") if stated else []


def proposed_id(operation: str) -> str:
    """A name for an operation upstream gives none: the method, what is fixed in its path, its end."""
    method, path = operation.split(" ", 1)
    one = re.search(r"\{([^}]*)\}$", path)
    fixed = re.sub(r"\{[^}]*\}", " ", path)
    return snake_case(f"{method} {fixed}{f' by {one[1]}' if one else ''}")


# An operation's last keys, and the keys anything else new comes right after.
_ORDER = ("parameters", "requestBody", "responses", *METHODS)
_FIRST = ("in", "type", "tags", "operationId")


def _holder(owner: Any, keyword: str, kind: type) -> Any:
    """The list or map under the keyword, which is there from now on."""
    if keyword not in owner:
        _put(owner, keyword, kind())
    return owner[keyword]


def _put(node: Any, key: str, value: Any) -> None:
    """Sets an entry where it belongs."""
    if key in node:
        node[key] = value
        return
    later = _ORDER[_ORDER.index(key) :] if key in _ORDER and key not in METHODS else ()
    before = [known for known in node if known not in later]
    insert(node, key, value, next((known for known in _FIRST if known in before), (before or [None])[-1]))
