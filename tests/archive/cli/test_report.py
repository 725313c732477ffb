"""`report` as it is typed."""

from pathlib import Path

import pytest

from tests.archive.report import made
from vbc_call_recording_archive.cli import report
from vbc_call_recording_archive.report import MARK

from .conftest import Run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made.two_years(tmp_path / "archive", a_day=1)


def test_it_writes_a_page_and_says_where(folder: Path, tmp_path: Path, run: Run) -> None:
    page = tmp_path / "out" / "page.html"
    ended = run("report", folder, "-o", page, "--now", "2026-11-25T22:40")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.endswith(f" written to {page}\n")
    text = page.read_text("utf-8")
    assert "<strong>Complete up to 24 Nov 2026, except for 6 days</strong>" in text
    assert "as of 2026-11-25 22:40, all times Europe/Berlin" in text
    assert run("report", folder, "-q").err == ""
    assert MARK in (folder / "report.html").read_text("utf-8")


def test_the_same_present_gives_the_same_bytes_in_another_place_too(folder: Path, run: Run) -> None:
    pages = [folder.parent / name for name in ("a.html", "b.html")]
    for page in pages:
        assert run("report", folder, "-o", page, "--now", "2026-11-25").code == 0
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_it_replaces_a_page_and_nothing_else(folder: Path, run: Run) -> None:
    assert run("report", folder).code == 0
    assert run("report", folder).code == 0
    before = (folder / "ledger.jsonl").read_bytes()
    ended = run("report", folder, "-o", folder / "ledger.jsonl")
    assert ended.code == 2
    assert "holds something else" in ended.err
    assert (folder / "ledger.jsonl").read_bytes() == before


def test_a_page_is_there_whole_or_not_at_all(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("report", folder, "--now", "2026-11-25").code == 0
    before = (folder / "report.html").read_bytes()

    def breaking(*_: object, **__: object) -> object:
        yield "<!doctype html>"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report, "page", breaking)
    assert run("report", folder).code == 5
    assert (folder / "report.html").read_bytes() == before


def test_an_archive_that_was_never_written_has_none(tmp_path: Path, run: Run) -> None:
    assert run("init", tmp_path, "--yes").code == 0
    ended = run("report", tmp_path)
    assert ended.code == 1
    assert "sync" in ended.err
    assert not (tmp_path / "report.html").exists()
