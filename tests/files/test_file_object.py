"""Downloads into file objects: nothing is renamed, and everything is verified all the same."""

import io
import os
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from tests.files.support import ARCHIVE, AUDIO, SOURCE, WHOLE
from vbc_call_recording._errors import (
    DestinationError,
    IncompleteDownloadError,
    VerificationError,
)
from vbc_call_recording._files.ranges import Body
from vbc_call_recording._files.targets import FileObject
from vbc_call_recording._files.verification import Findings


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_file_object_on_a_full_disk_is_a_typed_error() -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        sink = FileObject(SOURCE, cast(BinaryIO, file))
        sink.begin(WHOLE)
        with pytest.raises(DestinationError, match="the disk is full"):
            sink.write(AUDIO)


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
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(AUDIO)
    sink.publish(Findings())
    assert pipe.taken == AUDIO


def test_a_file_object_is_taken_back_to_where_it_was_when_the_server_starts_over() -> None:
    file = io.BytesIO(b"header")
    file.seek(6)
    sink = FileObject(SOURCE, file)
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(b"wrong")
    sink.begin(WHOLE)
    sink.write(AUDIO)
    sink.publish(Findings())
    assert file.getvalue() == b"header" + AUDIO
    assert sink.sha256 == sha256(AUDIO).hexdigest()


def test_a_file_object_that_cannot_seek_cannot_start_over() -> None:
    sink = FileObject(SOURCE, cast(BinaryIO, OneWay()))
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(AUDIO[:5])
    with pytest.raises(IncompleteDownloadError, match="cannot seek"):
        sink.begin(WHOLE)


def test_a_file_object_is_verified_too() -> None:
    sink = FileObject(SOURCE, io.BytesIO())
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(bytes(100))
    with pytest.raises(VerificationError, match="does not begin like audio"):
        sink.publish(Findings())


def test_a_pipe_that_takes_nothing_more_is_an_error_and_not_the_end() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with open(reading, "rb"), open(writing, "wb", buffering=0) as file:  # noqa: PTH123 - a descriptor
        sink = FileObject(SOURCE, cast(BinaryIO, file))
        sink.open(Findings())
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
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.write(AUDIO)
    assert mute.taken == AUDIO


@pytest.mark.parametrize("returns", [-1, 10**9, 1.5, "all of it", 0, b"x"])
def test_an_object_whose_write_returns_what_no_file_returns_is_an_error_and_no_endless_loop(
    returns: object,
) -> None:
    class Odd:
        def write(self, data: bytes) -> object:
            return returns

    sink = FileObject(SOURCE, cast(BinaryIO, Odd()))
    sink.open(Findings())
    sink.begin(WHOLE)
    with pytest.raises(DestinationError, match="cannot write the file object"):
        sink.write(AUDIO)


@pytest.mark.parametrize("what", ["seekable", "tell", "write", "seek"])
def test_whatever_a_file_object_raises_becomes_an_error_of_ours(what: str) -> None:
    class Failing(io.BytesIO):
        def fail(self, *_: object) -> int:
            raise LookupError("not today")

    setattr(Failing, what, Failing.fail)
    sink = FileObject(SOURCE, Failing())

    def download() -> None:
        sink.open(Findings())
        sink.begin(WHOLE)
        sink.write(AUDIO[:5])
        sink.begin(WHOLE)

    with pytest.raises(DestinationError, match="not today") as caught:
        download()
    assert isinstance(caught.value.__cause__, LookupError)


def test_a_file_object_that_is_closed_halfway_is_an_error_of_ours() -> None:
    file = io.BytesIO()
    sink = FileObject(SOURCE, file)
    sink.open(Findings())
    sink.begin(WHOLE)
    file.close()
    with pytest.raises(DestinationError, match="closed"):
        sink.write(AUDIO)


def test_an_archive_in_a_file_object_is_not_read_back_and_the_findings_say_so() -> None:
    findings = Findings()
    sink = FileObject(ARCHIVE, io.BytesIO())
    sink.open(findings)
    sink.begin(Body(start=0, end=3, total=3, validator=None))
    sink.write(b"zip")
    assert sink.publish(findings)
    assert findings.unproven == ("contents",)
