"""What the page's examples tell: what is nested in what, and where they contradict the lists."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from scripts.spec import NotUnderstood, json_type

from ..facts import ITEMS, Place
from .entries import Entry
from .lines import Line


@dataclass(frozen=True)
class Placed:
    """An entry, the steps to it, and the value the example has there, if one is shown."""

    entry: Entry
    path: Place
    example: object = None
    shown: bool = False


def nest(entries: Sequence[Entry], example: object) -> tuple[list[Placed], list[Place]]:
    """Places each entry of a flat list, which goes through the structure in the example's order.

    Returns them, and the steps to what only the example has.

    The two are aligned so that as many names as possible match. An entry the example lacks is placed by its
    neighbours; NotUnderstood if these leave a choice.
    """
    nodes = list(_walk(example, ()))
    matches = _align(entries, nodes)
    placed: list[Placed] = []
    for index, entry in enumerate(entries):
        if index in matches:
            placed.append(Placed(entry, *nodes[matches[index]], shown=True))
        else:
            following = next((nodes[matches[later]][0] for later in sorted(matches) if later > index), None)
            placed.append(Placed(entry, (*_parent(entry, placed, following), entry.name)))
    listed = set(matches.values())
    return placed, [path for index, (path, _) in enumerate(nodes) if index not in listed]


def _walk(value: object, path: Place) -> Iterator[tuple[Place, object]]:
    """Every property of the example with its path, outer before inner."""
    if isinstance(value, list):
        merged = {key: inner for item in value if isinstance(item, dict) for key, inner in item.items()}
        yield from _walk(merged, (*path, ITEMS))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key), inner
            yield from _walk(inner, (*path, key))


def _fits(entry: Entry, path: Place, value: object) -> bool:
    if entry.name != path[-1]:
        return False
    shape = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "scalar"
    expected = entry.type if entry.type in ("object", "array", None) else "scalar"
    return expected is None or value is None or expected == shape


def _align(entries: Sequence[Entry], nodes: Sequence[tuple[Place, object]]) -> dict[int, int]:
    """Index of entry to index of node: a longest common subsequence."""
    # How many match from here on, and these: an entry, a node, and those after them.
    below: list[tuple[int, Any]] = [(0, None)] * (len(nodes) + 1)
    for i, entry in reversed([*enumerate(entries)]):
        row: list[tuple[int, Any]] = [(0, None)] * (len(nodes) + 1)
        for j, node in reversed([*enumerate(nodes)]):
            count, rest = below[j + 1]
            fitting = [(count + 1, (i, j, rest))] if _fits(entry, *node) else []
            row[j] = max(*fitting, below[j], row[j + 1], key=itemgetter(0))
        below = row
    matches: dict[int, int] = {}
    rest = below[0][1]
    while rest:
        i, j, rest = rest
        matches[i] = j
    return matches


def _parent(entry: Entry, placed: Sequence[Placed], following: Place | None) -> Place:
    """The only object an entry between these neighbours can be part of."""
    innermost = _innermost_object(placed[-1]) if placed else ()
    outermost = following[:-1] if following else ()
    chain = [innermost[:length] for length in range(len(outermost), len(innermost) + 1)]
    objects = [path for path in chain if innermost[len(path) : len(path) + 1] != (ITEMS,)]
    if len(objects) != 1:
        raise NotUnderstood(
            f"cannot tell what {entry.name!r} is part of: it is not in the example, if there is one",
            entry.line.number,
        )
    return objects[0]


def _innermost_object(placed: Placed) -> Place:
    """What an entry right after this one would be in if it went as deep as it can."""
    if placed.entry.type in ("object", None):
        return placed.path
    holds_scalars = isinstance(placed.example, list) and not any(isinstance(i, dict) for i in placed.example)
    if placed.entry.type == "array" and not holds_scalars:
        return (*placed.path, ITEMS)
    return placed.path[:-1]


def read_example(lines: list[Line]) -> tuple[object, list[Line]]:
    """The JSON the lines begin with, and the lines after it."""
    text = "\n".join(line.text for line in lines)
    start = len(text) - len(text.lstrip())
    if start == len(text):
        return None, []
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        line = lines[error.lineno - 1]
        raise NotUnderstood(f"the example is not JSON: {error.msg}", line.number) from error
    return value, lines[text.count("\n", 0, end) + 1 :]


def contradictions(placed: Sequence[Placed], unlisted: Sequence[Place], start: int) -> Iterator[str]:
    """Where the list and the example, if there is one, say different things. It starts on that line."""
    if not any(each.shown for each in placed):
        return
    yield from (f"line {start}: the example has {path[-1]}, which is not listed" for path in unlisted)
    for each in placed:
        entry, shown = each.entry, json_type(each.example)
        where = f"line {entry.line.number}: {entry.name}"
        if not each.shown:
            yield f"{where} is listed, but not in the example"
        elif entry.type not in (None, shown) and (shown, entry.type) != ("integer", "number"):
            yield f"{where} is {entry.type} in the list and {shown} in the example"
