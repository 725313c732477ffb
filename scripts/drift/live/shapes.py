"""What answers of the live API look like, held against a strict reading of openapi.yaml. Pure.

openapi.yaml lets every property of an answer be missing, so that validating against it would miss a renamed
field. Here every property is expected to be seen sometimes, and none beside them. Only shapes are kept: names
of fields, types, the pattern of dates and the words of a job's status. Values never are.
"""

import re
from collections import defaultdict
from typing import Any

from scripts.spec import json_type

from ..compare.differences import Finding
from ..compare.severity import Severity
from ..facts import EXISTS, ITEMS, Facts, Place, describe, kind_of

_N, _A, _B = Severity.NOTICE, Severity.ADDITIVE, Severity.BREAKING
# Fields the documentation, or their nature, makes depend on circumstances: not seeing one proves nothing.
# Each with a word of the paths it is about.
CONDITIONAL = {
    ("_links", "prev"): ("", "there is a page before"),
    ("_links", "next"): ("", "there is a page after"),
    ("transcription_url",): ("", "transcribing has succeeded"),
    ("transcription_error",): ("", "transcribing has failed"),
    ("download_url",): ("jobs", "an export job is complete"),
    ("valid_until",): ("jobs", "an export job is complete"),
}
# `complete` is documented. The others are words whose meaning a client can only have one idea of.
STATUS_WORDS = frozenset(
    {"complete", "queued", "pending", "started", "in_progress", "running", "processing"}
    | {"failed", "failure", "error", "errored", "aborted", "canceled", "cancelled", "rejected", "timed_out"}
)
_KNOWN_MEDIA = frozenset({"application/json", "application/xml", "text/html", "text/plain", "text/xml"})
# The API writes instants like this, where openapi.yaml has no example.
_USUAL_INSTANT = "2019-01-01T00:00:00+0000"
_CLASSES = {"letters": r"[^\W\d_]", "digits": r"\d", "_ or -": r"[_-]", "other characters": r"[^\w-]"}


class Survey:
    """Takes in answers, then tells what is not as openapi.yaml has it.

    Attributes:
        odd: What kept an answer from being looked at whole.
        closed: Whether nothing is taken in any more.
    """

    def __init__(self, ours: Facts) -> None:
        self.ours, self.states = ours, ours.get
        self.found: dict[tuple[Place, str], Severity] = {}
        self.seen: dict[Place, int] = defaultdict(int)
        self.odd: list[str] = []
        self.closed = False

    def take(self, operation: str, status: int, media: str, body: Any) -> None:
        """Takes in one answer.

        Args:
            operation: `GET /path`, as in openapi.yaml.
            status: The status code.
            media: The media type, without parameters.
            body: The parsed JSON; None if it is not JSON.
        """
        if self.closed:
            return
        place = (operation, "response", str(status))
        documented = self.ours.names(place)
        if not 200 <= status < 300:
            self.odd.append(f"{operation} ({status})")
        if not self.states(place, EXISTS):
            self.found[(place, "status not documented")] = _B if 200 <= status < 400 else _N
        elif media in documented:
            self.value((*place, media), body)
        elif documented:
            what = media if media in _KNOWN_MEDIA else shown(media)
            self.found[(place, f"media type not documented: {what}")] = _B

    def value(self, place: Place, value: Any) -> None:
        self.seen[place] += 1
        expected, actual = str(self.states(place, "type")).split(" | "), json_type(value)
        if actual == "null" and self.states(place, "nullable"):
            return
        if actual not in expected and not (actual == "integer" and "number" in expected):
            # The client reads a property that is null as one that is missing, which any may be.
            harmless = actual == "null" and kind_of(place) == "property"
            self.found[(place, f"type {' | '.join(expected)} -> {actual}")] = _N if harmless else _B
        elif isinstance(value, list):
            for item in value:
                self.value((*place, ITEMS), item)
        elif isinstance(value, dict):
            for name, inner in value.items():
                self.member(place, name, inner)
        elif isinstance(value, str):
            self.text(place, value)

    def member(self, place: Place, name: str, value: Any) -> None:
        if self.states((*place, name), EXISTS):
            self.value((*place, name), value)
        else:
            what = f"field not in openapi.yaml: {json_type(value)}, its name {shown(name)}"
            self.found[(place, what)] = _A

    def text(self, place: Place, value: str) -> None:
        if self.states(place, "format") in ("instant", "date-time"):
            site = self.ours.sites.get(place)
            example = str(site.node.get("example", "")) if site else ""
            expected, actual = pattern(example or _USUAL_INSTANT), pattern(value)
            if actual != expected:
                self.found[(place, f"date format {expected} -> {actual}")] = _B
        elif place[-1] == "status" and value.strip().casefold() not in STATUS_WORDS:
            self.found[(place, f"unknown status word: {shown(value)}")] = _N

    def missing(self) -> dict[Place, str | None]:
        """Properties never seen of objects that were, and on what it depends that they are there."""
        return {
            place: condition(place)
            for place, aspect in self.ours.values
            if aspect == EXISTS and self.seen.get(place[:-1]) and not self.seen.get(place)
        }

    def findings(self) -> list[Finding]:
        """Everything that is not as it should be."""
        never = [place for place, why in self.missing().items() if why is None]
        found = self.found | {
            (place, f"never seen in {self.seen[place[:-1]]} of them"): _B for place in never
        }
        return [
            Finding(severity, place[0], f"{describe(place)}: {what}", self.ours.line_of(place))
            for (place, what), severity in sorted(found.items(), key=lambda item: (-item[1], item[0]))
        ]

    def problem(self) -> str | None:
        """Why not all of it could be compared: what was asked for and refused, or ended early."""
        if self.odd:
            return f"no documented answer from: {', '.join(dict.fromkeys(self.odd))}"
        return None if self.seen else "nothing was answered as documented"

    def headline(self) -> str:
        """What to say if nothing was found: without a single item there was nothing to find."""
        items = any(place[-1] == ITEMS for place in self.seen)
        return "no drift" if items else "nothing seen: the account is empty"

    def notes(self) -> list[str]:
        """What was not seen, which proves nothing."""
        unseen = {
            place: f"it is there only if {why}" for place, why in self.missing().items() if why is not None
        }
        for place, aspect in self.ours.values:
            if (
                aspect == "type"
                and place[-1] == ITEMS
                and self.seen.get(place[:-1])
                and place not in self.seen
            ):
                unseen[place] = "the list was empty"
        answered = {place[0] for place in self.seen}
        silent = [name for name in self.ours.operations() if name.startswith("GET ") and name not in answered]
        return [
            *(f"{place[0]} {describe(place)}: not seen, {why}" for place, why in unseen.items()),
            *(f"{name}: no answer seen" for name in silent),
            "operations other than GET: never asked for",
        ]


def condition(place: Place) -> str | None:
    """On what it depends that the field is there; None if it should always be."""
    for steps, (word, why) in CONDITIONAL.items():
        if place[-len(steps) :] == steps and word in place[0]:
            return why
    return None


def shown(text: str) -> str:
    """A text of which nothing but its length and its classes of characters may be known."""
    classes = [name for name, pattern in _CLASSES.items() if re.search(pattern, text)]
    return f"{len(text)} characters ({', '.join(classes) or 'none'})"


def pattern(text: str) -> str:
    """The shape of a date, without its value: `9999-99-99T99:99:99+9999`."""
    shape = re.sub(r"\d", "9", re.sub(r"[^\WTZ\d_]", "a", text[:40]))
    return re.sub(r"[+-](?=[\d:]+$)", "+", shape)
