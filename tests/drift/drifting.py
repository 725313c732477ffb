"""What the tests of drift detection share."""

import io
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from scripts.drift.compare.accepted import judge
from scripts.drift.compare.differences import Change, compare
from scripts.drift.facts import Facts
from scripts.spec import yaml

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 1, 1)


def drift_between(ours: Facts, theirs: Facts) -> list[Change]:
    """What is drift when nothing is accepted but openapi.yaml's own deviations."""
    return judge(compare(ours, theirs), ours, theirs, [], TODAY).drift


def operation_names(ours: Facts, names: tuple[str, ...]) -> set[str]:
    """`GET /path` for operationIds; anything else as it is."""
    by_id = {value: fact.place[0] for fact, value in ours.values.items() if fact.aspect == "operationId"}
    return {str(by_id.get(name, name)) for name in names}


def dumped(tree: object) -> str:
    stream = io.StringIO()
    yaml().dump(tree, stream)
    return stream.getvalue()


def numbered(node: Any, lines: Iterator[int] | None = None) -> Any:
    """What parsing the dumped tree comes to, but for the numbers of the lines."""
    lines = lines or count()
    if isinstance(node, dict):
        mapping = CommentedMap((key, numbered(inner, lines)) for key, inner in node.items())
        for key in mapping:
            mapping.lc.add_kv_line_col(key, [next(lines), 0] * 2)
        return mapping
    if isinstance(node, list):
        items = CommentedSeq(numbered(inner, lines) for inner in node)
        for index in range(len(items)):
            items.lc.add_idx_line_col(index, [next(lines), 0] * 2)
        return items
    return node
