"""What is kept of a broken download, and when it is published."""

import errno
import gc
import io
import os
import stat
import threading
import zipfile
from concurrent.futures import CancelledError
from contextlib import nullcontext, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.files.support import (
    ARCHIVE,
    AUDIO,
    WHOLE,
    broken_off,
    names,
    part_file,
    transferred,
)
from vbc_call_recording._errors import (
    DestinationError,
    UnsafeArchiveError,
    VerificationError,
)
from vbc_call_recording._files import part_file as part_file_module
from vbc_call_recording._files.ranges import Body, Received
from vbc_call_recording._files.unpacking import unpack_archive
from vbc_call_recording._files.verification import Findings, Verify


def test_bytes_show_under_the_targets_name_only_once_all_are_there_and_sound(tmp_path: Path) -> None:
    target = tmp_path / "call.mp3"
    sink = part_file(target)
    assert sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(AUDIO[:40])
    sink.write(AUDIO[40:])
    assert not target.exists()
    sink.publish(Findings())
    sink.close()
    assert target.read_bytes() == AUDIO
    assert names(tmp_path) == ["call.mp3"]


def test_a_broken_download_leaves_its_bytes_and_whose_they_are(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    assert names(tmp_path) == ["call.mp3.part", "call.mp3.part.json"]
    sink = part_file(tmp_path / "call.mp3")
    assert sink.open(Findings())
    assert sink.received == Received(offset=40, total=100, validator='"v1"')
    sink.close()


def test_going_on_continues_where_the_bytes_end(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    sink = part_file(tmp_path / "call.mp3")
    assert sink.open(Findings())
    sink.begin(Body(start=40, end=100, total=100, validator='"v1"'))
    sink.write(AUDIO[40:])
    sink.publish(Findings())
    sink.close()
    assert (tmp_path / "call.mp3").read_bytes() == AUDIO


@pytest.mark.parametrize("here", [0, 40, 100], ids=["nothing", "a part", "everything"])
def test_the_hash_is_that_of_the_whole_also_of_what_an_earlier_run_brought(here: int, tmp_path: Path) -> None:
    if here:
        broken_off(tmp_path / "call.mp3", here)
    sink = part_file(tmp_path / "call.mp3")
    assert sink.open(Findings())
    for start in range(here, 100, 30):  # it breaks off now and then
        sink.begin(Body(start=start, end=100, total=100, validator='"v1"'))
        sink.write(AUDIO[start : start + 30])
    assert sink.sha256 is None, "it is not verified yet"
    sink.publish(Findings())
    sink.close()
    assert sink.sha256 == sha256(AUDIO).hexdigest()


def test_the_hash_forgets_what_was_started_over(tmp_path: Path) -> None:
    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(AUDIO[:10])
    sink.begin(WHOLE)
    sink.write(AUDIO)
    sink.publish(Findings())
    sink.close()
    assert sink.sha256 == sha256(AUDIO).hexdigest()


def test_starting_over_drops_what_was_there(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 90)
    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(AUDIO[:10])
    sink.close()
    assert (tmp_path / "call.mp3.part").read_bytes() == AUDIO[:10]


def test_resume_false_starts_afresh(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    sink = part_file(tmp_path / "call.mp3", resume=False)
    sink.open(Findings())
    assert sink.received == Received()
    sink.close()


@pytest.mark.parametrize("data", [AUDIO[:99], b"{" + AUDIO[1:]], ids=["short", "no audio"])
def test_what_is_not_what_was_promised_is_thrown_away(data: bytes, tmp_path: Path) -> None:
    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(data)
    with pytest.raises(VerificationError):
        sink.publish(Findings())
    assert sink.received == Received(), "nobody must go on from there"
    sink.close()
    assert names(tmp_path) == []


def test_an_archive_is_published_only_if_every_entry_is_sound(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.mp3", b"ID3 sound")
    damaged = buffer.getvalue().replace(b"ID3 sound", b"ID3 Sound")
    for data, sound in ((damaged, False), (buffer.getvalue(), True)):
        sink = part_file(tmp_path / "export.zip", ARCHIVE)
        sink.open(Findings())
        sink.begin(Body(start=0, end=len(data), total=len(data), validator=None))
        sink.write(data)
        if sound:
            sink.publish(Findings())
        else:
            with pytest.raises(VerificationError, match="CRC"):
                sink.publish(Findings())
        sink.close()
    assert names(tmp_path) == ["export.zip"]


def test_an_archive_that_came_whole_is_kept_also_if_it_must_not_be_unpacked(tmp_path: Path) -> None:
    """Whoever wants to unpack it is told then; whoever wants the archive has it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Xa.mp3", b"ID3")
    data = buffer.getvalue().replace(b"Xa.mp3", b"\0a.mp3")
    assert transferred(part_file(tmp_path / "export.zip", ARCHIVE), data)
    with pytest.raises(UnsafeArchiveError) as caught:
        unpack_archive(tmp_path / "export.zip", tmp_path / "export")
    assert caught.value.path == tmp_path / "export.zip"
    assert names(tmp_path) == ["export.zip"]


@pytest.mark.parametrize(
    ("verify", "unproven"), [("size", ("contents",)), ("none", ("contents",)), ("strict", None)]
)
def test_what_does_not_look_like_audio_is_published_only_if_the_caller_says_so(
    verify: Verify, unproven: tuple[str, ...] | None, tmp_path: Path
) -> None:
    findings = Findings(verify)
    if unproven is None:
        with pytest.raises(VerificationError):
            transferred(part_file(tmp_path / "call.mp3"), bytes(100), findings)
        assert names(tmp_path) == []
        return
    assert transferred(part_file(tmp_path / "call.mp3"), bytes(100), findings)
    assert findings.unproven == unproven


@pytest.mark.parametrize(("verify", "fine"), [("size", False), ("none", True), ("strict", False)])
def test_a_size_other_than_the_api_promised_is_published_only_if_the_caller_says_so(
    verify: Verify, fine: bool, tmp_path: Path
) -> None:
    findings = Findings(verify)
    with nullcontext() if fine else pytest.raises(VerificationError, match="100 were promised"):
        transferred(part_file(tmp_path / "call.mp3"), AUDIO[:90], findings)
    assert findings.unproven == (("size",) if fine else ())
    assert names(tmp_path) == (["call.mp3"] if fine else [])


def test_a_link_slipped_in_later_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    (tmp_path / "call.mp3.part").symlink_to(victim)
    with pytest.raises(DestinationError, match="symbolic link"):
        sink.begin(WHOLE)
    sink.close()
    assert victim.read_bytes() == b"precious"


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
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(AUDIO)
    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_rename)
    sink.publish(Findings())
    sink.close()
    assert steps == ["100 bytes", "name call.mp3", "directory"]


def test_what_is_closed_before_it_opened_does_not_open(tmp_path: Path) -> None:
    """A loop that gives up on a thread closes its sink, which the thread may be about to open."""
    sink = part_file(tmp_path / "call.mp3")
    sink.close()
    for go_on in (
        partial(sink.open, Findings()),
        partial(sink.begin, WHOLE),
        partial(sink.publish, Findings()),
    ):
        with pytest.raises(CancelledError):
            go_on()
    assert names(tmp_path) == []


def test_closing_while_a_worker_is_still_writing_is_safe(tmp_path: Path) -> None:
    """As when the loop that waited for it gives up on a thread."""
    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    sink.begin(WHOLE)

    def write() -> None:
        with suppress(CancelledError):
            sink.write(AUDIO[:10])

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    sink.close()
    for writer in writers:
        writer.join()
    with pytest.raises(CancelledError):
        sink.write(b"late")
    size = (tmp_path / "call.mp3.part").stat().st_size
    assert size % 10 == 0


@pytest.mark.parametrize(("pieces", "noted"), [([100], []), ([40, 60], [40])], ids=["one", "two"])
def test_what_comes_whole_in_one_piece_has_no_side_file(
    pieces: list[int], noted: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There would be nothing to go on from. What comes in pieces is noted before the first is written."""
    sizes: list[int] = []
    write_sidecar = part_file_module.write_sidecar

    def note(path: Path, *rest: Any) -> None:
        assert (tmp_path / "call.mp3.part").stat().st_size == 0
        sizes.append(pieces[0])
        write_sidecar(path, *rest)

    monkeypatch.setattr(part_file_module, "write_sidecar", note)
    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    sink.begin(WHOLE)
    start = 0
    for size in pieces:
        sink.write(AUDIO[start : start + size])
        start += size
    sink.publish(Findings())
    sink.close()
    assert sizes == noted
    assert names(tmp_path) == ["call.mp3"]


def test_bytes_that_came_whole_but_were_not_published_can_be_gone_on_from(tmp_path: Path) -> None:
    """As when a download is cancelled between its last byte and its name."""
    broken_off(tmp_path / "call.mp3", 100)
    assert names(tmp_path) == ["call.mp3.part", "call.mp3.part.json"]


@pytest.mark.parametrize("part", [None, b""], ids=["alone", "with an empty part"])
def test_a_side_file_that_a_kill_left_without_bytes_is_not_believed_of_new_ones(
    part: bytes | None, tmp_path: Path
) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    (tmp_path / "call.mp3.part").unlink()
    if part is not None:
        (tmp_path / "call.mp3.part").write_bytes(part)
    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    assert not (tmp_path / "call.mp3.part.json").exists()
    sink.close()


def test_bytes_that_cannot_be_noted_are_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is full. The file is closed all the same, or the warning would fail this."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(AUDIO)
    with monkeypatch.context() as patch:
        patch.setattr(part_file_module, "write_sidecar", fail)
        sink.close()
    del sink
    gc.collect()
    assert names(tmp_path) == []
