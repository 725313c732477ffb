"""Destinations other than the archive's folder: their files, compared as those here are, and their papers."""

from contextlib import ExitStack
from functools import partial

from ..archive import Archive
from ..catalogue import StoredFile
from ..custody import hash_blocks, hash_file
from ..destinations import Destination, LocalFolder, replace
from ..places import LEDGER, said
from ..sync.copying import papers
from .check import Check, Unmended
from .disk import by_digest, by_size, compare
from .findings import Sign
from .listing import Listing, listed


def open_listings(check: Check, held: ExitStack) -> list[Listing]:
    """What the other destinations list. One that cannot be used is a finding, and left out."""
    result: list[Listing] = []
    for destination in check.archive.places.others:
        try:
            result.append(held.enter_context(listed(destination)))
        except OSError as error:
            check.found("!", "destination", destination.name, said(error))
    return result


def compare_at(destination: Destination, file: StoredFile) -> tuple[Sign, str]:
    """The sign of a file that is read at a destination, and what is wrong with it."""
    if isinstance(destination, LocalFolder):
        return compare(destination.folder / file.path, file)
    try:
        return by_digest(hash_blocks(destination.read(file.path)), file)
    except FileNotFoundError:
        return "+", "it is not there"
    except OSError as error:
        return "!", f"it cannot be read: {said(error)}"


def compare_listed(listing: Listing, file: StoredFile) -> tuple[Sign, str]:
    """The sign of a file by what a destination lists."""
    size = listing.size(file.path)
    return ("+", "it is not there") if size is None else by_size(size, file)


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
                reason = _ledger_there(check.archive, destination)
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


def _ledger_there(archive: Archive, destination: Destination) -> str:
    """What is wrong with its copy of the ledger; empty if that is how the ledger here begins."""
    with archive.path(LEDGER).open("rb") as here:
        for piece in destination.read(LEDGER):
            if here.read(len(piece)) != piece:
                return (
                    "it is not how the ledger here begins: one of them was changed, or is of another archive"
                )
    return ""


def _publish(archive: Archive, destination: Destination, path: str) -> str:
    if not archive.places.meets(destination):
        raise Unmended(archive.places.down[destination.name])
    try:
        replace(destination, path, archive.path(path))
    except OSError as error:
        raise Unmended(said(error)) from None
    return "written again by what is here"
