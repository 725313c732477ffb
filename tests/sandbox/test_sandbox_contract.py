"""Every JSON answer of the sandbox is one that openapi.yaml describes, for every operation in it."""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30Validator
from ruamel.yaml import YAML

from vbc_call_recording_sandbox import Sandbox

SPEC: dict[str, Any] = YAML(typ="safe").load(Path(__file__).parents[2] / "openapi.yaml")
MINE = "/users/self/call_recordings"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Operations = dict[str, tuple[str, str, dict[str, Any]]]


def _operations() -> Operations:
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in SPEC["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


OPERATIONS = _operations()


def _some(sandbox: Sandbox, owner: str) -> int:
    return (sandbox.store.company() if owner == "company" else sandbox.store.on_demand())[0].id


def _job(http: httpx.Client, kind: str) -> str:
    folder = "/recordings_transcriptions" if kind else ""
    job_id: str = http.post(f"/company_call_recordings{folder}/export", json={}).json()["job_ids"][0]
    return job_id


def _watched(http: httpx.Client, url: str) -> list[httpx.Response]:
    return [http.get(url) for _ in range(3)]


def _jobs_listed(http: httpx.Client, kind: str) -> list[httpx.Response]:
    for _ in range(25):
        _job(http, kind)
    folder = "/recordings_transcriptions" if kind else ""
    return [*_watched(http, f"{MINE}{folder}/jobs"), http.get(f"{MINE}{folder}/jobs?page=2")]


def _pages(http: httpx.Client, url: str) -> list[httpx.Response]:
    return [http.get(url, params={"page": page, "page_size": 100}) for page in (1, 2, 999)]


# What to ask of each operation so that everything it can answer with is seen.
CASES: dict[str, Callable[[Sandbox, httpx.Client], list[httpx.Response]]] = {
    "list_company_recordings": lambda _, http: _pages(http, "/company_call_recordings"),
    "get_company_recording": lambda sandbox, http: [
        http.get(f"/company_call_recordings/{_some(sandbox, 'company')}")
    ],
    "delete_company_recording": lambda sandbox, http: [
        http.delete(f"/company_call_recordings/{_some(sandbox, 'company')}")
    ],
    "create_company_recording_export": lambda _, http: [
        http.post("/company_call_recordings/export", json={})
    ],
    "create_company_recording_transcription_export": lambda _, http: [
        http.post("/company_call_recordings/recordings_transcriptions/export", json={})
    ],
    "list_company_transcriptions": lambda _, http: _pages(http, "/company_call_recordings/transcriptions"),
    "list_on_demand_recordings": lambda _, http: [http.get(f"{MINE}?page={page}") for page in (1, 2)],
    "get_on_demand_recording": lambda sandbox, http: [http.get(f"{MINE}/{_some(sandbox, 'self')}")],
    "delete_on_demand_recording": lambda sandbox, http: [http.delete(f"{MINE}/{_some(sandbox, 'self')}")],
    "create_on_demand_recording_export": lambda _, http: [http.post(f"{MINE}/export", json={})],
    "list_export_jobs": lambda _, http: _jobs_listed(http, ""),
    "get_export_job": lambda _, http: _watched(http, f"{MINE}/jobs/{_job(http, '')}"),
    "list_recording_transcription_export_jobs": lambda _, http: _jobs_listed(http, "transcriptions"),
    "get_recording_transcription_export_job": lambda _, http: _watched(
        http, f"{MINE}/recordings_transcriptions/jobs/{_job(http, 'transcriptions')}"
    ),
}


def _resolved(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = SPEC
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _schema(operation_id: str, status: int) -> Any:
    responses = OPERATIONS[operation_id][2]["responses"]
    assert str(status) in responses, f"{operation_id} answered {status}; described are {sorted(responses)}"
    content = _resolved(responses[str(status)]).get("content")
    return content and content["application/json"]["schema"]


def _described(schema: Any, at: str = "") -> Iterator[str]:
    """The path of every property a schema describes."""
    schema = _resolved(schema)
    for name, inner in schema.get("properties", {}).items():
        yield f"{at}.{name}"
        yield from _described(inner, f"{at}.{name}")
    if "items" in schema:
        yield from _described(schema["items"], f"{at}[]")


def _present(value: Any, at: str = "") -> Iterator[str]:
    """The path of every property a JSON value has."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{at}.{name}"
            yield from _present(inner, f"{at}.{name}")
    if isinstance(value, list):
        for inner in value:
            yield from _present(inner, f"{at}[]")


def _date_times(schema: Any, value: Any) -> Iterator[str]:
    schema = _resolved(schema)
    if schema.get("format") == "instant":
        yield value
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            yield from _date_times(inner, value[name])
    for item in value if "items" in schema else []:
        yield from _date_times(schema["items"], item)


def _errors(schema: Any, value: Any) -> list[str]:
    validator = OAS30Validator({"allOf": [schema], "components": SPEC["components"]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def test_every_operation_of_the_spec_has_a_case_here() -> None:
    assert sorted(CASES) == sorted(OPERATIONS)


@pytest.mark.slow
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_answers_are_as_described_and_show_all_there_is(
    operation_id: str, sandbox: Sandbox, http: httpx.Client
) -> None:
    """Status and shape fit, no property is beyond the spec, and every one of the spec's is seen."""
    seen: set[str] = set()
    described: set[str] = set()
    for response in CASES[operation_id](sandbox, http):
        schema = _schema(operation_id, response.status_code)
        if schema is None:
            assert response.content == b""
            continue
        assert response.headers["content-type"] == "application/json"
        assert _errors(schema, response.json()) == []
        assert all(
            re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000", instant)
            for instant in _date_times(schema, response.json())
        )
        seen |= set(_present(response.json()))
        described |= set(_described(schema))
    assert seen == described


@pytest.mark.slow
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_cases_ask_what_the_spec_says(operation_id: str, sandbox: Sandbox, http: httpx.Client) -> None:
    """The last request of a case is one of its operation: same method, fitting path."""
    method, path, _ = OPERATIONS[operation_id]
    CASES[operation_id](sandbox, http)
    asked = sandbox.requests[-1]
    pattern = "/t/vbc.prod/call_recording" + re.sub(r"{\w+}", "[^/]+", path)
    assert asked.method == method
    assert re.fullmatch(pattern, asked.path)


def test_validation_notices_a_wrong_type(sandbox: Sandbox, http: httpx.Client) -> None:
    page = http.get("/company_call_recordings").json()
    wrong = copy.deepcopy(page)
    wrong["_embedded"]["recordings"][3]["duration"] = "60000"
    schema = _schema("list_company_recordings", 200)
    assert _errors(schema, page) == []
    assert _errors(schema, wrong) == [
        "$['_embedded'].recordings[3].duration: '60000' is not of type 'integer'"
    ]


def test_every_answer_has_a_date_and_a_request_id(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.next("planned", status=503)
    responses = [http.get(url) for url in ("/company_call_recordings", "/nowhere", "/planned")]
    assert [response.status_code for response in responses] == [200, 404, 503]
    assert all("date" in response.headers for response in responses)
    assert len({response.headers["x-request-id"] for response in responses}) == 3
