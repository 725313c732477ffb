"""Docstrings as Sphinx reads them. Ours may hold tables as Markdown has them, which it does not know."""

import re
from typing import Any


def with_lists_for_tables(lines: list[str]) -> list[str]:
    """The lines, each table of Markdown among them as a `list-table`."""
    out: list[str] = []
    for number, line in enumerate(lines):
        if not line.lstrip().startswith("|"):
            out.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        is_first = number == 0 or not lines[number - 1].lstrip().startswith("|")
        if is_first:
            out += [f"{indent}.. list-table::", f"{indent}   :header-rows: 1", ""]
        if not re.fullmatch(r"[|\s:-]+", line):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            signs = ["* -", *["  -"] * (len(cells) - 1)]
            out += [f"{indent}   {sign} {cell}" for sign, cell in zip(signs, cells, strict=True)]
        is_last = number + 1 == len(lines) or not lines[number + 1].lstrip().startswith("|")
        if is_last:
            out.append("")
    return out


def read(_app: Any, what: str, _name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    """Called by autodoc, before napoleon.

    Napoleon takes what stands before a colon in the first line of a property for its type. So that line is a
    comment.
    """
    opening = ["..", ""] if what in ("property", "attribute", "data") else []
    lines[:] = [*opening, *with_lists_for_tables(lines)]


def shown(
    _app: Any, _what: str, _name: str, _obj: Any, _options: Any, signature: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """Called by autodoc. A default of `...` stands for "not given"; Sphinx would write `Ellipsis`."""
    return signature and signature.replace("= Ellipsis", "= ..."), returned
