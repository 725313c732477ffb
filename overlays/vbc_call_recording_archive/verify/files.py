"""The files: each held against its size and its SHA-256, at every destination that the settings name."""

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import compress, repeat

from attrs import define

from ..catalogue import StoredFile
from ..destinations import LOCAL, Destination
from .check import Check
from .disk import compare
from .elsewhere import compare_at, compare_listed, look_at
from .findings import Checked, Sign
from .listing import Listing
from .mending import Mender

_BLOCK = 500  # files written down as verified at a time, and read from the catalogue

Compared = tuple[Sign, str]


@define
class FileCheck:
    """Compares every file of the catalogue with what destinations have.

    Attributes:
        listings: Of the destinations other than the archive's folder.
        chosen: Which files to read, by their place in the order of paths; the others are looked for, by
            their size. None reads all.
        read: How many files were read.
        bytes: How many bytes, at all destinations.
    """

    check: Check
    listings: Sequence[Listing]
    chosen: Collection[int] | None
    mender: Mender | None
    read: int = 0
    bytes: int = 0

    def run(self) -> None:
        """Compare them, one after the other."""
        archive, done = self.check.archive, 0
        places = len(self.listings) + archive.places.has_local
        total, size = archive.catalogue.payload()
        for block in self._blocks():
            is_read = [self.chosen is None or done + number in self.chosen for number in range(len(block))]
            right = list[str]()
            for file, read, there in zip(block, is_read, self._there(block, is_read), strict=True):
                self.check.checkpoint()
                right += [file.path] if self._is_right(file, there, read=read) else []
                done += 1
                self.check.tell(Checked(done, total, self.bytes, size * places))
            if right and archive.writable:
                archive.note("verified", how="verify", paths=right)

    def _is_right(self, file: StoredFile, there: Sequence[Compared], *, read: bool) -> bool:
        """Whether it was read everywhere, and is as it should be."""
        found: list[tuple[Destination, Compared]] = [
            (listing.destination, compared) for listing, compared in zip(self.listings, there, strict=True)
        ]
        places = self.check.archive.places
        if places.has_local:
            here = compare(self.check.archive.path(file.path), file, read=read)
            found.insert(0, (places.local, here))
        wrong = {destination.name for destination, (sign, _) in found if sign in "+*"}
        sound = {name for name in file.holders if name in places.names} - wrong
        for destination, (sign, reason) in found:
            self._tell(destination, file, sign, reason, sound)
        self.read += read
        self.bytes += file.size * sum(sign != "!" for _, (sign, _) in found) * read
        return read and all(sign == "=" for _, (sign, _) in found)

    def _tell(
        self, destination: Destination, file: StoredFile, sign: Sign, reason: str, sound: set[str]
    ) -> None:
        """`sound` are the destinations that are to have it, as far as is known now."""
        if sign == "!" and destination.name in self.check.archive.places.down:
            self.check.give_up(destination.name)
            return
        name = file.path if destination.name == LOCAL else f"{destination.name}/{file.path}"
        if sign == "=":
            self.check.fine("file", name)
            return
        if destination.name not in file.holders:
            reason = "it has not come there yet" if sign == "+" else reason
        elif sign in "+*" and sound and self.check.archive.writable:
            # Nothing claims it any more: what lacks it gets it from another destination, now or by sync.
            # Where no other one has it, the entry stays: its SHA-256 tells a backup from anything else.
            self.check.archive.note("lost", path=file.path, reason=reason, destination=destination.name)
        mend = partial(self.mender.mend, destination, file, sign) if self.mender else None
        if self.check.found(sign, "file", name, reason, mend):
            sound.add(destination.name)

    def _there(self, block: Sequence[StoredFile], is_read: Sequence[bool]) -> Iterator[tuple[Compared, ...]]:
        """What the other destinations have of each file."""
        results = [self._listed(listing, block, is_read) for listing in self.listings]
        return zip(*results, strict=True) if results else repeat((), len(block))

    def _listed(
        self, listing: Listing, block: Sequence[StoredFile], is_read: Sequence[bool]
    ) -> Iterator[Compared]:
        """Those to be read are asked for several at a time, and those that are not listed: it may be late."""
        places = self.check.archive.places
        is_listed = [compare_listed(listing, file) for file in block]
        is_asked = [read or there is None for read, there in zip(is_read, is_listed, strict=True)]

        def ask(file: StoredFile, read: bool) -> Compared:
            return (compare_at if read else look_at)(places, listing.destination, file)

        compared = places.together(ask, compress(block, is_asked), compress(is_read, is_asked))
        for there, asked in zip(is_listed, is_asked, strict=True):
            yield there if there is not None and not asked else next(compared)

    def _blocks(self) -> Iterator[list[StoredFile]]:
        """In blocks, as a repair writes to the catalogue meanwhile."""
        path = ""
        while block := list(self.check.archive.catalogue.files(after=path, limit=_BLOCK)):
            yield block
            path = block[-1].path
