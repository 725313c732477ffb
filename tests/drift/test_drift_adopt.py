"""`adopt` writes what it is sure of, says what it left, and refuses rather than spoil openapi.yaml."""

import copy
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml.comments import CommentedMap

from scripts import adopt as program
from scripts.drift.adopt.adoption import Refused, adopt
from scripts.drift.adopt.comments import insert
from scripts.drift.adopt.edits import proposed_id
from scripts.drift.facts import Facts
from scripts.drift.sources.document import read_document
from scripts.drift.sources.labels import LANGUAGES
from scripts.drift.sources.reading import read_upstream
from scripts.spec import parse
from tests.drift import portal
from tests.drift.drifting import ROOT, drift_between, dumped
from tests.drift.mutations import MUTATIONS, Edit, on, put, refer

pytestmark = pytest.mark.slow

Mutate = Callable[[Edit], Facts]
BY_NAME = {mutation.name: mutation for mutation in MUTATIONS}


def test_openapi_yaml_goes_through_unchanged_byte_for_byte(spec_text: str) -> None:
    assert dumped(parse(spec_text)) == spec_text


def test_nothing_to_adopt_changes_nothing(spec_text: str, ours: Facts) -> None:
    adoption = adopt(spec_text, ours, drift_between)
    assert (adoption.text, adoption.written, adoption.left) == (spec_text, [], [])


def test_only_the_lines_concerned_change(spec_text: str, mutated: Mutate) -> None:
    adoption = adopt(spec_text, mutated(BY_NAME["a new field"].edit), drift_between)
    before, after = spec_text.splitlines(), adoption.text.splitlines()
    added = ["        rating:", "          type: number", "          nullable: true"]
    start = next(index for index, (old, new) in enumerate(zip(before, after, strict=False)) if old != new)
    assert after == before[:start] + added + before[start:]


def test_what_is_new_refers_to_components_that_exist(spec_text: str, mutated: Mutate) -> None:
    text = adopt(spec_text, mutated(BY_NAME["a new operation on a new path"].edit), drift_between).text
    added = text[text.index("/api/accounts/{account_id}/imagined_rules") :]
    assert '$ref: "#/components/schemas/PageLinks"' in added[:1000]
    assert '$ref: "#/components/parameters/AccountId"' in added[:1000]


@pytest.mark.parametrize(
    "name",
    [
        "a new operation on a new path",
        "a new field that is an object",
        "a new field in the answer to an export",
    ],
)
def test_the_docs_page_can_be_adopted_too(name: str, spec_text: str, spec_tree: Any, ours: Facts) -> None:
    tree = copy.deepcopy(spec_tree)
    BY_NAME[name].edit(tree)
    theirs = read_upstream(portal.as_text(tree, LANGUAGES[0]), ours)
    adoption = adopt(spec_text, theirs, drift_between)
    assert adoption.left == []
    assert drift_between(read_document(parse(adoption.text)), theirs) == []


def test_a_new_method_on_a_path_that_upstream_writes_differently_goes_to_ours(
    spec_text: str, mutated: Mutate
) -> None:
    """Upstream calls the path's parameter `id`."""
    known, company = "{recording_id}", "/api/accounts/{account_id}/company_call_recordings"

    def edit(tree: Any) -> None:
        item = tree["paths"].pop(f"{company}/{known}")
        item["parameters"][1] = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        answer = {"200": refer("responses", "Recording")}
        item["put"] = {"operationId": "replace_it", "tags": ["company recordings"], "responses": answer}
        tree["paths"][f"{company}/{{id}}"] = item

    adoption = adopt(spec_text, mutated(edit), drift_between)
    assert [change.text for change in adoption.written] == [f"PUT {company}/{known} operation: added"]
    assert {change.aspect for change, _ in adoption.left} == {"name"}
    added = adoption.text[adoption.text.index("operationId: replace_it") :]
    assert "name: id" not in added


def scored() -> dict[str, Any]:
    """An answer that is a recording with one more property, for one operation only."""
    more = {"type": "object", "properties": {"only_here": {"type": "integer"}}}
    schema = {"allOf": [refer("schemas", "Recording"), more]}
    return {"description": "OK", "content": {"application/json": {"schema": schema}}}


