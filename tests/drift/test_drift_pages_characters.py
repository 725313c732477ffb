"""How a saved copy of the docs page encodes its characters makes no difference."""

from typing import Any

import pytest

from scripts.drift.facts import Facts
from scripts.drift.sources.labels import LANGUAGES
from scripts.drift.sources.reading import read_upstream
from tests.drift import portal
from tests.drift.drifting import drift_between


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("é", "e\N{COMBINING ACUTE ACCENT}"),
        ("eux :", "eux\N{THIN SPACE}:"),
        ("eux :", "eux\N{NARROW NO-BREAK SPACE}:"),
        (" ", "\N{NO-BREAK SPACE}"),
        ("'", "\N{RIGHT SINGLE QUOTATION MARK}"),
        ("Exigée", "Exigée\N{ZERO WIDTH SPACE}"),
    ],
)
def test_how_characters_are_encoded_makes_no_difference(
    plain: str, other: str, spec_tree: Any, ours: Facts
) -> None:
    page = portal.as_text(spec_tree, LANGUAGES[0])
    assert plain in page
    assert drift_between(ours, read_upstream(page.replace(plain, other), ours)) == []
