"""Runs the command as a user does, with the sandbox as the vendor."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from attrs import frozen
from click.testing import CliRunner

from vbc_call_recording_archive.cli.group import group
from vbc_call_recording_sandbox import Sandbox

COMMAND = [sys.executable, "-m", "vbc_call_recording_archive"]


@frozen
class Ended:
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No variables and no profiles of this machine."""
    for name in [*os.environ]:
        if name.startswith(("VBC_", "XDG_", "NO_COLOR", "FORCE_COLOR")):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def account(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox that the variables lead to."""
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return sandbox


@pytest.fixture
def run() -> Run:
    """The command in this process: quick, for words and codes."""

    def invoke(*arguments: object, stdin: str = "") -> Ended:
        result = CliRunner().invoke(group, [str(argument) for argument in arguments], input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    return invoke


class Terminal:
    """A process in a terminal of so many columns."""

    def __init__(
        self, *arguments: object, columns: int = 80, environ: Mapping[str, str] | None = None
    ) -> None:
        self._here, there = pty.openpty()
        # Whoever leads a session and opens a terminal, has it for its own: Ctrl-C gets there then.
        opening = ["sh", "-c", 'tty=$1; shift; exec "$@" <"$tty" >"$tty" 2>&1', "sh", os.ttyname(there)]
        size = {"COLUMNS": str(columns), "LINES": "40", "TERM": "xterm-256color"}
        environ = os.environ | size | dict(environ or {})
        self.process = subprocess.Popen(
            [*opening, *COMMAND, *map(str, arguments)], env=environ, start_new_session=True
        )
        os.close(there)
        self.shown = ""

    def read_until(self, text: str, seconds: float = 120) -> str:
        """What was shown, once it holds `text`."""
        until = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < until, f"expected {text!r}, shown was {self.shown!r}"
            if not self._read(0.2) and self.process.poll() is not None:
                assert text in self.shown, f"expected {text!r}, shown was {self.shown!r}"
        return self.shown

    def type(self, text: str) -> None:
        os.write(self._here, text.encode())

    def end(self, seconds: float = 120) -> int:
        """The exit code. Everything is shown by then."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            self._read(0.1)
        self.process.kill()  # no more than it needs: one that has ended is left alone
        code = self.process.wait()
        while self._read(0):
            pass
        os.close(self._here)
        return code

    def _read(self, seconds: float) -> bool:
        if not select.select([self._here], [], [], seconds)[0]:
            return False
        try:
            block = os.read(self._here, 65536)
        except OSError:  # nobody has the other end any more
            return False
        self.shown += block.decode("utf-8", "replace")
        return bool(block)


@pytest.fixture
def terminal() -> type[Terminal]:
    return Terminal
