"""The look at the live API catches what plain validation misses, asks little, and repeats nobody's data."""

import math
import os
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from scripts.drift import command
from scripts.drift.compare.severity import Severity
from scripts.drift.facts import Facts
from scripts.drift.live.shapes import Survey, pattern
from scripts.drift.live.visit import MOST_REQUESTS, PAGE_SIZE, Impolite, examine, look, polite
from scripts.spec import NotUnderstood
from tests.drift.mutations import Edit, cut, on
from vbc_call_recording import CallRecordingClient
from vbc_call_recording_sandbox import Sandbox

EXPORT = "/api/accounts/self/company_call_recordings/export"
EXPORT_WITH_TRANSCRIPTIONS = "/api/accounts/self/company_call_recordings/recordings_transcriptions/export"
UNKNOWN = "field not in openapi.yaml"
B, A, N = Severity.BREAKING, Severity.ADDITIVE, Severity.NOTICE


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Sandbox]:
    with Sandbox(recordings=120, on_demand=60) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    """A sandbox with an export job of each kind, and an empty log."""
    shared_sandbox.reset()
    for path in (EXPORT, EXPORT_WITH_TRANSCRIPTIONS):
        start_export(shared_sandbox, path)
    shared_sandbox.requests.clear()
    return shared_sandbox


def start_export(sandbox: Sandbox, path: str = EXPORT) -> httpx.Response:
    with CallRecordingClient.from_env(sandbox.environment) as client:
        return client.api.get_httpx_client().post(path, json={})


def seen(ours: Facts, sandbox: Sandbox) -> dict[str, Severity]:
    """What the look reports, without the operations."""
    findings = look(ours, sandbox.environment).findings()
    noise = r"response \d+ ?|_embedded\.\w+\[\]\.?| in \d+ of them|application/json|^: "
    return {re.sub(noise, "", each.what).removeprefix(": "): each.severity for each in findings}


def every(name: str, change: Callable[[dict[str, Any]], None]) -> Callable[[str, Any], Any]:
    """A switch that applies the change to every object that has a field of that name."""

    def reshape(operation: str, answer: Any) -> Any:
        if isinstance(answer, dict):
            for value in list(answer.values()):
                reshape(operation, value)
            if name in answer:
                change(answer)
        elif isinstance(answer, list):
            for item in answer:
                reshape(operation, item)
        return answer

    return reshape


def test_a_sandbox_that_speaks_openapi_yaml_shows_no_drift(ours: Facts, sandbox: Sandbox) -> None:
    assert seen(ours, sandbox) == {}


@pytest.mark.parametrize(
    ("field", "change", "expected"),
    [
        (
            "cnam",
            lambda item: item.update(display_name=item.pop("cnam")),
            {
                "cnam: never seen": B,
                f"{UNKNOWN}: string, its name 12 characters (letters, _ or -)": A,
            },
        ),
        ("dnis", lambda item: item.pop("dnis"), {"dnis: never seen": B}),
        (
            "dnis",
            lambda item: item.update(score=3),
            {"field not in openapi.yaml: integer, its name 5 characters (letters)": A},
        ),
        ("duration", lambda item: item.update(duration="1 min"), {"duration: type integer -> string": B}),
        ("file_name", lambda item: item.update(file_name=None), {"file_name: type string -> null": N}),
        (
            "end",
            lambda item: item.update(end="2019-01-01T00:00:00.000Z"),
            {"end: date format 9999-99-99T99:99:99+9999 -> 9999-99-99T99:99:99.999Z": B},
        ),
        ("end", lambda item: item.update(end=1546300800), {"end: type string -> integer": B}),
        ("rule_ids", lambda item: item.update(rule_ids=[None]), {"rule_ids[]: type integer -> null": B}),
        ("rule_ids", lambda item: item.update(rule_ids=["a"]), {"rule_ids[]: type integer -> string": B}),
        (
            "files_total",
            lambda item: item.update(status="archiving"),
            {"status: unknown status word: 9 characters (letters)": N},
        ),
    ],
    ids=[
        "renamed",
        "dropped",
        "added",
        "type",
        "null",
        "date format",
        "date to number",
        "null in a list",
        "item type",
        "status word",
    ],
)
def test_a_change_of_shape_is_caught(
    field: str,
    change: Callable[[dict[str, Any]], None],
    expected: dict[str, Severity],
    ours: Facts,
    sandbox: Sandbox,
) -> None:
    sandbox.faults.reshape = every(field, change)
    assert seen(ours, sandbox) == expected


