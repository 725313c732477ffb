"""What the disk refuses is a typed error, and two downloads of one file do not mix."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.files.support import AUDIO, WHOLE, broken_off, names, part_file, transferred
from vbc_call_recording._errors import (
    DestinationError,
)
from vbc_call_recording._files.disk import exclusive
from vbc_call_recording._files.verification import Findings


def test_a_missing_directory_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DestinationError, match="its directory does not exist") as caught:
        part_file(tmp_path / "nowhere" / "call.mp3").open(Findings())
    assert caught.value.path is not None


@pytest.mark.skipif(sys.platform != "linux", reason="needs a directory that even root cannot write to")
def test_a_read_only_directory_is_refused_before_any_request() -> None:
    with pytest.raises(DestinationError, match=r"no permission|read-only"):
        part_file(Path("/sys/call.mp3")).open(Findings())


@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EIO, "error")]
)
def test_what_the_disk_says_is_a_typed_error_and_the_part_is_kept(
    code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(AUDIO[:40])

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr("vbc_call_recording._files.part_file.write_all", fail)
        with pytest.raises(DestinationError, match=said):
            sink.write(AUDIO[40:])
    sink.close()
    assert (tmp_path / "call.mp3.part").read_bytes() == AUDIO[:40]


def test_two_downloads_of_one_file_do_not_mix(tmp_path: Path) -> None:
    first, second = part_file(tmp_path / "call.mp3"), part_file(tmp_path / "call.mp3")
    first.open(Findings())
    with pytest.raises(DestinationError, match=r"call\.mp3 is being written by another"):
        second.open(Findings())
    first.close()
    second.close()
    third = part_file(tmp_path / "call.mp3")
    assert third.open(Findings())
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


def test_a_lock_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "call.mp3.part.lock").symlink_to(victim)
    with pytest.raises(DestinationError, match="symbolic link"):
        part_file(tmp_path / "call.mp3").open(Findings())
    assert victim.read_bytes() == b"precious"


@pytest.mark.slow
@pytest.mark.parametrize("code", ["ENOTSUP", "ENOLCK", "EINVAL", "ENOSYS"])
@pytest.mark.parametrize("what", ["locks", "fsync", "both"])
def test_a_file_system_without_locks_or_fsync_works_with_one_warning(
    code: str, what: str, tmp_path: Path
) -> None:
    """As SMB, NFS and FUSE mounts: in a process of its own, where the system calls answer as theirs do."""
    program = f"""
import errno, fcntl, io, os, sys, zipfile
from pathlib import Path

def unsupported(*arguments):
    raise OSError(errno.{code}, os.strerror(errno.{code}))

if {what!r} in ("locks", "both"):
    fcntl.flock = unsupported
if {what!r} in ("fsync", "both"):
    os.fsync = unsupported

from tests.files.support import AUDIO, part_file, transferred
from vbc_call_recording._files.unpacking import unpack_archive

folder = Path(sys.argv[1])
for number in range(3):
    assert transferred(part_file(folder / f"{{number}}.mp3"), AUDIO)
with zipfile.ZipFile(folder / "export.zip", "w") as archive:
    archive.writestr("a.mp3", AUDIO)
unpack_archive(folder / "export.zip", folder / "export")
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Warning: ") == 1, done.stderr
    assert names(tmp_path) == ["0.mp3", "1.mp3", "2.mp3", "export", "export.zip"]


def test_what_could_not_be_synced_is_not_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system forgets what it could not write, and would call it well at the next fsync."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail)
        with pytest.raises(DestinationError, match="the disk is full"):
            transferred(part_file(tmp_path / "call.mp3"), AUDIO)
    assert names(tmp_path) == []


def test_other_errors_of_locks_and_fsync_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    for name in ("fcntl.flock", "os.fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(name, fail)
            with pytest.raises(DestinationError, match="error"):
                transferred(part_file(tmp_path / "call.mp3"), AUDIO)
    assert not (tmp_path / "call.mp3").exists()
