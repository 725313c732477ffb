"""Archives are verified to the last byte, as far as anybody can read them."""

import os
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.files.support import Entries, everything_below, make_archive
from vbc_call_recording._errors import UnsafeArchiveError, VerificationError
from vbc_call_recording._files import archives
from vbc_call_recording._files.archives import verify_archive
from vbc_call_recording._files.unpacking import unpack_archive

GOOD: Entries = {"a.mp3": b"ID3 first", "a.mp3.txt": b"words", "sub/b.mp3": b"ID3 second" * 1000}


def _encrypted(path: Path) -> Path:
    raw = make_archive(path, {"a.mp3": b"ID3"}).read_bytes()
    central = raw.index(b"PK\x01\x02")
    path.write_bytes(raw[:6] + b"\x01" + raw[7 : central + 8] + b"\x01" + raw[central + 9 :])
    return path


def _by_method(path: Path, method: int) -> Path:
    """An archive whose first entry claims another way of packing: 9 is deflate64, 12 is bzip2."""
    raw = bytearray(make_archive(path, {"a.mp3": b"ID3", "b.mp3": b"ID3"}).read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[8:10] = raw[central + 10 : central + 12] = struct.pack("<H", method)
    path.write_bytes(raw)
    return path


UNREADABLE: dict[str, Callable[[Path], Path]] = {
    "encrypted": _encrypted,
    "deflate64": lambda path: _by_method(path, 9),
    "zstandard": lambda path: _by_method(path, 93),
}


@pytest.mark.parametrize("make", UNREADABLE.values(), ids=UNREADABLE)
def test_what_nobody_here_can_read_is_not_held_against_an_archive_and_not_unpacked(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    archive = make(tmp_path / "export.zip")
    assert verify_archive(archive) is False
    with pytest.raises(VerificationError, match=r"a\.mp3.*the archive is kept"):
        unpack_archive(archive, tmp_path / "export")
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


def test_the_entries_that_can_be_read_must_be_sound_all_the_same(tmp_path: Path) -> None:
    archive = _by_method(tmp_path / "export.zip", 9)
    raw = bytearray(archive.read_bytes())
    raw[raw.rindex(b"b.mp3", 0, raw.index(b"PK\x01\x02")) + 5] ^= 0xFF
    archive.write_bytes(raw)
    with pytest.raises(VerificationError, match="not a sound ZIP"):
        verify_archive(archive)


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_every_way_of_packing_that_python_knows_is_verified_and_unpacked(method: int, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "export.zip", GOOD, method)
    assert verify_archive(archive) is True
    unpack_archive(archive, tmp_path / "export")
    assert everything_below(tmp_path / "export") == GOOD


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_is_the_archives_fault_whatever_the_decompressor_calls_it(method: int, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "export.zip", {"a.mp3": os.urandom(10_000)}, method)
    raw = bytearray(archive.read_bytes())
    raw[40:5000] = bytes(4960)
    archive.write_bytes(raw)
    with pytest.raises(VerificationError, match="not a sound ZIP"):
        verify_archive(archive)
    with pytest.raises(VerificationError, match="not a sound ZIP"):
        unpack_archive(archive, tmp_path / "export")


@pytest.mark.parametrize(("field", "said"), [(16, "bad CRC"), (24, "bytes instead of")])
def test_what_comes_out_of_bzip2_has_the_crc_and_size_that_the_archive_states(
    field: int, said: str, tmp_path: Path
) -> None:
    archive = make_archive(tmp_path / "export.zip", {"a.mp3": b"ID3"}, zipfile.ZIP_BZIP2)
    raw = bytearray(archive.read_bytes())
    raw[raw.index(b"PK\x01\x02") + field] ^= 0xFF
    archive.write_bytes(raw)
    with pytest.raises(VerificationError, match=said):
        verify_archive(archive)


def test_damage_that_zlib_itself_notices_is_the_archives_fault_too(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "export.zip", {"a.mp3": b"ID3 words " * 10_000})
    raw = bytearray(archive.read_bytes())
    raw[35] = 0xFF  # a kind of block that there is not
    archive.write_bytes(raw)
    with pytest.raises(VerificationError, match="not a sound ZIP") as caught:
        verify_archive(archive)
    assert isinstance(caught.value.__cause__, zlib.error)


@pytest.mark.slow
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_is_not_unpacked_into_memory_at_once(
    method: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's zipfile unpacks as much as it has read of these: 256 KiB would be gigabytes."""
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w", method) as made, made.open("bomb.mp3", "w") as entry:
        for _ in range(200):
            entry.write(bytes(2**20))
    monkeypatch.setattr(archives, "RATIO_COUNTS_FROM", 2**20)
    tracemalloc.start()
    try:
        assert verify_archive(archive) is False
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 100 * 2**20


def test_a_bomb_is_kept_and_said_not_to_be_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_archive(tmp_path / "export.zip", {"bomb.mp3": bytes(20 * 2**20)})
    monkeypatch.setattr(archives, "RATIO_COUNTS_FROM", 2**20)
    assert verify_archive(archive) is False
    with pytest.raises(UnsafeArchiveError, match=r"bomb\.mp3"):
        unpack_archive(archive, tmp_path / "export")


def test_an_archive_of_very_many_entries_is_verified_and_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive(tmp_path / "export.zip", {f"{number}.mp3": b"ID3" for number in range(11)})
    monkeypatch.setattr(archives, "MAX_ENTRIES", 10)
    assert verify_archive(archive) is True
    with pytest.raises(UnsafeArchiveError, match="11 entries"):
        unpack_archive(archive, tmp_path / "export")


@pytest.mark.parametrize("content", [b"", b"<html>Service unavailable</html>", b"PK\x03\x04 and no more"])
def test_what_is_not_an_archive_is_a_verification_error(content: bytes, tmp_path: Path) -> None:
    archive = tmp_path / "export.zip"
    archive.write_bytes(content)
    for look in (verify_archive, lambda path: unpack_archive(path, tmp_path / "export")):
        with pytest.raises(VerificationError) as caught:
            look(archive)
        assert caught.value.path == archive
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


@given(cut=st.integers(min_value=1, max_value=200))
def test_a_truncated_archive_is_no_archive(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    archive = make_archive(tmp_path_factory.mktemp("cut") / "export.zip", GOOD)
    archive.write_bytes(archive.read_bytes()[:-cut])
    with pytest.raises(VerificationError):
        verify_archive(archive)


@given(position=st.integers(min_value=0, max_value=10_000), bit=st.integers(0, 7))
def test_no_flipped_bit_in_an_entry_goes_unnoticed(
    position: int, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("flip")
    archive = make_archive(folder / "export.zip", {"a.mp3": os.urandom(10_001)}, zipfile.ZIP_STORED)
    raw = bytearray(archive.read_bytes())
    raw[30 + len("a.mp3") + position] ^= 1 << bit
    archive.write_bytes(raw)
    with pytest.raises(VerificationError, match=r"not a sound ZIP.*CRC"):
        verify_archive(archive)


def test_entries_that_share_their_packed_bytes_are_a_bomb_all_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them is modest by itself, and by the size it claims."""
    archive = make_archive(tmp_path / "export.zip", {"0.mp3": os.urandom(50_000)}, zipfile.ZIP_STORED)
    raw = archive.read_bytes()
    start, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    entry, count = raw[start:end], 50
    counts = struct.pack("<HHL", count, count, count * len(entry))
    archive.write_bytes(raw[:start] + entry * count + raw[end : end + 8] + counts + raw[end + 16 :])
    monkeypatch.setattr(archives, "RATIO_COUNTS_FROM", 0)
    monkeypatch.setattr(archives, "MAX_RATIO", 10)
    # Newer versions of zipfile notice by themselves that entries overlap.
    with pytest.raises((UnsafeArchiveError, VerificationError)):
        unpack_archive(archive, tmp_path / "export")
