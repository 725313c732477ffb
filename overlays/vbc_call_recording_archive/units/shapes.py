"""What goes from the coordinator to a worker and back: plain JSON, in versions, and never a secret."""

import json
from collections.abc import Mapping
from typing import Any, TypedDict, cast

from ..catalogue.rows import FileKind, TranscriptState
from ..errors import ArchiveError

VERSION = 1
"""Of both shapes. Workers and coordinators of different versions refuse each other's."""

SCRATCH = "here"
"""How a file came that a unit says is in the archive already: no worker sends it back."""


class Known(TypedDict):
    """A recording whose audio is in the archive already.

    Keys:
        transcript: Its state. `ready` only if it is where the settings want it.
    """

    id: str
    start: str
    path: str
    size: int
    transcript: TranscriptState


class Unit(TypedDict):
    """Windows of one source that follow each other, to be brought by one worker.

    Keys:
        id: Names it; safe as the name of a folder.
        archive: The first line of the archive's ledger: which archive this is.
        listing: The number that the catalogue keeps for its listing.
        account: As the client of the coordinator has it.
        owner: Whose recordings the archive holds, by their links; empty if that is not known yet.
        windows: Start, end and name of each.
        only_transcripts: Whether recordings are left alone, and only transcripts are asked for.
        expected: How many recordings there may be.
        settings: `archive.toml` as the coordinator has it, without profiles.
        folder: Of the archive. Workers that share its file system write there.
        here: What is in the archive already, of that time.
    """

    version: int
    id: str
    archive: str
    listing: int
    account: str
    owner: str
    source: str
    windows: list[tuple[str, str, str]]
    only_transcripts: bool
    expected: int
    settings: str
    folder: str
    here: list[Known]


class File(TypedDict):
    """A file that a worker has put in its place.

    Keys:
        id: Of its recording.
        path: Relative to the archive.
        how: `single`, `export`, or `listing` for metadata.
        held: The destinations that were proven to hold it.
    """

    id: str
    kind: FileKind
    path: str
    size: int
    sha256: str
    how: str
    held: list[str]


class Transcript(TypedDict):
    """What became of a transcript. `text` is empty unless it is ready; `wire` is what the API said."""

    id: str
    state: TranscriptState
    reason: str
    text: str
    wire: dict[str, Any]


class Receipt(TypedDict):
    """What a worker did with a unit. The same work gives the same receipt, whoever does it, however often.

    Keys:
        unit: The unit, without what is only of use to a worker.
        recordings: What the listing named, as the API said it.
        complete: Whether the listing was: True, False, or None if that cannot be known.
        doubt: Why not.
        received: How many distinct recordings it gave.
        failed: Why a recording could not be fetched, by its id.
        trouble: Why other things may be missing: what ended the work early, or transcripts not listed.
    """

    version: int
    unit: Unit
    recordings: list[dict[str, Any]]
    complete: bool | None
    doubt: str
    received: int
    files: list[File]
    transcripts: list[Transcript]
    failed: dict[str, str]
    trouble: str


def require_version(given: Mapping[str, Any], what: str) -> None:
    """Raise ArchiveError for a unit or a receipt of another version, or what is none."""
    version = cast(object, given.get("version")) if isinstance(given, Mapping) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    if version != VERSION:
        raise ArchiveError(f"the {what} is of version {version!r}; accepted: {VERSION}, of this release")


def plain(value: Any) -> Any:
    """As it is after a journey as JSON: tuples are lists."""
    return json.loads(json.dumps(value))
