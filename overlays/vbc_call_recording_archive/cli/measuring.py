"""Writes the metrics of an archive after a run."""

from datetime import UTC, datetime
from pathlib import Path

from ..archive import Archive
from ..custody import write_whole
from ..errors import ArchiveError
from ..metrics import Ended, metrics
from ..overview import overview
from .afterwards import Afterwards


def write_metrics(after: Afterwards, folder: Path, path: Path, code: int) -> None:
    """Write the file whole or not at all. A catalogue that cannot be read is no reason to write none."""
    now = datetime.now(UTC)
    ended = Ended(after.command, str(folder), code, after.began, now)
    before = path.read_text("utf-8", "replace") if path.exists() else ""
    try:
        with Archive(folder, catalogue=after.catalogue) as archive:
            seen, oldest = overview(archive), archive.catalogue.tally_checks(now).oldest
    except (ArchiveError, OSError):
        seen, oldest = None, ""
    write_whole(path, metrics(ended, seen, oldest, before))
