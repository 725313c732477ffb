"""What was delivered, held against what the listing names. Pure.

An archive's entries carry no ids. So an entry is taken for a recording's by name and size, and only where
these leave no doubt: if two recordings claim the same entry, neither counts as delivered.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from attrs import frozen

from vbc_call_recording import DownloadResult, Recording


@frozen
class ExportReport:
    """Which recordings are in an export's archives, and which are missing.

    Attributes:
        included: Ids of the recordings that the listing names and an archive holds.
        missing: The recordings that the listing names and no archive surely holds whole. Recordings made
            since the export was started are among them.
        unclaimed: Entries of no recording in the listing: transcripts, and recordings deleted since.
        files_lost: Files that are in no archive by the jobs' own numbers: those a complete job did not
            finish, and all of a job that failed or whose archive is gone.
        fetched: How downloading the missing ones singly went.
    """

    included: tuple[int, ...] = ()
    missing: tuple[Recording, ...] = ()
    unclaimed: tuple[str, ...] = ()
    files_lost: int = 0
    fetched: tuple[DownloadResult, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every recording that the listing names is on disk, from an archive or fetched singly.

        Files lost count as fetched if as many recordings were. Where a transcript was lost, too, they are too
        few: transcripts are not fetched here.
        """
        fetched = sum(result.error is None for result in self.fetched)
        return fetched == len(self.missing) and fetched >= self.files_lost


def compare(
    recordings: Iterable[Recording], entries: Iterable[tuple[str, int]], files_lost: int = 0
) -> ExportReport:
    """Say which recordings are among the archives' entries.

    An entry is a recording's if it has its `file_name` and its `file_size_in_bytes`, as far as that is
    known, and is not empty. A recording without a `file_name` or an id counts as missing: better fetched
    twice than not at all.

    Args:
        recordings: What should be there.
        entries: Names and unpacked sizes in bytes of the files in the archives.
        files_lost: As in the report.
    """
    held: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, size in entries:
        held[_key(name)].append((name, size))
    claims: defaultdict[str, list[Recording]] = defaultdict(list)
    missing: list[Recording] = []
    for recording in recordings:
        if recording.file_name and isinstance(recording.id, int):
            claims[_key(recording.file_name)].append(recording)
        else:
            missing.append(recording)
    included: list[int] = []
    for key, claimants in claims.items():
        matched = {id(recording) for recording in _matched(claimants, held[key])}
        for recording in claimants:
            if id(recording) in matched and isinstance(recording.id, int):
                included.append(recording.id)
            else:
                missing.append(recording)
        held[key] = [] if matched else held[key]
    unclaimed = [name for left in held.values() for name, _ in left]
    return ExportReport(tuple(included), tuple(missing), tuple(unclaimed), files_lost)


@frozen
class Match:
    """The files of one recording among an archive's entries, by the names that were given."""

    audio: str
    transcript: str | None = None


def paired(recordings: Iterable[Recording], entries: Iterable[tuple[str, int]]) -> dict[str, Match]:
    """Say which entry is which recording's, by the recording's id; only where there is no doubt.

    Unlike `compare`, which counts, this tells twins of one name and one size apart, and so leaves both out.
    A transcript is an entry that has the recording's name and one more suffix (not documented).
    """
    held: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, size in entries:
        held[_key(name)].append((name, size))
        held[_stem(_key(name)) + "\0"].append((name, size))
    claims: defaultdict[str, list[Recording]] = defaultdict(list)
    for recording in recordings:
        if recording.file_name and isinstance(recording.id, int):
            claims[_key(recording.file_name)].append(recording)
    result: dict[str, Match] = {}
    for key, claimants in claims.items():
        transcripts = held[key + "\0"]
        for recording in claimants:
            fitting = _fitting(recording, claimants, held[key])
            alone = len(claimants) == len(transcripts) == 1
            if fitting is not None:
                result[str(recording.id)] = Match(fitting, transcripts[0][0] if alone else None)
    return result


def _fitting(
    recording: Recording, claimants: Sequence[Recording], entries: Sequence[tuple[str, int]]
) -> str | None:
    """The one entry that can only be this recording's."""
    promised = [each.file_size_in_bytes or None for each in claimants]
    mine = recording.file_size_in_bytes or None
    found = [name for name, size in entries if size > 0 and mine in (None, size)]
    sure = len(claimants) == 1 or (None not in promised and promised.count(mine) == 1)
    return found[0] if sure and len(found) == 1 else None


def _stem(key: str) -> str:
    return PurePosixPath(key).stem


def _matched(claimants: Sequence[Recording], entries: Sequence[tuple[str, int]]) -> list[Recording]:
    """The recordings of one name that are surely among the entries of that name."""
    sizes = Counter(size for _, size in entries if size > 0)
    # A promise of 0 bytes can only mean that the size is not known: no audio has 0 bytes.
    promised = Counter(recording.file_size_in_bytes or None for recording in claimants)
    if len(claimants) == 1:
        return [each for each in claimants if sizes and (each.file_size_in_bytes or None) in (None, *sizes)]
    if promised[None]:
        # Any entry may be that of a recording of unknown size, so only all together leave no doubt.
        known = Counter(size for size in promised.elements() if size)
        return list(claimants) if known <= sizes and sizes.total() == len(claimants) else []
    # Recordings of one name and one size are there if there are as many entries of that size.
    sure = [size for size, count in promised.items() if size and sizes[size] and count in (1, sizes[size])]
    return [each for each in claimants if each.file_size_in_bytes in sure]


def _key(name: str) -> str:
    """Equal for a recording's name and the last part of the path it may have been given in an archive."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", last).casefold())
