"""What destinations lack is copied to them at the end of a run, from another destination. So are the papers.

Papers are the manifests, what makes the archive a bag, and the ledger: with them, what is at a
destination can be checked without this program and this machine.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..archive import Archive
from ..catalogue import StoredFile
from ..custody import MANIFEST, hash_file, sync_folder
from ..destinations import LOCAL, Destination, replace
from ..places import LEDGER, Failure, Outgoing, said
from .placing import place, tell_failures
from .work import Work

_PAPERS = ("bagit.txt", "bag-info.txt", MANIFEST, LEDGER)  # the ledger last: it tells of all that is there


def copy_what_lacks(work: Work) -> int:
    """Copy to each destination the files and the papers that it lacks. Say how many it still lacks."""
    places, catalogue = work.archive.places, work.archive.catalogue
    for destination in places.all:
        for block in catalogue.lacking_at(destination.name):
            if not places.meets(destination):
                break
            work.checkpoint()
            _copy(work, destination, block)
    papers = sum(publish(work, each) for each in places.others)
    tell_failures(work, [])
    return sum(count for count, _ in catalogue.uncopied(places.names).values()) + papers


def publish(work: Work, destination: Destination) -> int:
    """Bring the papers to a destination, where they changed. Say how many did not get there."""
    archive = work.archive
    known, name = archive.catalogue.papers(destination.name), destination.name
    stamps = {path: _stamp(archive.path(path)) for path in papers(archive)}
    due = [path for path, stamp in stamps.items() if known.get(path) != stamp]
    if due and not _takes_papers(archive, destination):
        return len(due)
    failures: list[Failure] = []
    for path in due:
        try:
            replace(destination, path, archive.path(path))
        except OSError as error:
            failures.append(Failure(name, path, said(error)))
        else:
            archive.catalogue.save_paper(name, path, stamps[path])
    tell_failures(work, failures)
    return len(failures)


def _takes_papers(archive: Archive, destination: Destination) -> bool:
    """Whether its ledger is an earlier state of ours: else another machine's would be lost."""
    if not archive.places.meets(destination):
        return False
    try:
        reason = differing_ledger(archive, destination)
    except FileNotFoundError:
        return True
    except OSError as error:
        reason = said(error)
    if reason:
        archive.places.give_up(destination.name, f"its {LEDGER} stays: {reason}")
    return not reason


def differing_ledger(archive: Archive, destination: Destination) -> str:
    """What is wrong with its copy of the ledger; empty if that is how the ledger here begins."""
    with archive.path(LEDGER).open("rb") as here:
        for piece in destination.read(LEDGER):
            if here.read(len(piece)) != piece:
                return (
                    "it is not how the ledger here begins: one of them was changed, another machine writes "
                    "there, too, or this archive came from an older backup"
                )
    return ""


def papers(archive: Archive) -> Iterator[str]:
    """The papers that there are, relative to the archive."""
    for path in sorted((archive.folder / "manifests").rglob(MANIFEST)):
        yield path.relative_to(archive.folder).as_posix()
    yield from (name for name in _PAPERS if archive.path(name).exists())


def _copy(work: Work, destination: Destination, block: Sequence[StoredFile]) -> None:
    folder = work.archive.incoming / "copies"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ready: list[Outgoing] = []
    failures: list[Failure] = []
    for number, file in enumerate(block):
        source = _source(work.archive, destination, file, folder / str(number))
        if source is None:
            failures.append(Failure(destination.name, file.path, _why_not(work.archive, file)))
        else:
            ready.append(Outgoing(file.path, source, file.digest))
    failures += _put(work, destination, ready)
    failed = {failure.key for failure in failures}
    copied = [file.key for file in ready if file.key not in failed]
    if copied:
        work.archive.note("copied", destination=destination.name, paths=copied)
        work.counts["copied"] += len(copied)
    tell_failures(work, failures)
    shutil.rmtree(folder, ignore_errors=True)


def _put(work: Work, destination: Destination, files: Sequence[Outgoing]) -> list[Failure]:
    if destination.name != LOCAL:
        return work.archive.places.put_together([(destination, file) for file in files])
    for file in files:
        place(work, file)
    for folder in {work.archive.path(file.key).parent for file in files}:
        sync_folder(folder)
    return []


def _source(archive: Archive, destination: Destination, file: StoredFile, target: Path) -> Path | None:
    """The file on this machine, proven: where it belongs, or brought from another destination."""
    here = archive.path(file.path)
    if LOCAL in file.holders and here.is_file() and hash_file(here) == file.digest:
        return here
    return target if archive.places.bring(file, target, but=destination.name) else None


def _why_not(archive: Archive, file: StoredFile) -> str:
    if any(name in archive.places.names for name in file.holders):
        return "no other destination has it as it should be"
    return f"only {', '.join(file.holders)} has it, which the settings do not name any more"


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns}"
