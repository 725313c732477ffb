"""What an API promises, as a flat mapping: everything drift detection compares is set arithmetic on it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from scripts.spec import NotUnderstood

Place = tuple[str, ...]
"""Where a fact holds. Empty for the API as a whole, else an operation (`GET /path`) and steps into it:

    (operation, "path" | "query" | "header" | "cookie", name, *schema steps)
    (operation, "body", media type, *schema steps)
    (operation, "response", status, media type, *schema steps)
    ("", "server", url), (operation, "server", url)

A schema step is a property's name, ITEMS, EXTRA, or ENUM and then a value of the enumeration.
"""

ITEMS = "[]"
EXTRA = "{}"
ENUM = "<enum>"

EXISTS, NAME = "exists", "name"
PARAMETER_KINDS = ("path", "query", "header", "cookie")


class Fact(NamedTuple):
    """What is stated: an aspect (`exists`, `type`, `required`, ...) of a place."""

    place: Place
    aspect: str


@dataclass(frozen=True)
class Site:
    """Where a place stands in a parsed OpenAPI document.

    Attributes:
        holder, key: What refers to it: the map or list, and the key or index in there.
        node: The definition itself, behind any `$ref`.
        line: Line the definition starts on.
    """

    holder: Any
    key: Any
    node: Any
    line: int


@dataclass
class Deviation:
    """An `x-deviation`: a node of openapi.yaml that departs from upstream on purpose."""

    line: int
    reason: str
    places: set[Place] = field(default_factory=set)


@dataclass(frozen=True)
class Facts:
    """All facts of one source.

    Attributes:
        values: The facts. What is left out has its default: not required, not nullable, any format.
        lines: The line of the source each place is described on.
        sites: For a document: where to edit.
        deviations: For openapi.yaml: its declared departures.
        unstated_aspects, unstated_places: What this source never says, so that its silence means nothing.
        uncertain: Places read, but not surely enough to be written anywhere.
        notes: Where the source contradicts itself.
    """

    values: Mapping[Fact, str | bool]
    lines: Mapping[Place, int]
    sites: Mapping[Place, Site] = field(default_factory=dict)
    deviations: tuple[Deviation, ...] = ()
    unstated_aspects: frozenset[tuple[str, str]] = frozenset()
    unstated_places: frozenset[Place] = frozenset()
    uncertain: frozenset[Place] = frozenset()
    notes: tuple[str, ...] = ()

    def get(self, place: Place, aspect: str) -> Any:
        return self.values.get(Fact(place, aspect))

    def names(self, place: Place) -> list[str]:
        """What exists directly under the place, in the source's order."""
        depth = len(place)
        inner = [known for known, aspect in self.values if aspect == EXISTS and len(known) == depth + 1]
        return [known[depth] for known in inner if known[:depth] == place and known[depth] != ENUM]

    def operations(self) -> list[str]:
        return self.names(())

    def is_silent_on(self, fact: Fact) -> bool:
        stated = {(kind_of(fact.place), fact.aspect), ("*", fact.aspect)}.isdisjoint(self.unstated_aspects)
        return not stated or any(outer in self.unstated_places for outer in prefixes(fact.place))

    def line_of(self, place: Place) -> int | None:
        """The line of the place, or of the nearest thing around it."""
        return next((self.lines[near] for near in prefixes(place) if near in self.lines), None)

    def with_operations_named_as_in(self, other: "Facts") -> "Facts":
        """Path parameters may be named differently: the operation is still the same one, and so are they."""
        theirs = {canonical(name): name for name in other.operations()}
        names = {name: theirs.get(canonical(name), name) for name in self.operations()}
        if len(set(names.values())) < len(names):
            raise NotUnderstood("two paths differ in nothing but the names of their parameters")
        renamed = {
            (operation, "path", new): (name, "path", old)
            for operation, name in names.items()
            for new, old in zip(*(re.findall(r"{(.*?)}", each) for each in (operation, name)), strict=True)
        }

        def moved(place: Place) -> Place:
            known = renamed.get(place[:3])
            return (*known, *place[3:]) if known else (names.get(place[0], place[0]), *place[1:])

        values = {Fact(moved(fact.place), fact.aspect): value for fact, value in self.values.items()}
        values |= {
            Fact(old, NAME): new[2] for new, old in renamed.items() if new[2] != old[2] and new in self.lines
        }
        return replace(
            self,
            values=values,
            lines={moved(place): line for place, line in self.lines.items()},
            sites={moved(place): site for place, site in self.sites.items()},
            unstated_places=frozenset(map(moved, self.unstated_places)),
            uncertain=frozenset(map(moved, self.uncertain)),
        )


def canonical(operation: str) -> str:
    """The operation without the names of its path parameters."""
    return re.sub(r"\{[^}]*\}", "{}", operation)


def snake_case(name: str) -> str:
    """A name as a Python module is called, such as `list_rules` for `listRules`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|\W+", "_", name)
    return re.sub("_+", "_", parted).strip("_").lower()


def prefixes(place: Place) -> Iterator[Place]:
    """The place itself, then what is around it, innermost first."""
    for length in range(len(place), 0, -1):
        yield place[:length]


def kind_of(place: Place) -> str:
    """What stands at the place, as a word for people and for the severity table."""
    if len(place) == 1:
        return "operation"
    section, depth = place[1], len(place)
    if section == "server":
        return "operation's server" if place[0] else "server"
    if section == "body" and depth <= 3:
        return ("body", "media type")[depth - 2]
    if section == "response" and depth <= 4:
        status = "success status" if place[2].startswith("2") else "documented error"
        return (status, "media type")[depth - 3]
    if section in PARAMETER_KINDS and depth == 3:
        return "parameter"
    return _kind_of_schema(place)


def _kind_of_schema(place: Place) -> str:
    if place[-1] == ENUM:
        return "enum"
    if place[-2] == ENUM:
        return "enum value"
    return "item" if place[-1] in (ITEMS, EXTRA) else "property"


def is_answer(place: Place) -> bool:
    """Whether the place is in what the API sends, rather than in what we send."""
    return len(place) > 1 and place[1] == "response"


def describe(place: Place) -> str:
    """The place for people, without its operation: `response 200 _embedded.recordings[].id`."""
    if len(place) <= 1:
        return ""
    section, *rest = place[1:]
    head = [section, *rest[:1]] if section == "response" else [section]
    steps = rest[1:] if section == "response" else rest
    if steps and section in ("body", "response"):
        media, *steps = steps
        head += [] if media == "application/json" and steps else [media]
    return " ".join([*head, _dotted(steps)]).strip()


def _dotted(steps: list[str]) -> str:
    text = ""
    for index, step in enumerate(steps):
        if step == ENUM:
            return " ".join([text, *steps[index + 1 :]])
        text += step if step in (ITEMS, EXTRA) or not text else f".{step}"
    return text
