"""openapi.yaml against upstream: the differences between two sets of facts, each with its severity."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..facts import EXISTS, NAME, Fact, Facts, Place, describe, kind_of, prefixes
from .severity import Severity, severity


@dataclass(frozen=True)
class Change:
    """One thing that is different.

    Attributes:
        place, aspect: What it is about.
        ours, theirs: What openapi.yaml and upstream state; None for nothing.
        line: Where it stands in openapi.yaml, or what is around it.
        upstream_line: The same upstream.
        sure: Whether upstream was read so surely that its value may be written to openapi.yaml.
    """

    place: Place
    aspect: str
    ours: str | bool | None
    theirs: str | bool | None
    severity: Severity
    line: int | None = None
    upstream_line: int | None = None
    sure: bool = True

    @property
    def operation(self) -> str:
        """`GET /path`; empty for the API as a whole."""
        return self.place[0]

    @property
    def what(self) -> str:
        """The place in its operation and what happened to it."""
        where = describe(self.place)
        if self.aspect == EXISTS:
            happened = "added" if self.ours is None else "removed"
            return f"{where or 'operation'}: {_label(self.place)}{happened}"
        ours = self.place[-1] if self.aspect == NAME else self.ours
        return f"{where or 'operation'}: {self.aspect} {_words(ours)} -> {_words(self.theirs)}"

    @property
    def text(self) -> str:
        """Operation, place and change on one line: what drift-accept.yaml names a change by."""
        return f"{self.operation} {self.what}".strip()


def _label(place: Place) -> str:
    kind = kind_of(place)
    return "" if kind in ("operation", "server", "operation's server") else f"{kind} "


def _words(value: str | bool | None) -> str:
    return {True: "yes", None: "no"}.get(value, str(value)) if not isinstance(value, str) else value


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


def _change(fact: Fact, ours: Facts, theirs: Facts) -> Change:
    mine, other = ours.values.get(fact), theirs.values.get(fact)
    return Change(
        fact.place,
        fact.aspect,
        mine,
        other,
        severity(fact, mine, other, ours, theirs),
        ours.line_of(fact.place),
        theirs.line_of(fact.place),
        not any(place[: len(fact.place)] == fact.place for place in theirs.uncertain),
    )


def _outermost(facts: list[Fact]) -> Iterator[Fact]:
    come_or_gone = {fact.place for fact in facts if fact.aspect == EXISTS}
    for fact in facts:
        around = list(prefixes(fact.place))[fact.aspect == EXISTS :]
        if not come_or_gone.intersection(around):
            yield fact


def has_names_of_its_own(ours: Facts, theirs: Facts) -> bool:
    """Whether upstream names its operations in its own way throughout.

    Then our operationIds were never taken from it, and nothing follows from their being different.
    """
    pairs = [
        (ours.values[fact], theirs.values[fact])
        for fact in ours.values
        if fact.aspect == "operationId" and fact in theirs.values
    ]
    return len(pairs) > 1 and all(mine != other for mine, other in pairs)


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
