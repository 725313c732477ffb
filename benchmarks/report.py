"""The results as Markdown: goals first, then each row with all its ways."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.rows import UNITS
from benchmarks.run import Result

PACKAGES = (
    "httpx",
    "attrs",
    "orjson",
    "aiohttp",
    "requests",
    "pydantic",
    "openapi-generator-cli",
    "openapi-python-client",
)
MEASURES = ("cpu", "wall", "peak", "requests")


def report(results: Sequence[Result]) -> str:
    parts = ["# Results", "", "Written by `make bench`. What the rows mean: [README.md](README.md).", ""]
    parts += [*surroundings(), "", "## Goals", "", *goals(results), "", "## Rows", ""]
    for result in results:
        parts += [*table(result), ""]
    return "\n".join(parts)


def surroundings() -> list[str]:
    versions = [f"{name} {version}" for name in PACKAGES if (version := installed(name))]
    java = first_line("java", "-version")
    tools = [line for line in (first_line("curl", "--version"), java) if line]
    return [
        f"- {datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.release()}, {processor()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        f"- Python {platform.python_version()}, {', '.join(versions)}",
        f"- {'; '.join(tools)}",
    ]


def installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def first_line(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    words = (done.stdout or done.stderr).splitlines()[0].split()
    return " ".join(words[:3]).replace('"', "")


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.machine())


def goals(results: Iterable[Result]) -> list[str]:
    lines = ["| measure | goal | measured | |", "|---|---|--:|---|"]
    for result in results:
        for goal in result.row.goals:
            try:
                figure = goal.figure(result.figures())
            except KeyError as error:
                if error.args[0] in result.absent:  # others were not asked for
                    lines.append(f"| {result.row.name} | {goal.words} | | no {error.args[0]} |")
                continue
            verdict = "met" if goal.is_met(figure) else "**not met**"
            lines.append(f"| {result.row.name} | {goal.words} | {figure:.2f} {goal.unit} | {verdict} |")
    return lines


def table(result: Result) -> list[str]:
    """All ways of a row, by every measure, with ratios to the first way that is there."""
    row, figures = result.row, result.figures()
    base = next(iter(figures.values()), 1.0)
    columns = [row.by, *(measure for measure in MEASURES if measure != row.by and result.figures(measure))]
    counted = len(next(iter(result.samples.values()), ()))
    lines = [f"### {row.name}", ""]
    lines += [f"Median of {counted}." if counted > 1 else "One turn.", ""]
    lines += ["| way | ratio |" + "".join(f" {UNITS[name]} |" for name in columns)]
    lines += ["|---|--:|" + "--:|" * len(columns)]
    for way, figure in figures.items():
        cells = [shown(result.figures(name).get(way)) for name in columns]
        lines.append(f"| {way} | {figure / base if base else 0:.2f} | {' | '.join(cells)} |")
    lines += [f"| {way} | absent: {why} |" + " |" * len(columns) for way, why in result.absent.items()]
    return lines


def shown(figure: float | None) -> str:
    if figure is None:
        return ""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"
