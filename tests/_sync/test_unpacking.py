# Written by scripts/mirror from tests/_async/test_unpacking.py.
# Change that file and run `make generate`.
"""Unpacking what an export brought."""

from pathlib import Path

import pytest

from tests.files.serving import bytes_of
from tests.files.support import make_archive
from vbc_call_recording import CallRecordingClient, DestinationError, InputError, VerificationError
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth


def test_overwrite_replaces_an_unpacked_archive_that_is_something_else(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    newest = max(sandbox.store.company(), key=lambda recording: recording.start)
    export = client.company_recordings.export(start_gte=newest.start)
    export.wait(poll=0.01)
    (unpacked,) = (export.download(tmp_path, extract=True)).extracted
    unpacked.write_bytes(b"spoilt")
    with pytest.raises(DestinationError, match="overwrite=True"):
        export.download(tmp_path, extract=True)
    assert unpacked.read_bytes() == b"spoilt"
    export.download(tmp_path, extract=True, overwrite=True)
    assert unpacked.read_bytes() == bytes_of(truth.audio(newest))


def test_an_archive_that_nobody_can_unpack_is_kept_and_the_result_says_so(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    newest = max(sandbox.store.company(), key=lambda recording: recording.start)
    export = client.company_recordings.export(start_gte=newest.start)
    export.wait(poll=0.01)
    raw = bytearray(make_archive(tmp_path / "made.zip", {"a.mp3": b"ID3"}).read_bytes())
    raw[8] = raw[raw.index(b"PK\x01\x02") + 10] = 9  # deflate64
    sandbox.faults.next("bulkDownload", body=bytes(raw), headers={"Content-Type": "application/zip"})
    for _ in range(2):
        brought = export.download(tmp_path / "in")
        assert brought.unproven == brought.archives
        assert brought.archives[0].read_bytes() == raw
    with pytest.raises(VerificationError, match="the archive is kept"):
        export.download(tmp_path / "in", extract=True)
    assert brought.archives[0].read_bytes() == raw


@pytest.mark.parametrize("directory", [None, "", 5])
def test_an_export_goes_into_a_directory_and_nowhere_else(
    directory: str, client: CallRecordingClient
) -> None:
    export = client.export_jobs.adopt(["1"])
    with pytest.raises(InputError, match="directory is"):
        export.download(directory)
