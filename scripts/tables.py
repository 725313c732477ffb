"""Tables that a page of docs/ has from the code: written anew, or with --check compared with it.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

_TABLE = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def run(about: str | None, page: Path, table: Callable[[str], str], program: str) -> int:
    """The program that keeps the tables of one page. Exit status: 0 done or fresh, 1 stale."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a table is stale")
    options = parser.parse_args()
    text = page.read_text("utf-8")
    fresh = rendered(text, table)
    if fresh != text and not options.check:
        page.write_text(fresh, "utf-8")
    if fresh != text and options.check:
        print(f"docs/{page.name} is stale; run `python -m {program}`", file=sys.stderr)
        return 1
    return 0


def rendered(text: str, table: Callable[[str], str]) -> str:
    """The page with fresh tables, each made from its name."""
    return _TABLE.sub(lambda found: f"{found[1]}{table(found[2])}{found[3]}", text)


def lines(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    every = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in every)
