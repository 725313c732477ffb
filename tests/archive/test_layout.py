"""Paths are made of a template, and safe on every file system, whatever a server or a caller chose."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbc_call_recording import UNSET, ConfigurationError, Recording
from vbc_call_recording_archive.layout import Layout, beside, safe_component

START = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)


def recording(**fields: Any) -> Recording:
    usual: dict[str, Any] = {
        "id": 193228,
        "start": START,
        "call_direction": "INBOUND",
        "caller_id": "17325550100",
        "file_name": "730048.mp3",
    }
    return Recording(**{**usual, **fields})


@pytest.mark.parametrize(
    ("template", "fields", "path"),
    [
        (None, {}, "data/audio/2026/11/24/INBOUND-17325550100-193228.mp3"),
        (None, {"caller_id": UNSET}, "data/audio/2026/11/24/INBOUND-unknown-193228.mp3"),
        (None, {"file_name": "a.WAV"}, "data/audio/2026/11/24/INBOUND-17325550100-193228.wav"),
        (None, {"file_name": "a.txt"}, "data/audio/2026/11/24/INBOUND-17325550100-193228.mp3"),
        (None, {"start": START.replace(tzinfo=None)}, "data/audio/2026/11/24/INBOUND-17325550100-193228.mp3"),
        ("{id}", {}, "data/193228.mp3"),
        ("{cnam}", {"cnam": "JOHN SMITH"}, "data/JOHN SMITH-193228.mp3"),
        ("{id}/{cnam}", {"cnam": "../../etc"}, "data/193228/_.._etc-193228.mp3"),
        ("{cnam}/x", {"cnam": "CON"}, "data/_CON/x-193228.mp3"),
        ("{cnam}/x", {"cnam": ".hidden. "}, "data/hidden/x-193228.mp3"),
        ("{cnam}/x", {"cnam": "users"}, "data/_users/x-193228.mp3"),
        ("{cnam}/x", {"cnam": "50%\n"}, "data/50__/x-193228.mp3"),
        ("{cnam}/x", {"cnam": "Jo\u0308rg"}, "data/J\u00f6rg/x-193228.mp3"),
        (
            "{extensions}-{duration:06d}",
            {"extensions": [107, 108], "duration": 5},
            "data/107-108-000005-193228.mp3",
        ),
        ("{duration:06d}", {"duration": "5"}, "data/5-193228.mp3"),
        ("{start}", {}, "data/2026-11-24T233000-193228.mp3"),
        ("a//b/", {}, "data/a/b-193228.mp3"),
        ("{cnam}", {"cnam": "x" * 500}, f"data/{'x' * 113}-193228.mp3"),
    ],
)
def test_the_template_makes_the_path(template: str | None, fields: dict[str, Any], path: str) -> None:
    layout = Layout() if template is None else Layout(template)
    assert layout.path(recording(**fields), "company") == path


def test_instants_are_written_in_the_companys_time_zone() -> None:
    layout = Layout("{start:%Y/%m/%d %H}", ZoneInfo("Europe/Berlin"))
    assert layout.path(recording(), "company") == "data/2026/11/25 00-193228.mp3"


def test_on_demand_recordings_have_a_folder_of_their_own() -> None:
    assert Layout("{id}").path(recording(), "user:745250") == "data/users/745250/193228.mp3"
    assert Layout("{id}").path(recording(), "user:jane@acme").startswith("data/users/")


@pytest.mark.parametrize(
    "template",
    [
        "{nope}",
        "{start.year}",
        "{extensions[0]}",
        "{id!r}",
        "{",
        "{}",
        "",
        "/",
        "/abs/{id}",
        "../{id}",
        "{duration:%Y}",
        "{start:{id}}",
        "{caller_id:d}",
    ],
)
def test_a_template_that_cannot_be_used_is_refused_before_anything_is_sent(template: str) -> None:
    with pytest.raises(ConfigurationError, match="layout is"):
        Layout(template)


texts = st.text(max_size=80) | st.sampled_from(
    ["CON", "nul", "..", ".", "-", "a/b", "a\\b", "\u202e", "\ud800"]
)
templates = st.sampled_from(
    ["{cnam}/{caller_id}", "{cnam}{caller_id}", "{id}{cnam}", "{cnam}-{id}", "{start:%Y/%m}/{cnam}"]
)


@settings(max_examples=40)
@given(
    template=templates, first=texts, second=texts, number=st.integers(0, 10**12), other=st.integers(0, 10**12)
)
def test_whatever_the_names_are_paths_are_safe_and_tell_recordings_apart(
    template: str, first: str, second: str, number: int, other: int
) -> None:
    layout = Layout(template)
    path = layout.path(recording(id=number, cnam=first, caller_id=second), "company")
    parts = path.split("/")
    for part in parts:
        assert part == safe_component(part) or part == parts[-1]
        assert 0 < len(part.encode()) <= 130
        assert not part.startswith((".", "-"))
        assert not part.endswith((".", " "))
        assert not set(part) & set('<>:"|?*%\\\n\r\t\0')
    assert path == layout.path(recording(id=number, cnam=first, caller_id=second), "company")
    if number != other:
        another = layout.path(recording(id=other, cnam=second, caller_id=first), "company")
        assert another.casefold() != path.casefold()


def test_what_belongs_to_a_recording_has_its_name() -> None:
    assert beside("data/a.b/c-1.mp3", ".txt") == "data/a.b/c-1.txt"