def test_a_status_that_is_not_documented_is_caught(ours: Facts, sandbox: Sandbox) -> None:
    sandbox.faults.next("GET .*/company_call_recordings/transcriptions", times=math.inf, status=201, body={})
    findings = look(ours, sandbox.environment).findings()
    assert [(each.severity, each.what) for each in findings] == [(B, "response 201: status not documented")]
    assert findings[0].operation.endswith("/company_call_recordings/transcriptions")


@pytest.mark.parametrize("status", [201, 202])
def test_an_export_answered_with_another_success_status_is_caught(
    status: int, mutated: Callable[[Edit], Facts], sandbox: Sandbox
) -> None:
    """openapi.yaml accepts both, so this takes one that has only 202. The look itself never posts."""
    only_202 = mutated(on("create_company_recording_export", cut("responses", "201")))
    sandbox.faults.exports.success_status = status
    answer = start_export(sandbox)
    survey = Survey(only_202)
    operation = "POST /api/accounts/{account_id}/company_call_recordings/export"
    survey.take(operation, answer.status_code, "application/json", answer.json())
    expected = [] if status == 202 else ["response 201: status not documented"]
    assert [each.what for each in survey.findings()] == expected


def test_an_answer_that_is_no_json_is_caught(ours: Facts, sandbox: Sandbox) -> None:
    page = {"Content-Type": "text/html; charset=utf-8"}
    sandbox.faults.next("GET .*/jobs", times=math.inf, status=200, headers=page, body="<html></html>")
    assert "response 200: media type not documented: text/html" in {
        each.what for each in look(ours, sandbox.environment).findings()
    }


def test_only_shapes_are_reported_never_data(ours: Facts, sandbox: Sandbox) -> None:
    secret = "4111 1111 Jane"
    sandbox.faults.reshape = every(
        "cnam", lambda item: item.update({secret: secret, "cnam": [secret], "end": secret})
    )
    survey = look(ours, sandbox.environment)
    told = "\n".join(each.what for each in survey.findings()) + "\n".join(survey.notes())
    assert "4111" not in told
    assert "Jane" not in told
    assert (
        "field not in openapi.yaml: string, its name 14 characters (letters, digits, other characters)"
        in told
    )


def test_it_asks_little_and_changes_nothing(ours: Facts, sandbox: Sandbox) -> None:
    look(ours, sandbox.environment)
    asked = [request for request in sandbox.requests if request.path != "/token"]
    assert {request.method for request in asked} == {"GET"}
    assert len(asked) <= MOST_REQUESTS
    sizes = [int(size) for request in asked for size in re.findall(r"page_size=(\d+)", request.query)]
    assert sizes
    assert max(sizes) <= PAGE_SIZE


