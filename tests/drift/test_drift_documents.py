"""OpenAPI documents in every form are reduced to the same facts, or refused with the line."""

import json
from typing import Any

import pytest

from scripts.drift.compare.severity import Severity
from scripts.drift.facts import ENUM, EXISTS, EXTRA, ITEMS, Fact, Facts
from scripts.drift.sources.document import read_document
from scripts.drift.sources.reading import read_upstream
from scripts.spec import NotUnderstood, parse
from tests.drift.drifting import drift_between

OPERATION = "GET /things"
BODY = (OPERATION, "response", "200", "application/json")


def document(schema: str = "{type: string}", version: str = "3.0.3", more: str = "") -> str:
    """A small document whose only answer has the schema, written in one line."""
    return f"""\
openapi: {version}
info: {{title: T, version: "1"}}
paths:
  /things:
    get:
      {more}
      responses:
        "200":
          description: OK
          content:
            application/json:
              schema: {schema}
components:
  schemas:
    Text: {{type: string}}
    Loop: {{type: object, properties: {{again: {{$ref: "#/components/schemas/Loop"}}}}}}
    Circle: {{$ref: "#/components/schemas/Circle"}}
"""


def facts(text: str) -> Facts:
    return read_document(parse(text))


def stated(schema: str, version: str = "3.0.3") -> dict[Any, Any]:
    """The facts inside the answer."""
    values = facts(document(schema, version)).values
    return {
        (*fact.place[len(BODY) :], fact.aspect): value
        for fact, value in values.items()
        if fact.place[: len(BODY)] == BODY and fact != Fact(BODY, EXISTS)
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{type: string, nullable: true}", "{type: [string, 'null']}"),
        ("{type: string, nullable: true}", "{anyOf: [{type: string}, {type: 'null'}]}"),
        ("{type: string, enum: [A]}", "{const: A}"),
        ("{type: string, enum: [A], nullable: true}", "{enum: [A, null]}"),
        (
            "{type: string, format: uuid, nullable: true}",
            "{oneOf: [{type: 'null'}, {type: string, format: uuid}]}",
        ),
        ("{oneOf: [{type: string}, {type: integer}]}", "{anyOf: [{type: string}, {type: integer}]}"),
        ("{oneOf: [{type: string}, {type: integer}]}", "{type: [integer, string]}"),
        (
            "{type: object, properties: {a: {type: string}}}",
            "{properties: {a: {$ref: '#/components/schemas/Text'}}}",
        ),
    ],
)
def test_openapi_3_0_and_3_1_spell_the_same_facts_differently(old: str, new: str) -> None:
    assert stated(old) == stated(new, "3.1.0")


def test_composed_schemas_are_taken_together() -> None:
    a, b = "{properties: {a: {type: string}}}", "{type: object, properties: {b: {type: integer}}}"
    both = f"{{allOf: [{a}, {b}]}}"
    assert stated(both) == stated("{type: object, properties: {a: {type: string}, b: {type: integer}}}")


@pytest.mark.parametrize(
    "schema",
    [
        "{oneOf: [{format: uuid}, {format: date-time}]}",
        "{oneOf: [{type: string}, {type: string, format: date-time}]}",
        "{anyOf: [{type: string, enum: [A]}, {type: string}]}",
        "{anyOf: [{type: string, enum: [A]}, {type: string, enum: [B]}]}",
        "{anyOf: [{type: string}, {}]}",
        "{oneOf: [{properties: {a: {type: string}}}, {properties: {b: {type: string}}}]}",
        "{type: integer, oneOf: [{type: string}, {type: integer}]}",
        "{allOf: [{oneOf: [{type: string}, {type: integer}]}, {type: string}]}",
        "{type: string, format: uuid, anyOf: [{format: date-time}]}",
        "{allOf: [{format: uuid}, {format: date-time}]}",
        "{allOf: [{type: string, enum: [A, B]}, {enum: [A]}]}",
        "{type: string, enum: [A, B], allOf: [{enum: [B]}]}",
        "{allOf: [{default: 1}, {default: 2}]}",
        "{allOf: [{maxLength: 1}, {maxLength: 2}]}",
        "{allOf: [{type: string}, {type: integer}]}",
        "{allOf: [{properties: {a: {type: string}}}, {properties: {a: {type: integer}}}]}",
        "{allOf: [{items: {format: uuid}}, {items: {format: date-time}}]}",
    ],
)
def test_schemas_composed_in_a_way_that_facts_cannot_tell_are_refused(schema: str) -> None:
    with pytest.raises(NotUnderstood, match=r"line 1[12]: "):
        stated(schema)


