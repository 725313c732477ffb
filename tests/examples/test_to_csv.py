"""The example that makes tables: every recording is in its CSV, and pandas can read it."""

import csv
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from examples.to_csv import COLUMNS, describe, row
from vbc_call_recording import Recording
from vbc_call_recording_sandbox import Sandbox

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "to_csv.py"


def run(sandbox: Sandbox, path: Path, *options: str) -> str:
    command = [sys.executable, str(EXAMPLE), str(path), *options]
    done = subprocess.run(
        command, env=dict(sandbox.environment), capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_recording_is_in_the_table(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "recordings.csv"
    wanted = {recording.id: recording for recording in sandbox.store.company()}

    assert f"{len(wanted)} recordings in {path}" in run(sandbox, path)

    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(each["id"]) for each in rows] == sorted(wanted, key=lambda each: wanted[each].start)
    for each in rows:
        recording = wanted[int(each["id"])]
        assert float(each["seconds"]) == recording.duration / 1000
        assert each["caller_id"] == recording.caller_id


def test_what_the_server_left_out_is_an_empty_cell() -> None:
    assert row(Recording(id=5)) == dict.fromkeys(COLUMNS) | {"id": 5, "extensions": ""}


@pytest.mark.skipif(find_spec("pandas") is None, reason="pandas is not installed")
def test_pandas_counts_calls_and_seconds_a_day(sandbox: Sandbox, tmp_path: Path) -> None:
    run(sandbox, tmp_path / "recordings.csv")

    assert "count" in describe(tmp_path / "recordings.csv")
