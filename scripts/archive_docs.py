"""Write the tables of docs/archive.md from the command itself, or with --check say whether they are fresh.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; NAME is a command, or what is below. Exit
status: 0 done or fresh, 1 stale.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from scripts import tables
from vbc_call_recording_archive.cli.endings import MEANS
from vbc_call_recording_archive.cli.group import group

PAGE = Path(__file__).resolve().parent.parent / "docs" / "archive.md"
CODES = "exit-codes"
COMMON = "every-command"


def main() -> int:
    return tables.run(__doc__, PAGE, table, "scripts.archive_docs")


def rendered(text: str) -> str:
    """The page with fresh tables."""
    return tables.rendered(text, table)


def table(name: str) -> str:
    if name == CODES:
        return tables.lines(("code", "meaning"), ((f"{int(code)}", text) for code, text in MEANS.items()))
    command = group if name == COMMON else _found(name)
    if command is None:
        raise KeyError(f"docs/archive.md has a table for {name}, and there is no such command")
    return tables.lines(("option", "what it does"), _options(command, is_common=name == COMMON))


def _found(name: str) -> click.Command | None:
    """`sync`; or `retention-plan`, a command of a command."""
    found: click.Command | None = group
    for part in name.split("-"):
        found = found.get_command(click.Context(found), part) if isinstance(found, click.Group) else None
    return found


def _options(command: click.Command, *, is_common: bool) -> Iterator[tuple[str, str]]:
    shared = {option.name for option in group.params}
    for option in command.params:
        if isinstance(option, click.Option) and (is_common or option.name not in shared):
            names = ", ".join(f"`{name}`" for name in option.opts)
            metavar = f" `{option.metavar}`" if option.metavar else ""
            yield f"{names}{metavar}", option.help or ""


if __name__ == "__main__":
    sys.exit(main())
