"""What an API promises, as a flat mapping: everything drift detection compares is set arithmetic on it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from typing import Any, NamedTuple

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
    """

    holder: Any
    key: Any
    node: Any


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

    @cached_property
    def _names(self) -> Mapping[Place, list[str]]:
        names: dict[Place, list[str]] = defaultdict(list)
        for place, aspect in self.values:
            if aspect == EXISTS and place[-1] != ENUM:
                names[place[:-1]].append(place[-1])
        return names

    def names(self, place: Place) -> list[str]:
        """What exists directly under the place, in the source's order."""
        return self._names.get(place, [])

    def operations(self) -> list[str]:
        return self.names(())

    def is_silent_on(self, fact: Fact) -> bool:
        """Whether the source would not say this even if it were so."""
        aspects = {(kind_of(fact.place), fact.aspect), ("*", fact.aspect)}
        return bool(
            aspects & self.unstated_aspects or self.unstated_places.intersection(prefixes(fact.place))
        )

    def line_of(self, place: Place) -> int | None:
        """The line of the place, or of the nearest thing around it."""
        return next((self.lines[near] for near in prefixes(place) if near in self.lines), None)


class Naming:
    """Path parameters may be named differently: the path is still the same one, and so are they.

    Args:
        operations: Operations on the paths that are known.
    """

    def __init__(self, operations: Iterable[str]) -> None:
        self.paths = {canonical(path): path for path in (name.split(" ")[1] for name in operations)}

    def operation(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """The name the operation goes by, and those its path parameters go by."""
        ours = self.paths.get(canonical(path), path)
        pairs = zip(*(re.findall(r"{(.*?)}", each) for each in (path, ours)), strict=True)
        return f"{method.upper()} {ours}", dict(pairs)


def canonical(path: str) -> str:
    """The path without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def snake_case(name: str) -> str:
    """A name as a Python module is called, such as `list_rules` for `listRules`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|\W+", "_", name)
    return re.sub("_+", "_", parted).strip("_").lower()


def likeness(one: str, other: str) -> tuple[int, bool]:
    """How many steps the paths of both operations begin with, and whether the methods are the same."""
    (method, *path), (its_method, *its_path) = (re.split("[ /]+", each) for each in (one, other))
    common = takewhile(lambda pair: pair[0] == pair[1], zip(path, its_path, strict=False))
    return len(list(common)), method == its_method


def prefixes(place: Place) -> Iterator[Place]:
    """The place itself, then what is around it, innermost first."""
    for length in range(len(place), 0, -1):
        yield place[:length]


_KINDS = {("body", 2): "body", ("body", 3): "media type", ("response", 4): "media type"}
_KINDS |= {(kind, 3): "parameter" for kind in PARAMETER_KINDS}


def kind_of(place: Place) -> str:
    """What stands at the place, as a word for people and for the severity table."""
    if len(place) == 1:
        return "operation"
    if place[1] == "server":
        return "operation's server" if place[0] else "server"
    if place[1] == "response" and len(place) == 3:
        return "success status" if place[2].startswith("2") else "documented error"
    steps = {ENUM: "enum", ITEMS: "item", EXTRA: "item"}
    schema = "enum value" if place[-2] == ENUM else steps.get(place[-1], "property")
    return _KINDS.get((place[1], len(place)), schema)


def is_answer(place: Place) -> bool:
    """Whether the place is in what the API sends, rather than in what we send."""
    return place[1:2] == ("response",)


def describe(place: Place) -> str:
    """The place for people, without its operation: `response 200 _embedded.recordings[].id`."""
    head, steps = list(place[1:2]), list(place[2:])
    if head == ["response"]:
        head += [steps.pop(0)]
    if steps and head[0] in ("body", "response"):
        media = steps.pop(0)
        head += [] if media == "application/json" and steps else [media]
    marks = {ITEMS: ITEMS, EXTRA: EXTRA, ENUM: " "}
    text = "".join(marks.get(step, f".{step}") for step in steps).replace(" .", " ")
    return " ".join([*head, text.removeprefix(".")]).strip()
