"""Putting files at every destination that the settings name."""

import os
from collections.abc import Sequence
from pathlib import Path

from ..custody import hash_file, sync_folder
from ..destinations import LOCAL
from ..errors import NoDestinationError
from ..places import Failure, Outgoing
from .events import CopyFailed, Trouble
from .work import Work


def put_everywhere(work: Work, files: Sequence[Outgoing]) -> dict[str, list[str]]:
    """Put files where they belong, and say which destinations are proven to hold each key.

    What fails at one destination is told, and copied there at the end of a later run.

    Raises:
        NoDestinationError: None is left that could take them.
    """
    places = work.archive.places
    held, failures = places.put_elsewhere(files)
    tell_failures(work, failures)
    if places.has_local:
        for file in files:
            place(work, file)
            held[file.key].append(LOCAL)
        for folder in {work.archive.path(file.key).parent for file in files}:
            sync_folder(folder)
    elif len(places.down) == len(places.others):
        reasons = "; ".join(places.down.values())
        raise NoDestinationError(f"no destination takes files any more: {reasons}")
    return held


def place(work: Work, file: Outgoing) -> None:
    """Put a file into the archive's folder. What is there and has other bytes is set aside."""
    target = work.archive.path(file.key)
    if os.path.lexists(target):
        if _is_it(target, file):
            return
        work.archive.set_aside(file.key, "something else was in the place of a recording")
    work.archive.places.local.create(file.key, file.source, file.digest.sha256)


def tell_failures(work: Work, failures: Sequence[Failure]) -> None:
    """Say what did not get where it belongs, and what is the matter with destinations as a whole."""
    for failure in failures:
        work.tell(CopyFailed(failure.destination, failure.key, failure.reason))
    while news := work.archive.places.news:
        work.tell(Trouble(*news.popitem()))


def _is_it(target: Path, file: Outgoing) -> bool:
    return target.is_file() and not target.is_symlink() and hash_file(target) == file.digest