def test_a_shared_definition_is_not_changed_for_one_operation_only(spec_text: str, mutated: Mutate) -> None:
    theirs = mutated(on("get_company_recording", put("responses", "200", value=scored())))
    ((change, reason),) = adopt(spec_text, theirs, drift_between).left
    assert change.what == "response 200 only_here: property added"
    assert "the definition is shared" in reason


def test_a_result_that_is_not_what_was_meant_is_refused(spec_text: str, mutated: Mutate) -> None:
    two_ids = {"operationId": "get_rules", "responses": {"200": {"description": "OK"}}}
    theirs = mutated(put("paths", "/rules/{rule_id}", value={"get": two_ids}))
    with pytest.raises(Refused, match=r"openapi.yaml would be wrong: line:\d+: .*has no such parameter"):
        adopt(spec_text, theirs, drift_between)


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("GET /api/accounts/{account_id}/rules", "get_api_accounts_rules"),
        ("GET /api/accounts/{account_id}/rules/{rule_id}", "get_api_accounts_rules_by_rule_id"),
        ("PUT /a-b/{x}/c.d", "put_a_b_c_d"),
    ],
)
def test_an_operation_without_a_name_is_named_by_what_is_fixed_in_its_path(operation: str, name: str) -> None:
    assert proposed_id(operation) == name


RULES = {"operationId": "listRules2", "responses": {"200": {"description": "OK"}}}


@pytest.mark.parametrize(
    ("name", "adopted"),
    [("listRules2", "list_rules2"), ("HTTPRules.list", "http_rules_list"), ("7", "get_rules")],
)
def test_a_new_operation_is_named_as_generating_needs_it(
    name: str, adopted: str, spec_text: str, mutated: Mutate
) -> None:
    theirs = mutated(put("paths", "/rules", value={"get": {**RULES, "operationId": name}}))
    text = adopt(spec_text, theirs, drift_between).text
    assert f"operationId: {adopted}\n" in text


@pytest.mark.parametrize(
    "edit",
    [
        put("components", "schemas", "Recording", "properties", "list", value={"type": "array"}),
    ],
    ids=["new"],
)
def test_an_array_of_nobody_says_what_is_left_to_a_person(
    edit: Edit, spec_text: str, mutated: Mutate
) -> None:
    adoption = adopt(spec_text, mutated(edit), drift_between)
    assert {reason for _, reason in adoption.left} == {"upstream does not say what the array holds"}


# Comments --------------------------------------------------------------------------------------------------

LISTED = """\
things:
  # about a
  a: 1

  # about b
  b: [x, y]

  # about c
  c:
    - 1
    - 2

# about more
more: 1
"""


def test_an_entry_at_the_end_comes_before_the_comment_on_what_follows() -> None:
    tree = parse(LISTED)
    insert(tree["things"], "d", CommentedMap({"e": 2}), "c")
    assert dumped(tree).endswith("  d:\n    e: 2\n\n# about more\nmore: 1\n")


# The program -----------------------------------------------------------------------------------------------


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["adopt", "--no-generate", *arguments])
    return program.main()


