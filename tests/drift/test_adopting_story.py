"""From upstream to green: what `adopt` prints is enough to follow, in a copy of the project of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.drift.adopt.checklist import SECTION, checklist
from scripts.drift.compare.differences import compare
from scripts.drift.facts import Facts
from scripts.drift.sources.document import read_document
from scripts.spec import parse
from tests.drift.drifting import ROOT, dumped
from tests.drift.mutations import PARAMETERS, SCHEMAS, at, operation, refer

pytestmark = pytest.mark.slow

LEFT_OUT = (".git", ".venv", ".*_cache", "*.egg-info", ".hypothesis", "dist", "build")
LISTS = ("list_company_recordings", "list_company_transcriptions", "list_on_demand_recordings")
# What looks at openapi.yaml and at the code together.
TESTS = (
    "tests/drift/test_overlay_reach.py",
    "tests/generation/test_spec.py",
    "tests/generation/test_generated_models.py",
    "tests/listing/test_filters.py",
    "tests/sandbox/test_sandbox_contract.py",
    "tests/surface/test_public_names.py",
)
# Those of them that say what is to be done.
RED = TESTS[:2]


def upstream(spec_text: str) -> str:
    """openapi.yaml as the vendor might have it: a new property, filter, body field and operation."""
    tree = parse(spec_text)
    agent = {"type": "string"}
    at(tree, *SCHEMAS, "Recording", "properties")["imagined_name"] = agent
    at(tree, *SCHEMAS, "ExportFilter", "properties")["imagined_name"] = agent
    for name in LISTS:
        operation(tree, name)["parameters"].append({"name": "imagined_name", "in": "query", "schema": agent})
    rules = {"type": "array", "items": {"type": "integer"}}
    answer = {"schema": {"type": "object", "properties": {"rules": rules}}}
    tree["paths"]["/api/accounts/{account_id}/imagined"] = {
        "parameters": [refer("parameters", "AccountId")],
        "get": {
            "operationId": "list_imagined",
            "tags": ["company recordings"],
            "responses": {"200": {"description": "OK", "content": {"application/json": answer}}},
        },
    }
    return dumped(tree)


@pytest.fixture
def clone(tmp_path: Path, spec_text: str) -> Path:
    folder = shutil.copytree(ROOT, tmp_path / "clone", ignore=shutil.ignore_patterns(*LEFT_OUT))
    (folder / "upstream.yaml").write_text(upstream(spec_text))
    return folder


def run(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(clone / name) for name in ("generated", "overlays"))
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("VBC_", "PYTEST"))
    }
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=clone,
        env={**environment, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.timeout(400)
def test_from_upstream_to_green_by_following_what_is_printed(clone: Path) -> None:
    adopted = run(clone, "scripts.adopt", "upstream.yaml")
    assert (adopted.returncode, adopted.stderr) == (0, "")
    assert f'Next, as CONTRIBUTING.md says under "{SECTION}":' in adopted.stdout
    steps = re.findall(r"^ +\d+\. (.+)$", adopted.stdout, re.MULTILINE)

    red = run(clone, "pytest", "-q", "-p", "no:cacheprovider", *RED)
    assert red.returncode == 1
    for step in [step for step in steps if "offer imagined_name" in step or "reach list_imagined" in step]:
        assert step in red.stdout, "what is red names the same lines as the checklist"
    live = run(clone, "scripts.drift", "--no-generated", "--live")
    assert live.returncode == 0, live.stdout

    follow(clone, steps)

    for command in (["scripts.mirror"], ["tests.generation.contract"]):
        assert run(clone, *command).returncode == 0
    for command in (
        ["scripts.drift", "--upstream", "upstream.yaml", "--live"],
        # But for random values of every filter, which take as long as all the others.
        ["pytest", "-q", "-p", "no:cacheprovider", "-k", "not of_any_kind", *TESTS],
    ):
        done = run(clone, *command)
        assert done.returncode == 0, done.stdout + done.stderr


def follow(clone: Path, steps: list[str]) -> None:
    """Does what the steps say, from the last line of each file to its first: so their numbers stay true."""

    def place(step: str) -> tuple[str, int]:
        file, _, rest = step.partition(":")
        return file, int(re.match(r"\d+", rest)[0])  # type: ignore[index]

    located = [step for step in steps if re.match(r"[\w./]+:\d+: ", step)]
    for step in sorted(located, key=place, reverse=True):
        file, number = place(step)
        path = clone / file
        lines = path.read_text("utf-8").splitlines(keepends=True)
        line = lines[number - 1]
        if offered := re.search(r"offer (\w+) as (\w+) is offered here", step):
            lines.insert(number, line.replace(offered[2], offered[1]))
        elif "reach list_imagined" in step and file.endswith("test_spec.py"):
            lines.insert(number, '    "list_imagined": ("get", "/api/accounts/{account_id}/imagined"),\n')
        elif "reach list_imagined" in step and file.endswith("test_sandbox_contract.py"):
            lines.insert(number - 1, '    "list_imagined": lambda _, http: [http.get("/imagined")],\n')
        elif "call list_imagined here, too" in step:
            lines.insert(number, "    client.imagined()\n")
        path.write_text("".join(lines), "utf-8")
    reach_rules(clone)


def reach_rules(clone: Path) -> None:
    """A method of the client, where the checklist says that another operation is reached."""
    path = clone / "overlays" / "vbc_call_recording" / "_async" / "client.py"
    text = path.read_text("utf-8")
    imported = "from vbc_call_recording_generated.api.company_recordings import list_imagined\n\n"
    method = '''
    async def imagined(self) -> object:
        """The rules by which calls are recorded."""
        return (await list_imagined.asyncio_detailed(self.account_id, client=self.api)).parsed
'''
    first = text.index("from .")
    text = text[:first] + imported + text[first:]
    anchor = re.search(r"\n    async def aclose\(", text)
    assert anchor
    path.write_text(text[: anchor.start()] + method + text[anchor.start() :], "utf-8")


# The checklist itself --------------------------------------------------------------------------------------


def steps_for(ours: Facts, spec_text: str) -> list[str]:
    theirs = read_document(parse(upstream(spec_text)))
    return checklist(compare(ours, theirs), theirs, ROOT)


def test_every_step_names_a_line_that_is_there(ours: Facts, spec_text: str) -> None:
    steps = steps_for(ours, spec_text)
    assert steps[-1] == "run `make check test`"
    for step in steps[:-1]:
        file, line, what = step.split(":", 2)
        assert what.strip()
        if file != "openapi.yaml":  # whose lines are those after adopting
            assert 1 <= int(line) <= len((ROOT / file).read_text("utf-8").splitlines()), step


def test_contributing_has_the_section_the_tools_name() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert f"## {SECTION}\n" in text


def test_a_body_field_no_other_filter_goes_with_gets_a_class_of_its_own(ours: Facts, spec_text: str) -> None:
    tree = parse(spec_text)
    at(tree, *SCHEMAS, "ExportFilter", "properties")["office"] = {"type": "string"}
    theirs = read_document(parse(dumped(tree)))
    steps = checklist(compare(ours, theirs), theirs, ROOT)
    files = [step.split(":")[0] for step in steps if "offer office in a class of its own" in step]
    assert {"overlays/vbc_call_recording/_listing/filters.py", "tests/listing/test_filters.py"} < set(files)
    assert any(file.startswith("tests/typing/") for file in files)


def test_a_filter_is_offered_as_one_of_the_same_operations(ours: Facts, spec_text: str) -> None:
    tree = parse(spec_text)
    for name in ("list_export_jobs", "list_recording_transcription_export_jobs"):
        operation(tree, name)["parameters"].append(
            {"name": "kind", "in": "query", "schema": {"type": "string"}}
        )
    theirs = read_document(parse(dumped(tree)))
    steps = checklist(compare(ours, theirs), theirs, ROOT)
    assert all("as status is" in step for step in steps if "offer kind" in step)
    assert len([step for step in steps if "offer kind" in step]) >= 2


def test_a_filter_is_offered_where_filters_are_and_not_wherever_a_word_like_it_stands(
    ours: Facts, spec_text: str
) -> None:
    """Lists alone take `order`, which is a word of many comments, too."""
    tree = parse(spec_text)
    for name in LISTS:
        operation(tree, name)["parameters"].append(
            {"name": "imagined_name", "in": "query", "schema": {"type": "string"}}
        )
    theirs = read_document(parse(dumped(tree)))
    steps = [step for step in checklist(compare(ours, theirs), theirs, ROOT) if "offer imagined_name" in step]
    assert len(steps) == 3
    for step in steps:
        file, line, _ = step.split(":", 2)
        assert re.match(r' +"?order"?: ', (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1])


def test_what_is_left_for_a_person_needs_no_checklist(ours: Facts, spec_text: str) -> None:
    tree = parse(spec_text)
    at(tree, *PARAMETERS, "PageSize", "schema")["default"] = 20
    theirs = read_document(parse(dumped(tree)))
    assert checklist(compare(ours, theirs), theirs, ROOT) == []
