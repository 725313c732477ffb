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
NEEDLESS = {"dateutil", "orjson", "sqlite3", "vbc_call_recording_archive", "vbc_call_recording_sandbox"}


@pytest.mark.parametrize("name", ["CallRecordingClient", "AsyncCallRecordingClient"])
def test_a_client_loads_nothing_that_it_does_not_need_yet(name: str) -> None:
    command = [sys.executable, "-c", PROGRAM.format(name=name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert NEEDLESS & set(json.loads(done.stdout)) == set()
