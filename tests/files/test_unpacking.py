"""Archives are unpacked whole and harmlessly, or not at all."""

import errno
import os
import stat
import struct
import threading
import zipfile
from pathlib import Path

import pytest

from tests.files.support import Entries, everything_below, make_archive
from vbc_call_recording._errors import DestinationError, UnsafeArchiveError, VerificationError
from vbc_call_recording._files import archives
from vbc_call_recording._files.archives import verify_archive
from vbc_call_recording._files.unpacking import unpack_archive

GOOD: Entries = {"a.mp3": b"ID3 first", "a.mp3.txt": b"words", "sub/b.mp3": b"ID3 second" * 1000}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "export.zip", GOOD)


def refused(archive: Path, into: Path) -> UnsafeArchiveError:
    """Unpacks, expecting a refusal that leaves nothing behind."""
    before = sorted(path.name for path in into.parent.iterdir())
    with pytest.raises(UnsafeArchiveError) as caught:
        unpack_archive(archive, into)
    assert sorted(path.name for path in into.parent.iterdir()) == before, "something is left half unpacked"
    return caught.value


def test_a_sound_archive_is_verified_and_unpacked_whole(good: Path, tmp_path: Path) -> None:
    assert verify_archive(good)
    paths = unpack_archive(good, tmp_path / "export")
    assert everything_below(tmp_path / "export") == GOOD
    assert [path.relative_to(tmp_path / "export").as_posix() for path in paths] == list(GOOD)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.mp3",
        "a/../../evil.mp3",
        "..\\evil.mp3",
        "/etc/evil.mp3",
        "\\evil.mp3",
        "C:\\evil.mp3",
        "C:evil.mp3",
        "//host/share/evil.mp3",
        "..",
        "a/..",
    ],
)
def test_traversal_and_absolute_paths_are_refused_by_name(name: str, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "export.zip", {"good.mp3": b"fine", name: b"evil"})
    error = refused(archive, tmp_path / "export")
    assert error.entry == name
    assert repr(name) in str(error)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("link.mp3")
        info.external_attr = (kind | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert refused(path, tmp_path / "export").entry == "link.mp3"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.mp3", "A.MP3"),
        ("caf\u00e9.mp3", "cafe\u0301.mp3"),
        ("a/b.mp3", "A/B.mp3"),
        ("a", "a/b.mp3"),
        ("a/b.mp3", "a"),
        ("a.mp3", "./a.mp3"),
    ],
)
def test_entries_that_would_become_one_file_are_refused(first: str, second: str, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "export.zip", {first: b"1", second: b"2"})
    assert refused(archive, tmp_path / "export").entry == second


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.mp3", b"1")
        archive.writestr("a.mp3", b"2")
    assert refused(path, tmp_path / "export").entry == "a.mp3"


def test_odd_names_are_no_reason_to_lose_a_recording(tmp_path: Path) -> None:
    archive = make_archive(
        tmp_path / "export.zip", {'call "5": a|b.mp3': b"1", "./NUL.mp3": b"2", "empty/": b""}
    )
    paths = unpack_archive(archive, tmp_path / "export")
    assert [path.name for path in paths] == ["call _5__ a_b.mp3", "_NUL.mp3"]


@pytest.mark.parametrize(
    ("first", "second"), [("call 10:00.mp3", "call 10_00.mp3"), ("call 10_00.mp3", "call 10:00.mp3")]
)
def test_names_that_become_one_only_by_being_made_safe_are_told_apart(
    first: str, second: str, tmp_path: Path
) -> None:
    archive = make_archive(tmp_path / "export.zip", {first: b"1", second: b"2"})
    paths = unpack_archive(archive, tmp_path / "export")
    assert [path.read_bytes() for path in paths] == [b"1", b"2"]
    assert unpack_archive(archive, tmp_path / "export") == paths


def test_directories_as_windows_programs_write_them_are_no_files(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "export.zip", {"calls\\": b"", "calls\\a.mp3": b"1"})
    unpack_archive(archive, tmp_path / "export")
    assert everything_below(tmp_path / "export") == {"calls/a.mp3": b"1"}


def test_contents_are_not_dropped_for_a_name_that_ends_like_a_directorys(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "export.zip", {"a.mp3\\": b"1"})
    unpack_archive(archive, tmp_path / "export")
    assert everything_below(tmp_path / "export") == {"a.mp3": b"1"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a/" * 32 + "b", "32 directories"),
        ("a/" * 32_000 + "b", "1000 bytes"),
        ("\u00e9" * 501, "1000 bytes"),
    ],
)
def test_endless_paths_are_refused_before_they_cost_anything(name: str, said: str, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "export.zip", {name: b""})
    error = refused(archive, tmp_path / "export")
    assert said in str(error)
    assert len(str(error)) < 500


def test_a_nul_in_a_name_is_refused_only_when_the_archive_is_unpacked(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "export.zip", {"Xa.mp3": b"ID3"})
    archive.write_bytes(archive.read_bytes().replace(b"Xa.mp3", b"\0a.mp3"))
    assert verify_archive(archive)
    refused(archive, tmp_path / "export")


