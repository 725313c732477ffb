"""Lays the repository's pages out as Sphinx reads them: one folder, links as they are on the site."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"]

# Pages outside of docs/, and what they are called on the site.
OUTSIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "benchmarks/README.md": "benchmarks.md",
}
NAVIGATION = {
    "Tutorials": (
        "tutorials/first-hour",
        "tutorials/service",
        "tutorials/nightly-archive",
        "tutorials/testing",
        "tutorials/drift-ci",
    ),
    "Guides": ("guide", "how-to", "archive", "operations", "scaling", "sandbox", "drift"),
    "Reference": (
        "errors",
        "faults",
        "reference/client",
        "reference/async",
        "reference/models",
        "reference/errors",
        "reference/archive",
        "reference/sandbox",
        "reference/pytest",
        "glossary",
        "comparison",
    ),
    "Inside": (
        "architecture",
        "archive-inside",
        "dependencies",
        "versions",
        "benchmarks",
        "contributing",
        "security",
        "changelog",
    ),
}


def stage(folder: Path, made: Iterable[tuple[str, str]]) -> None:
    """The repository's pages and those that are made, with the navigation at the end of the first."""
    pages = [ROOT / name for name in OUTSIDE] + sorted((ROOT / "docs").rglob("*.md"))
    texts = [(str(place_on_site(source)), with_links_of_the_site(source)) for source in pages]
    for name, text in [*texts, *made]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    with (folder / "index.md").open("a", encoding="utf-8") as index:
        index.writelines(contents(title, pages, folder) for title, pages in NAVIGATION.items())


def contents(title: str, pages: Iterable[str], folder: Path) -> str:
    """Names of pages that are to be written are left out."""
    there = [name for name in pages if (folder / f"{name}.md").exists()]
    return "\n".join(("", "```{toctree}", ":hidden:", f":caption: {title}", "", *there, "```", ""))


def with_links_of_the_site(source: Path) -> str:
    """A page's text. Code blocks stay as they are."""
    lines = source.read_text("utf-8").split("\n")
    fenced = False
    for number, line in enumerate(lines):
        fenced ^= line.lstrip().startswith("```")
        if not fenced:
            lines[number] = re.sub(
                r"\]\((?!https?:|#)([^)#\s]+)", lambda link: f"]({on_the_site(source, link[1])}", line
            )
    return "\n".join(lines)


def on_the_site(source: Path, link: str) -> str:
    """Where a page's link leads: to another page of the site, or else to the file in the repository."""
    named = (source.parent / link).resolve()
    there = place_on_site(named)
    return f"/{there}" if there else f"{REPOSITORY}/blob/main/{named.relative_to(ROOT).as_posix()}"


def place_on_site(path: Path) -> str | None:
    name = path.relative_to(ROOT).as_posix()
    return OUTSIDE.get(name) or (name[5:] if name.startswith("docs/") and name.endswith(".md") else None)