def test_the_program_writes_the_file_and_says_what_is_left(
    tmp_path: Path, spec_text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, upstream = tmp_path / "spec.yaml", tmp_path / "upstream.yaml"
    spec.write_text(spec_text)
    upstream.write_text(
        spec_text.replace("enum: [INBOUND,", "enum: [PARKED, INBOUND,").replace("default: 10", "default: 20")
    )
    assert call(monkeypatch, "--spec", str(spec), str(upstream)) == 1
    told = capsys.readouterr().out
    assert (
        "written: GET /api/accounts/{account_id}/company_call_recordings query call_direction PARKED" in told
    )
    assert "left, because it is not an addition: edit the line to follow it:" in told
    assert re.search(r"query page_size: default 10 -> 20  \(openapi.yaml:\d+\)", told)
    spec.write_text(spec.read_text().replace("default: 10", "default: 20"))
    assert call(monkeypatch, "--spec", str(spec), str(upstream)) == 0
    assert "already has all that is new upstream" in capsys.readouterr().out.splitlines()[-1]


def test_line_ends_stay_what_they_are(
    tmp_path: Path, spec_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, upstream = tmp_path / "spec.yaml", tmp_path / "upstream.yaml"
    upstream.write_text(spec_text.replace("enum: [INBOUND,", "enum: [PARKED, INBOUND,"))
    for end in ("\n", "\r\n"):
        spec.write_bytes(spec_text.replace("\n", end).encode())
        assert call(monkeypatch, "--spec", str(spec), str(upstream)) == 0
        lines = spec.read_bytes().decode().split(end)
        assert not any("\r" in line or "\n" in line for line in lines)
        assert sum("PARKED" in line for line in lines) == 1
        assert len(lines) == len(spec_text.split("\n"))


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (PermissionError(13, "Permission denied", "openapi.yaml"), "openapi.yaml: Permission denied"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_what_stops_it_is_one_sentence_and_leaves_the_spec_as_it_was(
    raised: BaseException,
    said: str,
    tmp_path: Path,
    spec_text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_: Path) -> bool:
        assert spec.read_text() != spec_text, "it stops after writing"
        raise raised

    spec, upstream = tmp_path / "spec.yaml", tmp_path / "upstream.yaml"
    spec.write_text(spec_text)
    upstream.write_text(spec_text.replace("enum: [INBOUND,", "enum: [PARKED, INBOUND,"))
    monkeypatch.setattr(program, "generate", fail)
    monkeypatch.setattr(sys, "argv", ["adopt", "--spec", str(spec), str(upstream)])
    assert program.main() == 2
    assert capsys.readouterr().err == f"adopt: nothing written: {said}\n"
    assert spec.read_text() == spec_text


def test_the_program_writes_nothing_from_what_it_does_not_understand(
    tmp_path: Path, spec_text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, upstream = tmp_path / "spec.yaml", tmp_path / "upstream.txt"
    spec.write_text(spec_text)
    upstream.write_text("A page about something else")
    assert call(monkeypatch, "--spec", str(spec), str(upstream)) == 2
    assert "nothing written: line 1" in capsys.readouterr().err
    assert spec.read_text() == spec_text


def test_a_crash_is_told_apart_from_what_is_left(
    tmp_path: Path, spec_text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "fetch", lambda _: 1 / 0)
    assert call(monkeypatch, "anything") == 2
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_what_cannot_be_generated_is_taken_back(
    tmp_path: Path, spec_text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, upstream = tmp_path / "spec.yaml", tmp_path / "upstream.yaml"
    spec.write_text(spec_text)
    upstream.write_text(spec_text.replace("enum: [INBOUND,", "enum: [PARKED, INBOUND,"))
    monkeypatch.setattr(sys, "argv", ["adopt", "--spec", str(spec), str(upstream)])
    monkeypatch.setattr(program, "GENERATE", ("tests.no_such_module",))
    assert program.main() == 2
    said = capsys.readouterr()
    assert "written: " not in said.out
    assert "adopt: nothing written: what upstream says cannot be generated" in said.err
    assert spec.read_text() == spec_text


# In a project of its own -----------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of all that adopting and comparing reads and writes."""
    for name in ("openapi.yaml", "drift-accept.yaml", "generator-config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("scripts", "generated", "overlays"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def start(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(project / name) for name in ("generated", "overlays"))
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


def test_drift_starts_although_the_overlay_calls_an_operation_that_has_gone(project: Path) -> None:
    tree = parse((project / "openapi.yaml").read_text())
    del tree["paths"]["/api/accounts/{account_id}/company_call_recordings"]["get"]
    (project / "openapi.yaml").write_text(dumped(tree))
    assert start(project, "scripts.generate").returncode == 0

    assert start(project, "vbc_call_recording").returncode == 1, "the overlay imports: nothing is tested here"
    (project / "upstream.yaml").write_text(dumped(tree))
    again = start(project, "scripts.drift", "--no-generated", "--upstream", "upstream.yaml")
    assert (again.returncode, again.stderr) == (0, "")
    assert start(project, "scripts.adopt", "upstream.yaml").returncode == 0
    assert start(project, "scripts.drift", "--no-generated", "--live").returncode == 2
