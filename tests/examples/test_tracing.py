"""The tracing example: a span for each try, below the span of the call, and none holds a secret."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vbc_call_recording_sandbox import Sandbox

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tracing.py"


def test_each_try_is_a_span_and_each_wait_an_event(sandbox: Sandbox) -> None:
    sandbox.faults.next(r"/company_call_recordings/\d+$", status=503)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VBC_")}

    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLE)],
        env={**environment, **sandbox.environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    spans = [json.loads(span) for span in done.stdout.replace("\n}\n{", "\n}\x00{").split("\x00")]
    *tries, call = spans
    assert call["name"] == "newest recording"
    assert [(span["name"], span["attributes"]["http.status_code"]) for span in tries] == [
        ("POST", 200),
        ("GET", 200),
        ("GET", 503),
        ("GET", 200),
    ]
    traces = {span["context"]["trace_id"] for span in spans}
    assert len(traces) == 1, "they are parts of one trace"
    (wait,) = call["events"]
    assert (wait["name"], wait["attributes"]["reason"]) == ("wait", "503 Service Unavailable")
    given = sandbox.credentials
    assert not any(secret in done.stdout for secret in (given.password, given.client_secret, "Bearer"))
