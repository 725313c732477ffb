"""What is left to do after adopting, in the words of CONTRIBUTING.md, each step with file and line.

What is new is offered as something of its kind is already: a filter like a filter of the same operations, an
operation like the one with the most similar path. Every line that names that one is a line to look at.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..compare.differences import Change
from ..facts import ENUM, EXISTS, Facts, Place, describe, kind_of

SECTION = "A new property, filter, body field or operation from upstream"
CONTRACT = "write the contract anew (python -m tests.generation.contract) and read its diff"
# Where an operation or a filter is named by hand. What is generated or mirrored follows by itself.
_OVERLAY, _TESTS = ("overlays/vbc_call_recording/**/*.py",), ("tests/**/*.py",)


def checklist(written: Iterable[Change], ours: Facts, root: Path) -> list[str]:
    """The steps.

    Args:
        written: What was adopted.
        ours: The facts of openapi.yaml as it is now.
        root: The project's folder.
    """
    places = [change.place for change in written if change.ours is None and change.aspect == EXISTS]
    if not places:
        return []
    steps = [step for place in places for step in _steps(place, ours, root)]
    steps += [f"tests/generation/contract.txt:1: {CONTRACT}", _changelog(root), "run `make check test`"]
    return list(dict.fromkeys(steps))


def _steps(place: Place, ours: Facts, root: Path) -> Iterator[str]:
    kind, name = kind_of(place), place[-1]
    spot = f"openapi.yaml:{ours.line_of(place)}"
    if kind == "operation":
        named = operation_id(ours, place[0])
        yield f"{spot}: describe {named}, and check its operationId and tags"
        yield from offer_operation(named, ours, root)
    elif kind in ("parameter", "property") and name != place[0]:
        yield f"{spot}: describe {name}, with an example"
        if is_filter(place):
            yield from offer_filter(name, ours, root)
    else:
        yield f"{spot}: check {describe(place)}"


def operation_id(ours: Facts, operation: str) -> str:
    return str(ours.get((operation,), "operationId") or operation)


def is_filter(place: Place) -> bool:
    """Whether it is a query parameter, or a property of a body: what users give as keyword arguments."""
    return (len(place), place[1]) in {(3, "query"), (4, "body")}


def offer_filter(name: str, ours: Facts, root: Path) -> list[str]:
    """The steps to offer a filter as one is offered that the same operations take."""
    filters = dict.fromkeys(place[-1] for place, _ in ours.values if len(place) > 2 and is_filter(place))
    alike = [other for other in filters if other != name and _users(ours, other) == _users(ours, name)]
    alike.sort(key=lambda other: _kinds(ours, other) != _kinds(ours, name))
    for model in alike:
        python, known = name.replace(":", "_"), model.replace(":", "_")
        lines = _lines(known, _OVERLAY, root)
        if lines:
            lines += _lines(f'"{known}":', ("tests/listing/**/*.py",), root)
            return [f"{line}: offer {python} as {known} is offered here" for line in lines]
    (*_, home) = ["overlays/vbc_call_recording:1", *_lines("class ExportFilters", _OVERLAY, root)]
    return [f"{home}: offer {name} in a class of its own: no other filter is taken by just these operations"]


def offer_operation(name: str, ours: Facts, root: Path) -> Iterator[str]:
    """The steps to reach an operation through the overlay, and to have it tested."""
    by_id = {operation_id(ours, operation): operation for operation in ours.operations()}
    method, path = by_id[name].split(" ", 1)
    others = [other for other in by_id if other != name and _lines(other, _OVERLAY, root)]

    def likeness(other: str) -> tuple[int, bool]:
        their_method, their_path = by_id[other].split(" ", 1)
        common = [one for one, two in zip(path.split("/"), their_path.split("/"), strict=False) if one == two]
        return len(common), their_method == method

    model = max(others, key=likeness)
    own = [place for place, _ in ours.values if place[0] == by_id[name] and len(place) > 2]
    for line in [*_lines(model, _OVERLAY, root), *_lines(f'"{model}":', _TESTS, root)]:
        if any(map(is_filter, own)) or not line.startswith("tests/drift/"):  # where filters are looked at
            yield f"{line}: reach {name} as {model} is reached here"
    for line in _lines("def use_everything", _TESTS, root):
        yield f"{line}: call {name} here, too"


def _users(ours: Facts, name: str) -> set[str]:
    return {place[0] for place, aspect in ours.values
            if aspect == EXISTS and len(place) > 2 and is_filter(place) and place[-1] == name}  # fmt: skip


def _kinds(ours: Facts, name: str) -> set[tuple[str, object]]:
    """What is said of the filter's values: two that are alike are checked alike."""
    return {
        (aspect, value)
        for (place, aspect), value in ours.values.items()
        for depth in (3, 4)
        if len(place) >= depth and is_filter(place[:depth]) and place[depth - 1] == name
        if aspect != EXISTS or ENUM in place
    }


def _lines(word: str, patterns: Iterable[str], root: Path) -> list[str]:
    """`file:line` of every line with the word, but for what is mirrored."""
    pattern = re.compile(rf"(?<![.\w]){re.escape(word)}(?!\w)")
    return [
        f"{path.relative_to(root).as_posix()}:{number}"
        for path in sorted({path for each in patterns for path in root.glob(each)})
        if "_sync" not in path.parts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def _changelog(root: Path) -> str:
    lines = _lines("Unreleased", ("CHANGELOG.md",), root)
    return f"{(lines or ['CHANGELOG.md'])[0]}: say what is new, as generating has proposed"
