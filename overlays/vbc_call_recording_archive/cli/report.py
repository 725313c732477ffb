"""`vbc-recordings report`: a page that shows how an archive is."""

from datetime import UTC, datetime
from pathlib import Path

import click

from ..archive import Archive
from ..custody import write_whole
from ..report import MARK, figures, page
from . import archives, options, words
from .endings import CommandError, ExitCode
from .group import Command, Common
from .options import When

_PAGE = "report.html"


@click.command(
    "report",
    cls=Command,
    example="vbc-recordings report /srv/recordings -o report.html\n"
    "vbc-recordings report /srv/recordings --mask",
)
@archives.folder
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="FILE",
    help="Default: report.html in DIR.",
)  # fmt: skip
@click.option(
    "--now", metavar="WHEN", callback=options.reads(options.read_when),
    help="Take this for the present: 2026-11-24T10:00.",
)  # fmt: skip
@options.mask
@archives.catalogue
@click.pass_obj
def command(
    common: Common,
    /,
    folder: Path,
    output: Path | None,
    now: When | None,
    mask: bool,
    catalogue: Path | None,
) -> ExitCode:
    """Write a page for people: is every day here, how many recordings, gaps, storage, runs.

    One HTML file that needs no other. It asks nobody but the catalogue.
    """
    path = output or folder / _PAGE
    _require_replaceable(path)
    with Archive(folder, catalogue=catalogue) as archive:
        at = datetime.now(UTC)
        shown = figures(archive, now.start(at, archive.config.timezone) if now else at)
        write_whole(path, page(shown, mask=mask))
    common.screen.note(f"{words.size(path.stat().st_size)} written to {path}")
    return ExitCode.DONE


def _require_replaceable(path: Path) -> None:
    if path.exists() and MARK not in path.read_text("utf-8", "replace")[:1000]:
        raise CommandError(
            f"{path} is there already, and holds something else", "accepted: another file, with -o"
        )
