"""Departures from upstream that are on purpose: `x-deviation` in openapi.yaml, and drift-accept.yaml."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from scripts.spec import NotUnderstood, line_of, read

from ..facts import EXISTS, Deviation, Fact, Facts, describe, kind_of
from .differences import Change, Finding

T = TypeVar("T", bound=Finding)
_NEEDED = {"change": (str, "a text"), "reason": (str, "a text"), "expires": (date, "2030-12-31")}


class Accepted(NamedTuple):
    """A reason, where it is written down (such as `openapi.yaml:24`), and the changes it covers, as lines."""

    source: str
    reason: str
    changes: list[str]


@dataclass(frozen=True)
class Acceptance:
    """An entry of drift-accept.yaml: changes told like this are accepted up to and including a day."""

    change: str
    reason: str
    expires: date
    line: int
    live: bool = False

    def covers(self, text: str) -> bool:
        return re.fullmatch(".*".join(map(re.escape, self.change.split("*"))), text) is not None


@dataclass
class Verdict(Generic[T]):
    """Changes, sorted out.

    Attributes:
        drift: Nobody has accepted these.
        accepted: These are on purpose.
        removable: Reasons that no change needs any more, or that have expired.
    """

    drift: list[T]
    accepted: list[Accepted] = field(default_factory=list)
    removable: list[str] = field(default_factory=list)

    def accept(self, source: str, reason: str, covered: list[T], more: Iterable[str] = ()) -> None:
        self.accepted.append(Accepted(source, reason, [*(change.text for change in covered), *more]))
        self.drift = [change for change in self.drift if change not in covered]


def load_acceptances(path: Path) -> list[Acceptance]:
    """The entries of the file; none if there is no such file. Raises NotUnderstood with the line."""
    try:
        return read_acceptances(read(path)) if path.exists() else []
    except NotUnderstood as error:
        raise error if error.line is None else NotUnderstood(error.of(path.name)) from error


def read_acceptances(tree: Any) -> list[Acceptance]:
    """The entries of drift-accept.yaml, parsed with line numbers. Raises NotUnderstood with the line."""
    entries = (tree.get("accept") if isinstance(tree, dict) else tree) or []
    if not isinstance(entries, list) or entries is tree:
        raise NotUnderstood("accept should be a list of changes, as the comment above it shows", 1)
    return [_acceptance(entries[index], line_of(entries, index)) for index in range(len(entries))]


def _acceptance(entry: Any, line: int) -> Acceptance:
    for name, (kind, example) in _NEEDED.items():
        if not isinstance(entry, dict) or not isinstance(entry.get(name), kind) or not entry[name]:
            raise NotUnderstood(f"an accepted change needs {name}: {example}", line)
    unknown = sorted(set(entry) - {*_NEEDED, "live"})
    if unknown:
        raise NotUnderstood(f"{unknown[0]!r} is not known; known: {', '.join(_NEEDED)}, live", line)
    return Acceptance(**entry, line=line)


def judge(
    changes: list[Change], ours: Facts, theirs: Facts, acceptances: list[Acceptance], today: date
) -> Verdict[Change]:
    """Parts what openapi.yaml and drift-accept.yaml say is on purpose from what is drift."""
    verdict = Verdict(changes)
    for deviation in ours.deviations:
        source = f"openapi.yaml:{deviation.line}"
        covered = [change for change in verdict.drift if _covers(deviation, change, ours)]
        unstated = [
            f"{fact.place[0]} {describe(fact.place)}: {fact.aspect}, of which upstream says nothing"
            for fact in ours.values
            if fact.place in deviation.places and _is_unstated(fact, theirs)
        ]
        common = {"", *ours.operations()} & {"", *theirs.operations()}
        if covered or unstated:
            verdict.accept(source, deviation.reason, covered, unstated)
        elif any(place[0] in common for place in deviation.places):
            verdict.removable.append(f"{source}: this upstream no longer differs here: {deviation.reason}")
    return sift(verdict, [acceptance for acceptance in acceptances if not acceptance.live], today)


def sift(verdict: Verdict[T], acceptances: list[Acceptance], today: date) -> Verdict[T]:
    """Takes what is accepted, and still is today, out of the drift."""
    for acceptance in acceptances:
        source = f"drift-accept.yaml:{acceptance.line}"
        covered = [change for change in verdict.drift if acceptance.covers(change.text)]
        if not covered:
            verdict.removable.append(f"{source}: covers nothing any more: {acceptance.reason}")
        elif acceptance.expires < today:
            verdict.removable.append(f"{source}: expired on {acceptance.expires}: {acceptance.reason}")
        else:
            verdict.accept(source, acceptance.reason, covered)
    return verdict


def _covers(deviation: Deviation, change: Change, ours: Facts) -> bool:
    if change.place not in deviation.places:
        return False
    if kind_of(change.place) == "body":
        return change.aspect == "required"  # whether there is a body at all is not for us to choose
    if ours.get(change.place, "format") == "instant":
        return change.aspect == "format" and change.theirs == "date-time"  # that word, and nothing else
    types = str(ours.get(change.place, "type")).split(" | ")
    wider = change.aspect == "type" and set(str(change.theirs).split(" | ")) <= set(types)
    return wider or len(types) == 1


def _is_unstated(fact: Fact, theirs: Facts) -> bool:
    """Whether upstream does not state this, and never would, of a place it has."""
    there = Fact(fact.place, EXISTS) in theirs.values
    return (there or fact.aspect == EXISTS) and fact not in theirs.values and theirs.is_silent_on(fact)
