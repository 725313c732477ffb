"""openapi.yaml against itself: the house rules at its top."""

import difflib
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate
from ruamel.yaml import YAML

from scripts.drift.adopt.checklist import CONTRACT, SECTION
from tests.generation.contract import GOLDEN, SPEC, contract
from vbc_call_recording import BASE_URL, BASE_URL_INDIA

COMPANY = "/api/accounts/{account_id}/company_call_recordings"
USER = "/api/accounts/{account_id}/users/{user_id}/call_recordings"
OPERATIONS = {
    "list_company_recordings": ("get", COMPANY),
    "get_company_recording": ("get", COMPANY + "/{recording_id}"),
    "delete_company_recording": ("delete", COMPANY + "/{recording_id}"),
    "create_company_recording_export": ("post", COMPANY + "/export"),
    "create_company_recording_transcription_export": ("post", COMPANY + "/recordings_transcriptions/export"),
    "list_company_transcriptions": ("get", COMPANY + "/transcriptions"),
    "list_on_demand_recordings": ("get", USER),
    "get_on_demand_recording": ("get", USER + "/{recording_id}"),
    "delete_on_demand_recording": ("delete", USER + "/{recording_id}"),
    "create_on_demand_recording_export": ("post", USER + "/export"),
    "list_export_jobs": ("get", USER + "/jobs"),
    "get_export_job": ("get", USER + "/jobs/{job_id}"),
    "list_recording_transcription_export_jobs": ("get", USER + "/recordings_transcriptions/jobs"),
    "get_recording_transcription_export_job": ("get", USER + "/recordings_transcriptions/jobs/{job_id}"),
}


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(SPEC.read_text("utf-8"))
    return document


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method, path, operation


def test_it_is_valid(spec: dict[str, Any]) -> None:
    validate(spec)


def test_it_has_the_documented_operations_and_no_others(spec: dict[str, Any]) -> None:
    found = {operation["operationId"]: (method, path) for method, path, operation in operations(spec)}

    assert found == OPERATIONS, f'see CONTRIBUTING.md, "{SECTION}"'


def test_it_promises_what_it_did() -> None:
    """Names, types, formats, defaults, allowed values: nothing changes by accident."""
    before, now = GOLDEN.read_text("utf-8").splitlines(), contract(SPEC.read_text("utf-8"))

    changes = [line for line in difflib.ndiff(before, now) if line[0] in "+-"]

    assert not changes, "\n".join([f"the contract changed; if that is on purpose, {CONTRACT}", *changes])


def test_success_is_declared_by_its_status_and_whatever_else_comes_is_an_error(spec: dict[str, Any]) -> None:
    declared = {status for _, _, operation in operations(spec) for status in operation["responses"]}

    assert declared == {"200", "201", "202", "204", "default"}


def test_the_generated_functions_return_no_errors() -> None:
    package = SPEC.parent / "generated" / "vbc_call_recording_generated"

    assert not [path for path in package.rglob("*.py") if "models.error" in path.read_text("utf-8")]


def test_both_answers_to_an_export_are_success(spec: dict[str, Any]) -> None:
    exports = [operation for method, _, operation in operations(spec) if method == "post"]

    assert [set(operation["responses"]) for operation in exports] == [{"201", "202", "default"}] * 3


def test_every_deviation_gives_a_reason(spec: dict[str, Any]) -> None:
    reasons = list(deviations(spec))

    assert len(reasons) == 9
    assert all(len(reason.split()) > 5 for reason in reasons)


def deviations(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "x-deviation" in node:
            yield node["x-deviation"]
        for child in node.values():
            yield from deviations(child)
    elif isinstance(node, list):
        for child in node:
            yield from deviations(child)


def test_the_client_knows_the_servers(spec: dict[str, Any]) -> None:
    assert [server["url"] for server in spec["servers"]] == [BASE_URL, BASE_URL_INDIA]
