"""Recordings are matched with archive entries by file name; in doubt one counts as missing."""

from pathlib import Path

import pytest

from vbc_call_recording._errors import DownloadError
from vbc_call_recording._exports.report import ExportReport, compare
from vbc_call_recording._files.sources import DownloadResult
from vbc_call_recording_generated.models import Recording
from vbc_call_recording_generated.types import UNSET


def test_recordings_are_matched_by_file_name_wherever_in_the_archive() -> None:
    recordings = [Recording(id=number, file_name=f"{number}.mp3") for number in range(4)]
    included, missing = compare(
        recordings, [("0.mp3", 5), ("0.mp3.txt", 5), ("2026/03/1.mp3", 5), ("folder\\2.MP3", 5)]
    )
    assert included == (0, 1, 2)
    assert missing == (recordings[3],)


def test_two_recordings_of_one_name_need_two_entries() -> None:
    twins = [Recording(id=1, file_name="a.mp3"), Recording(id=2, file_name="a.mp3")]
    assert compare(twins, [("a.mp3", 5)]) == ((1,), (twins[1],))
    assert compare(twins, [("a.mp3", 5), ("second/a.mp3", 5)]) == ((1, 2), ())


def test_a_recording_without_name_counts_as_missing() -> None:
    nameless = Recording(id=1)
    assert compare([nameless], [("a.mp3", 5)]) == ((), (nameless,))


def test_names_are_compared_as_they_are_unpacked() -> None:
    assert compare([Recording(id=1, file_name="a:b.mp3")], [("a_b.mp3", 5)]) == ((1,), ())


@pytest.mark.parametrize(
    ("promised", "size", "held"),
    [
        (5, 5, True),
        (5, 4, False),
        (5, 0, False),
        (UNSET, 5, True),
        (UNSET, 0, False),
        (0, 5, True),
        (0, 0, False),
    ],
)
def test_an_entry_counts_only_with_the_size_promised_and_never_if_empty(
    promised: int, size: int, held: bool
) -> None:
    recording = Recording(id=1, file_name="a.mp3", file_size_in_bytes=promised)
    assert compare([recording], [("a.mp3", size)]) == (((1,), ()) if held else ((), (recording,)))


def test_twins_of_one_name_are_told_apart_by_size() -> None:
    twins = [Recording(id=size, file_name="a.mp3", file_size_in_bytes=size) for size in (4, 5)]
    assert compare(twins, [("a.mp3", 5), ("x/a.mp3", 5)]) == ((5,), (twins[0],))


@pytest.mark.parametrize(
    ("total", "entries", "complete"),
    [
        (2, ("a.mp3", "b.mp3"), True),
        (2, ("a.mp3", "b.mp3", "a.mp3.txt"), True),
        (3, ("a.mp3", "b.mp3", "a.mp3.txt"), True),
        (3, ("a.mp3", "b.mp3"), False),
        (1, ("a.mp3", "b.mp3", "a.mp3.txt"), False),
        (0, (), True),
    ],
)
def test_without_a_listing_the_number_of_files_decides(
    total: int, entries: tuple[str, ...], complete: bool
) -> None:
    assert ExportReport(total, entries).complete is complete


def test_a_partial_export_is_not_complete_even_if_its_numbers_agree() -> None:
    assert not ExportReport(1, ("a.mp3",), partial=True).complete


def test_fetching_what_was_missing_makes_it_complete() -> None:
    missing = (Recording(id=1), Recording(id=2))
    good = DownloadResult(path=Path("1.mp3"), bytes=5)
    failed = DownloadResult(path=None, bytes=0, error=DownloadError("gone"))
    report = ExportReport(2, (), included=(), missing=missing)
    assert not report.complete
    assert ExportReport(2, (), included=(), missing=missing, fetched=(good, good)).complete
    assert not ExportReport(2, (), included=(), missing=missing, fetched=(good, failed)).complete


@pytest.mark.parametrize(("lost", "complete"), [(0, True), (1, True), (2, False)])
def test_files_lost_have_to_be_explained_by_what_was_fetched(lost: int, complete: bool) -> None:
    good = DownloadResult(path=Path("1.mp3"), bytes=5)
    report = ExportReport(3, (), included=(), missing=(Recording(id=1),), fetched=(good,), files_lost=lost)
    assert report.complete is complete
