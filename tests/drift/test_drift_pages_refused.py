"""What the docs page may come to hold one day and nobody has seen there yet is never taken for no drift."""

import re
from typing import Any

import pytest

from scripts.drift.compare.differences import Change
from scripts.drift.facts import Facts
from scripts.drift.sources.labels import LANGUAGES, Labels
from scripts.drift.sources.reading import read_upstream
from scripts.spec import NotUnderstood
from tests.drift import portal
from tests.drift.drifting import drift_between

pytestmark = pytest.mark.slow

languages = pytest.mark.parametrize("labels", LANGUAGES, ids=lambda labels: labels.language)


@pytest.fixture(scope="session")
def pages(spec_tree: Any) -> dict[str, str]:
    """The page in each language, by its name."""
    return {labels.language: portal.as_text(spec_tree, labels) for labels in LANGUAGES}


def edited(page: str, pattern: str, replacement: str, count: int = 1) -> str:
    changed, edits = re.subn(pattern, lambda _: replacement, page, count=count)
    assert edits, "the pattern is not on the page"
    return changed


def drift(page: str, ours: Facts) -> list[Change]:
    return drift_between(ours, read_upstream(page, ours))


def refused(page: str, ours: Facts, message: str) -> None:
    with pytest.raises(NotUnderstood, match=rf"^line \d+: .*{message}"):
        read_upstream(page, ours)


# Types and names --------------------------------------------------------------------------------------------

TYPES = ("file", "String", "date", "any", "string | null", "array[string]", "string <uuid>", "enum")
NAMES = ("rating", "transfer_type", "X-Header", "$top", "filter[name]")


@languages
@pytest.mark.parametrize("kind", TYPES)
def test_a_type_nobody_knows_is_refused(
    kind: str, labels: Labels, pages: dict[str, str], ours: Facts
) -> None:
    """Whatever the name is like, among parameters as among properties, and for a name that is known."""
    page = pages[labels.language]
    for name in NAMES:
        refused(edited(page, r"(?<=\n)(?=cnam\nstring\n)", f"{name}\n{kind}\n\nIt is new.\n\n"), ours, "type")
        refused(edited(page, r"(?<=\n)(?=file_name\n)", f"{name}\n{kind}\n\nIt is new.\n\n"), ours, "type")
    refused(edited(page, r"(?<=\ncnam\n)string", kind), ours, "type")
    refused(edited(page, r"(?<=\nfile_name\n)string", kind), ours, "type")


def test_an_entry_without_a_type_is_an_object_of_the_example_or_refused(
    pages: dict[str, str], ours: Facts
) -> None:
    page = edited(pages["English"], r"(?<=\n)(?=file_name\n)", "meta\n\nSome object\n\n")
    refused(page, ours, "'meta' has no type")
    changes = drift(edited(page, r'"file_name":', '"meta": {},\n"file_name":'), ours)
    assert [change.what for change in changes] == [
        "response 200 _embedded.recordings[].meta: property added",
    ]
    refused(
        edited(pages["English"], r"(?<=\n)(?=cnam\n)", "meta\n\nSome object\n\n"), ours, "'meta' has no type"
    )


@languages
def test_a_name_may_begin_like_a_label(labels: Labels, pages: dict[str, str], ours: Facts) -> None:
    """Right below another entry's type and labelled values, where labels are expected."""
    for name in (f"{labels.example}_count", f"{labels.default.lower()}_office", labels.required.lower()):
        page = edited(pages[labels.language], r"(?<=\n)\n(?=The page of it)", f"{name}\ninteger\n\n")
        assert [change.what for change in drift(page, ours)] == [f"query {name}: parameter added"]


@languages
@pytest.mark.parametrize("kind", ["file", "integer | null"])
def test_a_name_like_a_label_with_a_type_nobody_knows_is_refused(
    kind: str, labels: Labels, pages: dict[str, str], ours: Facts
) -> None:
    for name in (f"{labels.example}_count", f"{labels.default.lower()}_office"):
        page = edited(pages[labels.language], r"(?<=\n)\n(?=The page of it)", f"{name}\n{kind}\n\n")
        refused(page, ours, "type")


def test_a_name_that_is_a_label_is_refused(pages: dict[str, str], ours: Facts) -> None:
    """As HTML puts the value on a line of its own, it might as well be an example that reads `string`."""
    page = edited(pages["English"], r"(?<=\n)\n(?=The cnam of it)", "example\nstring\n\n")
    refused(page, ours, "'example' is a name or a label")


@languages
def test_the_heading_of_the_body_may_be_one_word(labels: Labels, pages: dict[str, str], ours: Facts) -> None:
    heading = portal.BODY_HEADINGS[labels.language]
    for blank in ("", "\n"):
        assert (
            drift(edited(pages[labels.language], rf"{heading}\n", f"Anfrage\n{blank}", count=0), ours) == []
        )


# Path parameters --------------------------------------------------------------------------------------------


@languages
@pytest.mark.parametrize("word", ["Obligatoire", "Doit être fourni"])
def test_another_word_for_required_is_refused(
    word: str, labels: Labels, pages: dict[str, str], ours: Facts
) -> None:
    """It would else make all parameters optional: no more than an addition."""
    refused(edited(pages[labels.language], rf"\n{labels.required}\n", f"\n{word}\n", count=0), ours, "")


