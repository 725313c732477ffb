"""Departures from upstream that are on purpose: `x-deviation` in openapi.yaml, and drift-accept.yaml."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .compare import Change
from .document import line_of
from .facts import EXISTS, Deviation, Fact, Facts, NotUnderstood, kind_of


@dataclass
class Accepted:
    """A reason, and the changes it covers.

    Attributes:
        source: Where the reason is written down, such as `openapi.yaml:24`.
        silent: Covers places upstream says nothing about, so that nothing can be told.
    """

    source: str
    reason: str
    changes: list[Change] = field(default_factory=list)
    silent: list[Fact] = field(default_factory=list)


@dataclass(frozen=True)
class Acceptance:
    """An entry of drift-accept.yaml: changes written like this are accepted up to and including a day."""

    pattern: str
    reason: str
    expires: date
    line: int

    def covers(self, change: Change) -> bool:
        expression = ".*".join(map(re.escape, self.pattern.split("*")))
        return re.fullmatch(expression, change.text) is not None


@dataclass
class Verdict:
    """Changes, sorted out.

    Attributes:
        drift: Nobody has accepted these.
        accepted: These are on purpose.
        removable: Reasons that no change needs any more, or that have expired.
    """

    drift: list[Change]
    accepted: list[Accepted]
    removable: list[str]


def read_acceptances(tree: Any) -> list[Acceptance]:
    """The entries of drift-accept.yaml, parsed with line numbers. Raises NotUnderstood with the line."""
    entries = (tree or {}).get("accept") or []
    return [_acceptance(entries, index) for index in range(len(entries))]


def _acceptance(entries: Any, index: int) -> Acceptance:
    entry, line = entries[index], line_of(entries, index)
    wanted = {"change": str, "reason": str, "expires": date}
    for name, kind in wanted.items():
        if not isinstance(entry, dict) or not isinstance(entry.get(name), kind) or not entry[name]:
            example = "2030-12-31" if kind is date else "a text"
            raise NotUnderstood(f"an accepted change needs {name}: {example}", line)
    unknown = sorted(set(entry) - set(wanted))
    if unknown:
        raise NotUnderstood(f"an accepted change has no {unknown[0]}: only {', '.join(wanted)}", line)
    return Acceptance(entry["change"], entry["reason"], entry["expires"], line)


def judge(
    changes: list[Change], ours: Facts, theirs: Facts, acceptances: list[Acceptance], today: date
) -> Verdict:
    """Parts what is on purpose from what is drift."""
    remaining, accepted, removable = list(changes), list[Accepted](), list[str]()
    for deviation in ours.deviations:
        source = f"openapi.yaml:{deviation.line}"
        covered = [change for change in remaining if _covers(deviation, change)]
        silent = _silent(deviation, ours, theirs)
        if covered or silent:
            accepted.append(Accepted(source, deviation.reason, covered, silent))
            remaining = [change for change in remaining if change not in covered]
        elif _is_comparable(deviation, ours, theirs):
            removable.append(f"{source}: upstream no longer differs here: {deviation.reason}")
    for acceptance in acceptances:
        source = f"drift-accept.yaml:{acceptance.line}"
        covered = [change for change in remaining if acceptance.covers(change)]
        if not covered:
            removable.append(f"{source}: covers nothing any more: {acceptance.reason}")
        elif acceptance.expires < today:
            removable.append(f"{source}: expired on {acceptance.expires}: {acceptance.reason}")
        else:
            accepted.append(Accepted(source, acceptance.reason, covered))
            remaining = [change for change in remaining if change not in covered]
    return Verdict(remaining, accepted, removable)


def _covers(deviation: Deviation, change: Change) -> bool:
    if change.place not in deviation.places:
        return False
    if kind_of(change.place) == "body":
        return change.aspect == "required"  # whether there is a body at all is not for us to choose
    if change.aspect == "type" and " | " in str(change.ours):
        return set(str(change.theirs).split(" | ")) <= set(str(change.ours).split(" | "))
    return True


def _silent(deviation: Deviation, ours: Facts, theirs: Facts) -> list[Fact]:
    """Facts we state beyond upstream where upstream never would state them."""
    return [
        fact
        for fact in ours.values
        if fact.place in deviation.places
        and fact.aspect != EXISTS
        and fact not in theirs.values
        and Fact(fact.place, EXISTS) in theirs.values
        and theirs.is_silent_on(fact)
    ]


def _is_comparable(deviation: Deviation, ours: Facts, theirs: Facts) -> bool:
    """Whether upstream has any of the operations concerned."""
    common = {"", *ours.operations()} & {"", *theirs.operations()}
    return any(place[0] in common for place in deviation.places)
