"""The admin API: what other languages set the sandbox up and look at it with."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate
from ruamel.yaml import YAML

import vbc_call_recording_sandbox
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox._admin.commands import COMMANDS

CONTRACT: dict[str, Any] = YAML(typ="safe", pure=True).load(
    (Path(vbc_call_recording_sandbox.__file__).parent / "_admin" / "openapi.yaml").read_text("utf-8")
)


@pytest.fixture
def administered() -> Iterator[Sandbox]:
    with Sandbox(recordings=30, on_demand=5, admin="loopback") as sandbox:
        yield sandbox


@pytest.fixture
def admin(administered: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=administered.base_url.split("/t/")[0] + "/_sandbox") as client:
        yield client


def listed(sandbox: Sandbox) -> httpx.Response:
    headers = {"Authorization": f"Bearer {sandbox.tokens.issue()['access_token']}"}
    return httpx.get(f"{sandbox.base_url}/api/accounts/self/company_call_recordings", headers=headers)


def test_its_contract_is_valid_and_describes_every_command() -> None:
    validate(CONTRACT)
    described = {(method.upper(), path) for path, item in CONTRACT["paths"].items() for method in item}
    served = {(command.method, command.path) for command in COMMANDS}
    assert described == served | {("GET", "/health"), ("GET", "/openapi.yaml")}


@pytest.mark.parametrize("path", sorted(path for path, item in CONTRACT["paths"].items() if "get" in item))
def test_answers_are_as_described(path: str, administered: Sandbox, admin: httpx.Client) -> None:
    listed(administered)
    admin.post("/faults", json={"match": "GET", "status": 503})
    answer = admin.get(path)
    assert answer.status_code == 200
    if path == "/openapi.yaml":
        assert YAML(typ="safe", pure=True).load(answer.text) == CONTRACT
        return
    response = CONTRACT["paths"][path]["get"]["responses"]["200"]
    if "$ref" in response:
        response = CONTRACT["components"]["responses"][response["$ref"].split("/")[-1]]
    schema = response["content"]["application/json"]["schema"]
    validator = OAS30Validator({"allOf": [schema], "components": CONTRACT["components"]})
    assert [error.message for error in validator.iter_errors(answer.json())] == []


def test_state_requests_faults_quirks_time_and_reset(administered: Sandbox, admin: httpx.Client) -> None:
    """A test in another language, step by step."""
    added = admin.post("/recordings", json={"start": "2026-11-25T05:33:12+00:00", "cnam": "NEW"}).json()
    assert added[0]["cnam"] == "NEW"
    assert admin.delete("/recordings/193228").status_code == 204
    assert admin.delete("/recordings/193228").status_code == 404
    assert admin.patch("/quirks", json={"paging.total_items": "missing"}).json() == {
        "paging.total_items": "missing"
    }
    assert admin.patch("/time", json={"freeze": "2026-11-25T05:33:12+00:00", "advance": 48}).json() == {
        "now": "2026-11-25T05:34:00+00:00", "is_frozen": True, "speed": 1,
    }  # fmt: skip
    assert admin.post("/faults", json={"play": "unavailable", "times": 1}).status_code == 204
    assert [listed(administered).status_code for _ in range(2)] == [503, 200]
    answer = listed(administered)
    assert "total_items" not in answer.json()
    assert answer.headers["date"] == "Wed, 25 Nov 2026 05:34:00 GMT"
    seen = admin.get("/requests", params={"operation": "list_company_recordings"}).json()
    assert [request["status"] for request in seen] == [503, 200, 200]
    assert "Bearer" not in json.dumps(seen)
    assert admin.get("/quota").json()["accepted"] == 3
    assert admin.post("/snapshot").status_code == 204
    assert admin.delete("/requests").status_code == 204
    assert admin.post("/reset").status_code == 204
    assert admin.get("/time").json()["now"] == "2026-11-25T05:34:00+00:00"


def test_a_scene_travels(administered: Sandbox, admin: httpx.Client) -> None:
    scene = admin.get("/state").json()
    assert admin.put("/state", json={"format": 1}).status_code == 204
    assert listed(administered).json()["total_items"] == 0
    assert admin.put("/state", json=scene).status_code == 204
    assert listed(administered).json()["total_items"] == 30


@pytest.mark.parametrize(
    ("method", "path", "body", "accepted"),
    [
        ("PATCH", "/quirks", {"paging.first_page": 7}, "first_page is 7; accepted: 0 to 1"),
        ("PATCH", "/quirks", "page-1999", "page-2026"),
        ("POST", "/faults", {"match": "(", "status": 503}, "a regular expression"),
        ("POST", "/faults", {"match": "x", "state": 503}, "the arguments of Faults.next"),
        ("POST", "/faults", [], "an object with match or play"),
        ("POST", "/recordings", [{"start": "2026-01-01T00:00:00Z"}, {"start": "?"}], "Invalid isoformat"),
        ("PATCH", "/time", {"advance": -1}, "0 or more"),
        ("PATCH", "/time", {"rewind": 1}, "freeze, advance, speed"),
        ("PUT", "/state", {"format": 9}, "format 1"),
    ],
)
def test_what_makes_no_sense_is_a_400_and_changes_nothing(
    method: str, path: str, body: Any, accepted: str, administered: Sandbox, admin: httpx.Client
) -> None:
    before = admin.get("/state").json()
    refused = admin.request(method, path, json=body)
    assert (refused.status_code, refused.json()["status"]) == (400, 400)
    assert accepted in refused.json()["message"]
    assert admin.get("/state").json() == before


def test_it_takes_json_only_and_knows_its_paths(admin: httpx.Client) -> None:
    assert admin.post("/faults", content=b"{}").status_code == 415
    assert (
        admin.post("/faults", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    )
    assert admin.get("/nothing").status_code == 404
    refused = admin.put("/faults", json={})
    assert (refused.status_code, refused.headers["allow"]) == (405, "DELETE, GET, POST")


def test_it_is_off_unless_asked_for_and_only_for_this_machine(
    sandbox: Sandbox, administered: Sandbox, admin: httpx.Client
) -> None:
    off = sandbox.base_url.split("/t/")[0] + "/_sandbox"
    assert httpx.get(f"{off}/health").json() == {"status": "ok"}
    assert httpx.get(f"{off}/state").status_code == 404
    assert httpx.post(f"{off}/reset").status_code == 404
    # A page in a browser of this machine, whose name was made to lead here.
    assert admin.get("/state", headers={"Host": "evil.example"}).status_code == 403
    assert sandbox.requests == []


def test_anywhere_is_anywhere() -> None:
    with Sandbox(recordings=1, admin="anywhere", host="0.0.0.0") as sandbox:
        answer = httpx.get(f"{sandbox.base_url.split('/t/')[0]}/_sandbox/time", headers={"Host": "vbc.test"})
        assert answer.status_code == 200


NODE = """
const [admin, base, tokenUrl] = process.argv.slice(1);
const send = (method, path, body) => fetch(admin + path, {
  method, body: JSON.stringify(body), headers: {"Content-Type": "application/json"},
});
await send("PATCH", "/quirks", "page-2026");
await send("POST", "/faults", {match: "company_call_recordings", status: 503});
const form = new URLSearchParams({
  grant_type: "password", scope: "openid", username: "sandbox.user@vbc.prod", password: "sandbox-password",
  client_id: "sandbox-client", client_secret: "sandbox-client-secret",
});
const token = (await (await fetch(tokenUrl, {method: "POST", body: form})).json()).access_token;
const list = () => fetch(base + "/api/accounts/self/company_call_recordings", {
  headers: {Authorization: "Bearer " + token},
});
const statuses = [(await list()).status, (await list()).status];
const seen = await (await fetch(admin + "/requests")).json();
console.log(JSON.stringify({statuses, operations: seen.map(each => each.operation)}));
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node on this machine")
def test_a_test_in_another_language(administered: Sandbox, admin: httpx.Client) -> None:
    command = ["node", "--input-type=module", "-e", NODE, str(admin.base_url).rstrip("/"),
               administered.base_url, administered.token_url]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "statuses": [503, 200],
        "operations": ["token", "list_company_recordings", "list_company_recordings"],
    }
