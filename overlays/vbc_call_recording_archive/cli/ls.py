"""`vbc-recordings ls`: the recordings of an archive, the latest first."""

from pathlib import Path
from typing import Any

import click

from ..archive import Archive
from . import archives, options
from .endings import ExitCode
from .group import Command, Common
from .list import masked


@click.command(
    "ls",
    cls=Command,
    example="vbc-recordings ls /srv/recordings --since 7d --extension 107\n"
    "vbc-recordings ls /srv/recordings --missing --all --json | jq .id",
)
@archives.folder
@archives.filters
@options.limit("So many at most. Default: 30.", 30)
@click.option("--all", "everything", is_flag=True, help="All that match.")
@options.mask
@archives.catalogue
@options.as_json
@click.pass_obj
def command(
    common: Common,
    /,
    folder: Path,
    limit: int,
    everything: bool,
    mask: bool,
    catalogue: Path | None,
    as_json: bool,
    **given: Any,
) -> ExitCode:
    """List the recordings of an archive, the latest first. Days are those of the archive's time zone."""
    with Archive(folder, catalogue=catalogue) as archive:
        filters = archives.chosen(given, archive.config.timezone)
        rows = common.screen.rows(archives.COLUMNS, json=as_json)
        for recording in archive.catalogue.recordings(limit=None if everything else limit, **filters):
            entry = archives.entry(recording)
            entry = masked(entry) if mask else entry
            rows.add(archives.cells(archive, recording, entry), entry)
        total = rows.count if everything or rows.count < limit else archive.catalogue.count(**filters)
    if rows.count < total:
        common.screen.note(f"{rows.count:,} of {total:,}; --limit or --all for more")
    elif not total:
        common.screen.note("no recording matches")
    return ExitCode.DONE
