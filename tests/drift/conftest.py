"""What the tests of drift detection share: openapi.yaml, parsed once."""

import copy
import io
import sys
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
for folder in (str(ROOT), str(Path(__file__).parent)):
    if folder not in sys.path:
        sys.path.insert(0, folder)

from scripts.drift.accept import judge  # noqa: E402
from scripts.drift.compare import Change, compare  # noqa: E402
from scripts.drift.document import read_document  # noqa: E402
from scripts.drift.facts import Facts  # noqa: E402
from scripts.drift.source import parse, yaml  # noqa: E402

TODAY = date(2026, 1, 1)


@pytest.fixture(scope="session")
def spec_text() -> str:
    return (ROOT / "openapi.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def spec_tree(spec_text: str) -> Any:
    """openapi.yaml, parsed. Not to be changed: see `mutated`."""
    return parse(spec_text)


@pytest.fixture(scope="session")
def ours(spec_tree: Any) -> Facts:
    return read_document(spec_tree)


@pytest.fixture(scope="session")
def mutated(spec_tree: Any) -> Callable[[Callable[[Any], None]], Facts]:
    """The facts of openapi.yaml after an edit."""

    @cache
    def mutate(edit: Callable[[Any], None]) -> Facts:
        tree = copy.deepcopy(spec_tree)
        edit(tree)
        stream = io.StringIO()
        yaml().dump(tree, stream)
        return read_document(parse(stream.getvalue()))

    return mutate


def drift_between(ours: Facts, theirs: Facts) -> list[Change]:
    """What is drift when nothing is accepted but openapi.yaml's own deviations."""
    return judge(compare(ours, theirs), ours, theirs, [], TODAY).drift
