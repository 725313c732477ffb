"""An archive: a folder, its settings, its catalogue and its ledger.

    DIR/archive.toml                   settings; no secrets
    DIR/data/audio/2026/11/24/…        the recordings, and what belongs to them
    DIR/ledger.jsonl                   what happened to them
    DIR/catalogue.sqlite3              what is known of them; may be elsewhere
    DIR/manifests/company/2026-11-24/  a manifest for each window
    DIR/manifest-sha256.txt            and one of everything, with bagit.txt and bag-info.txt
    DIR/.incoming/                     what is on its way; may be deleted while nothing runs
    DIR/set-aside/                     what was found in the place of a recording, and is not it

The ledger is written first and synced, then the catalogue. So what the catalogue lacks after a kill or a
power cut, it takes from the ledger when the archive is next opened for writing, all of it if need be.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from filelock import FileLock, Timeout

from .catalogue import Catalogue
from .config import ArchiveConfig, read_config
from .custody import update_manifest, write_bag
from .destinations import Destination
from .errors import ArchiveBusyError, ArchiveError
from .layout import PAYLOAD, Layout
from .ledger import Entry, Ledger
from .places import LEDGER, Places

Event = tuple[str, Mapping[str, Any]]
"""What happened, as `Ledger.append` takes it."""

CATALOGUE = "catalogue.sqlite3"
_BLOCK = 1000  # ledger entries taken over in one transaction


class Archive:
    """An archive, open for reading or for writing. Use it in a `with` statement.

    Args:
        folder: The archive's. It must exist.
        config: Its settings; None reads them from its `archive.toml`.
        writable: Whether it is to be written: by one process at a time. Reading is possible all the while.
        catalogue: Where the catalogue is, in place of what the settings say.
        destinations: Where files are kept, in place of what the settings say: see `destinations.protocol`.

    Raises:
        ArchiveBusyError: It is to be written, and another process is writing it.
        ArchiveError: It is to be read, and nothing was ever written to it.
        CatalogueError, LedgerError: See there.
        ConfigurationError: The settings are not valid.
    """

    def __init__(
        self,
        folder: Path | str,
        config: ArchiveConfig | None = None,
        *,
        writable: bool = False,
        catalogue: Path | str | None = None,
        destinations: Sequence[Destination] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.config = config or read_config(self.folder)
        self.layout = Layout(self.config.layout, self.config.timezone)
        self.ledger = Ledger(self.folder / LEDGER)
        self._given = destinations
        self.writable = writable
        chosen = catalogue or self.config.catalogue or CATALOGUE
        self.catalogue_path = self.folder / Path(chosen)
        with ExitStack() as held:
            if writable:
                _ = self.places  # what cannot be used is told before anything is done
                self._lock(held)
            elif not self.catalogue_path.exists():
                raise ArchiveError(f"{self.folder} has no catalogue yet; `vbc-recordings sync` makes it")
            self.catalogue = held.enter_context(Catalogue(self.catalogue_path, writable=writable))
            if writable:
                self._catch_up()
            self._held = held.pop_all()

    def close(self) -> None:
        """Close the catalogue, and let others write."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def places(self) -> Places:
        """Its destinations. Whoever only reads the catalogue needs none of them, nor their logins."""
        return Places(self.folder, self.config, self._given)

    def path(self, relative: str) -> Path:
        """Where a file of the catalogue is on this machine."""
        return self.folder / relative

    @property
    def incoming(self) -> Path:
        """Where files are while they are fetched, on the same file system as the archive."""
        return self.folder / ".incoming"

    def note(self, what: str, **data: Any) -> None:
        """Write down what happened: to the ledger, then to the catalogue. See `effects` for what has any.

        | `what` | `data` |
        |---|---|
        | `added` | `source`, `id`, `start`, `kind`, `path`, `size`, `sha256`, `how`; `held`, if not `local` |
        | `copied` | `destination`, `paths`: it holds these files now, too |
        | `verified` | `how`, `paths`: a list, and of use in blocks of some hundred |
        | `deleted` | `source`, `id`, and what was known of it: a tombstone |
        | `deleting`, `not_deleted`, `delete_unknown` | the same: see `retention`. No effect |
        | `repairing`, `manifest` | see `verify`. No effect |
        | `set_aside` | `path`, `to`, `reason`: it was not what it should be |
        | `lost` | `path`, `reason`: it was not there; `destination`, if not `local` |
        | `superseded` | `source`, `id`, `to`: the vendor gave the id to another recording |
        | `account` | `number`: whose recordings these are, by their links |
        """
        self.note_all([(what, data)])

    def note_all(self, events: Iterable[Event]) -> None:
        """Write down several things at once, which costs the disk no more than one."""
        if self.catalogue.is_rehearsal:
            self.catalogue.pretend(events)
        else:
            self.catalogue.apply(self.ledger.append_all(events))

    def set_aside(self, path: str, reason: str) -> str:
        """Move what is in the place of a file, and is not it, out of the way. It is kept.

        Returns:
            Where it is now, relative to the archive.
        """
        target = f"set-aside/{uuid4().hex[:8]}/{Path(path).name}"
        self.path(target).parent.mkdir(parents=True)
        self.path(path).rename(self.path(target))
        self.note("set_aside", path=path, to=target, reason=reason)
        return target

    def write_manifest(self, source: str, start: str, end: str, path: str) -> bool:
        """Write the manifest of the files of a source's recordings that started in that time.

        Returns:
            Whether it is another one than before. Without files, there is none.
        """

        def files() -> Iterator[tuple[str, str]]:
            found = self.catalogue.files(start=start, end=end, source=source)
            return ((file.path, file.sha256) for file in found)

        return update_manifest(self.path(path), files)

    def write_bag(self) -> None:
        """Bring the manifest of everything up to date, if anything was added since."""
        if not self.config.bag or self.catalogue.meta("bag") != "stale":
            return
        count, size = self.catalogue.payload()
        self.path(PAYLOAD).mkdir(exist_ok=True)
        files = ((file.path, file.sha256) for file in self.catalogue.files())
        write_bag(self.folder, files, count=count, size=size)
        self.catalogue.set_meta("bag", "written")

    def _lock(self, held: ExitStack) -> None:
        lock = FileLock(self.folder / ".lock", thread_local=False)
        try:
            held.enter_context(lock.acquire(timeout=0))
        except Timeout:
            raise ArchiveBusyError(
                f"{self.folder} is being written by another process; reading it is possible meanwhile"
            ) from None

    def _catch_up(self) -> None:
        """Take over what the ledger knows and the catalogue does not."""
        known = self.catalogue.head
        if not self.ledger.path.exists() and known.seq == 0:
            self.note("created", archive=str(uuid4()))
            return
        self.ledger.heal(known)
        block: list[Entry] = []
        for entry in self.ledger.entries(after=known):
            block.append(entry)
            if len(block) >= _BLOCK:
                self.catalogue.apply(block)
                block.clear()
        self.catalogue.apply(block)
