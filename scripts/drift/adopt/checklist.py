"""What is left to do after adopting, in the words of CONTRIBUTING.md, each step with file and line.

What is new is offered as something of its kind is already: a filter like a filter of the same operations, an
operation like the one with the most similar path. Every line that names that one is a line to look at.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..compare.differences import Change
from ..facts import ENUM, EXISTS, Facts, Place, describe, kind_of, likeness, prefixes

SECTION = "A new property, filter, body field or operation from upstream"
CONTRACT = "write the contract anew (python -m tests.generation.contract) and read its diff"
# Where an operation or a filter is named by hand. What is generated or mirrored follows by itself.
_OVERLAY, _TESTS = "overlays/vbc_call_recording/**/*.py", "tests/**/*.py"
_FILTERS = ("overlays/vbc_call_recording/_listing/filters.py", "tests/listing/test_filters.py")
# What names the filters of an export, of which those of all lists are made.
_CLASSES = r"class ExportFilters|_TYPES = |.*(: |in )ExportFilters(\.| =)"


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
    (changelog, *_) = [*_lines(r".*\bUnreleased\b", root, "CHANGELOG.md"), "CHANGELOG.md"]
    steps += [
        f"tests/generation/contract.txt:1: {CONTRACT}",
        f"{changelog}: say what is new, as generating has proposed",
        "run `make check test`",
    ]
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
    filters = _filters(ours)
    users, said = filters[name]
    alike = [other for other in filters if other != name and filters[other][0] == users]
    alike.sort(key=lambda other: filters[other][1] != said)
    python = name.replace(":", "_")
    for model in (other.replace(":", "_") for other in alike):
        # Where it is declared, explained, or given for an example; anywhere else it is a word like any other.
        lines = _lines(rf"\s+\"?{model}\"?: ", root, *_FILTERS)
        if lines:
            return [f"{line}: offer {python} as {model} is offered here" for line in lines]
    lines = _lines(_CLASSES, root, *_FILTERS, "tests/typing/*.py")
    return [f"{line}: offer {python} in a class of its own: no other filter is taken by just these operations"
            for line in lines]  # fmt: skip


def offer_operation(name: str, ours: Facts, root: Path) -> Iterator[str]:
    """The steps to reach an operation through the overlay, and to have it tested."""
    by_id = {operation_id(ours, operation): operation for operation in ours.operations()}
    others = [other for other in by_id if other != name and _lines(_word(other), root, _OVERLAY)]
    model = max(others, key=lambda other: likeness(by_id[other], by_id[name]))
    own = [place for place, _ in ours.values if place[0] == by_id[name] and len(place) > 2]
    for line in [*_lines(_word(model), root, _OVERLAY), *_lines(rf'\s+"{model}":', root, _TESTS)]:
        if any(map(is_filter, own)) or not line.startswith("tests/drift/"):  # where filters are looked at
            yield f"{line}: reach {name} as {model} is reached here"
    for line in _lines("def use_everything", root, _TESTS):
        yield f"{line}: call {name} here, too"


def _filters(ours: Facts) -> dict[str, tuple[set[str], set[tuple[str, object]]]]:
    """Each filter with the operations that take it, and what is said of its values: so they are checked."""
    filters: dict[str, tuple[set[str], set[tuple[str, object]]]] = defaultdict(lambda: (set(), set()))
    for (place, aspect), value in ours.values.items():
        for outer in [each for each in prefixes(place) if len(each) > 2 and is_filter(each)]:
            users, said = filters[outer[-1]]
            users.add(place[0])
            said |= {(aspect, value)} if aspect != EXISTS or ENUM in place else set()
    return filters


def _word(name: str) -> str:
    return rf".*(?<![.\w]){name}\b"


def _lines(pattern: str, root: Path, *files: str) -> list[str]:
    """`file:line` of every line that begins like the pattern, but for what is mirrored."""
    return [
        f"{path.relative_to(root).as_posix()}:{number}"
        for path in sorted({path for each in files for path in root.glob(each)})
        if "_sync" not in path.parts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.match(pattern, line)
    ]
