"""Recordings are matched with archive entries by file name; in doubt one counts as missing."""

from pathlib import Path

import pytest

from vbc_call_recording._errors import DownloadError
from vbc_call_recording._files import DownloadResult
from vbc_call_recording._report import ExportReport, compare
from vbc_call_recording_generated.models import Recording


def test_recordings_are_matched_by_file_name_wherever_in_the_archive() -> None:
    recordings = [Recording(id=number, file_name=f"{number}.mp3") for number in range(4)]
    included, missing = compare(recordings, ["0.mp3", "0.mp3.txt", "2026/03/1.mp3", "folder\\2.MP3"])
    assert included == (0, 1, 2)
    assert missing == (recordings[3],)


def test_two_recordings_of_one_name_need_two_entries() -> None:
    twins = [Recording(id=1, file_name="a.mp3"), Recording(id=2, file_name="a.mp3")]
    assert compare(twins, ["a.mp3"]) == ((1,), (twins[1],))
    assert compare(twins, ["a.mp3", "second/a.mp3"]) == ((1, 2), ())


def test_a_recording_without_name_counts_as_missing() -> None:
    nameless = Recording(id=1)
    assert compare([nameless], ["a.mp3"]) == ((), (nameless,))


def test_names_are_compared_as_they_are_unpacked() -> None:
    assert compare([Recording(id=1, file_name="a:b.mp3")], ["a_b.mp3"]) == ((1,), ())


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
