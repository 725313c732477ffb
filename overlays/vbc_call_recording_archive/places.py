"""The destinations of an archive at work: what is put there is proven, and one that fails is not waited for.

The archive's own folder, `local`, has the ledger, the catalogue and the manifests in any case. The audio is
there only if the settings name it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from .catalogue import StoredFile
from .config import ArchiveConfig
from .custody import Digest, hash_file, write_pieces, write_whole
from .destinations import (
    LOCAL,
    Apart,
    Destination,
    LocalFolder,
    OccupiedError,
    open_destination,
    put,
    together,
)

T = TypeVar("T")

LEDGER = "ledger.jsonl"
PROBE = "create-only.txt"
_SAID = "vbc-recordings tries with this file whether what is here can be replaced by mistake.\n"
_PATIENCE = 3  # failures in a row, after which a destination is left alone until the next run


@frozen
class Outgoing:
    """A file on this machine that is to be kept."""

    key: str
    source: Path
    digest: Digest


@frozen
class Failure:
    """A file did not get to a destination, or could not be read there, and this is why."""

    destination: str
    key: str
    reason: str


class Places:
    """Where the files of an archive are kept.

    Attributes:
        names: Of all destinations, as the settings have them.
        local: The archive's folder; whether it is a destination is another matter: see `has_local`.
        others: The destinations elsewhere.
        down: Why a destination is not asked any more, by name.
        careless: Those that replace what is there when they are asked not to: they are looked at first.
        news: What is to be told of destinations as a whole, by name. Whoever tells it, empties it.
    """

    def __init__(
        self, folder: Path, config: ArchiveConfig, given: Sequence[Destination] | None = None
    ) -> None:
        """Open them. Nothing is sent.

        Raises:
            ConfigurationError: One of them cannot be opened.
        """
        if given is None:
            given = [
                open_destination(name, folder, config.stores.get(name, {})) for name in config.destinations
            ]
        self.names = tuple(each.name for each in given)
        self.local = LocalFolder(folder)
        self.others: tuple[Destination, ...] = tuple(Apart(each) for each in given if each.name != LOCAL)
        self.down: dict[str, str] = {}
        self.careless: set[str] = set()
        self.news: dict[str, str] = {}
        self._folder = folder
        self._concurrency = config.concurrency
        self._met: set[str] = set()
        self._in_a_row = Counter[str]()

    @property
    def all(self) -> tuple[Destination, ...]:
        """The destinations of the settings, `local` first."""
        return (self.local, *self.others) if self.has_local else self.others

    @property
    def has_local(self) -> bool:
        """Whether the archive's folder keeps files."""
        return LOCAL in self.names

    def put_elsewhere(self, files: Sequence[Outgoing]) -> tuple[dict[str, list[str]], list[Failure]]:
        """Put files at all destinations but `local`, several at a time.

        Returns:
            Which destinations are proven to hold each key, and what failed. Those that are down are left out.
        """
        held: dict[str, list[str]] = {file.key: [] for file in files}
        pairs = [(each, file) for each in self.others if self.meets(each) for file in files]
        failures = self.put_together(pairs)
        failed = {(failure.destination, failure.key) for failure in failures}
        for destination, file in pairs:
            if (destination.name, file.key) not in failed:
                held[file.key].append(destination.name)
        return held, failures

    def put_together(self, pairs: Sequence[tuple[Destination, Outgoing]]) -> list[Failure]:
        """Put files at destinations, several at a time. Give what failed."""
        if len(pairs) <= 1:
            return [failure for pair in pairs if (failure := self.put(*pair))]
        return [failure for failure in self.together(self.put, *zip(*pairs, strict=True)) if failure]

    def together(self, function: Callable[..., T], *arguments: Iterable[Any]) -> Iterator[T]:
        """As `map`, several at a time."""
        return together(self._concurrency, function, *arguments)

    def put(self, destination: Destination, file: Outgoing) -> Failure | None:
        """Put a file at a destination, and prove it. Give what failed, if something did."""
        if destination.name in self.down:
            return Failure(destination.name, file.key, self.down[destination.name])
        try:
            put(destination, file.key, file.source, file.digest, look_first=destination.name in self.careless)
        except OSError as error:
            return self.failed(destination, file.key, error)
        self.answered(destination)
        return None

    def meets(self, destination: Destination) -> bool:
        """Whether files may be put there: it is not down, and holds no other archive."""
        name = destination.name
        if name == LOCAL:
            return True
        if name not in self._met and name not in self.down:
            self._met.add(name)
            try:
                self._meet(destination)
            except OSError as error:
                self.give_up(name, said(error))
        return name not in self.down

    def bring(self, file: StoredFile, target: Path, *, but: str = "") -> str:
        """Bring a file here from a destination that holds it, proven by its SHA-256.

        Args:
            target: Where to. What is there is replaced.
            but: A destination not to ask.

        Returns:
            The destination's name; empty if none has it as it should be.
        """
        for destination in (self.local, *self.others):
            if destination.name not in file.holders or destination.name in (but, *self.down):
                continue
            try:
                digest = write_pieces(destination.read(file.path), target)
            except OSError as error:
                self.failed(destination, file.path, error)
                continue
            if digest == file.digest:
                return destination.name
        target.unlink(missing_ok=True)
        return ""

    def _meet(self, destination: Destination) -> None:
        """Its copy of the ledger tells whose it is. An own file tells whether it replaces what is there."""
        ledger = self._folder / LEDGER
        if destination.look(LEDGER) is None:
            put(destination, LEDGER, ledger, hash_file(ledger))
        elif first_line(destination.read(LEDGER)) != first_line(self.local.read(LEDGER)):
            raise OSError(f"{destination.name} holds another archive: its {LEDGER} is not of this one")
        if not keeps_what_it_has(destination, self._folder / ".incoming"):
            self.careless.add(destination.name)
            self.news[destination.name] = (
                "it replaces what is there when told not to, so it is looked at first"
            )

    def give_up(self, name: str, reason: str) -> None:
        """Ask it for nothing any more in this run."""
        self.down[name] = reason
        self.news[name] = f"it gets nothing until the next run: {reason}"

    def answered(self, destination: Destination) -> None:
        """It did what it was asked for."""
        self._in_a_row[destination.name] = 0

    def failed(self, destination: Destination, key: str, error: OSError) -> Failure:
        """It did not. After three times in a row it is given up."""
        name, reason = destination.name, said(error)
        if not isinstance(error, OccupiedError | FileNotFoundError):
            self._in_a_row[name] += 1
            if self._in_a_row[name] >= _PATIENCE and name != LOCAL:
                self.give_up(name, reason)
        return Failure(name, key, reason)


def keeps_what_it_has(destination: Destination, folder: Path) -> bool:
    """Whether a destination refuses to create what is there already. Leaves one small file there."""
    folder.mkdir(exist_ok=True)
    probe = folder / PROBE
    write_whole(probe, [_SAID])
    digest = hash_file(probe)
    try:
        for _ in range(2):
            destination.create(PROBE, probe, digest.sha256)
    except FileExistsError:
        return True
    finally:
        probe.unlink()
    return False


def first_line(pieces: Iterator[bytes]) -> bytes:
    """The first line of what comes in pieces, and no piece more."""
    line = b""
    for piece in pieces:
        line += piece
        if b"\n" in line:
            break
    return line.partition(b"\n")[0]


def said(error: OSError) -> str:
    """What went wrong, in a line."""
    return f"{error.strerror}: {error.filename}" if error.strerror else str(error)
