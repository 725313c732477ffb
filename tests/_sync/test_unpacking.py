# Written by scripts/mirror from tests/_async/test_unpacking.py.
# Change that file and run `make generate`.
"""Unpacking what an export brought."""

from pathlib import Path

import pytest

from tests.files.serving import bytes_of
from vbc_call_recording import CallRecordingClient, DestinationError
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
