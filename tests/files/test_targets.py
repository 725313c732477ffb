"""What a download may go to, and what is refused before anything is sent."""

import io
import os
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from tests.files.support import SOURCE
from vbc_call_recording._errors import (
    DestinationError,
    InputError,
)
from vbc_call_recording._files.targets import checked_directory, require_target, sink_for
from vbc_call_recording._files.verification import Findings


def test_a_target_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / SOURCE.name).mkdir()
    for overwrite in (False, True):
        with pytest.raises(DestinationError, match="is a directory"):
            sink_for(SOURCE, tmp_path, overwrite=overwrite, resume=True).open(Findings())


def test_a_directory_named_as_one_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DestinationError, match="its directory does not exist"):
        sink_for(SOURCE, f"{tmp_path}/nowhere/", overwrite=False, resume=True).open(Findings())


def test_a_temporary_text_file_is_refused_and_a_binary_one_is_not() -> None:
    with tempfile.NamedTemporaryFile("w") as text, pytest.raises(InputError, match="binary"):
        sink_for(SOURCE, cast(BinaryIO, text), overwrite=False, resume=True)
    with tempfile.NamedTemporaryFile() as binary, tempfile.SpooledTemporaryFile() as spooled:
        for file in (binary, spooled):
            sink_for(SOURCE, cast(BinaryIO, file), overwrite=False, resume=True)


def closed() -> io.BytesIO:
    file = io.BytesIO()
    file.close()
    return file


class Gone:
    """As what is left of a closed SpooledTemporaryFile or a socket's file."""

    def write(self, data: bytes) -> int:
        return len(data)

    @property
    def closed(self) -> bool:
        raise ValueError("gone")


class Awaited:
    async def write(self, data: bytes) -> int:
        return len(data)


@pytest.mark.parametrize(
    "to",
    ["", "a\0b", "a\ud800b", b"bytes", io.StringIO(), 5, None, closed(), Gone(), Awaited(), [], Path],
    ids=lambda to: type(to).__name__,
)
def test_a_target_that_cannot_be_one_is_refused(to: object) -> None:
    with pytest.raises(InputError, match="accepted: a path"):
        require_target(to)


def test_a_file_opened_for_reading_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").touch()
    with (tmp_path / "a.mp3").open("rb") as file, pytest.raises(InputError, match="cannot be written to"):
        require_target(file)


class PathWithWrite(os.PathLike[str]):
    """As py.path.local, which pytest hands out."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)

    def write(self, data: bytes) -> None:
        raise AssertionError("it is a path")


def test_a_path_of_any_library_is_a_path(tmp_path: Path) -> None:
    sink = sink_for(SOURCE, PathWithWrite(tmp_path), overwrite=False, resume=True)
    assert sink.path == tmp_path / SOURCE.name
    assert checked_directory(PathWithWrite(tmp_path)) == tmp_path


@pytest.mark.parametrize("directory", [None, "", 5, b"x", "a\0b", "\udfff\ud800", ["x"]])
def test_a_directory_that_cannot_be_one_is_refused(directory: object) -> None:
    with pytest.raises(InputError, match="directory is"):
        checked_directory(directory)
