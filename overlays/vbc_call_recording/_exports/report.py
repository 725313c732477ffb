"""What an export delivered, held against what there should be. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from attrs import frozen

from vbc_call_recording_generated.models import Recording

from .._files.names import name_key, safe_component
from .._files.sources import DownloadResult

# What lies beside the recordings in an archive. The vendor documents neither names nor types.
_TRANSCRIPT_SUFFIXES = frozenset({".txt", ".json", ".vtt", ".srt"})


@frozen
class ExportReport:
    """Which recordings are in an export's archives, and which are missing.

    Attributes:
        files_total: Files the export comprises, as its jobs say.
        entries: Names of the files in the archives.
        partial: Whether a job called itself complete with fewer files than it comprises.
        included: Ids of the recordings that the listing names and an archive holds; None unless they were
            compared.
        missing: The recordings that the listing names and no archive holds whole; None unless they were
            compared. Recordings made since the export was started are among them.
        fetched: How downloading the missing ones singly went.
        files_lost: Files that are in no archive by the jobs' own numbers: those a complete job did not
            finish, and all of a job that failed or whose archive is gone.
    """

    files_total: int
    entries: tuple[str, ...]
    partial: bool = False
    included: tuple[int, ...] | None = None
    missing: tuple[Recording, ...] | None = None
    fetched: tuple[DownloadResult, ...] = ()
    files_lost: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing is known to be missing, or all that was missing has been fetched.

        Files lost count as fetched if as many recordings were. Where a transcript was lost, too, they are too
        few: transcripts are not fetched singly.

        Without a comparison with the listing, by the number of files alone: it has to be `files_total`, with
        or without the transcripts, since nobody says which of both that counts.
        """
        if self.missing is not None:
            fetched = sum(result.error is None for result in self.fetched)
            return fetched == len(self.missing) and fetched >= self.files_lost
        recordings = [name for name in self.entries if not _is_transcript(name)]
        return not self.partial and self.files_total in (len(self.entries), len(recordings))


@frozen
class ExportDownload:
    """What `Export.download` brought.

    Attributes:
        archives: The archives, one for each job that has one.
        extracted: The files unpacked from them, none unless asked for: those of `export-1.zip` are below
            `export-1/`.
        report: Whether that is everything.
    """

    archives: tuple[Path, ...]
    extracted: tuple[Path, ...]
    report: ExportReport


def compare(
    recordings: Iterable[Recording], entries: Iterable[tuple[str, int]]
) -> tuple[tuple[int, ...], tuple[Recording, ...]]:
    """Which recordings are among the archives' entries: ids of those in, and the rest.

    An entry is a recording's if it has its `file_name` and its `file_size_in_bytes`, as far as that is known,
    and is not empty. A recording without a `file_name` counts as missing: better fetched twice than not at
    all.

    Args:
        recordings: What should be there.
        entries: Names and unpacked sizes, in bytes.
    """
    held: defaultdict[str, list[int]] = defaultdict(list)
    for entry, size in entries:
        held[_key(PurePosixPath(entry.replace("\\", "/")).name)].append(size)
    included: list[int] = []
    missing: list[Recording] = []
    for recording in recordings:
        name, identity = recording.file_name, recording.id
        sizes = held[_key(name)] if isinstance(name, str) and name else []
        fitting = next((size for size in sizes if _fits(size, recording)), None)
        if fitting is None or not isinstance(identity, int):
            missing.append(recording)
        else:
            sizes.remove(fitting)
            included.append(identity)
    return tuple(included), tuple(missing)


def _fits(size: int, recording: Recording) -> bool:
    # A promise of 0 bytes can only mean that the size is not known, as for downloads.
    return size > 0 and size == (recording.file_size_in_bytes or size)


def _key(name: str) -> str:
    return name_key(safe_component(name))


def _is_transcript(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in _TRANSCRIPT_SUFFIXES
