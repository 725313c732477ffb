"""openapi.yaml against upstream: the differences between two sets of facts, each with its severity."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..facts import EXISTS, NAME, Fact, Facts, Place, describe, kind_of, prefixes
from .severity import Severity, severity

_WORDS: dict[object, str] = {True: "yes", None: "no"}


@dataclass(frozen=True)
class Finding:
    """One thing that has drifted, for people.

    Attributes:
        operation: `GET /path`; empty if it is not about a single operation.
        what: Where in there, and what happened.
        line, upstream_line: In openapi.yaml, and in what it was compared with: of the thing, or of what is
            around it.
    """

    severity: Severity
    operation: str
    what: str
    line: int | None = None
    upstream_line: int | None = None

    @property
    def text(self) -> str:
        """All of it on one line: what drift-accept.yaml names a change by."""
        return f"{self.operation} {self.what}".strip()


@dataclass(frozen=True, kw_only=True)
class Change(Finding):
    """A finding that is about a fact.

    Attributes:
        place, aspect: What it is about.
        ours, theirs: What openapi.yaml and upstream state; None for nothing.
        sure: Whether upstream was read so surely that its value may be written to openapi.yaml.
    """

    place: Place
    aspect: str
    ours: str | bool | None
    theirs: str | bool | None
    sure: bool


def compare(ours: Facts, theirs: Facts) -> list[Change]:
    """Every change, the worst first; what is inside something added or removed is not told again."""
    differing = [
        fact
        for fact in {**ours.values, **theirs.values}
        if ours.values.get(fact) != theirs.values.get(fact)
        and not (fact not in theirs.values and theirs.is_silent_on(fact))
    ]
    if has_names_of_its_own(ours, theirs):
        differing = [fact for fact in differing if fact.aspect != "operationId"]
    changes = [_change(fact, ours, theirs) for fact in _outermost(differing)]
    return sorted(changes, key=lambda change: (-change.severity, change.operation, change.place))


def _outermost(facts: list[Fact]) -> Iterator[Fact]:
    come_or_gone = {fact.place for fact in facts if fact.aspect == EXISTS}
    for fact in facts:
        around = list(prefixes(fact.place))[fact.aspect == EXISTS :]
        if not come_or_gone.intersection(around):
            yield fact


def _change(fact: Fact, ours: Facts, theirs: Facts) -> Change:
    place, aspect = fact
    mine, other = ours.values.get(fact), theirs.values.get(fact)
    return Change(
        severity=severity(fact, mine, other, ours, theirs),
        operation=place[0],
        what=f"{describe(place) or 'operation'}: {_happened(fact, mine, other)}",
        line=ours.line_of(place),
        upstream_line=theirs.line_of(place),
        place=place,
        aspect=aspect,
        ours=mine,
        theirs=other,
        sure=not any(each[: len(place)] == place for each in theirs.uncertain),
    )


def _happened(fact: Fact, mine: str | bool | None, other: str | bool | None) -> str:
    place, aspect = fact
    if aspect == EXISTS:
        kind = kind_of(place)
        label = "" if kind == "operation" or kind.endswith("server") else f"{kind} "
        return f"{label}{'added' if mine is None else 'removed'}"
    mine = place[-1] if aspect == NAME else mine
    return f"{aspect} {_WORDS.get(mine, mine)} -> {_WORDS.get(other, other)}"


def has_names_of_its_own(ours: Facts, theirs: Facts) -> bool:
    """Whether upstream names its operations in its own way throughout.

    Then our operationIds were never taken from it, and nothing follows from their being different.
    """
    named = [fact for fact in ours.values if fact.aspect == "operationId" and fact in theirs.values]
    return len(named) > 1 and all(ours.values[fact] != theirs.values[fact] for fact in named)


def not_compared(ours: Facts, theirs: Facts) -> list[str]:
    """What the comparison leaves out because upstream does not say, or says it in its own way."""
    notes = []
    if has_names_of_its_own(ours, theirs):
        notes.append("operationIds: upstream has names of its own for its operations")
    aspects = [f"{aspect}{'' if kind == '*' else f' ({kind})'}" for kind, aspect in theirs.unstated_aspects]
    if aspects:
        notes.append(f"what upstream never states: {', '.join(sorted(aspects))}")
    places = sorted(theirs.unstated_places)
    unsaid = [f"{place[0]} {describe(place)}: upstream does not say what it holds" for place in places]
    return [*notes, *unsaid, *theirs.notes]
