"""docs/sandbox.md shows what the code has."""

import re

import pytest

from scripts import sandbox_docs
from vbc_call_recording_sandbox._quirks.panel import GROUPS

TEXT = sandbox_docs.PAGE.read_text("utf-8")


def test_its_tables_are_fresh() -> None:
    assert sandbox_docs.rendered(TEXT) == TEXT, "run `python -m scripts.sandbox_docs`"


def test_every_group_and_every_other_table_is_on_the_page() -> None:
    shown = re.findall(r"<!-- table: (\S+) -->", TEXT)
    assert sorted(shown) == sorted([*GROUPS, *sandbox_docs.TABLES])


@pytest.mark.parametrize("group", GROUPS)
def test_a_table_that_is_stale_is_noticed(group: str) -> None:
    """Every switch has a description of its own, and losing one shows."""
    said = sandbox_docs.attributes(GROUPS[group])
    assert said
    assert all(text.endswith((".", "…).")) for text in said.values())
    name, text = next(iter(said.items()))
    stale = TEXT.replace(text.replace("|", "&#124;"), "something else")
    assert stale != TEXT, name
    assert sandbox_docs.rendered(stale) == TEXT
