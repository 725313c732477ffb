"""The disk side: what is kept of a broken download, when it is published, what is never written through."""

import errno
import io
import json
import os
import stat
import sys
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from vbc_call_recording._errors import (
    DestinationError,
    IncompleteDownloadError,
    InputError,
    UnsafeArchiveError,
    VerificationError,
)
from vbc_call_recording._files import targets
from vbc_call_recording._files.disk import exclusive
from vbc_call_recording._files.ranges import Body, Have
from vbc_call_recording._files.sources import Source
from vbc_call_recording._files.targets import FileObject, PartFile, sink_for

AUDIO = b"ID3" + bytes(range(97))
SOURCE = Source(url="http://api/audio/5?secret=x", name="call-5.mp3", unique="5", size=100, kind="audio")
ARCHIVE = Source(url="http://api/zip", name="export-1.zip", unique="1", size=None, kind="archive")
WHOLE = Body(start=0, end=100, total=100, validator='"v1"')


def part_file(
    path: Path, source: Source = SOURCE, *, overwrite: bool = False, resume: bool = True
) -> PartFile:
    return PartFile(source, path, overwrite=overwrite, resume=resume)


def broken_off(path: Path, count: int, body: Body = WHOLE) -> None:
    """Leaves what a download leaves that broke off after so many bytes."""
    sink = part_file(path)
    assert sink.open()
    sink.begin(body)
    sink.write(AUDIO[:count])
    sink.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_bytes_show_under_the_targets_name_only_once_all_are_there_and_sound(tmp_path: Path) -> None:
    target = tmp_path / "call.mp3"
    sink = part_file(target)
    assert sink.open()
    sink.begin(WHOLE)
    sink.write(AUDIO[:40])
    sink.write(AUDIO[40:])
    assert not target.exists()
    sink.publish()
    sink.close()
    assert target.read_bytes() == AUDIO
    assert names(tmp_path) == ["call.mp3"]


