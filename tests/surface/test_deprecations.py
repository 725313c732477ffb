"""Retiring a name: the warning says until when, and docs/versions.md says the same."""

import ast
import warnings
from datetime import date
from pathlib import Path

import pytest

from vbc_call_recording._deprecations import warn_deprecated

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = (ROOT / "docs" / "versions.md").read_text("utf-8")


def old() -> str:
    warn_deprecated("old()", since="1.2.0", until=date(2027, 6, 30), instead="new()")
    return "still works"


def test_the_warning_names_the_last_day_and_points_at_the_caller() -> None:
    with pytest.warns(DeprecationWarning, match="old") as caught:
        assert old() == "still works"

    (warning,) = caught
    assert str(warning.message) == (
        "old() is deprecated since 1.2.0 and may be gone after 2027-06-30: use new()"
    )
    assert warning.filename == __file__


def test_it_can_be_made_an_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        with pytest.raises(DeprecationWarning, match="old"):
            old()


def deprecated_in(source: str) -> list[tuple[str, str]]:
    """Name and last day of each call of `warn_deprecated`."""
    return [
        (ast.literal_eval(call.args[0]), str(date(*map(ast.literal_eval, day.args))))
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "warn_deprecated"
        for keyword in call.keywords
        if keyword.arg == "until" and isinstance(day := keyword.value, ast.Call)
    ]


def test_calls_are_found() -> None:
    assert deprecated_in(Path(__file__).read_text("utf-8")) == [("old()", "2027-06-30")]


def test_the_table_lists_what_is_deprecated() -> None:
    sources = [
        path.read_text("utf-8") for path in (ROOT / "overlays").rglob("*.py") if "_sync" not in path.parts
    ]
    for name, day in (found for source in sources for found in deprecated_in(source)):
        assert any(f"| `{name}` |" in line and f"| {day} |" in line for line in VERSIONS.splitlines()), name
