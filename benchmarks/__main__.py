"""Measures everything, and writes RESULTS.md.

make bench                              all subjects, about ten minutes
make bench ARGS="--only listing"        one subject, or the rows whose names contain that; prints only
make bench-quick                        against plain httpx only, under a minute; prints only
"""

import argparse
import importlib
import pkgutil
import time
from pathlib import Path

from benchmarks import subjects
from benchmarks.report import goals, report, table
from benchmarks.rows import Row
from benchmarks.run import Result, run

RESULTS = Path(__file__).with_name("RESULTS.md")
QUICK_TURNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="ours against plain httpx only, three turns")
    parser.add_argument("--only", default="", help="a subject, or part of the name of a row")
    parser.add_argument("--turns", type=int, help="at most so many")
    options = parser.parse_args()
    results = []
    for subject, row in chosen(options.only, quick=options.quick):
        started = time.monotonic()
        most = options.turns or (QUICK_TURNS if options.quick else row.turns)
        result = run(subject, row, turns=min(most, row.turns), only=row.quick if options.quick else ())
        results.append(result)
        print("\n".join(table(result)), f"\n({time.monotonic() - started:.0f} s)\n", flush=True)
    finish(results, writes=not (options.quick or options.only))


def chosen(only: str, *, quick: bool) -> list[tuple[str, Row]]:
    names = sorted(module.name for module in pkgutil.iter_modules(subjects.__path__))
    rows: list[tuple[str, Row]] = []
    for name in names:
        found: list[Row] = importlib.import_module(f"benchmarks.subjects.{name}").ROWS
        rows += [(name, row) for row in found if only == name or only in row.name]
    return [(name, row) for name, row in rows if row.quick or not quick]


def finish(results: list[Result], *, writes: bool) -> None:
    if writes:
        RESULTS.write_text(report(results), "utf-8")
    print("\n".join(goals(results)))


if __name__ == "__main__":
    main()
