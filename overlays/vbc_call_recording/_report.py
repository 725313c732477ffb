"""What an export delivered, held against what there should be. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from attrs import frozen

from vbc_call_recording_generated.models import Recording

from ._files import DownloadResult
from ._names import name_key, safe_component

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
        missing: The recordings that the listing names and no archive holds; None unless they were compared.
            Recordings made since the export was started are among them.
        fetched: How downloading the missing ones singly went.
    """

    files_total: int
    entries: tuple[str, ...]
    partial: bool = False
    included: tuple[int, ...] | None = None
    missing: tuple[Recording, ...] | None = None
    fetched: tuple[DownloadResult, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is known to be missing, or all that was missing has been fetched.

        Without a comparison with the listing, by the number of files alone: it has to be `files_total`, with
        or without the transcripts, since nobody says which of both that counts.
        """
        if self.missing is not None:
            fetched = [result for result in self.fetched if result.error is None]
            return len(fetched) == len(self.missing)
        recordings = [name for name in self.entries if not _is_transcript(name)]
        return not self.partial and self.files_total in (len(self.entries), len(recordings))


@frozen
class ExportDownload:
    """What `Export.download` brought.

    Attributes:
        archives: The archives, one for each job.
        extracted: The files unpacked from them, none unless asked for: those of `export-1.zip` are below
            `export-1/`.
        report: Whether that is everything.
    """

    archives: tuple[Path, ...]
    extracted: tuple[Path, ...]
    report: ExportReport


def compare(
    recordings: Iterable[Recording], entries: Sequence[str]
) -> tuple[tuple[int, ...], tuple[Recording, ...]]:
    """Which recordings are among the archives' entries, by their `file_name`: ids of those in, and the rest.

    A recording without a `file_name` counts as missing: better fetched twice than not at all.
    """
    held = Counter(_key(PurePosixPath(entry.replace("\\", "/")).name) for entry in entries)
    included: list[int] = []
    missing: list[Recording] = []
    for recording in recordings:
        name, identity = recording.file_name, recording.id
        key = _key(name) if isinstance(name, str) and name else None
        if key is None or not held[key] or not isinstance(identity, int):
            missing.append(recording)
        else:
            held[key] -= 1
            included.append(identity)
    return tuple(included), tuple(missing)


def _key(name: str) -> str:
    return name_key(safe_component(name))


def _is_transcript(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in _TRANSCRIPT_SUFFIXES
