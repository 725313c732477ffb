"""Every kind of change upstream gets its severity and its place, and `adopt` brings it into openapi.yaml."""

from collections.abc import Callable

import pytest

from scripts.drift.adopt.adoption import adopt
from scripts.drift.compare.severity import Severity
from scripts.drift.facts import Facts
from scripts.drift.sources.document import read_document
from scripts.spec import parse
from tests.drift.drifting import drift_between, operation_names
from tests.drift.mutations import MUTATIONS, SILENT, Edit, Mutation

pytestmark = pytest.mark.slow

Mutate = Callable[[Edit], Facts]
every_mutation = pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.lstrip().startswith("#")]


@every_mutation
def test_a_change_gets_its_severity_on_every_operation_it_touches(
    mutation: Mutation, mutated: Mutate, ours: Facts
) -> None:
    changes = drift_between(ours, mutated(mutation.edit))
    reported: dict[str, set[str]] = {}
    for change in changes:
        reported.setdefault(change.what, set()).add(change.operation)
    assert reported == {what: operation_names(ours, names) for what, names in mutation.expected.items()}
    assert max(change.severity for change in changes) is mutation.severity
    assert all(change.line for change in changes if change.ours is not None)


@every_mutation
def test_adopting_writes_what_is_new_and_nothing_else_and_touches_no_comment(
    mutation: Mutation, mutated: Mutate, spec_text: str, ours: Facts
) -> None:
    theirs = mutated(mutation.edit)
    adoption = adopt(spec_text, theirs, drift_between)
    remaining = drift_between(read_document(parse(adoption.text)), theirs)
    assert {change.text for change in remaining} == {change.text for change, _ in adoption.left}
    assert all(change.severity is Severity.ADDITIVE for change in adoption.written)
    additions = {c.text for c in drift_between(ours, theirs) if c.severity is Severity.ADDITIVE}
    assert bool(additions - {change.text for change in adoption.written}) is mutation.left
    if not adoption.written:
        assert adoption.text == spec_text
    assert comments(adoption.text) == comments(spec_text)
    assert all(change.line for change, _ in adoption.left if change.ours is not None)


@pytest.mark.parametrize(("name", "edit"), SILENT, ids=[name for name, _ in SILENT])
def test_wording_order_and_component_names_are_no_drift(
    name: str, edit: Edit, mutated: Mutate, ours: Facts
) -> None:
    assert drift_between(ours, mutated(edit)) == []


def test_there_are_enough_mutations() -> None:
    assert len(MUTATIONS) >= 40
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
