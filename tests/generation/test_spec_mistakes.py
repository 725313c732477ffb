"""A mistake made by hand in openapi.yaml is one sentence: file, line, what stands there, what is accepted."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.mistakes import check
from scripts.spec import NotUnderstood, parse

ROOT = Path(__file__).resolve().parents[2]
SPEC = (ROOT / "openapi.yaml").read_text("utf-8")
JOB = "GET /api/accounts/{account_id}/users/{user_id}/call_recordings/jobs/{job_id}"

MISTAKES = {
    "a type misspelt": (
        "          type: boolean\n",
        "          type: boolan\n",
        "type is 'boolan'; accepted: array, boolean, integer, number, object, string",
    ),
    "a default of another type": (
        "default: 10\n",
        "default: ten\n",
        "default is 'ten'; accepted: an integer",
    ),
    "a default that is not allowed": (
        "enum: [INBOUND, OUTBOUND, INTRA_PBX]",
        "enum: [INBOUND, OUTBOUND, INTRA_PBX]\n      default: SIDEWAYS",
        "default is 'SIDEWAYS'; accepted: INBOUND, OUTBOUND, INTRA_PBX",
    ),
    "a reference to nowhere": (
        "schemas/ItemLinks",
        "schemas/ItemsLinks",
        "$ref #/components/schemas/ItemsLinks leads nowhere; accepted: #/components/schemas/ItemLinks, ",
    ),
    "a reference to another file": (
        '"#/components/schemas/ItemLinks"',
        '"other.yaml#/ItemLinks"',
        "$ref other.yaml#/ItemLinks: only references inside the document are followed; accepted: a place",
    ),
    "a reference to itself": (
        "    Link:\n      type: object",
        '    Loop:\n      $ref: "#/components/schemas/Loop"\n    Link:\n      type: object',
        "$ref #/components/schemas/Loop leads back to itself; accepted: a definition",
    ),
    "an operationId twice": (
        "operationId: get_export_job\n",
        "operationId: list_export_jobs\n",
        f"operationId list_export_jobs names {JOB.removesuffix('/{job_id}')} already; accepted: another name",
    ),
    "no operationId": (
        "operationId: get_export_job\n",
        "deprecated: false\n",
        f"{JOB} has the operationId ''; accepted: one in snake_case",
    ),
    "an operationId in camelCase": (
        "operationId: get_export_job\n",
        "operationId: getExportJob\n",
        f"{JOB} has the operationId 'getExportJob'; accepted: one in snake_case",
    ),
    "a key twice": (
        "          example: JOHN SMITH\n        dnis:",
        "          example: JOHN SMITH\n        cnam:\n          type: string\n        dnis:",
        'not readable as YAML: found duplicate key "cnam", which stands in this mapping already',
    ),
    "values that are one name in Python": (
        "enum: [INBOUND,",
        "enum: [A-B, A_B, INBOUND,",
        "enum has 'A-B' and 'A_B', one name in Python; accepted: values that differ in letters or digits",
    ),
    "a bracket that is not closed": (
        "openapi: 3.0.3",
        "openapi: [3.0.3",
        "not readable as YAML: expected ',' or ']', but got ':'",
    ),
    "a tab": (
        "  title: Call",
        "\ttitle: Call",
        "not readable as YAML: found character '\\t' that cannot start",
    ),
    "a keyword misspelt": (
        "    Link:\n      type: object\n      properties:",
        "    Link:\n      type: object\n      propertis:",
        "propertis is not known in Link; accepted: properties, ",
    ),
    "a place of a parameter misspelt": (
        "in: query",
        "in: qurey",
        "in is 'qurey'; accepted: path, query, header, cookie",
    ),
    "a parameter of the path left out": (
        '      - $ref: "#/components/parameters/JobId"\n',
        "",
        f"{JOB}: {{job_id}} has no such parameter; accepted: a parameter `in: path` for each name in braces",
    ),
    "no responses": (
        '      responses:\n        "200":\n          $ref: "#/components/responses/ExportJob"\n'
        '        default:\n          $ref: "#/components/responses/Error"\n',
        "",
        "get has no responses; accepted: one with responses",
    ),
    "a status misspelt": ('"204":', '"20x":', "20x is not known in responses; accepted: "),
    "an array without items": (
        "          items:\n            type: string\n",
        "",
        "an array has no items; accepted: items with a schema",
    ),
    "a flag in quotes": ("required: true", "required: 'yes'", "required is 'yes'; accepted: a boolean"),
    "one allowed value, not in a list": (
        "enum: [INBOUND, OUTBOUND, INTRA_PBX]",
        "enum: INBOUND",
        "enum is 'INBOUND'; accepted: an array",
    ),
    "a format that is a number": ("  format: instant", "  format: 5", "format is 5; accepted: a string"),
    "a status without quotes": (
        '        "200":\n',
        "        200:\n",
        'the key 200 is not text; accepted: "200", in quotes',
    ),
    "a schema that is a parameter": (
        '"#/components/schemas/ItemLinks"',
        '"#/components/parameters/JobId"',
        "$ref #/components/parameters/JobId leads to something else; accepted: #/components/schemas/",
    ),
    "a request body that is a schema": (
        '"#/components/requestBodies/ExportFilter"',
        '"#/components/schemas/ExportFilter"',
        "$ref #/components/schemas/ExportFilter leads to something else; accepted: #/components/request",
    ),
    "a parameter that is a path": (
        '"#/components/parameters/JobId"',
        '"#/paths"',
        "$ref #/paths leads to something else; accepted: #/components/parameters/",
    ),
    "an operationId that is a word of Python's": (
        "operationId: get_export_job\n",
        "operationId: class\n",
        f"{JOB} has the operationId 'class'; accepted: one in snake_case, and no word of Python's",
    ),
    "schemas that are one name in Python": (
        "    Link:\n",
        "    link:\n      type: object\n    Link:\n",
        "schemas has 'link' and 'Link', one name in Python; accepted: values that differ",
    ),
    "an allowed value of another type": (
        "enum: [INBOUND,",
        "enum: [5, INBOUND,",
        "enum has 5; accepted: a string",
    ),
    "a parameter twice": (
        '        - $ref: "#/components/parameters/Cnam"\n',
        '        - $ref: "#/components/parameters/Cnam"\n        - $ref: "#/components/parameters/Cnam"\n',
        "parameters has {'$ref': '#/components/parameters/Cnam'} twice; accepted: each only once",
    ),
    "no allowed value": ("enum: [INBOUND, OUTBOUND, INTRA_PBX]", "enum: []", "enum is empty; accepted: one"),
    "a pattern that is none": (
        "          type: boolean\n",
        "          type: string\n          pattern: '['\n",
        "pattern is '['; accepted: a regular expression",
    ),
    "another version": (
        "openapi: 3.0.3",
        "openapi: 2.0",
        "openapi is 2.0; accepted: openapi, 3.0 or 3.1, such as 3.0.3",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_sentence_with_its_line(old: str, new: str, said: str) -> None:
    assert old in SPEC
    text = SPEC.replace(old, new, 1)
    with pytest.raises(NotUnderstood) as caught:
        check(parse(text))
    told = caught.value.of("openapi.yaml")
    assert told.removeprefix(f"openapi.yaml:{caught.value.line}: ").startswith(said)
    assert "\n" not in told
    # The line is that of the edit, or of what holds it.
    first = next(
        n for n, (a, b) in enumerate(zip(SPEC.splitlines(), text.splitlines(), strict=False), 1) if a != b
    )
    assert caught.value.line is not None
    assert abs(caught.value.line - first) <= 8


def test_the_spec_itself_has_none() -> None:
    check(parse(SPEC))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "openapi.yaml: the file is empty; accepted: an OpenAPI document"),
        ("  \n", "openapi.yaml: the file is empty; accepted: an OpenAPI document"),
        ("- a\n", "openapi.yaml:1: the top level is not a mapping; accepted: an OpenAPI document"),
        ("info\0: {}", "openapi.yaml: not readable as YAML: unacceptable character #x0000: special"),
        ('{"a":' * 99_999, "openapi.yaml: not readable as JSON: nested too deep"),
    ],
)
def test_a_file_that_is_no_document_is_said_to_be_none(text: str, said: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        check(parse(text))
    assert caught.value.of("openapi.yaml").startswith(said)
    assert "\n" not in caught.value.message


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A project whose openapi.yaml has a mistake in line 11."""
    for name in ("drift-accept.yaml", "generator-config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "openapi.yaml").write_text(SPEC.replace("openapi: 3.0.3", "openapi: [3.0.3"))
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("state", ["broken", "missing", "a folder"])
@pytest.mark.parametrize(
    "command",
    [
        ["scripts.generate"],
        ["scripts.generate", "--check"],
        ["scripts.drift", "--no-generated", "--upstream", "upstream.yaml"],
        ["scripts.adopt", "upstream.yaml"],
    ],
    ids=" ".join,
)
def test_every_program_says_it_without_a_traceback(command: list[str], state: str, broken: Path) -> None:
    (broken / "upstream.yaml").write_text(SPEC)
    if state != "broken":
        (broken / "openapi.yaml").unlink()
    if state == "a folder":
        (broken / "openapi.yaml").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=broken, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    line = SPEC[: SPEC.index("info:")].count("\n") + 1  # what comes after the bracket that is not closed
    expected = (
        f"openapi.yaml:{line}: not readable as YAML" if state == "broken" else "openapi.yaml: cannot be read"
    )
    assert expected in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