def test_an_offset_that_leads_out_of_the_file_is_the_archives_fault(tmp_path: Path) -> None:
    """The system calls it an invalid argument, which looks like a disk's error."""
    archive = make_archive(tmp_path / "export.zip", {"a.mp3": b"ID3", "b.mp3": b"ID3"})
    raw = bytearray(archive.read_bytes())
    end = raw.index(b"PK\x05\x06")
    raw[end + 16 : end + 20] = struct.pack("<L", struct.unpack("<L", raw[end + 16 : end + 20])[0] + 30)
    archive.write_bytes(raw)
    with pytest.raises(VerificationError, match="not a sound ZIP"):
        verify_archive(archive)
    with pytest.raises(VerificationError, match="not a sound ZIP"):
        unpack_archive(archive, tmp_path / "export")


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_archive(tmp_path / "export.zip", {f"{number}.mp3": b"" for number in range(11)})
    monkeypatch.setattr(archives, "MAX_ENTRIES", 10)
    assert refused(archive, tmp_path / "export").entry == "10.mp3"


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive as a whole may be modest: what counts is each entry."""
    entries = {"good.mp3": os.urandom(2**20), "bomb.mp3": bytes(20 * 2**20)}
    archive = make_archive(tmp_path / "export.zip", entries)
    monkeypatch.setattr(archives, "RATIO_COUNTS_FROM", 16 * 2**20)
    assert refused(archive, tmp_path / "export").entry == "bomb.mp3"


def test_recorded_silence_is_no_bomb(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "export.zip", {"hold.wav": bytes(20 * 2**20)})
    assert verify_archive(archive)
    assert len(unpack_archive(archive, tmp_path / "export")) == 1


def test_a_bomb_is_refused_by_its_total_however_modest_each_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive(tmp_path / "export.zip", {f"{number}.mp3": bytes(1000) for number in range(10)})
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 5_500)
    error = refused(archive, tmp_path / "export")
    assert error.entry == "5.mp3"


def test_a_bomb_cannot_hide_behind_headers_that_claim_little(tmp_path: Path) -> None:
    """The claimed size is never trusted: neither to allow more bytes nor to let fewer pass for all."""
    archive = make_archive(tmp_path / "export.zip", {"bomb.mp3": bytes(20 * 2**20)})
    raw = archive.read_bytes()
    archive.write_bytes(raw.replace(struct.pack("<L", 20 * 2**20), struct.pack("<L", 10)))
    with pytest.raises(VerificationError):
        verify_archive(archive)
    with pytest.raises(VerificationError):
        unpack_archive(archive, tmp_path / "export")
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


def test_unpacking_again_changes_nothing(good: Path, tmp_path: Path) -> None:
    unpack_archive(good, tmp_path / "export")
    before = (tmp_path / "export" / "a.mp3").stat()
    assert unpack_archive(good, tmp_path / "export")[0] == tmp_path / "export" / "a.mp3"
    assert (tmp_path / "export" / "a.mp3").stat() == before


def test_a_directory_with_something_else_in_it_is_kept_unless_overwritten(good: Path, tmp_path: Path) -> None:
    target = tmp_path / "export"
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    with pytest.raises(DestinationError, match="overwrite=True"):
        unpack_archive(good, target)
    assert everything_below(target) == {"notes.txt": b"mine"}
    unpack_archive(good, target, overwrite=True)
    assert everything_below(target) == GOOD
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export", "export.zip"]


def test_leftovers_of_a_killed_run_are_cleared_away(good: Path, tmp_path: Path) -> None:
    staging = tmp_path / ".export.unpacking"
    (staging / "sub").mkdir(parents=True)
    (staging / "sub" / "b.mp3").write_bytes(b"half")
    unpack_archive(good, tmp_path / "export")
    assert everything_below(tmp_path / "export") == GOOD
    assert not staging.exists()


def test_a_link_in_place_of_the_directory_is_not_followed(good: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "export").symlink_to(elsewhere)
    with pytest.raises(DestinationError):
        unpack_archive(good, tmp_path / "export")
    unpack_archive(good, tmp_path / "export", overwrite=True)
    assert list(elsewhere.iterdir()) == []
    assert everything_below(tmp_path / "export") == GOOD


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_fifo_is_never_replaced(good: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "export")
    with pytest.raises(DestinationError, match="is not what"):
        unpack_archive(good, tmp_path / "export", overwrite=True)
    assert (tmp_path / "export").is_fifo()


def test_a_directory_that_cannot_be_replaced_is_kept(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "export"
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    rename = Path.rename

    def fail(path: Path, to: Path) -> Path:
        if path.name.endswith(".unpacking"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(DestinationError):
        unpack_archive(good, target, overwrite=True)
    assert everything_below(tmp_path) == {"export/notes.txt": b"mine", "export.zip": good.read_bytes()}


def test_a_disk_that_fills_up_leaves_nothing_half_unpacked(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DestinationError, match="the disk is full"):
        unpack_archive(good, tmp_path / "export")
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


def test_an_error_of_any_of_many_fsyncs_ends_it_before_the_directory_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go on in the background, up to 64 behind what is written."""
    archive = make_archive(tmp_path / "export.zip", {f"{number}.mp3": b"ID3" for number in range(200)})
    fsync, synced = os.fsync, 0
    counting = threading.Lock()

    def fail_once(descriptor: int) -> None:
        nonlocal synced
        with counting:
            synced += 1
            fails = synced == 200
        if fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail_once)
        with pytest.raises(DestinationError, match="error"):
            unpack_archive(archive, tmp_path / "export")
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


def test_every_file_and_directory_is_synced_before_the_directory_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive(
        tmp_path / "export.zip", {f"{number % 3}/deep/{number}.mp3": b"ID3" for number in range(100)}
    )
    synced: set[int] = set()
    renamed: list[set[int]] = []
    rename = Path.rename

    def note_sync(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)

    def note_rename(path: Path, to: Path) -> Path:
        renamed.append({each.stat().st_ino for each in [path, *path.rglob("*")]} - synced)
        return rename(path, to)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "rename", note_rename)
    unpack_archive(archive, tmp_path / "export")
    assert renamed == [set()], "something had not been synced"