def test_a_schema_has_a_fact_for_everything_that_matters() -> None:
    schema = (
        "{type: object, required: [a], properties: {"
        "a: {type: array, maxItems: 3, items: {type: string, enum: [X, Y]}},"
        "b: {type: object, additionalProperties: {type: integer, format: int64}},"
        "c: {type: integer, default: 1}}}"
    )
    assert stated(schema) == {
        ("type",): "object",
        ("a", EXISTS): True,
        ("a", "required"): True,
        ("a", "type"): "array",
        ("a", "maxItems"): "3",
        ("a", ITEMS, "type"): "string",
        ("a", ITEMS, ENUM, EXISTS): True,
        ("a", ITEMS, ENUM, "X", EXISTS): True,
        ("a", ITEMS, ENUM, "Y", EXISTS): True,
        ("b", EXISTS): True,
        ("b", "type"): "object",
        ("b", EXTRA, "type"): "integer",
        ("b", EXTRA, "format"): "int64",
        ("c", EXISTS): True,
        ("c", "type"): "integer",
        ("c", "default"): "1",
    }


def test_a_schema_that_contains_itself_ends() -> None:
    assert stated('{$ref: "#/components/schemas/Loop"}')[("again", "type")] == "recursive"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("swagger: '2.0'\npaths: {}\n", "line 1: swagger is 2.0; accepted: openapi, 3.0"),
        ('{\n  "swagger": "2.0"\n}', "line 2: swagger is 2.0"),
        (document(version="4.0.0"), "line 1: openapi is 4.0.0"),
        (document("{not: {type: string}}"), "line 12: schema keyword 'not' is not known"),
        (document("{patternProperties: {}}"), "line 12: schema keyword 'patternProperties'"),
        (document("{$ref: other.yaml#/Thing}"), "line 12: .*only references inside the document"),
        (document('{$ref: "#/components/schemas/Nothing"}'), "line 12: .*leads nowhere"),
        (document('{$ref: "#/components/schemas/Circle"}'), "line 12: .*leads back to itself"),
        (
            document('{$ref: "#/components/schemas/Text", maxLength: 3}', "3.1.0"),
            r"line 12: maxLength beside a \$ref",
        ),
        (document("[string]"), "line 12: schema should be a mapping"),
        (document("{properties: [a]}"), "line 12: properties should be a mapping"),
        (document(more="parameters: [{name: a}]"), "line 6: no parameter"),
        (document(more="security: [{key: []}]"), "line 6: security scheme key is not defined"),
        (document().replace("    get:", "    fetch: {}\n    get:"), "line 5: path item keyword 'fetch'"),
        (document(version="3.10.0"), r"line 1: openapi is 3\.10\.0"),
        (document(more="callbacks: {}"), "line 6: operation keyword 'callbacks' is not known"),
        (document(more="requestbody: {}"), "line 6: operation keyword 'requestbody' is not known"),
        (document(more="tags: 5"), "line 6: tags should be a list"),
        (document(more="security: [null]"), "line 6: security should hold mappings"),
        (document(more="deprecated: 'true'"), "line 6: deprecated should be true or false"),
        (
            document(more="parameters: [{name: a, in: query, allowReserved: true}]"),
            "line 6: parameter keyword",
        ),
        (document(more="parameters: [{name: a, in: query, required: 'true'}]"), "line 6: required should be"),
        (document(more="requestBody: {contents: {}}"), "line 6: request body keyword 'contents'"),
        (
            document(more="requestBody: {content: {a/b: {encoding: {}}}}"),
            "line 6: media type keyword 'encoding'",
        ),
        (document(more="servers: [{description: d}]"), "line 6: a server without url"),
        (document(more="servers: [{url: a, variables: {}}]"), "line 6: server keyword 'variables'"),
        (document().replace("description: OK", "describtion: OK"), "line 9: response keyword"),
        (document() + "webhooks: {}\n", "line 18: document keyword 'webhooks'"),
        (document() + "security: {}\n", "line 18: security should be a list"),
        (
            document().replace("    get:", "    $ref: '#/paths/~1other'\n    get:"),
            r"line 5: .*beside a \$ref",
        ),
        (document("{$ref: 5}"), r"line 12: \$ref 5"),
        (document("{$ref: [a]}"), r"line 12: \$ref"),
        (document("{properties: {a: {nullable: 'yes'}}}"), "line 12: nullable should be true or false"),
        (document() + "  - x", "line 18: not readable as YAML"),
        (document() + "paths: {}\n", "line 18: not readable as YAML"),
        ('{"openapi": "3.0.0",\n oops}', "line 2: not readable as JSON"),
        ("openapi: 3.0.0\n", "line 1: the document has no paths"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(text: str, message: str, ours: Facts) -> None:
    with pytest.raises(NotUnderstood, match=message):
        read_upstream(text, ours)


def test_the_case_of_bearer_is_no_change(spec_text: str, ours: Facts) -> None:
    text = spec_text.replace("scheme: bearer", "scheme: Bearer")
    assert text != spec_text
    assert drift_between(ours, read_upstream(text, ours)) == []


def test_a_version_may_be_a_number(spec_text: str, ours: Facts) -> None:
    text = spec_text.replace("openapi: 3.0.3", "openapi: 3.0")
    assert drift_between(ours, read_upstream(text, ours)) == []


def test_anything_is_allowed_beside_the_properties_in_two_spellings() -> None:
    assert stated("{type: object, additionalProperties: {}}") == stated("{type: object}")


def test_read_only_and_write_only_are_facts() -> None:
    assert stated("{type: string, readOnly: true}")[("readOnly",)] is True
    assert stated("{type: string, writeOnly: true}")[("writeOnly",)] is True


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_a_document_in_json_says_the_same(indent: int | str | None, spec_tree: Any, ours: Facts) -> None:
    text = json.dumps(spec_tree, indent=indent)
    assert drift_between(ours, read_upstream(text, ours)) == []


def test_path_parameters_may_have_other_names_without_the_operation_being_another(
    ours: Facts, spec_text: str
) -> None:
    text = spec_text.replace("{recording_id}", "{id}").replace("name: recording_id", "name: id")
    changes = drift_between(ours, read_upstream(text, ours))
    assert {change.what for change in changes} == {"path recording_id: name recording_id -> id"}
    assert {change.severity for change in changes} == {Severity.NOTICE}
    assert {change.operation for change in changes} <= set(ours.operations())


def test_two_path_parameters_that_swap_names_are_told_by_their_places(ours: Facts, spec_text: str) -> None:
    path = "/api/accounts/{account_id}/users/{user_id}/call_recordings:"
    text = spec_text.replace(path, path.replace("{account_id}", "{x}").replace("{user_id}", "{account_id}"))
    operation = "    get:\n      operationId: list_on_demand_recordings"
    with_names = text.replace(
        f'- $ref: "#/components/parameters/UserId"\n{operation}',
        f"- {{name: x, in: path, required: true, schema: {{type: string}}}}\n{operation}",
    )
    assert with_names != text
    changes = drift_between(ours, read_upstream(with_names, ours))
    assert {change.what for change in changes} == {
        "path account_id: name account_id -> x",
        "path user_id: name user_id -> account_id",
    }


def test_a_document_without_an_operation_of_ours_is_another_apis(ours: Facts) -> None:
    text = document().replace("components:", "security: []\ncomponents:")
    with pytest.raises(NotUnderstood, match=r"no operation of openapi.yaml is in this"):
        read_upstream(text, ours)


def test_statuses_are_the_same_in_any_letters() -> None:
    lower, upper = (facts(document().replace('"200"', status)).values for status in ("2xx", "2XX"))
    assert lower == upper


def test_the_letters_of_a_status_word_are_no_breaking_change() -> None:
    def worded(words: list[str]) -> Facts:
        return facts(document(f"{{type: object, properties: {{status: {{type: string, enum: {words}}}}}}}"))

    changes = drift_between(worded(["complete"]), worded(["COMPLETE"]))
    assert {change.severity for change in changes} == {Severity.NOTICE}
    changes = drift_between(worded(["complete"]), worded(["done"]))
    assert Severity.BREAKING in {change.severity for change in changes}


def test_operation_ids_of_a_naming_of_its_own_are_not_compared(ours: Facts, spec_text: str) -> None:
    foreign = spec_text.replace("operationId: ", "operationId: vendor_")
    assert drift_between(ours, read_upstream(foreign, ours)) == []


def test_operation_ids_spelt_in_another_way_name_the_same_functions(ours: Facts, spec_text: str) -> None:
    spelt = spec_text.replace("operationId: list_export_jobs", "operationId: listExportJobs")
    assert drift_between(ours, read_upstream(spelt, ours)) == []


def test_an_operations_own_parameter_replaces_that_of_its_path() -> None:
    text = document(more="parameters: [{name: a, in: query, schema: {type: integer}}]").replace(
        "    get:", "    parameters: [{name: a, in: query, required: true, schema: {type: string}}]\n    get:"
    )
    values = facts(text).values
    place = (OPERATION, "query", "a")
    assert values[Fact(place, "type")] == "integer"
    assert Fact(place, "required") not in values
