"""From facts back to OpenAPI: what is to be added to openapi.yaml, referring to components it has already."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from ..facts import ENUM, EXISTS, EXTRA, ITEMS, PARAMETER_KINDS, Fact, Facts, Place, kind_of
from ..sources.schemas import LIMITS

# Said of the thing that refers to a schema, and not by the schema.
_OUTSIDE_SCHEMA = frozenset({EXISTS, "required", "style", "media type"})


class ByHand(Exception):  # noqa: N818 - an answer, not a failure
    """A person has to make this change; the message says why."""


class Builder:
    """Builds what upstream has and openapi.yaml lacks."""

    def __init__(self, ours: Facts, theirs: Facts) -> None:
        self.ours, self.theirs = ours, theirs
        self.fact, self.names = theirs.get, theirs.names

    def of(self, place: Place) -> Any:
        """What upstream has at the place, or a reference to a component of ours that says the same."""
        component, build = {
            "parameter": ("parameters", self.parameter),
            "body": ("requestBodies", self.body),
            "success status": ("responses", self.response),
            "media type": ("", self.media_type),
        }.get(kind_of(place), ("", self.schema))
        node = build(place)
        return self.reference(place, component) or node

    def reference(self, place: Place, component: str) -> Any:
        """A reference to one of our components that says what upstream says at the place, or None."""
        for candidate, pointer in self.references(component):
            same_name = component != "parameters" or candidate[1:] == place[1:]
            if same_name and self.says_the_same(candidate, place, component):
                return CommentedMap({"$ref": DoubleQuotedScalarString(pointer)})
        return None

    def references(self, component: str) -> Iterator[tuple[Place, str]]:
        """Places of ours whose definition is a component, and the reference to that."""
        for place, site in self.ours.sites.items():
            for entry in (site.holder[site.key], site.node.get("schema")):
                pointer = str(entry.get("$ref", "")) if isinstance(entry, dict) else ""
                if pointer.startswith(f"#/components/{component}/"):
                    yield place, pointer

    def says_the_same(self, mine: Place, other: Place, component: str) -> bool:
        outside = _OUTSIDE_SCHEMA if component == "schemas" else frozenset({EXISTS})
        here = _inside(self.ours, mine, outside)
        there = _inside(self.theirs, other, outside)
        departures = {place for deviation in self.ours.deviations for place in deviation.places}
        return all(
            here.get(fact) == there.get(fact)
            or (*mine, *fact.place) in departures
            or (fact not in there and self.theirs.is_silent_on(Fact((*other, *fact.place), fact.aspect)))
            for fact in {**here, **there}
        )

    def schema(self, place: Place) -> Any:
        types = str(self.fact(place, "type") or "anything").split(" | ")
        if "array" in types and not self.fact((*place, ITEMS), "type"):
            raise ByHand("upstream does not say what the array holds")
        known = self.reference(place, "schemas") if types == ["object"] and self.names(place) else None
        if known is not None:
            return known
        node = CommentedMap()
        if len(types) > 1:
            node["oneOf"] = CommentedSeq([CommentedMap({"type": name}) for name in types])
        elif types != ["anything"]:
            node["type"] = types[0]
        self.scalars(place, node)
        self.members(place, node)
        return node

    def scalars(self, place: Place, node: Any) -> None:
        for aspect in ("format", "nullable", "readOnly", "writeOnly"):
            if self.fact(place, aspect) is not None:
                node[aspect] = self.fact(place, aspect)
        for aspect in ("default", "additionalProperties", *sorted(LIMITS)):
            if self.fact(place, aspect) is not None:
                node[aspect] = json.loads(self.fact(place, aspect))
        if len(place) > 3 and self.fact(place, "deprecated"):
            node["deprecated"] = True
        if self.fact((*place, ENUM), EXISTS):
            kind = self.fact(place, "type")
            node["enum"] = flow(value_of(value, kind) for value in self.names((*place, ENUM)))

    def members(self, place: Place, node: Any) -> None:
        names = self.names(place)
        if names:
            node["properties"] = CommentedMap((quoted(name), self.schema((*place, name))) for name in names)
        required = [name for name in names if self.fact((*place, name), "required")]
        if required:
            node["required"] = flow(required)
        for step, keyword in ((ITEMS, "items"), (EXTRA, "additionalProperties")):
            if self.fact((*place, step), "type"):
                node[keyword] = self.schema((*place, step))

    def flags(self, place: Place, *aspects: str) -> dict[str, bool]:
        return {aspect: True for aspect in aspects if self.fact(place, aspect)}

    def parameter(self, place: Place) -> Any:
        flags, schema = self.flags(place, "required", "deprecated"), self.schema(place)
        return CommentedMap({"name": quoted(place[2]), "in": place[1], **flags, "schema": schema})

    def body(self, place: Place) -> Any:
        return CommentedMap({**self.flags(place, "required"), **self.content(place)})

    def response(self, place: Place) -> Any:
        return CommentedMap({"description": HTTPStatus(int(place[-1])).phrase, **self.content(place)})

    def content(self, place: Place) -> dict[str, Any]:
        media = self.names(place)
        return {"content": CommentedMap((each, self.of((*place, each))) for each in media)} if media else {}

    def media_type(self, place: Place) -> Any:
        return CommentedMap({"schema": self.schema(place)} if self.fact(place, "type") else {})

    def operation(self, place: Place, name: str, tags: list[str], elsewhere: set[tuple[str, str]]) -> Any:
        """An operation, without the parameters its path item has already."""
        node = CommentedMap({"operationId": name, **({"tags": flow(tags)} if tags else {})})
        node.update(self.flags(place, "deprecated"))
        parameters = [
            self.of((*place, kind, name))
            for kind in PARAMETER_KINDS
            for name in self.names((*place, kind))
            if (kind, name) not in elsewhere
        ]
        if parameters:
            node["parameters"] = CommentedSeq(parameters)
        if self.fact((*place, "body"), EXISTS):
            node["requestBody"] = self.of((*place, "body"))
        statuses = [status for status in self.names((*place, "response")) if status.startswith("2")]
        node["responses"] = CommentedMap(
            (DoubleQuotedScalarString(status), self.of((*place, "response", status))) for status in statuses
        )
        return node


def _inside(facts: Facts, place: Place, outside: frozenset[str]) -> dict[Fact, str | bool]:
    """The facts at and in the place, told from there; of the place itself, not what is said from outside."""
    length = len(place)
    return {
        Fact(fact.place[length:], fact.aspect): value
        for fact, value in facts.values.items()
        if fact.place[:length] == place and not (len(fact.place) == length and fact.aspect in outside)
    }


def flow(values: Any) -> Any:
    """A list on one line."""
    node = CommentedSeq(values)
    node.fa.set_flow_style()
    return node


def quoted(name: str) -> str:
    """A name as openapi.yaml writes it: in quotes if there is a colon in it."""
    return DoubleQuotedScalarString(name) if ":" in name else name


def value_of(text: str, kind: object) -> Any:
    """A value of an enumeration, from how it is told in facts."""
    return json.loads(text.lower()) if kind in ("integer", "number", "boolean") else text
