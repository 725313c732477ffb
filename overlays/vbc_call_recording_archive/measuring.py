"""Writes the metrics of an archive after a run."""

from datetime import UTC, datetime
from pathlib import Path

from .archive import Archive
from .custody import write_whole
from .errors import ArchiveError
from .metrics import Ended, metrics
from .overview import overview


def write_metrics(path: Path, ended: Ended, catalogue: Path | None = None) -> None:
    """Write the file whole or not at all, also where the catalogue cannot be read.

    Args:
        catalogue: Where that is, if not where the archive's settings say.
    """
    before = path.read_text("utf-8", "replace") if path.exists() else ""
    try:
        with Archive(ended.archive, catalogue=catalogue) as archive:
            seen, oldest = overview(archive), archive.catalogue.tally_checks(datetime.now(UTC)).oldest
    except (ArchiveError, OSError):
        seen, oldest = None, ""
    write_whole(path, metrics(ended, seen, oldest, before))
