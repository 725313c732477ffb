"""Destinations other than the archive's folder: their files, compared as those here are, and their papers."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from ..archive import Archive
from ..catalogue import StoredFile
from ..custody import hash_blocks, hash_file
from ..destinations import Destination, LocalFolder, replace
from ..places import LEDGER, Places, said
from ..sync.copying import differing_ledger, papers
from .check import Check, Unmended
from .disk import by_digest, by_size, compare
from .findings import Sign
from .listing import Listing, listed

_GONE: tuple[Sign, str] = ("+", "it is not there")


def open_listings(check: Check, held: ExitStack) -> list[Listing]:
    """What the other destinations list. One that cannot be used is a finding, and left out."""
    result: list[Listing] = []
    for destination in check.archive.places.others:
        try:
            result.append(held.enter_context(listed(destination)))
        except OSError as error:
            check.give_up(destination.name, said(error))
    return result


def compare_at(places: Places, destination: Destination, file: StoredFile) -> tuple[Sign, str]:
    """The sign of a file that is read at a destination, and what is wrong with it."""
    if isinstance(destination, LocalFolder):
        return compare(destination.folder / file.path, file)
    return _asked(places, destination, lambda: by_digest(hash_blocks(destination.read(file.path)), file))


def look_at(places: Places, destination: Destination, file: StoredFile) -> tuple[Sign, str]:
    """The sign of a file by what a destination says of it alone."""

    def look() -> tuple[Sign, str]:
        seen = destination.look(file.path)
        return by_size(seen.size, file) if seen else _GONE

    return _asked(places, destination, look)


def compare_listed(listing: Listing, file: StoredFile) -> tuple[Sign, str] | None:
    """The sign of a file by what a destination lists; None if it does not list it."""
    size = listing.size(file.path)
    return None if size is None else by_size(size, file)


def _asked(
    places: Places, destination: Destination, compare_it: Callable[[], tuple[Sign, str]]
) -> tuple[Sign, str]:
    """A destination that failed too often is not asked: each time may take minutes."""
    if destination.name in places.down:
        return "!", "it was not asked for, as others before could not be read there"
    try:
        compared = compare_it()
    except FileNotFoundError:
        compared = _GONE
    except PermissionError as error:  # of this file, as one that is in cold storage
        return "!", f"it cannot be read: {said(error)}"
    except OSError as error:
        places.failed(destination, "", error)
        return "!", f"it cannot be read: {said(error)}"
    places.answered(destination)
    return compared


def check_strangers_there(check: Check, listing: Listing) -> None:
    """Look for files that no entry knows. They are never touched."""
    for key in listing.keys_in_order():
        check.checkpoint()
        if check.archive.catalogue.file(key) is None:
            check.found("-", "file", f"{listing.destination.name}/{key}", "no entry knows it")


def check_papers_there(check: Check, destination: Destination) -> None:
    """Hold the papers that a destination has against those here. Its ledger may lack the latest entries."""
    for path in papers(check.archive):
        check.checkpoint()
        name, mend = f"{destination.name}/{path}", partial(_publish, check.archive, destination, path)
        try:
            if path == LEDGER:
                reason = differing_ledger(check.archive, destination)
            else:
                is_same = hash_blocks(destination.read(path)) == hash_file(check.archive.path(path))
                reason = "" if is_same else "it is another one than here"
        except FileNotFoundError:
            check.found("+", "manifest", name, "it is not there", mend)
        except OSError as error:
            check.found("!", "manifest", name, f"it cannot be read: {said(error)}")
        else:
            if reason:  # of two ledgers, somebody has to say which one is right
                check.found("*", "manifest", name, reason, mend if path != LEDGER else None)
            else:
                check.fine("manifest", name)


def _publish(archive: Archive, destination: Destination, path: str) -> str:
    if not archive.places.meets(destination):
        raise Unmended(archive.places.down[destination.name])
    try:
        replace(destination, path, archive.path(path))
    except OSError as error:
        raise Unmended(said(error)) from None
    return "written again by what is here"
