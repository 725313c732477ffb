"""Writing upstream's changes into openapi.yaml: in place, whole and verified, or not at all."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openapi_spec_validator import validate

from ..compare.differences import Change
from ..compare.severity import Severity
from ..facts import EXISTS, Facts
from ..sources.document import read_document
from ..sources.reading import parse, yaml
from .build import ByHand
from .comments import WouldLoseComment
from .edits import Editor

Drift = Callable[[Facts, Facts], list[Change]]
"""The changes between two sets of facts that nobody has accepted."""


class Refused(Exception):  # noqa: N818 - the tool's own decision
    """The edited document is not what it was meant to be, so nothing is written."""


@dataclass
class Adoption:
    """What came of it.

    Attributes:
        text: openapi.yaml as it should be now.
        written: The changes that are in it.
        left: The changes that are not, each with the reason.
        advice: What else a person should look at.
    """

    text: str
    written: list[Change] = field(default_factory=list)
    left: list[tuple[Change, str]] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)


def adopt(text: str, theirs: Facts, drift_between: Drift, *, breaking: bool) -> Adoption:
    """Edits openapi.yaml's text so that it says what upstream says.

    Args:
        text: openapi.yaml.
        theirs: What upstream says, its operations named as in openapi.yaml.
        drift_between: Which changes are drift.
        breaking: Write every change, not only the additive ones.

    Raises:
        Refused: The result would not be right; the message says in what.
    """
    tree = parse(text)
    ours = read_document(tree)
    drift = drift_between(ours, theirs)
    wanted = [change for change in drift if breaking or change.severity is Severity.ADDITIVE]
    adoption = Adoption(text)
    adoption.left = [(change, "only written with --breaking") for change in drift if change not in wanted]
    editor = Editor(tree, ours, theirs)
    for edit, changes in editor.plan(wanted):
        try:
            edit()
        except (ByHand, WouldLoseComment) as reason:
            adoption.left += [(change, str(reason)) for change in changes]
        else:
            adoption.written += changes
    if adoption.written:
        adoption.text = _dump(tree)
        _verify(text, theirs, adoption, drift_between)
        adoption.advice = editor.advice + _newly_unused(text, adoption.text)
    return adoption


def _dump(tree: Any) -> str:
    stream = io.StringIO()
    yaml().dump(tree, stream)
    return stream.getvalue()


def _verify(before: str, theirs: Facts, adoption: Adoption, drift_between: Drift) -> None:
    """The edited document must differ from upstream in what is left and nothing else, and be whole."""
    tree = parse(adoption.text)
    try:
        validate(tree)
    except Exception as error:
        raise Refused(f"the document would not be valid OpenAPI any more: {error}") from error
    lost = _comments(before) - _comments(adoption.text)
    if lost:
        raise Refused(f"comments would be lost: {sorted(lost)}")
    known = {change.text for change, _ in adoption.left}
    new = {change.place for change in adoption.written if change.aspect == EXISTS and change.ours is None}
    for change in drift_between(read_document(tree), theirs):
        if change.text in known:
            continue
        if not any(change.place[: len(place)] == place for place in new):
            raise Refused(f"after writing, this would differ: {change.text}")
        adoption.left.append((change, "part of something new that cannot be written as upstream has it"))


def _comments(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.lstrip().startswith("#")}


def _newly_unused(before: str, after: str) -> list[str]:
    """Components nothing refers to any more: whether they may go is for a person to say."""

    def used(text: str) -> set[str]:
        return set(re.findall(r"#/components/[\w/.-]+", text))

    return [f"nothing refers to {pointer} any more" for pointer in sorted(used(before) - used(after))]
