"""The sandbox follows openapi.yaml: what it does not model it sends, takes and checks by the schema."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox._api import operations
from vbc_call_recording_sandbox._api.contract import MODELLED, Contract, load

LIST = "/api/accounts/{account_id}/company_call_recordings"
RULE = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 7},
        "since": {"type": "string", "format": "date-time"},
        "state": {"type": "string", "enum": ["on", "off"]},
        "nested": {"$ref": "#/components/schemas/ImaginedRule"},
    },
}
JSON = {"Content-Type": "application/json"}


def extended() -> Any:
    """openapi.yaml with a new property, filter and body field, and with new operations."""
    document = load()
    schemas = document["components"]["schemas"]
    schemas["ImaginedRule"] = RULE
    schemas["Recording"]["properties"]["imagined_name"] = {"type": "string", "example": "JANE"}
    schemas["Recording"]["properties"]["imagined_rule"] = {"$ref": "#/components/schemas/ImaginedRule"}
    schemas["ExportFilter"]["properties"]["imagined_office"] = {"type": "integer"}
    document["paths"][LIST]["get"]["parameters"] += [
        {"name": "imagined_name", "in": "query", "schema": {"type": "string"}},
        {"name": "imagined_score", "in": "query", "schema": {"type": "integer"}},
    ]
    account = [{"$ref": "#/components/parameters/AccountId"}]
    rules = {"type": "array", "items": {"$ref": "#/components/schemas/ImaginedRule"}}
    answer = {"content": {"application/json": {"schema": rules}}}
    document["paths"][f"{LIST}/imagined_rules"] = {
        "parameters": account,
        "get": {"operationId": "list_imagined_rules", "responses": {"200": answer}},
        "post": {"operationId": "add_imagined_rule", "responses": {"203": answer}},
        "delete": {"operationId": "drop_imagined_rules", "responses": {"204": {}}},
    }
    return document


@pytest.fixture
def http(monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setattr(operations, "PATHS", operations.paths_of(Contract(extended())))
    with Sandbox(recordings=30, on_demand=5) as sandbox:
        # A token obtained in the way any client does.
        form = {
            "grant_type": "password",
            "scope": "openid",
            "username": f"{sandbox.environment['VBC_USERNAME']}@vbc.prod",
            "password": sandbox.environment["VBC_PASSWORD"],
            "client_id": sandbox.environment["VBC_CLIENT_ID"],
            "client_secret": sandbox.environment["VBC_CLIENT_SECRET"],
        }
        token = httpx.post(sandbox.environment["VBC_TOKEN_URL"], data=form).json()["access_token"]
        base = f"{sandbox.base_url}/api/accounts/self"
        with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}) as client:
            yield client


def test_a_new_property_has_its_example_or_a_value_of_its_type(http: httpx.Client) -> None:
    page = http.get("/company_call_recordings").json()["_embedded"]["recordings"]
    one = http.get(f"/company_call_recordings/{page[0]['id']}").json()
    for recording in (*page, one):
        assert recording["imagined_name"] == "JANE"
        rule = recording["imagined_rule"]
        assert (rule["id"], rule["since"], rule["state"]) == (7, "2019-01-01T00:00:00+0000", "on")
    assert page[0] == one


def test_what_the_sandbox_leaves_out_on_purpose_stays_left_out(http: httpx.Client) -> None:
    links = http.get("/company_call_recordings").json()["_links"]
    assert set(links) == {"first", "self", "next", "last"}


def test_a_new_filter_is_taken_kept_in_links_and_checked(http: httpx.Client) -> None:
    page = http.get("/company_call_recordings", params={"imagined_name": "a b", "cnam": "X", "page_size": 5})
    assert page.status_code == 200
    assert page.json()["page_size"] == 5
    for link in page.json()["_links"].values():
        query = httpx.URL(link["href"]).params
        assert (query["imagined_name"], query["cnam"]) == ("a b", "X")
    assert http.get("/company_call_recordings", params={"imagined_score": "-5"}).status_code == 200
    wrong = http.get("/company_call_recordings", params={"imagined_score": "good"})
    assert wrong.status_code == 400
    assert "imagined_score is 'good'; accepted: a value of type integer" in wrong.text
    assert http.get("/company_call_recordings", params={"agent": "x"}).status_code == 400


def test_a_new_body_field_is_taken_and_checked(http: httpx.Client) -> None:
    def export(body: object) -> httpx.Response:
        return http.post("/company_call_recordings/export", json=body)

    assert export({"imagined_office": 5, "call_direction": "INBOUND"}).status_code in (201, 202)
    for wrong in ("5", 5.5, True, None):
        assert export({"imagined_office": wrong}).status_code == 400
    assert export({"bureau": 5}).status_code == 400
    assert export({"imagined_office": 5, "call_direction": "UP"}).status_code == 400
    assert http.post("/company_call_recordings/export", content=b"{", headers=JSON).status_code == 400


def test_a_new_operation_answers_as_described_and_wants_a_token(http: httpx.Client) -> None:
    rules = http.get("/company_call_recordings/imagined_rules")
    assert rules.status_code == 200
    assert rules.json()[0]["nested"]["state"] == "on"
    added = http.post("/company_call_recordings/imagined_rules")
    assert (added.status_code, added.json()) == (203, rules.json())
    assert http.delete("/company_call_recordings/imagined_rules").status_code == 204
    refused = http.get("/company_call_recordings/imagined_rules", headers={"Authorization": "Bearer wrong"})
    assert refused.status_code == 401


# What it models is declared --------------------------------------------------------------------------------


def test_properties_the_sandbox_models_are_in_openapi_yaml() -> None:
    """A property that has gone there is named here."""
    schemas = load()["components"]["schemas"]
    for name, modelled in MODELLED.items():
        schema, *steps = name.split(".")
        node = schemas[schema]
        for step in steps:
            node = node["properties"][step]
        gone = modelled - node["properties"].keys()
        assert not gone, (
            f"contract.py, MODELLED: {name} has no {sorted(gone)} any more; what sends it is to go, too"
        )


@pytest.mark.parametrize("modelled", operations.MODELLED, ids=lambda each: each.id)
def test_operations_the_sandbox_models_are_in_openapi_yaml(modelled: operations.Operation) -> None:
    """So are their filters; jobs are paged, as the links of their answers are, and it is not said how."""
    described = next(each for each in Contract(load()).operations() if each.id == modelled.id)
    assert (described.method, described.path) == (modelled.method, modelled.template)
    assert described.body == modelled.body
    gone = {*modelled.query, *modelled.fields} - {*described.query, *described.fields}
    gone -= {"page", "page_size"} if "jobs" in modelled.id else set()
    assert not gone, (
        f"operations.py: {modelled.id} has no {sorted(gone)} any more; what takes it is to go, too"
    )
