"""`VBC_LOG`: one line a request on standard error, and nothing of what the request is about."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from vbc_call_recording import CallRecordingClient, ConfigurationError

logger = logging.getLogger("vbc_call_recording")
PROGRAM = """
import logging, sys
import httpx
from vbc_call_recording import CallRecordingClient

def answer(request):
    return httpx.Response(200, json={"id": 5, "caller_id": "canary-1"}, headers={"X-Request-Id": "r-1"})

if "own" in sys.argv:
    logging.basicConfig(format="own %(message)s")
with CallRecordingClient(auth="canary-2", transport=httpx.MockTransport(answer)) as client:
    client.company_recordings.get(5, extra_query={"q": "canary-3"}, extra_headers={"X": "canary-4"})
    client.with_options(retries=0).company_recordings.with_raw_response.get("5")
"""


@pytest.fixture
def level(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Sets the logger back afterwards."""
    before, handlers = logger.level, list(logger.handlers)
    yield monkeypatch
    logger.setLevel(before)
    logger.handlers[:] = handlers


def said(*arguments: str, **variables: str) -> str:
    command = [sys.executable, "-W", "error", "-c", PROGRAM, *arguments]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr


@pytest.mark.slow
def test_one_line_a_request_without_data_and_secrets() -> None:
    lines = said(VBC_LOG="info").splitlines()

    assert len(lines) == 2
    for line in lines:
        assert "INFO vbc_call_recording: get_company_recording: 200 in" in line
        assert line.endswith(" ms, 1 tries, 0.0 s of it waiting, request id r-1")
        assert "canary" not in line


@pytest.mark.slow
def test_where_the_program_shows_the_log_itself_no_line_comes_twice() -> None:
    lines = said("own", VBC_LOG="debug").splitlines()

    assert len(lines) == 2
    assert all(line.startswith("own get_company_recording: 200") for line in lines)


@pytest.mark.slow
def test_nothing_is_said_unasked() -> None:
    assert said(VBC_LOG="") == ""


@pytest.mark.parametrize("wrong", ["trace", "1", "INFO,DEBUG"])
def test_another_level_is_refused_and_named(level: pytest.MonkeyPatch, wrong: str) -> None:
    level.setenv("VBC_LOG", wrong)

    with pytest.raises(ConfigurationError, match=r"^VBC_LOG is .*; accepted: info or debug$"):
        CallRecordingClient(auth="t")


def test_the_level_is_read_in_any_case_and_the_handler_added_once(level: pytest.MonkeyPatch) -> None:
    level.setenv("VBC_LOG", " Debug\n")
    before = len(logger.handlers)

    for _ in range(3):
        CallRecordingClient(auth="t", transport=httpx.MockTransport(lambda _: httpx.Response(200)))

    assert (logger.level, len(logger.handlers)) == (logging.DEBUG, before + 1)
