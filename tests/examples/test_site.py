"""What the documentation site holds: every page, every public name, every error. `make docs` builds it."""

import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import vbc_call_recording
import vbc_call_recording_archive
import vbc_call_recording_pytest
import vbc_call_recording_sandbox
from scripts.site.docstrings import shown, with_lists_for_tables
from scripts.site.reference import reference
from scripts.site.stage import NAVIGATION, REPOSITORY, ROOT, place_on_site, stage, with_links_of_the_site
from scripts.site.visit import loaded_from_elsewhere

ERRORS = (ROOT / "docs" / "errors.md").read_text("utf-8")
PAGES = dict(reference())


@pytest.mark.parametrize(
    "package",
    [vbc_call_recording, vbc_call_recording_archive, vbc_call_recording_sandbox],
    ids=lambda package: package.__name__,
)
def test_the_reference_has_every_public_name(package: ModuleType) -> None:
    text = "".join(PAGES.values())
    named = re.findall(rf"^\.\. (?:auto|py:)\w+:: {package.__name__}\.(\w+)$", text, re.MULTILINE)

    assert sorted(named) == sorted(package.__all__)


def test_the_reference_has_every_fixture() -> None:
    wrapped = [name for name in vars(vbc_call_recording_pytest) if name.startswith("vbc_")]

    assert len(wrapped) >= 4
    assert re.findall(r"^\.\. py:data:: (\w+)$", PAGES["reference/pytest.md"], re.MULTILINE) == [
        name for name in wrapped if not inspect.ismodule(getattr(vbc_call_recording_pytest, name))
    ]


def exceptions() -> set[str]:
    packages = (vbc_call_recording, vbc_call_recording_archive, vbc_call_recording_sandbox)
    public = {name: getattr(package, name) for package in packages for name in package.__all__}
    return {
        name for name, value in public.items() if inspect.isclass(value) and issubclass(value, BaseException)
    }


def test_every_public_exception_is_explained() -> None:
    entries = re.split(r"^### `(\w+)`$", ERRORS, flags=re.MULTILINE)
    told = dict(zip(entries[1::2], entries[2::2], strict=True))

    assert exceptions() - {"CallRecordingError"} == set(told)  # the root opens the page
    for name, entry in told.items():
        assert re.search(r"\*\*What happened\.\*\* .{15,}\*\*What to do\.\*\* .{5,}", entry, re.DOTALL), name


def test_the_navigation_names_every_page_once() -> None:
    named = [f"{name}.md" for pages in NAVIGATION.values() for name in pages]
    sources = [place_on_site(path) for path in (ROOT / "docs").rglob("*.md")]

    assert len(named) == len(set(named))
    assert set(named) >= {*sources, *PAGES}


def test_links_lead_to_pages_or_to_the_repository(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    source = ROOT / "docs" / "guide.md"
    text = with_links_of_the_site(source)

    assert "](/index.md)" in text
    assert f"]({REPOSITORY}/blob/main/overlays/vbc_call_recording/_errors.py)" in text
    assert "](#filters)" in text
    assert "](/glossary.md)" in text
    stage(tmp_path / "out", [("reference/made.md", "# Made\n")])
    assert (tmp_path / "out" / "reference" / "made.md").read_text() == "# Made\n"
    assert "{toctree}" in (tmp_path / "out" / "index.md").read_text("utf-8")


def test_code_is_no_link() -> None:
    page = ROOT / "docs" / "architecture.md"
    fences = re.findall(r"^```.*?^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)

    assert fences
    assert all(fence in with_links_of_the_site(page) for fence in fences)


@pytest.mark.parametrize(
    ("text", "is_loaded"),
    [
        ('<script src="https://cdn.example/x.js"></script>', True),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', True),
        ('<img src="_static/x.png"><a href="https://example.org">there</a>', False),
        ('<link rel="canonical" href="https://example.org/">', False),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_found(tmp_path: Path, text: str, is_loaded: bool) -> None:
    (tmp_path / "page.html").write_text(text)

    assert bool(list(loaded_from_elsewhere(tmp_path))) == is_loaded


def test_a_stylesheet_may_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "fine.css").write_text("a { background: url(data:image/png;base64,x) }")
    assert list(loaded_from_elsewhere(tmp_path)) == []

    (tmp_path / "not.css").write_text("@import url(https://fonts.example/x);")
    assert len(list(loaded_from_elsewhere(tmp_path))) == 1


def test_tables_in_docstrings_are_lists_for_sphinx() -> None:
    lines = ["Before.", "", "  | a | b |", "  |---|---|", "  | `1` | two |", "", "After."]

    assert with_lists_for_tables(lines) == [
        *("Before.", "", "  .. list-table::", "     :header-rows: 1", ""),
        *("     * - a", "       - b", "     * - `1`", "       - two", "", "", "After."),
    ]


def test_a_default_that_means_not_given_is_shown_as_dots() -> None:
    assert shown(None, "", "", None, None, "(a=1, b: str = Ellipsis)", "Self") == (
        "(a=1, b: str = ...)",
        "Self",
    )
    assert shown(None, "", "", None, None, None, None) == (None, None)
