"""`vbc-recordings search`: full text over transcripts, names and numbers."""

from pathlib import Path

import click

from ..archive import Archive
from . import archives, options
from .endings import ExitCode
from .group import Command, Common
from .list import masked
from .screen import Column

COLUMNS = (
    Column("id", 10),
    Column("start", 19, rank=2),
    Column("name", 16, rank=1),
    Column("text", 0, least=34),
)


@click.command(
    "search",
    cls=Command,
    example="vbc-recordings search /srv/recordings 'cancel subscription'\n"
    "vbc-recordings search /srv/recordings dubois --mask --json",
)
@archives.folder
@click.argument("text")
@options.limit("So many at most, the best first. Default: 30.", 30)
@options.mask
@archives.catalogue
@options.as_json
@click.pass_obj
def command(
    common: Common, /, folder: Path, text: str, limit: int, mask: bool, catalogue: Path | None, as_json: bool
) -> ExitCode:
    """Find recordings by words of their transcripts, names and numbers; the last word may be a beginning."""
    with Archive(folder, catalogue=catalogue) as archive:
        rows = common.screen.rows(COLUMNS, json=as_json)
        for recording, excerpt in archive.catalogue.search(text, limit=limit):
            entry = {**archives.entry(recording), "excerpt": excerpt}
            entry = masked(entry) if mask else entry
            start = archives.local(archive, recording.start)
            rows.add([recording.id, start, entry.get("cnam"), " ".join(entry["excerpt"].split())], entry)
    if not rows.count:
        common.screen.note("nothing matches")
    return ExitCode.DONE
