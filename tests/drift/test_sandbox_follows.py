"""The sandbox follows openapi.yaml: what it does not model it sends, takes and checks by the schema."""

import copy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from scripts.drift.adopt.checklist import is_filter
from scripts.drift.facts import EXISTS, Facts
from vbc_call_recording_sandbox import Sandbox, _contract

LIST = "/api/accounts/{account_id}/company_call_recordings"
RULE = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 7},
        "since": {"type": "string", "format": "date-time"},
        "state": {"type": "string", "enum": ["on", "off"]},
        "nested": {"$ref": "#/components/schemas/Rule"},
    },
}
JSON_OF = "application/json"


def extended() -> Any:
    """openapi.yaml with a new property, filter and body field, and with new operations."""
    document = copy.deepcopy(_contract.load())
    schemas = document["components"]["schemas"]
    schemas["Rule"] = RULE
    schemas["Recording"]["properties"]["agent_name"] = {"type": "string", "example": "JANE"}
    schemas["Recording"]["properties"]["rule"] = {"$ref": "#/components/schemas/Rule"}
    schemas["ExportFilter"]["properties"]["office"] = {"type": "integer"}
    document["paths"][LIST]["get"]["parameters"] += [
        {"name": "agent_name", "in": "query", "schema": {"type": "string"}},
        {"name": "score", "in": "query", "schema": {"type": "integer"}},
    ]
    account = [{"$ref": "#/components/parameters/AccountId"}]
    answer = {
        "content": {JSON_OF: {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Rule"}}}}
    }
    document["paths"][f"{LIST}/rules"] = {
        "parameters": account,
        "get": {"operationId": "list_rules", "responses": {"200": answer}},
        "post": {"operationId": "add_rule", "responses": {"203": answer}},
        "delete": {"operationId": "drop_rules", "responses": {"204": {}}},
    }
    return document


@pytest.fixture
def http(monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    document = extended()
    monkeypatch.setattr(_contract, "load", lambda: document)
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
        assert recording["agent_name"] == "JANE"
        rule = recording["rule"]
        assert (rule["id"], rule["since"], rule["state"]) == (7, "2019-01-01T00:00:00+0000", "on")
    assert page[0] == one


def test_what_the_sandbox_leaves_out_on_purpose_stays_left_out(http: httpx.Client) -> None:
    links = http.get("/company_call_recordings").json()["_links"]
    assert set(links) == {"first", "self", "next", "last"}


def test_a_new_filter_is_taken_kept_in_links_and_checked(http: httpx.Client) -> None:
    page = http.get("/company_call_recordings", params={"agent_name": "a b", "cnam": "X", "page_size": 5})
    assert page.status_code == 200
    assert page.json()["page_size"] == 5
    for link in page.json()["_links"].values():
        query = httpx.URL(link["href"]).params
        assert (query["agent_name"], query["cnam"]) == ("a b", "X")
    assert http.get("/company_call_recordings", params={"score": "-5"}).status_code == 200
    wrong = http.get("/company_call_recordings", params={"score": "good"})
    assert wrong.status_code == 400
    assert "score is 'good'; accepted is a value of type integer" in wrong.text
    assert http.get("/company_call_recordings", params={"agent": "x"}).status_code == 400


def test_a_new_body_field_is_taken_and_checked(http: httpx.Client) -> None:
    def export(body: object) -> httpx.Response:
        return http.post("/company_call_recordings/export", json=body)

    assert export({"office": 5, "call_direction": "INBOUND"}).status_code in (201, 202)
    for wrong in ("5", 5.5, True, None):
        assert export({"office": wrong}).status_code == 400
    assert export({"bureau": 5}).status_code == 400
    assert export({"office": 5, "call_direction": "UP"}).status_code == 400
    assert http.post("/company_call_recordings/export", content=b"{").status_code == 400


def test_a_new_operation_answers_as_described_and_wants_a_token(http: httpx.Client) -> None:
    rules = http.get("/company_call_recordings/rules")
    assert rules.status_code == 200
    assert rules.json()[0]["nested"]["state"] == "on"
    added = http.post("/company_call_recordings/rules")
    assert (added.status_code, added.json()) == (203, rules.json())
    assert http.delete("/company_call_recordings/rules").status_code == 204
    refused = http.get("/company_call_recordings/rules", headers={"Authorization": "Bearer wrong"})
    assert refused.status_code == 401


# What it models is declared --------------------------------------------------------------------------------


def test_what_the_sandbox_models_is_in_openapi_yaml(ours: Facts) -> None:
    """A property or filter that has gone there is named here."""
    document = _contract.load()
    known = {**document["components"]["schemas"]}
    by_id = {str(value): fact.place[0] for fact, value in ours.values.items() if fact.aspect == "operationId"}
    for name, modelled in _contract.MODELLED.items():
        if name in by_id:
            places = [place for place, aspect in ours.values if aspect == EXISTS and len(place) > 2]
            present = {place[-1] for place in places if place[0] == by_id[name] and is_filter(place)}
            present |= {"page", "page_size"} if "jobs" in name else set()  # the answer is paged
        else:
            steps = name.split(".")
            node = known[steps[0]]
            for step in steps[1:]:
                node = node["properties"][step]
            present = set(node["properties"])
        gone = modelled - present
        assert not gone, (
            f"_contract.py, MODELLED: {name} has no {sorted(gone)} any more; what sends it is to go, too"
        )
