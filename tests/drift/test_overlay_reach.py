"""The overlay reaches every operation of openapi.yaml and offers every filter: a new one fails here first.

What fails says where to add it, in the words of CONTRIBUTING.md, as `adopt` does.
"""

import ast
from typing import Any

import pytest

from scripts.drift.adopt.checklist import SECTION, offer_filter, offer_operation
from scripts.drift.facts import EXISTS, Facts
from tests.drift.drifting import ROOT
from vbc_call_recording._listing.filters import ExportFilters, JobFilters, ListFilters, TranscriptionFilters

SOURCE = ROOT / "overlays" / "vbc_call_recording" / "_async"
# Which filters the overlay offers where, and the parameters the paginator takes care of.
OFFERED: dict[str, Any] = {
    "list_company_recordings": ListFilters,
    "list_on_demand_recordings": ListFilters,
    "list_company_transcriptions": TranscriptionFilters,
    "list_export_jobs": JobFilters,
    "list_recording_transcription_export_jobs": JobFilters,
    "create_company_recording_export": ExportFilters,
    "create_company_recording_transcription_export": ExportFilters,
    "create_on_demand_recording_export": ExportFilters,
}
PAGINATOR = {"page", "page_size"}


def operations(ours: Facts) -> dict[str, str]:
    """operationId to `GET /path`."""
    return {str(value): fact.place[0] for fact, value in ours.values.items() if fact.aspect == "operationId"}


def filters(ours: Facts, operation: str) -> set[str]:
    """Query parameters and properties of the request body, as Python spells them."""
    named = {
        fact.place[-1]
        for fact in ours.values
        if fact.place[0] == operation and fact.aspect == EXISTS
        if (len(fact.place), *fact.place[1:2]) in {(3, "query"), (4, "body")}
    }
    return {name.replace(":", "_") for name in named} - PAGINATOR


def called() -> set[str]:
    """Generated operations whose functions the overlay calls."""
    return {
        ast.unparse(node.value)
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("asyncio", "asyncio_detailed")
    }


def test_every_operation_is_reached(ours: Facts) -> None:
    for name in set(operations(ours)) - called():
        pytest.fail(told([f"the overlay does not reach {name}", *offer_operation(name, ours, ROOT)]))


def test_every_operation_with_filters_offers_all_of_them_and_no_other(ours: Facts) -> None:
    for name, operation in operations(ours).items():
        offered = set(OFFERED[name].__annotations__) if name in OFFERED else set()
        missing = filters(ours, operation) - offered
        steps = [step for each in sorted(missing) for step in offer_filter(each, ours, ROOT)]
        assert not missing, told([f"the overlay offers no {sorted(missing)} of {name}", *steps])
        assert offered == filters(ours, operation), f"the overlay offers filters that {name} has not"


def told(lines: list[str]) -> str:
    return "\n  ".join([f'{lines[0]}. See CONTRIBUTING.md, "{SECTION}":', *lines[1:]])


@pytest.mark.parametrize("name", OFFERED)
def test_the_table_above_names_operations_that_exist(name: str, ours: Facts) -> None:
    assert name in operations(ours)
