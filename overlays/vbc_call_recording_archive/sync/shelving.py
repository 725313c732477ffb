"""From the client's hands into the archive: hashed, moved into place, written down, in this order.

The client verifies and publishes a file in `.incoming`; what is there under its final name is whole. It is
hashed right after that, while the system still has it in memory: what an export brought, or a killed run
left, comes without a hash of the client's.

A kill between any two steps is mended by the next run:

| killed before | what the next run finds | and does |
|---|---|---|
| the move | the file in `.incoming` | the client knows it, and transfers nothing |
| the ledger | the file in place, written down nowhere | fetches it again; if equal, one is kept |
| the catalogue | the ledger's entry | takes it over when it opens the archive |
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from ..archive import Event
from ..catalogue import FileKind, StoredFile, StoredRecording
from ..custody import Digest, hash_file, hash_text, move_into_place, sync_folder, write_whole
from ..layout import beside
from .events import FileDone, FileLost
from .work import Work

Arrivals = Iterable[tuple[StoredRecording, Path]]
"""Recordings, and the file that was fetched for each."""


def shelve(work: Work, arrivals: Arrivals, how: str) -> None:
    """Take audio that is whole and verified into the archive. Several at once cost the disk little more."""
    events: list[Event] = []
    done: list[FileDone] = []
    for row, fetched in arrivals:
        path = work.archive.layout.path(row.recording, row.source)
        digest = _place(work, fetched, path)
        events.append(added(row, "audio", path, digest, how))
        if work.archive.config.metadata == "beside":
            events.append(_written(work, row, path))
        done.append(FileDone(row.source, row.id, path, digest.size, how))
    _note(work, events)
    for file in done:
        work.counts["files"] += 1
        work.counts["bytes"] += file.size
        work.tell(file)


def shelve_transcripts(work: Work, arrivals: Arrivals, how: str) -> None:
    """Take transcripts beside their recordings' audio, or where that will be."""
    events: list[Event] = []
    for row, fetched in arrivals:
        path = beside(row.path or work.archive.layout.path(row.recording, row.source), ".txt")
        events.append(added(row, "transcript", path, _place(work, fetched, path), how))
    _note(work, events)


def find_lost(work: Work, source: str, start: str, end: str, listing: int) -> None:
    """Look for the files of that time, by their sizes.

    What the catalogue can write again, it does. Audio that the listing names is forgotten, so that it is
    fetched again; what has another size is set aside: it is kept, and never taken for the recording again.
    What the listing does not name stays catalogued: else nothing would tell that it is gone.
    """
    files = work.archive.catalogue.files(start=start, end=end, source=source)
    lost = [(file, reason) for file in files if (reason := _trouble(work.archive.path(file.path), file))]
    for file, reason in lost:
        row = work.archive.catalogue.get(source, file.id)
        assert row is not None, "a file belongs to a recording"
        work.counts["lost"] += 1
        work.tell(FileLost(file.path, reason))
        text = _kept_text(work, file, row)
        if not text and not work.archive.catalogue.is_named(source, file.id, listing):
            work.irreplaceable.append((row, f"{file.path}: {reason}, and it is not listed any more"))
            continue
        if os.path.lexists(work.archive.path(file.path)):
            work.archive.set_aside(file.path, reason)
        else:
            work.archive.note("lost", path=file.path, reason=reason)
        if text:
            write_whole(work.archive.path(file.path), [text])
            _note(work, [added(row, file.kind, file.path, hash_text(text), "repaired")])


def _kept_text(work: Work, file: StoredFile, row: StoredRecording) -> str:
    """What the catalogue knows to be in a file; empty if it does not."""
    if file.kind == "metadata" and row.wire != "{}":
        return metadata_text(row.wire)
    if file.kind == "transcript":
        text = work.archive.catalogue.transcript(file.source, file.id).text
        return text if hash_text(text).sha256 == file.sha256 else ""
    return ""


def _trouble(path: Path, file: StoredFile) -> str:
    try:
        size = path.stat(follow_symlinks=False).st_size
    except (FileNotFoundError, NotADirectoryError):
        return "it is not there"
    return "" if size == file.size else f"it has {size} bytes instead of {file.size}"


def _place(work: Work, fetched: Path, path: str) -> Digest:
    """Move a file to its path. What is there and has other bytes is set aside."""
    digest, target = hash_file(fetched), work.archive.path(path)
    if os.path.lexists(target):
        if target.is_file() and not target.is_symlink() and hash_file(target) == digest:
            fetched.unlink()
            return digest
        work.archive.set_aside(path, "something else was in the place of a recording")
    move_into_place(fetched, target)
    return digest


def _note(work: Work, events: list[Event]) -> None:
    """What is written down is on the disk, folders included, before it is written down."""
    for folder in {work.archive.path(str(data["path"])).parent for _, data in events}:
        sync_folder(folder)
    work.archive.note_all(events)


def _written(work: Work, row: StoredRecording, audio: str) -> Event:
    path = beside(audio, ".json")
    text = metadata_text(row.wire)
    write_whole(work.archive.path(path), [text])
    return added(row, "metadata", path, hash_text(text), "listing")


def metadata_text(wire: str) -> str:
    """What the API said of a recording, as it is written beside its audio."""
    return json.dumps(json.loads(wire), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def added(row: StoredRecording, kind: FileKind, path: str, digest: Digest, how: str) -> Event:
    """What the ledger is told of a file that is in its place."""
    return "added", {
        "source": row.source,
        "id": row.id,
        "start": row.start,
        "kind": kind,
        "path": path,
        "size": digest.size,
        "sha256": digest.sha256,
        "how": how,
    }