def test_a_path_parameter_that_is_not_in_the_path_is_refused(pages: dict[str, str], ours: Facts) -> None:
    page = edited(pages["French"], r"(?<=\n)(?=account_id\n)", "X-Tenant\nstring\nExigée\n\nTenant.\n\n")
    refused(page, ours, "'X-Tenant' is not in the path")


# Headings ---------------------------------------------------------------------------------------------------


@languages
def test_what_may_stand_under_an_unknown_heading_is_reported_but_not_written(
    labels: Labels, pages: dict[str, str], ours: Facts
) -> None:
    page = edited(
        pages[labels.language],
        r"(?<=\n)(?=cnam\nstring\n)",
        "En-tête Paramètres\nX-Tenant\nstring\n\nTenant.\n\nX-Other\nstring\n\n",
    )
    changes = drift(page, ours)
    assert {change.place[-1] for change in changes} == {"X-Tenant", "X-Other"}
    assert not any(change.sure for change in changes)


def test_what_stands_among_others_may_be_written(pages: dict[str, str], ours: Facts) -> None:
    page = edited(pages["French"], r"(?<=\n)(?=cnam\n)", "rating\nstring\n\nIts rating.\n\n")
    (change,) = drift(page, ours)
    assert change.sure


def test_what_stands_after_an_object_without_a_type_may_be_written(
    pages: dict[str, str], ours: Facts
) -> None:
    new = "meta\n\nAn object\n\nrating\nstring\n\nIts rating.\n\n"
    page = edited(pages["French"], r"(?<=\n)(?=file_name\n)", new)
    changes = drift(edited(page, r'"file_name":', '"meta": {}, "rating": "A", "file_name":'), ours)
    assert [(change.place[-1], change.sure) for change in changes] == [("meta", True), ("rating", True)]


# Authorisation ----------------------------------------------------------------------------------------------


@languages
@pytest.mark.parametrize("count", [1, 0], ids=["one operation", "all operations"])
@pytest.mark.parametrize(
    "shown",
    [
        "X-API-Key <key>",
        "Digest <credentials>",
        "Bearer <access_token>\n\nX-API-Key <key>",
        "Bearer <access_token>\nX-API-Key\nsecret",
        "X-API-Key <key>\nBearer <access_token>",
        "X-API-Key\n\nThe key.\n\nBearer <access_token>",
        "Basic <credentials>\nBearer <access_token>",
    ],
)
def test_another_authorisation_is_refused(
    shown: str, count: int, labels: Labels, pages: dict[str, str], ours: Facts
) -> None:
    page = edited(pages[labels.language], r"Bearer <access_token>", shown, count)
    refused(page, ours, "")


@languages
def test_a_page_saved_without_authorisation_says_nothing_of_it(
    labels: Labels, pages: dict[str, str], ours: Facts
) -> None:
    page = edited(pages[labels.language], r"\nAuthorization\n\nHeaders\nBearer <access_token>\n", "", count=0)
    assert drift(page, ours) == []
    page = edited(pages[labels.language], r"Bearer <access_token>\n", "", count=0)
    refused(page, ours, "cannot tell which authorisation is needed")


def test_another_scheme_is_drift(pages: dict[str, str], ours: Facts) -> None:
    (change,) = drift(edited(pages["German"], r"Bearer <access_token>", "Basic <credentials>"), ours)
    assert change.what == "operation: security http bearer -> http basic"


@languages
def test_the_body_may_follow_the_authorisation(labels: Labels, pages: dict[str, str], ours: Facts) -> None:
    """As it does if an operation has no parameters."""
    heading = portal.BODY_HEADINGS[labels.language]
    page = edited(
        pages[labels.language],
        rf"\n{labels.path_parameters}\n\naccount_id\nstring\n{labels.required}\n\n.*\n\n(?={heading})",
        "",
    )
    assert [change.what for change in drift(page, ours)] == ["path account_id: parameter removed"]


# Responses --------------------------------------------------------------------------------------------------


@languages
@pytest.mark.parametrize("more", ["Accepted", "202", "202 Accepted", "404", "422 - Validation failed"])
def test_a_second_response_is_refused(more: str, labels: Labels, pages: dict[str, str], ours: Facts) -> None:
    page = pages[labels.language]
    content = f"{labels.content_type}\napplication/json\n\n"
    for status in ("OK", "Created", "No Content"):
        refused(edited(page, rf"(?<=\n{status}\n)", f"\n{more}\n"), ours, "")
    for example_is_over in (r"(?<=\n\}\n)(?=\n\nGet a)", r"(?<=\n\}\n)(?=\n\nList company transcriptions)"):
        refused(edited(page, example_is_over, f"\n{more}\n"), ours, "looks like a response")
        refused(edited(page, example_is_over, f"\n{content}{more}\n\njob_ids\narray\n"), ours, "response")


@languages
def test_a_second_content_type_is_refused(labels: Labels, pages: dict[str, str], ours: Facts) -> None:
    more = f"\n{labels.content_type}\napplication/xml\n"
    refused(edited(pages[labels.language], r"(?<=\nOK\n)", more), ours, "response")
    refused(edited(pages[labels.language], r"(?<=\nexport\n)|(?<=application/json\n)", more), ours, "")
