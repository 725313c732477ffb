"""The page: no markup but ours, nothing from elsewhere, the same bytes each time, readable colours."""

import base64
import re
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.catalogue import Run, StoredRecording, StoredWindow
from vbc_call_recording_archive.overview import DestinationOverview
from vbc_call_recording_archive.report import MARK, Figures, figures, page

from . import made

HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "\"><svg onload='alert(1)'>",
            "' onmouseover='alert(1)",
            "</td></table></main><h1>",
            "</style><script>",
            "</title><base href=//x>",
            "<!--",
            "]]>",
            "{{ 7*7 }}{% raw %}",
            "&lt;b&gt;&#60;i>",
            "javascript:alert(1)",
            "\u202egnp.exe\u2066",
            "\x00\x0b\ud800",
            "\uff1cscript\uff1e",
        ]
    ),
)


class _Elements(HTMLParser):
    """What a parser finds: elements with the names of their attributes, and attributes' values apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))
        self.values += [(name, value or "") for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def written(shown: Figures, **options: Any) -> str:
    # As it is in the file: halves of surrogate pairs cannot be.
    return "".join(page(shown, **options)).encode("utf-8", "backslashreplace").decode()


def with_texts(shown: Figures, texts: Iterator[str]) -> Figures:
    """The figures with another text in every field that somebody else may have written."""

    def changed(value: Any, *names: str) -> Any:
        return attrs.evolve(value, **{name: next(texts) for name in names})

    foreign = ("source", "id", "direction", "caller_id", "cnam", "dnis", "call_id", "file_name")
    absent: list[StoredRecording] = [changed(each, *foreign) for each in shown.absent]
    sources = []
    for source in shown.sources:
        unsettled: list[StoredWindow] = [
            changed(window, "source", "name", "reason") for window in source.unsettled
        ]
        sources.append(changed(attrs.evolve(source, unsettled=tuple(unsettled)), "source"))
    runs: list[Run] = [
        attrs.evolve(changed(each, "command", "result"), counts={next(texts): 7, "note": next(texts)})
        for each in shown.runs
    ]
    return changed(
        attrs.evolve(shown, absent=tuple(absent), sources=tuple(sources), runs=tuple(runs)), "name"
    )


def endless(texts: list[str]) -> Iterator[str]:
    while True:
        yield from texts


@pytest.fixture(scope="module")
def few(drawn: Figures) -> tuple[Figures, str]:
    """What has few days and still every table, and its page with harmless texts."""
    shown = attrs.evolve(drawn, days=drawn.days[-5:], absent=drawn.absent[:2])
    return shown, written(with_texts(shown, endless(["plain"])))


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=12))
def test_no_text_ever_makes_an_element_or_an_attribute(few: tuple[Figures, str], texts: list[str]) -> None:
    shown, harmless = few
    hostile = written(with_texts(shown, endless(texts)))
    assert _Elements(hostile).found == _Elements(harmless).found
    assert not _Elements(hostile).comments
    # Another parser, which mends as browsers do.
    tags = [[each.tag for each in html.document_fromstring(text).iter()] for text in (hostile, harmless)]
    assert tags[0] == tags[1]


def test_names_are_shown_as_they_are_typed_without_signs_that_turn_the_reading_direction(
    drawn: Figures,
) -> None:
    text = written(with_texts(drawn, endless(["<b>Æsop & Söhne</b> \u202egpj"])))
    assert "&lt;b&gt;Æsop &amp; Söhne&lt;/b&gt; \N{REPLACEMENT CHARACTER}gpj" in text
    assert "\u202e" not in text


def test_nothing_is_loaded_or_run_and_the_page_forbids_it(drawn: Figures) -> None:
    text = written(drawn)
    policy = re.findall(r'<meta http-equiv="Content-Security-Policy" content="(.*?)">', text)[0]
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[0]
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert policy == (f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
    elements = _Elements(text)
    assert not {tag for tag, _ in elements.found} & {"script", "link", "img", "iframe", "object", "a", "form"}
    assert not [
        value for name, value in elements.values if name in ("src", "href", "style") or "://" in value
    ]
    assert set(re.findall(r"url\((.*?)\)", text)) == {"#hatch"}
    assert text.index(MARK) < 300


def test_where_the_files_are_is_in_a_table(drawn: Figures) -> None:
    places = (
        DestinationOverview("local", 1009, 900, 0, 0),
        DestinationOverview("s3://<b>/x", 7, 700, 1002, 20_000),
    )
    shown = html.fromstring("".join(page(attrs.evolve(drawn, destinations=places))))
    (table,) = shown.xpath("//section[h2='Where the files are']//tbody")
    assert [[cell.text_content().strip() for cell in row] for row in table] == [
        ["local", "1,009", "900 B", "0", "0 B"],
        ["s3://<b>/x", "7", "700 B", "1,002", "20.0 kB"],
    ]
    assert [cell.text.strip() for cell in table.xpath(".//td[contains(@class, 'alarm')]")] == [
        "1,002",
        "20.0 kB",
    ]
    assert "s3://<b>/x lacks 1,002 files." in shown.xpath("string(//section[contains(@class, 'verdict')])")


def test_the_same_archive_and_the_same_present_give_the_same_bytes(two_years: Any) -> None:
    pages = []
    for _ in range(2):
        with Archive(two_years) as archive:
            pages.append(written(figures(archive, made.NOW)))
    assert pages[0] == pages[1]
    assert len(pages[0]) < 150_000


def test_masked_numbers_keep_their_last_digits_and_dates_are_left_alone(drawn: Figures) -> None:
    assert "17325550100" in written(drawn)
    masked = written(drawn, mask=True)
    assert "17325550100" not in masked
    assert "*******0100" in masked
    assert "2026-11-25 22:40" in masked


def test_every_chart_has_a_title_and_the_numbers_behind_it_are_in_a_table(drawn: Figures) -> None:
    root = html.document_fromstring(written(drawn))
    charts = root.xpath("//svg[@role='img']")
    assert len(charts) > 25
    assert all(chart.xpath("./title") and chart.get("aria-label") for chart in charts)
    assert all(svg.get("role") or svg.get("aria-hidden") for svg in root.xpath("//svg[not(ancestor::svg)]"))
    rows = [[cell.text_content().strip() for cell in row] for row in root.xpath("//table//tr")]
    june = next(row for row in rows if row[0] == "Jun 2025")
    assert june[-1] == "3", "days never looked at"
    assert sum(int(number.replace(",", "")) for number in june[1:4]) == sum(
        day.recordings for day in drawn.days if (day.date.year, day.date.month) == (2025, 6)
    )


def test_an_archive_without_recordings_has_a_page(tmp_path: Any) -> None:
    with Archive(made.empty(tmp_path / "new")) as archive:
        text = written(figures(archive, made.NOW))
    assert "<strong>Nothing is archived yet</strong>" in text
    assert "all times UTC" in text


# What stands on what, and how much contrast it needs by WCAG 2.2: 4.5 for words, 3 for shapes.
PAIRS = [
    *((ink, ground, 4.5) for ink in ("ink", "soft") for ground in ("page", "card")),
    *(("ink", ground, 4.5) for ground in ("good-page", "bad-page", "good-soft")),
    *(("card", ground, 4.5) for ground in ("good", "bad")),
    ("bad", "card", 4.5),
    *((shape, "card", 3) for shape in ("open", "in", "out", "inside", "other", "size", "good-soft")),
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_have_contrast(scheme: int) -> None:
    style = files("vbc_call_recording_archive.report").joinpath("page.css").read_text("utf-8")
    block = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block))
    assert colours.keys() >= {name for pair in PAIRS for name in pair[:2]}
    weak = [
        f"{one} on {other}: {contrast(colours[one], colours[other]):.1f}"
        for one, other, least in PAIRS
        if contrast(colours[one], colours[other]) < least
    ]
    assert not weak


def test_directions_differ_without_their_colours() -> None:
    style = files("vbc_call_recording_archive.report").joinpath("page.css").read_text("utf-8")
    for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]:
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block))
        stacked = ("in", "out", "inside", "other")
        assert all(contrast(colours[one], colours[other]) > 1.2 for one, other in pairwise(stacked))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance by WCAG."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
