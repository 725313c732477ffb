"""Where a worker does a unit: a small archive of its own, which knows what the real one has."""

import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import evolve

from ..archive import Archive, Event
from ..catalogue import FileKind
from ..config import CONFIG, ArchiveConfig, read_config
from ..custody import write_whole
from ..destinations import LOCAL
from ..errors import ArchiveError
from ..layout import beside
from .shapes import SCRATCH, Known, Unit


@contextmanager
def scratch_archive(unit: Unit, place: Path | None) -> Generator[tuple[Archive, ArchiveConfig]]:
    """The worker's own archive, and the settings of the real one. Gone once the block is left without error.

    Args:
        place: Below it, what a killed worker has left of the same unit is found again. None begins anew.

    Raises:
        ArchiveBusyError: Another process on this machine is doing the same unit there.
        ArchiveError: The unit's id names no folder below `place`.
    """
    with ExitStack() as held:
        if place is None:
            folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="vbc-recordings-")))
        else:
            # The folder is removed in the end, whatever is in it.
            if not re.fullmatch(r"\w[^/\\:\0]*", unit["id"]):
                raise ArchiveError(f"the unit's id is {unit['id']!r}; accepted: what names a folder")
            folder = place / unit["id"]
            folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / CONFIG, [unit["settings"]])
        settings = read_config(folder)
        own = evolve(settings, destinations=(LOCAL,), stores={}, catalogue=None, bag=False)
        with Archive(folder, own, writable=True) as archive:
            if not archive.catalogue.meta("listing"):
                _seed(archive, unit)
            yield archive, settings
    shutil.rmtree(folder, ignore_errors=True)


def _seed(archive: Archive, unit: Unit) -> None:
    """Make it know what the real archive has of that time."""
    archive.note_all(_events(unit))
    for known in unit["here"]:
        if known["transcript"] != "none":
            archive.catalogue.set_transcript(unit["source"], known["id"], known["transcript"])


def _events(unit: Unit) -> Iterator[Event]:
    if unit["owner"]:
        yield "account", {"number": unit["owner"]}
    for known in unit["here"]:
        yield _file(unit, known, "audio", known["path"])
        if known["transcript"] == "ready":
            yield _file(unit, known, "transcript", beside(known["path"], ".txt"))


def _file(unit: Unit, known: Known, kind: FileKind, path: str) -> Event:
    return "added", {
        "source": unit["source"],
        "id": known["id"],
        "start": known["start"],
        "kind": kind,
        "path": path,
        "size": known["size"],
        "sha256": "",
        "how": SCRATCH,
    }
