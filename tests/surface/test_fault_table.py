"""Every row of the fault table names a test that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    line
    for line in (ROOT / "docs" / "faults.md").read_text("utf-8").splitlines()
    if re.match(r"\| (?!what)[^-]", line)
]


def test_the_table_has_rows() -> None:
    assert len(ROWS) > 30


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:60])
def test_each_row_names_tests_that_exist(row: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
    assert named, row
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text("utf-8"), f"{path} has no {name}"
