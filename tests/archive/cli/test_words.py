"""How values are written for people."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from vbc_call_recording_archive.cli import words


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (999_500, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (5 * 10**18, "5000 PB"),
    ],
)
def test_sizes(count: int | None, text: str) -> None:
    assert words.size(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(None, ""), (0, "0:00"), (62.4, "1:02"), (3723, "1:02:03")])
def test_lengths(seconds: float | None, text: str) -> None:
    assert words.length(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0 s"), (89, "89 s"), (90, "2 min"), (7200, "2 h"), (200_000, "2 days")]
)
def test_spans(seconds: float, text: str) -> None:
    assert words.span(seconds) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("17325550100", "*******0100"),
        ("+1 (732) 555-0100", "+* (***) ***-0100"),
        ("1234", "1234"),
        ("extension 107", "extension 107"),
        ("call 17325550100 or 17325550199", "call *******0100 or *******0199"),
        ("", ""),
    ],
)
def test_numbers_keep_their_last_four_digits(text: str, shown: str) -> None:
    assert words.masked(text) == shown


def test_in_a_path_only_the_numbers_given_are_masked() -> None:
    path = "data/audio/2026/11/24/INBOUND-17325550100-193228.mp3"
    assert words.masked_in(path, ["17325550100"]) == "data/audio/2026/11/24/INBOUND-*******0100-193228.mp3"


@pytest.mark.parametrize(
    "text", ["\x1b[2Jgone", "a\nb", "a\tb", "a\u202eb", "a\x9bb", "a\u200bb", "a\ud800b"]
)
def test_nothing_that_a_terminal_obeys_gets_through(text: str) -> None:
    shown = words.clean(text)
    assert len(shown) == len(text)
    assert "\N{REPLACEMENT CHARACTER}" in shown
    assert shown.isprintable()


@pytest.mark.parametrize("text", ["ÅSA LIND", "山田", "O'Brien [bold]", ""])
def test_names_stay_as_they_are(text: str) -> None:
    assert words.clean(text) == text


def test_instants_are_shown_in_a_zone() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert words.instant(noon, timezone(timedelta(hours=1))) == "2026-11-24 13:00:00"
    assert words.instant(noon.replace(tzinfo=None)) == "2026-11-24 12:00:00"
    assert words.instant(None) == ""


def test_counts_and_lists() -> None:
    assert words.count(1, "file") == "1 file"
    assert words.count(3000, "entry", "entries") == "3,000 entries"
    assert words.listed("abcdefg") == "a, b, c, d, e and 2 more"
