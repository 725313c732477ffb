"""Recordings are matched with archive entries by name and size; in doubt all of them count as missing."""

from pathlib import Path

import pytest

from vbc_call_recording import UNSET, DownloadError, DownloadResult, Recording
from vbc_call_recording_archive import ExportReport, compare


def outcome(recordings: list[Recording], entries: list[tuple[str, int]]) -> tuple[set[int], set[int]]:
    report = compare(recordings, entries)
    missing = {recording.id for recording in report.missing if isinstance(recording.id, int)}
    assert len(report.included) + len(report.missing) == len(recordings)
    return set(report.included), missing


def named(name: str, *sizes: int | None) -> list[Recording]:
    return [
        Recording(id=number, file_name=name, file_size_in_bytes=UNSET if size is None else size)
        for number, size in enumerate(sizes, start=1)
    ]


def test_recordings_are_matched_by_file_name_wherever_in_the_archive() -> None:
    recordings = [Recording(id=number, file_name=f"{number}.mp3") for number in range(4)]
    entries = [("0.mp3", 5), ("0.mp3.txt", 5), ("2026/03/1.mp3", 5), ("folder\\2.MP3", 5)]
    report = compare(recordings, entries)
    assert report.included == (0, 1, 2)
    assert report.missing == (recordings[3],)
    assert report.unclaimed == ("0.mp3.txt",)


@pytest.mark.parametrize(
    "recording", [Recording(id=1), Recording(file_name="a.mp3"), Recording(id=1, file_name="")]
)
def test_a_recording_without_name_or_id_counts_as_missing(recording: Recording) -> None:
    assert compare([recording], [("a.mp3", 5)]).missing == (recording,)


@pytest.mark.parametrize(
    ("promised", "size", "held"),
    [
        (5, 5, True),
        (5, 4, False),
        (5, 0, False),
        (None, 5, True),
        (None, 0, False),
        (0, 5, True),
        (0, 0, False),
    ],
)
def test_an_entry_counts_only_with_the_size_promised_and_never_if_empty(
    promised: int | None, size: int, held: bool
) -> None:
    assert outcome(named("a.mp3", promised), [("a.mp3", size)]) == (({1}, set()) if held else (set(), {1}))


@pytest.mark.parametrize(
    ("promised", "sizes", "included"),
    [
        ((4, 5), (5, 4), {1, 2}),
        ((4, 5), (5,), {2}),  # the size tells which one it is
        ((5, 5), (5,), set()),  # nothing tells which one it is
        ((5, 5), (5, 5), {1, 2}),
        ((5, 5, 4), (5, 4), {3}),
        ((5, None), (5,), set()),  # it may be the one of unknown size
        ((5, None), (5, 7), {1, 2}),
        ((5, None), (6, 7), set()),
        ((None, None), (5,), set()),
        ((None, None), (5, 6), {1, 2}),
        ((None, None), (5, 0), set()),
    ],
)
def test_recordings_of_one_name_count_only_where_names_and_sizes_leave_no_doubt(
    promised: tuple[int | None, ...], sizes: tuple[int, ...], included: set[int]
) -> None:
    recordings = named("a.mp3", *promised)
    found, missing = outcome(recordings, [(f"{number}/a.mp3", size) for number, size in enumerate(sizes)])
    assert found == included
    assert missing == set(range(1, len(promised) + 1)) - included


def test_fetching_what_was_missing_makes_it_complete() -> None:
    missing = (Recording(id=1), Recording(id=2))
    good = DownloadResult(path=Path("1.mp3"), bytes=5)
    failed = DownloadResult(path=None, bytes=0, error=DownloadError("gone"))
    assert not ExportReport(missing=missing).complete
    assert ExportReport(missing=missing, fetched=(good, good)).complete
    assert not ExportReport(missing=missing, fetched=(good, failed)).complete


@pytest.mark.parametrize(("lost", "complete"), [(0, True), (1, True), (2, False)])
def test_files_lost_have_to_be_explained_by_what_was_fetched(lost: int, complete: bool) -> None:
    good = DownloadResult(path=Path("1.mp3"), bytes=5)
    report = ExportReport(missing=(Recording(id=1),), fetched=(good,), files_lost=lost)
    assert report.complete is complete
