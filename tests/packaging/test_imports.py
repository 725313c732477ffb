"""What importing and constructing a client loads: a program that only lists should not wait for the rest."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import json, sys
from vbc_call_recording import {name}
{name}(auth="t")
print(json.dumps(sorted(sys.modules)))
"""
NEEDLESS = {
    "asyncio", "concurrent.futures", "dateutil", "filelock", "orjson", "sqlite3", "subprocess", "zipfile",
    "vbc_call_recording_archive", "vbc_call_recording_sandbox",
    "vbc_call_recording_generated.client", "vbc_call_recording_generated.models.recording",
}  # fmt: skip


@pytest.mark.parametrize("name", ["CallRecordingClient", "AsyncCallRecordingClient"])
def test_a_client_loads_nothing_that_it_does_not_need_yet(name: str) -> None:
    command = [sys.executable, "-c", PROGRAM.format(name=name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    loaded = set(json.loads(done.stdout))
    assert NEEDLESS & loaded == set()
    assert not {name for name in loaded if "._listing" in name or "._files" in name or name.endswith(".wire")}
