"""Telling others how a run ended: a command on this machine, or a URL as of healthchecks.io or a chat.

Only the command's name, its exit code, what that means, the archive's folder and two times are told: nothing
of recordings, callers or the login. Neither can keep us waiting for long.
"""

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Mapping
from typing import Any

import httpx

PATIENCE = 30.0
"""Seconds that a command, or an answer, may take."""

_STDERR = 2  # standard output is for our own results


class TellingError(Exception):
    """It could not be told. The message names no URL, which may be a secret."""


def run_command(command: str, told: Mapping[str, str], text: str) -> None:
    """Run a command, with the text on its standard input, and what is told in its environment.

    It does not get the VBC_* variables, where the login is. With all that it has started it is killed if it
    takes too long.

    Raises:
        TellingError: It cannot be run, failed, or took too long.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("VBC_")}
    try:
        process = subprocess.Popen(  # noqa: S603 - what the user asked for
            shlex.split(command),
            env={**environ, **told},
            stdin=subprocess.PIPE,
            stdout=_STDERR,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise TellingError(f"the command cannot be run: {error}") from error
    try:
        process.communicate(f"{text}\n".encode(), timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise TellingError(f"the command took longer than {PATIENCE:g} s, and was killed") from error
    finally:
        if process.poll() is None:
            _kill(process)
    if process.returncode:
        raise TellingError(f"the command ended with {process.returncode}")


def post(url: str, told: Mapping[str, Any]) -> None:
    """Post what is told as JSON. An answer is waited for, and not read.

    Raises:
        TellingError: There is no answer, or it is a refusal.
    """
    answers = list[int | str]()

    def ask() -> None:
        try:
            with httpx.stream("POST", url, json=told, timeout=PATIENCE) as answer:
                answers.append(answer.status_code)
        except Exception as error:  # noqa: BLE001 - whatever it is, it was not told
            answers.append(type(error).__name__)

    # A server that answers byte by byte would never be too late for httpx.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    answer = answers[0] if answers else "no answer in time"
    if not isinstance(answer, int) or answer >= 300:
        raise TellingError(f"the URL could not be told: {answer}")


def _kill(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
