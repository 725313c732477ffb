"""`vbc-recordings export`: the catalogue for Excel, pandas and other programs."""

from pathlib import Path
from typing import Any

import click

from ..archive import Archive
from ..export import WRITERS, export
from . import archives, words
from .endings import CommandError, ExitCode
from .group import Command, Common

_FILE = click.Path(path_type=Path, allow_dash=True)


@click.command(
    "export",
    cls=Command,
    example="vbc-recordings export /srv/recordings --csv calls.csv --since 2026-01-01\n"
    "vbc-recordings export /srv/recordings --jsonl - | jq .duration_ms",
)
@archives.folder
@click.option("--csv", type=_FILE, metavar="FILE", help="For Excel. `-` is standard output.")
@click.option("--jsonl", type=_FILE, metavar="FILE", help="One JSON object a line.")
@click.option("--parquet", type=_FILE, metavar="FILE", help="For pandas and others; needs pyarrow.")
@archives.filters
@archives.catalogue
@click.pass_obj
def command(common: Common, /, folder: Path, catalogue: Path | None, **given: Any) -> ExitCode:
    """Write the catalogue to a file: one row a recording, the earliest first."""
    files = {kind: given[kind] for kind in WRITERS if given[kind] is not None}
    if not files:
        raise CommandError("where to?", "accepted: --csv FILE, --jsonl FILE, --parquet FILE")
    with Archive(folder, catalogue=catalogue) as archive:
        filters = archives.chosen(given, archive.config.timezone)
        for kind, path in files.items():
            count = export(archive, path, kind, filters)
            common.screen.note(f"{words.count(count, 'recording')} written to {path}")
    return ExitCode.DONE
