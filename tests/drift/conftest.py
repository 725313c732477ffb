"""openapi.yaml, parsed once for all tests of drift detection."""

import copy
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any

import pytest
from ruamel.yaml import YAML

from scripts import spec
from scripts.drift.facts import Facts, Naming
from scripts.drift.sources.document import read_document
from scripts.spec import parse
from tests.drift.drifting import ROOT, numbered


@pytest.fixture(autouse=True, scope="session")
def _parsed_once() -> Iterator[None]:
    """Parsing takes six times as long as copying what comes of it. Who parses a text first gets no copy."""
    new = spec.yaml

    @lru_cache(maxsize=6)
    def kept(text: str) -> list[Any]:
        return []

    def load(text: str) -> Any:
        trees = kept(text)
        if trees:
            return copy.deepcopy(trees[0])
        tree = new().load(text)
        trees.append(copy.deepcopy(tree))
        return tree

    def yaml() -> YAML:
        engine = new()
        engine.load = load
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spec, "yaml", yaml)
        yield


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
        tree = numbered(spec_tree)
        edit(tree)
        return read_document(numbered(tree), Naming(ours.operations()))

    return mutate
