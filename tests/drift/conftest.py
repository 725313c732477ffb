"""openapi.yaml, parsed once for all tests of drift detection."""

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from scripts.drift.facts import Facts, Naming
from scripts.drift.sources.document import read_document
from scripts.spec import parse
from tests.drift.drifting import ROOT, dumped


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
def mutated(spec_tree: Any, ours: Facts) -> Callable[[Callable[[Any], None]], Facts]:
    """The facts of openapi.yaml after an edit."""

    @cache
    def mutate(edit: Callable[[Any], None]) -> Facts:
        tree = copy.deepcopy(spec_tree)
        edit(tree)
        return read_document(parse(dumped(tree)), Naming(ours.operations()))

    return mutate
