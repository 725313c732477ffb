"""Every addition that `adopt` writes can be generated, and the sandbox speaks it at once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts import generate
from scripts.drift.adopt.adoption import adopt
from scripts.drift.facts import Facts
from scripts.drift.live.visit import examine
from scripts.drift.sources.document import read_document
from scripts.spec import parse
from tests.drift.drifting import drift_between
from tests.drift.mutations import MUTATIONS, A, Edit
from vbc_call_recording_sandbox._api import operations
from vbc_call_recording_sandbox._api.contract import Contract

pytestmark = pytest.mark.slow

ADDITIONS = [mutation for mutation in MUTATIONS if mutation.severity is A]


def everything_new(tree: Any) -> None:
    """All additions of the table of mutations at once."""
    for mutation in ADDITIONS:
        mutation.edit(tree)


def test_additions_are_generated_and_spoken_by_the_sandbox(
    mutated: Callable[[Edit], Facts], spec_text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(ADDITIONS) >= 10
    adoption = adopt(spec_text, mutated(everything_new), drift_between)
    assert adoption.left == []
    assert len(adoption.written) > len(ADDITIONS)
    (tmp_path / "openapi.yaml").write_text(adoption.text)

    document = generate.generate(tmp_path / "openapi.yaml", tmp_path / "package")

    copied = json.loads(generate.as_json(document))
    monkeypatch.setattr(operations, "PATHS", operations.paths_of(Contract(copied)))
    _, survey = examine(read_document(parse(adoption.text)), {})
    assert ([each.text for each in survey.findings()], survey.problem()) == ([], None)
