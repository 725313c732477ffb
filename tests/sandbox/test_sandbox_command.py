"""`python -m vbc_call_recording_sandbox` runs until it is told to stop."""

import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "vbc_call_recording_sandbox"]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    command = [*COMMAND, "--port", "0", "--seed", "5", "--recordings", "40"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def _environment(process: subprocess.Popen[str]) -> dict[str, str]:
    """What the printed `export` lines would set."""
    assert process.stdout is not None
    found: dict[str, str] = {}
    while "VBC_PASSWORD" not in found:
        line = process.stdout.readline()
        assert line, "it ended without saying how to reach it"
        if parts := re.fullmatch(r"export (VBC_\w+)=(.*)\n", line):
            found[parts[1]] = shlex.split(parts[2])[0]
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_how_to_reach_it_and_stops_cleanly(number: int, process: subprocess.Popen[str]) -> None:
    environment = _environment(process)
    form = {
        "grant_type": "password",
        "scope": "openid",
        "username": environment["VBC_USERNAME"] + "@vbc.prod",
        "password": environment["VBC_PASSWORD"],
        "client_id": environment["VBC_CLIENT_ID"],
        "client_secret": environment["VBC_CLIENT_SECRET"],
    }
    token = httpx.post(environment["VBC_TOKEN_URL"], data=form).json()["access_token"]
    url = f"{environment['VBC_BASE_URL']}/api/accounts/self/company_call_recordings"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["total_items"] == 40
    process.send_signal(number)
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")


def _refused(*arguments: str) -> str:
    finished = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)
    assert finished.returncode == 2
    return finished.stderr.splitlines()[-1]


def test_a_port_in_use_is_an_error_of_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "cannot start" in _refused("--port", str(other.getsockname()[1]))


def test_arguments_that_make_no_sense_are_refused() -> None:
    assert "recordings=-1" in _refused("--recordings", "-1")
    assert "65535" in _refused("--port", "99999")


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_its_extra_it_says_what_to_install(missing: str) -> None:
    program = (
        f"import sys; sys.modules.update({missing}=None)\n"
        "try:\n    import vbc_call_recording_sandbox\n"
        "except ImportError as error:\n    print(error, type(error.__cause__).__name__)\n"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert missing in said
    assert "pip install 'vbc-call-recording[sandbox]'" in said
    assert said.endswith(" ModuleNotFoundError\n")
