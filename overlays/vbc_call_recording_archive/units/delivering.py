"""From a worker's own archive to the destinations of the real one: create-only, read back, never replaced."""

from collections.abc import Sequence
from pathlib import Path

from ..archive import Archive
from ..catalogue import StoredFile
from ..config import ArchiveConfig
from ..custody import sync_folder, write_whole
from ..destinations import Destination, LocalFolder
from ..errors import ArchiveError
from ..places import LEDGER, Failure, Outgoing, Places, first_line
from .shapes import Unit

Delivered = tuple[dict[str, list[str]], dict[str, str]]
"""Which destinations are proven to hold a path, and why others do not."""


class Delivery:
    """The destinations of the archive that a unit is of.

    Args:
        folder: Where that archive is on this machine; of use only if its settings have `local`.
        given: Destinations to use in place of those of the settings.

    Raises:
        ArchiveError: It is not there: not mounted, perhaps. Nothing was fetched for it.
        ConfigurationError: A destination cannot be opened.
    """

    def __init__(
        self,
        scratch: Archive,
        unit: Unit,
        settings: ArchiveConfig,
        folder: Path,
        given: Sequence[Destination] | None,
    ) -> None:
        self._scratch = scratch
        own = scratch.folder / "identity"  # what tells destinations which archive their files are of
        write_whole(own / LEDGER, [unit["archive"] + "\n"])
        self._places = Places(own, settings, given)
        self._local = LocalFolder(folder) if self._places.has_local else None
        if self._local is not None:
            _require_it(self._local, unit)

    def put(self, files: Sequence[StoredFile]) -> Delivered:
        """Put files of the worker's archive at every destination."""
        outgoing = [Outgoing(file.path, self._scratch.path(file.path), file.digest) for file in files]
        held, failures = self._places.put_elsewhere(outgoing)
        if self._local is not None:
            failures += self._put_local(self._local, outgoing, held)
        reasons = {path: "no destination has taken it" for path, holders in held.items() if not holders}
        return held, reasons | {
            failure.key: f"{failure.destination}: {failure.reason}" for failure in failures
        }

    def _put_local(
        self, local: LocalFolder, files: Sequence[Outgoing], held: dict[str, list[str]]
    ) -> list[Failure]:
        failures: list[Failure] = []
        for file in files:
            failure = self._places.put(local, file)
            if failure is None:
                held[file.key].append(local.name)
            else:
                failures.append(failure)
        for folder in {(local.folder / file.key).parent for file in files}:
            sync_folder(folder)
        return failures


def _require_it(local: LocalFolder, unit: Unit) -> None:
    try:
        found = first_line(local.read(LEDGER)).decode("utf-8", "replace")
    except OSError:
        found = ""
    if found != unit["archive"]:
        raise ArchiveError(
            f"{local.folder} is not the archive that the unit is of; accepted: where this machine has that"
        )
