"""Writing upstream's additions into openapi.yaml: in place, whole and verified, or not at all."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scripts.mistakes import check
from scripts.spec import NotUnderstood, parse, yaml

from ..compare.differences import Change
from ..facts import Facts
from ..sources.document import read_document
from .edits import Editor

Drift = Callable[[Facts, Facts], list[Change]]
"""The changes between two sets of facts, without those that are accepted."""


class Refused(NotUnderstood):
    """The edited document is not what it was meant to be, so nothing is written."""


@dataclass
class Adoption:
    """What came of it.

    Attributes:
        text: openapi.yaml as it should be now.
        written: The changes that are in it.
        left: The changes that are not, each with the reason.
    """

    text: str
    written: list[Change] = field(default_factory=list)
    left: list[tuple[Change, str]] = field(default_factory=list)


def adopt(text: str, theirs: Facts, drift_between: Drift) -> Adoption:
    """Edits openapi.yaml's text so that it has what is new upstream; its line ends stay what they are.

    Args:
        text: openapi.yaml.
        theirs: What upstream says, its operations named as in openapi.yaml.
        drift_between: Which changes are drift.

    Raises:
        Refused: The result would not be right; the message says in what.
    """
    crlf, text = "\r\n" in text, text.replace("\r\n", "\n")
    tree = parse(text)
    ours = read_document(tree)
    adoption = Adoption(text)
    editor = Editor(tree, ours, theirs)
    editor.make(drift_between(ours, theirs))
    adoption.written, adoption.left = editor.written, editor.left
    if adoption.written:
        adoption.text = _dump(tree)
        _verify(text, theirs, adoption, drift_between)
    if crlf:
        adoption.text = adoption.text.replace("\n", "\r\n")
    return adoption


def _dump(tree: Any) -> str:
    stream = io.StringIO()
    yaml().dump(tree, stream)
    return stream.getvalue()


def _verify(before: str, theirs: Facts, adoption: Adoption, drift_between: Drift) -> None:
    """The edited document must differ from upstream in what is left and nothing else, and be whole."""
    tree = parse(adoption.text)
    try:
        check(tree)
    except NotUnderstood as error:
        raise Refused(f"openapi.yaml would be wrong: {error.of('line')}") from error
    lost = _comments(before) - _comments(adoption.text)
    if lost:
        raise Refused(f"comments would be lost: {sorted(lost)}")
    known = {change.text for change, _ in adoption.left}
    new = [change.place for change in adoption.written]
    for change in drift_between(read_document(tree), theirs):
        if change.text in known:
            continue
        if not any(change.place[: len(place)] == place for place in new):
            raise Refused(f"after writing, this would differ: {change.text}")
        adoption.left.append((change, "part of something new that cannot be written as upstream has it"))


def _comments(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.lstrip().startswith("#")}
