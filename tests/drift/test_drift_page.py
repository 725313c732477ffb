"""The docs page, in every language it comes in and as text or HTML, says what openapi.yaml says."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from scripts.drift.adopt.adoption import adopt
from scripts.drift.compare.differences import not_compared
from scripts.drift.compare.severity import Severity
from scripts.drift.facts import Facts
from scripts.drift.sources.labels import LANGUAGES, Labels
from scripts.drift.sources.reading import read_upstream
from scripts.spec import NotUnderstood
from tests.drift import portal
from tests.drift.drifting import drift_between, numbered, operation_names
from tests.drift.mutations import MUTATIONS, Mutation

pytestmark = pytest.mark.slow

ON_THE_PAGE = {
    "an operation is gone",
    "one of two operations on a path is gone",
    "a path is renamed",
    "the server changes",
    "one operation needs no authorisation",
    "a filter is gone from one operation",
    "a filter is renamed everywhere",
    "a new optional filter",
    "a filter becomes required",
    "a filter's type changes",
    "a filter gets a format",
    "a default changes",
    "a default is gone",
    "an enumeration loses a value",
    "an enumeration gets a value",
    "an enumeration becomes free text",
    "free text becomes an enumeration",
    "a request body is gone",
    "a new property of the request body",
    "a property of the request body is gone",
    "a property of the request body becomes required",
    "a field is gone",
    "the last field is gone",
    "a new field that is an object",
    "a field is renamed",
    "a field's type changes",
    "a field's format changes",
    "a list holds another type",
    "a field of a link, shared by all pages, is gone",
    "a success status changes",
}
Render = Callable[[Any, Labels], str]
languages = pytest.mark.parametrize("labels", LANGUAGES, ids=lambda labels: labels.language)
RENDERINGS = {
    "text": portal.as_text,
    "HTML": portal.as_html,
    "a paragraph a line": portal.as_paragraphs,
    "code without anything between": portal.as_code,
}
formats = pytest.mark.parametrize("render", RENDERINGS.values(), ids=RENDERINGS)


def french(tree: Any) -> str:
    page: str = portal.as_text(tree, LANGUAGES[0])
    return page


@formats
@languages
def test_a_page_rendered_from_openapi_yaml_shows_no_drift(
    labels: Labels, render: Render, spec_tree: Any, ours: Facts
) -> None:
    assert drift_between(ours, read_upstream(render(spec_tree, labels), ours)) == []


@formats
@pytest.mark.parametrize("mutation", [m for m in MUTATIONS if m.name in ON_THE_PAGE], ids=lambda m: m.name)
def test_a_page_with_one_fact_changed_shows_exactly_that(
    mutation: Mutation, render: Render, spec_tree: Any, ours: Facts
) -> None:
    tree = numbered(spec_tree)
    mutation.edit(tree)
    expected = {what: operation_names(ours, names) for what, names in mutation.expected.items()}
    if (mutation.name, render) == ("free text becomes an enumeration", portal.as_paragraphs):
        # Small words in paragraphs of their own may as well be names of objects, which have no type.
        with pytest.raises(NotUnderstood, match="'failed' has no type"):
            read_upstream(render(tree, LANGUAGES[0]), ours)
        return
    for labels in LANGUAGES:
        reported: dict[str, set[str]] = {}
        for change in drift_between(ours, read_upstream(render(tree, labels), ours)):
            assert change.upstream_line or change.theirs is None
            reported.setdefault(change.what, set()).add(change.operation)
        assert reported == expected, labels.language


def test_every_page_mutation_exists() -> None:
    assert {mutation.name for mutation in MUTATIONS} >= ON_THE_PAGE


def test_glued_words_nobody_knows_are_reported_but_not_written(spec_tree: Any, ours: Facts) -> None:
    page = french(spec_tree).replace("OUTBOUNDINTRA_PBX", "OUTBOUNDINTRA_PBXPARKEDQUEUED")
    changes = drift_between(ours, read_upstream(page, ours))
    assert {change.place[-1] for change in changes} == {"PARKEDQUEUED"}
    assert not any(change.sure for change in changes)


@pytest.mark.parametrize("value", ["PARKED", "QUEUED"])
@formats
@languages
def test_adopting_a_page_writes_new_values_as_they_are_or_not_at_all(
    labels: Labels, render: Render, value: str, spec_tree: Any, spec_text: str, ours: Facts
) -> None:
    """However they are set: glued, each in an element, each in a paragraph."""
    tree = numbered(spec_tree)
    tree["components"]["schemas"]["CallDirection"]["enum"].append(value)
    theirs = read_upstream(render(tree, labels), ours)
    adoption = adopt(spec_text, theirs, drift_between)
    enums = re.findall(r"enum: \[(.*)\]", adoption.text)
    assert enums in (["INBOUND, OUTBOUND, INTRA_PBX"], [f"INBOUND, OUTBOUND, INTRA_PBX, {value}"])
    assert bool(adoption.written) is (enums[0].endswith(value))


@pytest.mark.parametrize("glued", ["INBOUNDOUTBOUNDINTRA_PBXPARKED", "PARKEDINBOUNDOUTBOUNDINTRA_PBX"])
@pytest.mark.parametrize("frame", ["<p>{}</p>", "<ul><li>{}</li></ul>", "<div><code>{}</code></div>"])
def test_values_glued_on_a_line_of_their_own_are_never_written(
    frame: str, glued: str, spec_tree: Any, spec_text: str, ours: Facts
) -> None:
    page = portal.as_paragraphs(spec_tree, LANGUAGES[1])
    values = "<p>INBOUND</p>\n<p>OUTBOUND</p>\n<p>INTRA_PBX</p>"
    assert values in page
    adoption = adopt(spec_text, read_upstream(page.replace(values, frame.format(glued)), ours), drift_between)
    assert adoption.text == spec_text


def test_a_new_parameter_with_values_in_doubt_is_not_written(
    spec_tree: Any, spec_text: str, ours: Facts
) -> None:
    new = "sort\nstring\n\nHow to sort.\nIl doit s'agir de l'un d'entre eux :ASCDESC\n\n"
    page = french(spec_tree).replace("\ncnam\nstring", f"\n{new}cnam\nstring", 1)
    adoption = adopt(spec_text, read_upstream(page, ours), drift_between)
    assert adoption.text == spec_text
    assert "the page leaves it in doubt" in adoption.left[0][1]


# List and example ------------------------------------------------------------------------------------------


def test_a_page_whose_lists_and_examples_agree_has_no_note(spec_tree: Any, ours: Facts) -> None:
    assert read_upstream(french(spec_tree), ours).notes == ()


@pytest.mark.parametrize(
    ("edit", "note"),
    [
        (('"cnam": "text",', ""), r"line \d+: cnam is listed, but not in the example"),
        (
            ('"cnam": "text",', '"cnam": "text", "rank": 5,'),
            r"line \d+: the example has rank, which is not listed",
        ),
        (
            ('"duration": 1,', '"duration": "1",'),
            r"line \d+: duration is integer in the list and string",
        ),
        (
            ('"duration": 1,', '"duration": null,'),
            r"line \d+: duration is integer in the list and null",
        ),
    ],
)
def test_where_list_and_example_contradict_each_other_is_noted_with_the_line(
    edit: tuple[str, str], note: str, spec_tree: Any, ours: Facts
) -> None:
    page = french(spec_tree)
    assert edit[0] in page
    theirs = read_upstream(page.replace(*edit), ours)
    assert drift_between(ours, theirs) == []
    assert any(re.search(note, each) for each in not_compared(ours, theirs))
    number = int(re.search(r"line (\d+)", next(filter(re.compile(note).search, theirs.notes)))[1])  # type: ignore[index]
    line = page.replace(*edit).splitlines()[number - 1]
    assert line in (note.split()[2], "{") or line.endswith("{")


def test_lines_of_html_are_lines_of_the_file(spec_tree: Any, ours: Facts) -> None:
    tree = copy.deepcopy(spec_tree)
    tree["components"]["parameters"]["Cnam"]["schema"] = {"type": "integer"}
    page = portal.as_html(tree, LANGUAGES[1])
    (line, *_) = {change.upstream_line for change in drift_between(ours, read_upstream(page, ours))}
    assert "cnam" in page.splitlines()[line - 1]


def test_an_operation_on_another_server_is_reported_with_it(spec_tree: Any, ours: Facts) -> None:
    path = "/api/accounts/:account_id/company_call_recordings/export"
    page = french(spec_tree).replace(f"call_recording{path}", f"call_recording_india{path}")
    (change,) = drift_between(ours, read_upstream(page, ours))
    assert change.operation == "POST /api/accounts/{account_id}/company_call_recordings/export"
    assert change.what == "server https://api.vonage.com/t/vbc.prod/call_recording_india: added"
    assert change.severity is Severity.BREAKING


def test_a_word_is_not_found_inside_another(spec_tree: Any, ours: Facts) -> None:
    page = french(spec_tree).replace("INBOUNDOUTBOUND", "INBOUND_XOUTBOUND")
    assert {change.place[-1] for change in drift_between(ours, read_upstream(page, ours))} == {
        "INBOUND",
        "INBOUND_X",
    }


@pytest.mark.parametrize(
    ("pattern", "replacement", "message"),
    [
        (
            r"\n(string|integer|boolean|array|object)(\(.*\))?(?=\n)",
            "",
            r"line \d+: 'account_id' has no type",
        ),
        (r"\ninteger\n", "\n", r"line \d+: 'duration:gte' has no type"),
        ("OK", "Fine", r"line \d+: cannot tell which status 'Fine' is"),
        (r'"call_id": "text",', '"call_id": text,', r"line \d+: the example is not JSON"),
        (
            "Trajectoire Paramètres",
            "Chemin",
            r"line \d+: 'account_id' stands under a heading that is not known",
        ),
        (r"Défaut10", "Défautdix", r"line \d+: 'dix' does not fit type integer"),
        ("get(?=https)", "fetch", r"line \d+"),
        ("(get|post|delete)(?=https)", "", "no operation"),
        ("(?<=/api/accounts/)", "v2/", r"line \d+: no operation of openapi.yaml"),
        ("Réponses", "Retours", r"line \d+: 'OK' looks like a response"),
        ("(?s)Réponses.*", "Réponses\n", r"line \d+: the operation has no response: the page is not whole"),
        ("(?<=call_direction\nstring\nexempleINBOUND\n)", "\ndialled_at\ninteger\n", None),
        ("(?<=\n)files_total(?=\n)", "files_sum", None),
        ("application/json", "JSON", r"line \d+: no media type"),
        ("(?<=\n)cnam\nstring\n", "cnam\nstring\n\ncnam\nstring\n", r"line \d+: 'cnam' is listed twice"),
        ("(?s)^.*$", "Something else altogether", "line 1: neither an OpenAPI document nor the docs page"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line_and_never_no_drift(
    pattern: str, replacement: str, message: str | None, spec_tree: Any, ours: Facts
) -> None:
    """With message None it is understood after all: then it has to be drift."""
    page, edits = re.subn(pattern, replacement, french(spec_tree), count=0)
    assert edits, "the pattern is not on the page"
    if message is None:
        assert drift_between(ours, read_upstream(page, ours))
        return
    with pytest.raises(NotUnderstood, match=message):
        read_upstream(page, ours)


def test_a_field_the_example_lacks_is_placed_by_its_neighbours(spec_tree: Any, ours: Facts) -> None:
    page = french(spec_tree).replace(
        "\ncaller_id\nstring\nexemple", "\ndialled\nboolean\n\ncaller_id\nstring\nexemple"
    )
    whats = {change.what for change in drift_between(ours, read_upstream(page, ours)) if "200" in change.what}
    assert "response 200 _embedded.recordings[].dialled: property added" in whats
    assert "response 200 dialled: property added" in whats


def test_a_field_the_example_lacks_is_refused_if_it_could_be_in_several_objects(
    spec_tree: Any, ours: Facts
) -> None:
    page = french(spec_tree).replace(
        "\n_links\nobject\n\nThe  links of it.\n\nfirst\n", "\nwhere\nstring\n\n_links\nobject\n\nfirst\n"
    )
    with pytest.raises(NotUnderstood, match=r"line \d+: cannot tell what 'where' is part of"):
        read_upstream(page, ours)
