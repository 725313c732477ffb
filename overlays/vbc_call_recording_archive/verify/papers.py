"""The papers: the ledger held against itself, the catalogue against the ledger, manifests against both."""

import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice, zip_longest
from pathlib import Path

from ..catalogue import Catalogue, StoredFile, StoredWindow
from ..custody import MANIFEST, hash_file, manifest_of_window, read_manifest
from ..errors import ArchiveError
from ..ledger import Entry
from .check import Check, Mending
from .findings import Sign

_BLOCK = 1000  # entries of the ledger taken over in one transaction


def check_ledger(check: Check) -> bool:
    """Read the ledger's whole chain, and say whether it is as it was written."""
    found = check.archive.ledger.check(check.archive.catalogue.head)
    if found.first_bad is None:
        check.fine("ledger", f"{found.entries} entries")
        return True
    reason = f"it was tampered with, and only a backup can put that right: {found.reason}"
    check.found("*", "ledger", f"entry {found.first_bad}", reason)
    return False


def check_catalogue(check: Check) -> None:
    """Hold the catalogue's files against those that the ledger tells of. Its chain must be in order."""
    repairable = False
    with tempfile.TemporaryDirectory() as place, Catalogue(Path(place) / "told", writable=True) as told:
        for block in _entries(check):
            told.apply(block)
        for sign, path, reason in _differing(told.files(), check.archive.catalogue.files()):
            check.checkpoint()
            check.found(sign, "catalogue", path, reason, None if sign == "-" else _from_the_ledger)
            repairable |= sign != "-"
    if repairable and check.repair:
        for block in _entries(check):
            check.archive.catalogue.apply(block)


def check_manifests(check: Check) -> None:
    """Hold the manifest of each window against the catalogue."""
    windows = _by_manifest(check.archive.catalogue.windows())
    for path, window in windows.items():
        check.checkpoint()
        files = check.archive.catalogue.files(start=window.start, end=window.end, source=window.source)
        _check_manifest(check, path, files, partial(_rewrite, check, window, path))
    for found in sorted((check.archive.folder / "manifests").rglob(MANIFEST)):
        name = found.relative_to(check.archive.folder).as_posix()
        if name not in windows:
            check.found("-", "manifest", name, "it is of no window that the catalogue knows")


def check_bag(check: Check) -> None:
    """Hold the manifest of everything, and what the bag says of itself, against the catalogue."""
    catalogue, mend = check.archive.catalogue, partial(_rebag, check)
    state = catalogue.meta("bag")
    if not check.archive.config.bag or not state:
        return
    if state == "stale" and check.repaired:  # our own doing, a moment ago
        check.archive.write_bag()
    elif state == "stale":
        check.found("*", "manifest", MANIFEST, "it is older than the last change", mend)
        return
    _check_manifest(check, MANIFEST, catalogue.files(), mend)
    count, size = catalogue.payload()
    info = check.archive.path("bag-info.txt")
    if not info.exists() or f"Payload-Oxum: {size}.{count}\n" not in info.read_text("utf-8", "replace"):
        check.found("*", "manifest", info.name, f"it does not tell of {count} files, {size} bytes", mend)


def _check_manifest(check: Check, path: str, files: Iterator[StoredFile], mend: Mending) -> None:
    wanted = ((file.path, file.sha256) for file in files)
    sign, reason = _compared(check.archive.path(path), wanted)
    if sign == "=":
        check.fine("manifest", path)
    else:
        check.found(sign, "manifest", path, reason, mend)


def _compared(path: Path, wanted: Iterator[tuple[str, str]]) -> tuple[Sign, str]:
    """The first difference counts. A window without files has no manifest."""
    try:
        if not path.exists():
            return ("=", "") if next(wanted, None) is None else ("+", "it is not there")
        for here, should in zip_longest(read_manifest(path), wanted):
            if here != should:
                return "*", _difference(here, should)
    except UnicodeDecodeError:
        return "*", "it is not text"
    except ArchiveError as error:
        return "*", str(error)
    except OSError as error:
        return "!", f"it cannot be read: {error.strerror or error}"
    return "=", ""


def _difference(here: tuple[str, str] | None, should: tuple[str, str] | None) -> str:
    if here is not None and should is not None and here[0] == should[0]:
        return f"it has another SHA-256 for {here[0]}"
    if should is None or (here is not None and here[0] < should[0]):
        return f"it names {here[0] if here else ''}, which the catalogue does not know"
    return f"it does not name {should[0]}"


def _rewrite(check: Check, window: StoredWindow, path: str) -> str:
    archive = check.archive
    archive.write_manifest(window.source, window.start, window.end, path)
    target = archive.path(path)
    digest = hash_file(target).sha256 if target.exists() else ""
    archive.note("manifest", source=window.source, window=window.name, manifest=path, sha256=digest)
    return "written again by the catalogue"


def _rebag(check: Check) -> str:
    check.archive.catalogue.set_meta("bag", "stale")
    check.archive.write_bag()
    return "written again by the catalogue"


def _by_manifest(windows: Iterable[StoredWindow]) -> dict[str, StoredWindow]:
    """Of two windows with one manifest, as after another time zone was set, the later looked at counts."""
    result: dict[str, StoredWindow] = {}
    for window in sorted(windows, key=lambda window: window.checked_at):
        result[manifest_of_window(window.source, window.name)] = window
    return dict(sorted(result.items()))


def _entries(check: Check) -> Iterator[list[Entry]]:
    """The ledger's entries that the catalogue has seen, in blocks."""
    last = check.archive.catalogue.head.seq
    entries = (entry for entry in check.archive.ledger.entries() if entry.seq <= last)
    while block := list(islice(entries, _BLOCK)):
        check.checkpoint()
        yield block


def _differing(told: Iterator[StoredFile], kept: Iterator[StoredFile]) -> Iterator[tuple[Sign, str, str]]:
    """Two streams in the order of paths, compared."""
    should, here = next(told, None), next(kept, None)
    while should is not None or here is not None:
        if here is None or (should is not None and should.path < here.path):
            assert should is not None
            yield "+", should.path, "the ledger tells of it, and the catalogue has it not"
            should = next(told, None)
        elif should is None or here.path < should.path:
            yield "-", here.path, "the catalogue has it, and the ledger does not tell of it"
            here = next(kept, None)
        else:
            if _facts(should) != _facts(here):
                yield "*", here.path, "the catalogue has other facts about it than the ledger"
            should, here = next(told, None), next(kept, None)


def _facts(file: StoredFile) -> tuple[object, ...]:
    return file.source, file.id, file.kind, file.size, file.sha256


def _from_the_ledger() -> str:
    return "taken over from the ledger again"
