"""From the client's hands into the archive: put at its destinations, written down, taken away.

The client verifies and publishes a file in `.incoming`; what is there under its final name is whole. What an
export brought, or a killed run left, comes without a hash of the client's, and is hashed here.

A kill between any two steps is mended by the next run:

| killed before | what the next run finds | and does |
|---|---|---|
| it is anywhere | the file in `.incoming` | the client knows it, and transfers nothing |
| the ledger | the same, and the file at destinations, written down nowhere | finds that these are equal |
| the catalogue | the ledger's entry | takes it over when it opens the archive |
| it is taken away | the file in `.incoming` | empties `.incoming` at its end |
"""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import frozen

from ..archive import Event
from ..catalogue import FileKind, StoredFile, StoredRecording
from ..custody import Digest, hash_file, hash_text, sync_folder, write_whole
from ..destinations import LOCAL
from ..layout import beside
from ..places import Outgoing
from .events import FileDone, FileLost
from .placing import put_everywhere
from .work import Work


@frozen
class Fetched:
    """A recording, a file that was fetched for it, and the file's SHA-256 if the client told it."""

    row: StoredRecording
    path: Path
    sha256: str = ""


@frozen
class _Parcel:
    """A file that is to be kept, and what the ledger is to say of it."""

    row: StoredRecording
    kind: FileKind
    file: Outgoing
    how: str


def shelve(work: Work, files: Iterable[Fetched], how: str) -> None:
    """Take audio that is whole and verified into the archive. Several at once cost the disk little more."""
    parcels: list[_Parcel] = []
    for fetched in files:
        path = work.archive.layout.path(fetched.row.recording, fetched.row.source)
        parcels.append(_parcel(fetched, "audio", path, how))
        if _needs_metadata(work, fetched.row):
            metadata = _metadata(work, fetched.row)
            parcels.append(_parcel(metadata, "metadata", beside(path, ".json"), "listing"))
    for parcel in _kept(work, parcels):
        if parcel.kind == "audio":
            work.counts["files"] += 1
            work.counts["bytes"] += parcel.file.digest.size
            row, file = parcel.row, parcel.file
            work.tell(FileDone(row.source, row.id, file.key, file.digest.size, how))


def shelve_transcripts(work: Work, files: Iterable[Fetched], how: str) -> list[int]:
    """Take transcripts beside their recordings' audio, or where that will be.

    Returns:
        The keys of the recordings whose transcripts are kept now.
    """
    parcels: list[_Parcel] = []
    for fetched in files:
        audio = fetched.row.path or work.archive.layout.path(fetched.row.recording, fetched.row.source)
        parcels.append(_parcel(fetched, "transcript", beside(audio, ".txt"), how))
    return [parcel.row.key for parcel in _kept(work, parcels)]


def _kept(work: Work, parcels: Sequence[_Parcel]) -> list[_Parcel]:
    """Put files at every destination, and write down where each is. Give those that are anywhere."""
    held = put_everywhere(work, [parcel.file for parcel in parcels])
    kept = [parcel for parcel in parcels if held[parcel.file.key]]
    work.archive.note_all(
        added(each.row, each.kind, each.file.key, each.file.digest, each.how, held[each.file.key])
        for each in kept
    )
    for parcel in parcels:
        if held[parcel.file.key]:
            parcel.file.source.unlink()
        else:
            work.fail(parcel.row.source, parcel.row.id, "no destination has taken it")
    return kept


def find_lost(work: Work, source: str, start: str, end: str, listing: int) -> None:
    """Look for the files of that time, by their sizes.

    What the catalogue can write again, it does. Audio that the listing names is forgotten, so that it is
    fetched again; what has another size is set aside: it is kept, and never taken for the recording again.
    What the listing does not name stays catalogued: else nothing would tell that it is gone.
    """
    files = work.archive.catalogue.files(start=start, end=end, source=source)
    lost = [
        (file, reason)
        for file in files
        if LOCAL in file.holders and (reason := _trouble(work.archive.path(file.path), file))
    ]
    for file, reason in lost:
        row = work.archive.catalogue.get(source, file.id)
        assert row is not None, "a file belongs to a recording"
        work.counts["lost"] += 1
        work.tell(FileLost(file.path, reason))
        elsewhere = [name for name in file.holders if name != LOCAL]
        # From there it is copied when everything else is done.
        is_elsewhere = any(name in work.archive.places.names for name in elsewhere)
        text = "" if is_elsewhere else _kept_text(work, file, row)
        if not text and not is_elsewhere and not work.archive.catalogue.is_named(source, file.id, listing):
            work.irreplaceable.append((row, f"{file.path}: {reason}, and it is not listed any more"))
            continue
        if os.path.lexists(work.archive.path(file.path)):
            work.archive.set_aside(file.path, reason)
        else:
            work.archive.note("lost", path=file.path, reason=reason)
        if not is_elsewhere:  # else it would count as kept where nobody brings it from
            for name in elsewhere:
                left = "the settings do not name it any more"
                work.archive.note("lost", path=file.path, reason=left, destination=name)
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


def _note(work: Work, events: list[Event]) -> None:
    """What is written down is on the disk, folders included, before it is written down."""
    for folder in {work.archive.path(str(data["path"])).parent for _, data in events}:
        sync_folder(folder)
    work.archive.note_all(events)


def _parcel(fetched: Fetched, kind: FileKind, path: str, how: str) -> _Parcel:
    size = fetched.path.stat().st_size
    digest = Digest(fetched.sha256, size) if fetched.sha256 else hash_file(fetched.path)
    return _Parcel(fetched.row, kind, Outgoing(path, fetched.path, digest), how)


def _needs_metadata(work: Work, row: StoredRecording) -> bool:
    """Metadata that is here stays as it was when the audio came."""
    is_wanted = work.archive.config.metadata == "beside"
    return is_wanted and work.archive.catalogue.file_of(row.source, row.id, "metadata") is None


def _metadata(work: Work, row: StoredRecording) -> Fetched:
    target = work.incoming(row.source, "metadata") / f"{row.id}.json"
    write_whole(target, [metadata_text(row.wire)])
    return Fetched(row, target)


def metadata_text(wire: str) -> str:
    """What the API said of a recording, as it is written beside its audio."""
    return json.dumps(json.loads(wire), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def added(
    row: StoredRecording,
    kind: FileKind,
    path: str,
    digest: Digest,
    how: str,
    held: Sequence[str] = (LOCAL,),
) -> Event:
    """What the ledger is told of a file that is in its place, at the destinations `held`."""
    elsewhere = {} if [*held] == [LOCAL] else {"held": sorted(held)}
    return "added", {
        "source": row.source,
        "id": row.id,
        "start": row.start,
        "kind": kind,
        "path": path,
        "size": digest.size,
        "sha256": digest.sha256,
        "how": how,
        **elsewhere,
    }