def test_a_broken_download_leaves_its_bytes_and_whose_they_are(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    assert names(tmp_path) == ["call.mp3.part", "call.mp3.part.json"]
    sink = part_file(tmp_path / "call.mp3")
    assert sink.open()
    assert sink.have == Have(offset=40, total=100, validator='"v1"')
    sink.close()


def test_the_sidecar_holds_nothing_of_the_urls_query(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    sidecar = (tmp_path / "call.mp3.part.json").read_text()
    assert "secret" not in sidecar
    assert json.loads(sidecar)["source"]["url"] == "http://api/audio/5"


def test_going_on_continues_where_the_bytes_end(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    sink = part_file(tmp_path / "call.mp3")
    assert sink.open()
    sink.begin(Body(start=40, end=100, total=100, validator='"v1"'))
    sink.write(AUDIO[40:])
    sink.publish()
    sink.close()
    assert (tmp_path / "call.mp3").read_bytes() == AUDIO


def test_starting_over_drops_what_was_there(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 90)
    sink = part_file(tmp_path / "call.mp3")
    sink.open()
    sink.begin(WHOLE)
    sink.write(AUDIO[:10])
    sink.close()
    assert (tmp_path / "call.mp3.part").read_bytes() == AUDIO[:10]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda part: part.with_name("call.mp3.part.json").unlink(),
        lambda part: part.with_name("call.mp3.part.json").write_text("{"),
        lambda part: part.with_name("call.mp3.part.json").write_text("[]"),
        lambda part: part.with_name("call.mp3.part.json").write_text('{"version": 99}'),
        lambda part: part.unlink(),
    ],
    ids=["no sidecar", "cut sidecar", "no object", "another version", "no part"],
)
def test_bytes_nobody_vouches_for_are_not_built_upon(spoil: object, tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    spoil(tmp_path / "call.mp3.part")  # type: ignore[operator]
    sink = part_file(tmp_path / "call.mp3")
    assert sink.open()
    assert sink.have == Have()
    sink.close()


def test_bytes_of_another_source_are_not_built_upon(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    other = Source(url="http://api/audio/6", name="call-6.mp3", unique="6", size=100, kind="audio")
    sink = part_file(tmp_path / "call.mp3", other)
    sink.open()
    assert sink.have == Have()
    sink.close()


def test_resume_false_starts_afresh(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    sink = part_file(tmp_path / "call.mp3", resume=False)
    sink.open()
    assert sink.have == Have()
    sink.close()


@pytest.mark.parametrize("data", [AUDIO[:99], b"{" + AUDIO[1:]], ids=["short", "no audio"])
def test_what_is_not_what_was_promised_is_thrown_away(data: bytes, tmp_path: Path) -> None:
    sink = part_file(tmp_path / "call.mp3")
    sink.open()
    sink.begin(WHOLE)
    sink.write(data)
    with pytest.raises(VerificationError):
        sink.publish()
    sink.close()
    assert names(tmp_path) == []


def test_an_archive_is_published_only_if_every_entry_is_sound(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.mp3", b"ID3 sound")
    damaged = buffer.getvalue().replace(b"ID3 sound", b"ID3 Sound")
    for data, sound in ((damaged, False), (buffer.getvalue(), True)):
        sink = part_file(tmp_path / "export.zip", ARCHIVE)
        sink.open()
        sink.begin(Body(start=0, end=len(data), total=len(data), validator=None))
        sink.write(data)
        if sound:
            sink.publish()
        else:
            with pytest.raises(VerificationError, match="CRC"):
                sink.publish()
        sink.close()
    assert names(tmp_path) == ["export.zip"]


def test_an_archive_that_is_not_safe_is_thrown_away_too(tmp_path: Path) -> None:
    """Or every later call would find it whole and fail again."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Xa.mp3", b"ID3")
    data = buffer.getvalue().replace(b"Xa.mp3", b"\0a.mp3")
    sink = part_file(tmp_path / "export.zip", ARCHIVE)
    sink.open()
    sink.begin(Body(start=0, end=len(data), total=len(data), validator='"v1"'))
    sink.write(data)
    with pytest.raises(UnsafeArchiveError) as caught:
        sink.publish()
    sink.close()
    assert caught.value.path == tmp_path / "export.zip"
    assert names(tmp_path) == []


def test_a_file_that_is_there_already_is_not_transferred_again(tmp_path: Path) -> None:
    (tmp_path / "call.mp3").write_bytes(AUDIO)
    assert not part_file(tmp_path / "call.mp3").open()
    assert names(tmp_path) == ["call.mp3"]


def test_what_a_kill_left_beside_a_published_file_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "call.mp3").write_bytes(AUDIO)
    for leftover in ("call.mp3.part.json", "call.mp3.part.json.new", "call.mp3.part.lock"):
        (tmp_path / leftover).touch()
        assert not part_file(tmp_path / "call.mp3").open()
        assert names(tmp_path) == ["call.mp3"]


@pytest.mark.parametrize("content", [b"", AUDIO + b"x", bytes(100)], ids=["empty", "longer", "no audio"])
def test_another_file_of_that_name_is_kept_and_refused_before_any_request(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "call.mp3").write_bytes(content)
    with pytest.raises(DestinationError, match="overwrite=True"):
        part_file(tmp_path / "call.mp3").open()
    assert (tmp_path / "call.mp3").read_bytes() == content


def test_overwrite_replaces_it(tmp_path: Path) -> None:
    (tmp_path / "call.mp3").write_bytes(b"old")
    sink = part_file(tmp_path / "call.mp3", overwrite=True)
    assert sink.open()
    sink.begin(WHOLE)
    sink.write(AUDIO)
    sink.publish()
    sink.close()
    assert (tmp_path / "call.mp3").read_bytes() == AUDIO


@pytest.mark.parametrize(("there", "fine"), [(b"same text", True), (b"other text", False)])
def test_a_target_that_appears_meanwhile_is_kept_and_an_error_unless_equal(
    there: bytes, fine: bool, tmp_path: Path
) -> None:
    text = Source(url="http://api/t", name="t.txt", unique="1", size=None, kind="transcript")
    sink = part_file(tmp_path / "t.txt", text)
    sink.open()
    sink.begin(Body(start=0, end=9, total=None, validator=None))
    sink.write(b"same text")
    (tmp_path / "t.txt").write_bytes(there)
    if fine:
        sink.publish()
    else:
        with pytest.raises(DestinationError, match="exists"):
            sink.publish()
    sink.close()
    assert (tmp_path / "t.txt").read_bytes() == there


def test_no_link_is_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("call.mp3", "call.mp3.part"):
        (folder / name).symlink_to(victim)
        with pytest.raises(DestinationError):
            part_file(folder / "call.mp3").open()
        (folder / name).unlink()
    assert victim.read_bytes() == b"precious"


def test_overwrite_replaces_a_link_and_not_what_it_points_to(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "call.mp3").symlink_to(victim)
    sink = part_file(tmp_path / "call.mp3", overwrite=True)
    sink.open()
    sink.begin(WHOLE)
    sink.write(AUDIO)
    sink.publish()
    sink.close()
    assert victim.read_bytes() == b"precious"
    assert not (tmp_path / "call.mp3").is_symlink()


def test_a_link_slipped_in_later_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    sink = part_file(tmp_path / "call.mp3")
    sink.open()
    (tmp_path / "call.mp3.part").symlink_to(victim)
    with pytest.raises(DestinationError, match="symbolic link"):
        sink.begin(WHOLE)
    sink.close()
    assert victim.read_bytes() == b"precious"


def test_a_lock_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "call.mp3.part.lock").symlink_to(victim)
    with pytest.raises(DestinationError, match="symbolic link"):
        part_file(tmp_path / "call.mp3").open()
    assert victim.read_bytes() == b"precious"


def test_a_sidecar_that_is_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "call.mp3.part.json").symlink_to(victim)
    broken_off(tmp_path / "call.mp3", 40)
    assert victim.read_bytes() == b"precious"


def test_a_target_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "call-5.mp3").mkdir()
    for overwrite in (False, True):
        with pytest.raises(DestinationError, match="is a directory"):
            sink_for(SOURCE, tmp_path, overwrite=overwrite, resume=True).open()


def test_a_missing_directory_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DestinationError, match="its directory does not exist") as caught:
        part_file(tmp_path / "nowhere" / "call.mp3").open()
    assert caught.value.path is not None


@pytest.mark.skipif(sys.platform != "linux", reason="needs a directory that even root cannot write to")
def test_a_read_only_directory_is_refused_before_any_request() -> None:
    with pytest.raises(DestinationError, match=r"no permission|read-only"):
        part_file(Path("/sys/call.mp3")).open()


def test_a_directory_named_as_one_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DestinationError, match="its directory does not exist"):
        sink_for(SOURCE, f"{tmp_path}/nowhere/", overwrite=False, resume=True).open()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_file_object_on_a_full_disk_is_a_typed_error() -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        sink = FileObject(SOURCE, cast(BinaryIO, file))
        sink.begin(WHOLE)
        with pytest.raises(DestinationError, match="the disk is full"):
            sink.write(AUDIO)


@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EIO, "error")]
)
def test_what_the_disk_says_is_a_typed_error_and_the_part_is_kept(
    code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = part_file(tmp_path / "call.mp3")
    sink.open()
    sink.begin(WHOLE)
    sink.write(AUDIO[:40])

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(targets, "_write_all", fail)
        with pytest.raises(DestinationError, match=said):
            sink.write(AUDIO[40:])
    sink.close()
    assert (tmp_path / "call.mp3.part").read_bytes() == AUDIO[:40]


def test_two_downloads_of_one_file_do_not_mix(tmp_path: Path) -> None:
    first, second = part_file(tmp_path / "call.mp3"), part_file(tmp_path / "call.mp3")
    first.open()
    with pytest.raises(DestinationError, match=r"call\.mp3 is being written by another"):
        second.open()
    first.close()
    second.close()
    third = part_file(tmp_path / "call.mp3")
    assert third.open()
    third.close()
    assert names(tmp_path) == []


def test_a_lock_file_left_by_a_kill_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "call.mp3.part.lock").touch()
    broken_off(tmp_path / "call.mp3", 40)
    assert names(tmp_path) == ["call.mp3.part", "call.mp3.part.json"]


def test_many_threads_exclude_each_other(tmp_path: Path) -> None:
    inside, most, refusals = 0, 0, 0
    counting = threading.Lock()

    def enter() -> None:
        nonlocal inside, most, refusals
        for _ in range(50):
            try:
                with exclusive(tmp_path / "file.part", tmp_path / "file"):
                    with counting:
                        inside += 1
                        most = max(most, inside)
                    with counting:
                        inside -= 1
            except DestinationError:
                with counting:
                    refusals += 1

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert refusals < 400


def test_the_bytes_are_on_the_disk_before_they_get_their_name_and_the_name_before_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a power cut could leave an empty file under the final name, or none."""
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_sync(descriptor: int) -> None:
        found = os.fstat(descriptor)
        steps.append("directory" if stat.S_ISDIR(found.st_mode) else f"{found.st_size} bytes")
        fsync(descriptor)

    def note_rename(path: Path, to: Path) -> Path:
        steps.append(f"name {to.name}")
        return replace(path, to)

    sink = part_file(tmp_path / "call.mp3")
    sink.open()
    sink.begin(WHOLE)
    sink.write(AUDIO)
    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_rename)
    sink.publish()
    sink.close()
    assert steps == ["100 bytes", "name call.mp3", "directory"]


def test_old_bytes_are_gone_before_the_sidecar_says_that_new_ones_are_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a kill in between would leave the old copy's bytes under the new one's validator."""
    broken_off(tmp_path / "call.mp3", 40)
    there: list[int] = []

    def look(self: PartFile) -> None:
        there.append((tmp_path / "call.mp3.part").stat().st_size)

    monkeypatch.setattr(PartFile, "_write_sidecar", look)
    sink = part_file(tmp_path / "call.mp3")
    sink.open()
    sink.begin(WHOLE)
    sink.close()
    assert there == [0]


def test_what_is_closed_before_it_opened_does_not_open(tmp_path: Path) -> None:
    """A cancelled task closes its sink while a thread may be about to open it: nobody would close it then."""
    sink = part_file(tmp_path / "call.mp3")
    sink.close()
    assert not sink.open()
    assert names(tmp_path) == []


def test_nothing_reaches_a_file_object_once_it_is_closed() -> None:
    file = io.BytesIO()
    sink = FileObject(SOURCE, file)
    sink.open()
    sink.begin(WHOLE)
    sink.close()
    sink.write(AUDIO)
    assert file.getvalue() == b""


def test_closing_while_a_worker_is_still_writing_is_safe(tmp_path: Path) -> None:
    """A cancelled task closes its sink while its last write may still be under way in a thread."""
    sink = part_file(tmp_path / "call.mp3")
    sink.open()
    sink.begin(WHOLE)
    writers = [threading.Thread(target=sink.write, args=(AUDIO[:10],)) for _ in range(4)]
    for writer in writers:
        writer.start()
    sink.close()
    for writer in writers:
        writer.join()
    sink.write(b"late")
    size = (tmp_path / "call.mp3.part").stat().st_size
    assert size % 10 == 0


class OneWay(io.RawIOBase):
    """A pipe: takes a few bytes at a time and cannot seek."""

    def __init__(self) -> None:
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(cast(memoryview, data))[:7]
        self.taken += chunk
        return len(chunk)


def test_a_file_object_gets_every_byte_even_if_it_takes_few_at_a_time() -> None:
    pipe = OneWay()
    sink = FileObject(SOURCE, cast(BinaryIO, pipe))
    sink.open()
    sink.begin(WHOLE)
    sink.write(AUDIO)
    sink.publish()
    assert pipe.taken == AUDIO


def test_a_file_object_is_taken_back_to_where_it_was_when_the_server_starts_over() -> None:
    file = io.BytesIO(b"header")
    file.seek(6)
    sink = FileObject(SOURCE, file)
    sink.open()
    sink.begin(WHOLE)
    sink.write(b"wrong")
    sink.begin(WHOLE)
    sink.write(AUDIO)
    sink.publish()
    assert file.getvalue() == b"header" + AUDIO


def test_a_file_object_that_cannot_seek_cannot_start_over() -> None:
    sink = FileObject(SOURCE, cast(BinaryIO, OneWay()))
    sink.open()
    sink.begin(WHOLE)
    sink.write(AUDIO[:5])
    with pytest.raises(IncompleteDownloadError, match="cannot seek"):
        sink.begin(WHOLE)


def test_a_file_object_is_verified_too() -> None:
    sink = FileObject(SOURCE, io.BytesIO())
    sink.open()
    sink.begin(WHOLE)
    sink.write(bytes(100))
    with pytest.raises(VerificationError, match="no audio"):
        sink.publish()


def test_a_pipe_that_takes_nothing_more_is_an_error_and_not_the_end() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with open(reading, "rb"), open(writing, "wb", buffering=0) as file:  # noqa: PTH123 - a descriptor
        sink = FileObject(SOURCE, cast(BinaryIO, file))
        sink.open()
        sink.begin(WHOLE)
        with pytest.raises(DestinationError, match="takes nothing more"):
            sink.write(bytes(2**20))


def test_an_object_whose_write_returns_nothing_took_everything() -> None:
    class Mute:
        taken = b""

        def write(self, data: bytes) -> None:
            self.taken += bytes(data)

    mute = Mute()
    sink = FileObject(SOURCE, cast(BinaryIO, mute))
    sink.open()
    sink.begin(WHOLE)
    sink.write(AUDIO)
    assert mute.taken == AUDIO


def test_a_temporary_text_file_is_refused_and_a_binary_one_is_not() -> None:
    with tempfile.NamedTemporaryFile("w") as text, pytest.raises(InputError, match="binary"):
        sink_for(SOURCE, cast(BinaryIO, text), overwrite=False, resume=True)
    with tempfile.NamedTemporaryFile() as binary, tempfile.SpooledTemporaryFile() as spooled:
        for file in (binary, spooled):
            sink_for(SOURCE, cast(BinaryIO, file), overwrite=False, resume=True)


@pytest.mark.parametrize("to", ["", "a\0b", io.StringIO(), 5, None])
def test_a_target_that_cannot_be_one_is_refused(to: object) -> None:
    with pytest.raises(InputError, match="accepted: a path"):
        sink_for(SOURCE, cast(Path, to), overwrite=False, resume=True)
