"""Every kind of change upstream gets its severity and its place, and `adopt` brings it into openapi.yaml."""

from collections.abc import Callable

import pytest

from scripts.drift.adopt.adoption import adopt
from scripts.drift.compare.severity import Severity
from scripts.drift.facts import Facts
from scripts.drift.sources.document import read_document
from scripts.drift.sources.reading import parse
from tests.drift.drifting import drift_between, operation_names
from tests.drift.mutations import MUTATIONS, SILENT, Edit, Mutation

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
def test_adopting_a_change_leaves_no_drift_and_touches_no_comment(
    mutation: Mutation, mutated: Mutate, spec_text: str
) -> None:
    theirs = mutated(mutation.edit)
    adoption = adopt(spec_text, theirs, drift_between, breaking=True)
    remaining = drift_between(read_document(parse(adoption.text)), theirs)
    assert {change.text for change in remaining} == {change.text for change, _ in adoption.left}
    assert bool(remaining) is mutation.left
    if mutation.left:
        assert adoption.text == spec_text
    assert comments(adoption.text) == comments(spec_text)


@pytest.mark.parametrize(("name", "edit"), SILENT, ids=[name for name, _ in SILENT])
def test_wording_order_and_component_names_are_no_drift(
    name: str, edit: Edit, mutated: Mutate, ours: Facts
) -> None:
    assert drift_between(ours, mutated(edit)) == []


MIXED = ("a path is renamed", "a field is renamed", "the server changes", "a default changes")


@pytest.mark.parametrize("mutation", [each for each in MUTATIONS if each.name in MIXED], ids=lambda m: m.name)
def test_without_breaking_only_additive_changes_are_written(
    mutation: Mutation, mutated: Mutate, spec_text: str
) -> None:
    adoption = adopt(spec_text, mutated(mutation.edit), drift_between, breaking=False)
    assert all(change.severity is Severity.ADDITIVE for change in adoption.written)
    assert any(change.severity is mutation.severity for change, _ in adoption.left)


def test_there_are_enough_mutations() -> None:
    assert len(MUTATIONS) >= 40
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