@pytest.fixture
def polite_client() -> Iterator[httpx.Client]:
    """A client of an API that answers everything with 200."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    hooks = {"request": [polite("https://api.test/a", "https://api.test/token")]}
    with httpx.Client(transport=transport, event_hooks=hooks) as client:
        yield client


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH"])
def test_nothing_gets_through_that_could_change_anything(method: str, polite_client: httpx.Client) -> None:
    with pytest.raises(Impolite):
        polite_client.request(method, "https://api.test/a/recordings/1")
    assert polite_client.post("https://api.test/token").status_code == 200


@pytest.mark.parametrize(
    "url", ["https://elsewhere.test/a/x", "https://api.test/ab", "https://api.test/token"]
)
def test_only_the_api_is_asked(url: str, polite_client: httpx.Client) -> None:
    with pytest.raises(Impolite):
        polite_client.get(url)


def test_a_handful_of_requests_is_all(polite_client: httpx.Client) -> None:
    for _ in range(MOST_REQUESTS):
        polite_client.get("https://api.test/a/x")
    with pytest.raises(Impolite):
        polite_client.get("https://api.test/a/x")


def test_a_token_that_is_not_accepted_could_not_be_compared(ours: Facts, sandbox: Sandbox) -> None:
    sandbox.faults.next("GET", times=math.inf, status=401)
    with pytest.raises(NotUnderstood, match="401"):
        look(ours, sandbox.environment)


@pytest.mark.parametrize("status", [302, 403, 429, 500, 503])
@pytest.mark.parametrize("where", ["GET", "GET .*/company_call_recordings/transcriptions"])
def test_an_operation_that_only_refuses_could_not_be_compared(
    where: str, status: int, ours: Facts, sandbox: Sandbox
) -> None:
    sandbox.faults.next(where, times=math.inf, status=status)
    problem = look(ours, sandbox.environment).problem()
    assert problem
    assert f"/company_call_recordings/transcriptions ({status})" in problem


def test_an_api_of_which_nothing_is_documented_could_not_be_compared(ours: Facts, sandbox: Sandbox) -> None:
    sandbox.faults.next("GET", times=math.inf, status=200, headers={"Content-Type": "text/html"}, body="<p>")
    assert look(ours, sandbox.environment).problem() == "nothing was answered as documented"


def test_an_account_without_recordings_is_no_drift_but_what_was_not_seen_is_noted(ours: Facts) -> None:
    with Sandbox(recordings=0, on_demand=0) as empty:
        survey = look(ours, empty.environment)
    assert (survey.findings(), survey.problem()) == ([], None)
    recordings = "GET /api/accounts/{account_id}/company_call_recordings"
    assert f"{recordings} response 200 _embedded.recordings[]: not seen, the list was empty" in survey.notes()
    assert f"{recordings}/{{recording_id}}: no answer seen" in survey.notes()
    assert "operations other than GET: never asked for" in survey.notes()


def test_an_items_id_cannot_lead_elsewhere(ours: Facts, sandbox: Sandbox) -> None:
    sandbox.faults.reshape = every("cnam", lambda item: item.update(id="a?b"))
    look(ours, sandbox.environment)
    assert [request for request in sandbox.requests if unquote(request.path).endswith("/a?b")]


def test_a_line_end_after_the_token_endpoint_does_not_matter(ours: Facts, sandbox: Sandbox) -> None:
    url = sandbox.environment["VBC_TOKEN_URL"]
    assert look(ours, sandbox.environment | {"VBC_TOKEN_URL": url + "\n"}).findings() == []


def test_credentials_that_are_refused_could_not_be_compared(ours: Facts, sandbox: Sandbox) -> None:
    environ = sandbox.environment | {"VBC_PASSWORD": "wrong-password"}
    with pytest.raises(NotUnderstood) as refused:
        examine(ours, environ)
    assert re.fullmatch(r"AuthenticationError: .+: 40[01]", str(refused.value))


def test_without_credentials_the_sandbox_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("VBC_")]:
        monkeypatch.delenv(name)
    assert command.main(["--no-generated", "--live"]) == 0
    assert "openapi.yaml and the sandbox: no drift" in capsys.readouterr().out


def test_with_credentials_the_api_is_looked_at(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    sandbox.faults.reshape = every("dnis", lambda item: item.pop("dnis"))
    assert command.main(["--no-generated", "--live"]) == 1
    assert "openapi.yaml and the live API" in capsys.readouterr().out


def test_the_pattern_of_a_date_keeps_no_digit_and_no_word() -> None:
    assert pattern("2019-01-01T00:00:00-0500") == "9999-99-99T99:99:99+9999"
    assert pattern("Tue Jan 1") == "Taa aaa 9"


# Whatever it answers ---------------------------------------------------------------------------------------

NESTED = "[" * 100_000 + "]" * 100_000
ANSWERS = {
    "_embedded is a list": '{"_embedded": [{"id": 1}, 2]}',
    "_embedded is null": '{"_embedded": null}',
    "_embedded is a word": '{"_embedded": "recordings"}',
    "a list": "[1, 2]",
    "a number": "5",
    "a number nobody can read": '{"page": ' + "9" * 5000 + "}",
    "nested too deep": '{"_embedded": {"recordings": ' + NESTED + "}}",
    "nested too deep in a field": '{"_embedded": {"recordings": [{"rule_ids": '
    + "[" * 400
    + "]" * 400
    + "}]}}",
    "ids that are no ids": '{"_embedded": {"recordings": [{"id": {}}, {"id": ".."}, {"id": true}]}}',
    "an id no address can hold": '{"_embedded": {"recordings": [{"id": "\\ud800"}]}}',
    "cut off": '{"_embedded": {"recordings": [',
    "nothing": "",
    "no text": b"\xff\xfe\x00",
    "NaN": '{"page": NaN}',
}


@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS)
def test_no_answer_ends_the_look_and_what_else_was_seen_is_kept(
    body: str | bytes, ours: Facts, sandbox: Sandbox
) -> None:
    json_type = {"Content-Type": "application/json"}
    sandbox.faults.next(
        "GET .*/company_call_recordings(\\?.*)?$", times=math.inf, status=200, headers=json_type, body=body
    )
    sandbox.faults.reshape = every("files_total", lambda item: item.pop("files_total"))

    survey = look(ours, sandbox.environment)

    findings = survey.findings()
    assert any("files_total: never seen" in each.what for each in findings), "what came later is kept"
    company = "GET /api/accounts/{account_id}/company_call_recordings"
    assert survey.problem() or any(each.operation == company for each in findings) or "null" in str(body)


def test_an_error_in_the_midst_of_it_keeps_what_was_seen(ours: Facts, sandbox: Sandbox) -> None:
    sandbox.faults.next("GET .*/jobs.*", times=math.inf, status=401)
    sandbox.faults.reshape = every("cnam", lambda item: item.pop("cnam"))

    survey = look(ours, sandbox.environment)

    assert "cnam: never seen" in " ".join(each.what for each in survey.findings())
    assert "whatever was to come after NotUnderstood" in (survey.problem() or "")


def test_an_empty_account_is_headlined_nothing_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def emptied(operation: str, answer: Any) -> Any:
        """Lists of operations that the sandbox makes up have an item in any account."""
        for value in answer.values() if isinstance(answer, dict) else ():
            emptied(operation, value)
        if isinstance(answer, list):
            answer.clear()
        return answer

    with Sandbox(recordings=0, on_demand=0) as empty:
        empty.faults.reshape = emptied
        for name, value in empty.environment.items():
            monkeypatch.setenv(name, value)
        assert command.main(["--no-generated", "--live"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == "drift: nothing seen: the account is empty"
    assert "no drift" not in said


@pytest.fixture
def dripping() -> Iterator[str]:
    """The address of a server that sends a byte of its answer now and then, and never all of it."""
    stop = threading.Event()

    class Drip(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            while not stop.wait(0.05):
                self.wfile.write(b" ")
                self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Drip)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    stop.set()
    server.shutdown()
    server.server_close()


def test_a_server_that_never_finishes_is_left_at_the_deadline(ours: Facts, dripping: str) -> None:
    environ = {"VBC_ACCESS_TOKEN": "token", "VBC_BASE_URL": dripping}
    survey = look(ours, environ, deadline=0.5)
    assert survey.problem() == "no documented answer from: whatever was to come after 0.5 seconds"
