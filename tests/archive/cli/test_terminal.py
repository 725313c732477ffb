"""What a terminal shows: tables as wide as it is, bars, colours; and how Ctrl-C ends a command."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.cells import cell_len

from vbc_call_recording_archive.cli.progress import Progress
from vbc_call_recording_archive.cli.screen import Column, Screen, fitting
from vbc_call_recording_sandbox import Recording, Sandbox

from .conftest import COMMAND, Run, Terminal

pytestmark = pytest.mark.slow

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7])m")


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_a_table_is_as_wide_as_the_terminal(
    columns: int, account: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    start = account.store.company()[0].start
    account.store.replace([Recording(id=7, start=start, cnam="山田太郎" * 5, caller_id="1" * 40)])
    header, row = [ESCAPE.sub("", line) for line in run("list").out.splitlines()]
    assert max(cell_len(header), cell_len(row)) <= columns
    assert ("name" in header) == (columns > 60)
    assert ("extensions" in header) == (columns == 160)
    assert "…" in row, "what does not fit is cut visibly"


def test_columns_go_by_their_rank_and_the_flexible_one_takes_the_rest() -> None:
    columns = (Column("a", 10), Column("b", 10, rank=1), Column("c", 10, rank=2), Column("d", 0, most=50))
    assert fitting(columns, 200) == {0: 10, 1: 10, 2: 10, 3: 50}
    assert fitting(columns, 40) == {0: 10, 1: 10, 3: 16}
    assert fitting(columns, 25) == {0: 10, 3: 13}
    assert fitting(columns, 5) == {0: 10, 3: 8}, "what has to be shown is shown"


def test_colours_respect_no_color(account: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert COLOUR.search(run("doctor").out)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not COLOUR.search(run("doctor").out)


def test_on_a_terminal_a_download_has_a_bar_and_the_quota_is_shown(
    terminal: type[Terminal], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(recordings=200, on_demand=0, quota="20/min") as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        shown = terminal("download", "--all", "--to", tmp_path)
        shown.read_until("for the quota")
        began = time.monotonic()
        shown.type("\x03")
        assert shown.end() == 130
    assert time.monotonic() - began < 40, "it waited for the quota"
    assert re.search(r"of 200 recordings, waiting \d+ s for the quota, about", ESCAPE.sub("", shown.shown))
    assert f"to go on: vbc-recordings download --all --to {tmp_path}" in ESCAPE.sub("", shown.shown).replace(
        "\r\n", ""
    )
    assert shown.shown.rindex("\x1b[?25h") > shown.shown.rindex("\x1b[?25l"), "the cursor is back"


def test_without_a_terminal_there_are_no_escape_codes(account: Sandbox, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "download", "--limit", "5", "--to", tmp_path],
        env=os.environ | {"TERM": "xterm-256color"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 5


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_elsewhere_a_line_comes_once_in_a_while(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Progress(Screen(), "downloading", clock=clock) as progress:
        progress.state.total, progress.state.detail = 200, "the latest"
        for second in range(1, 61):
            clock.now, progress.state.done = float(second), second
            progress.moved()
    assert capsys.readouterr().err.splitlines() == [
        "downloading: 15 of 200 recordings, about 3 min left; the latest",
        "downloading: 30 of 200 recordings, about 3 min left; the latest",
        "downloading: 45 of 200 recordings, about 3 min left; the latest",
        "downloading: 60 of 200 recordings, about 2 min left; the latest",
    ]


def test_what_is_left_is_reckoned_with_the_waits_for_the_quota() -> None:
    """Ten in a second, and then a wait for the rest of the minute: that is ten a minute."""
    clock = Clock()
    with Progress(Screen(quiet=True), "x", clock=clock) as progress:
        progress.state.total, progress.state.done, clock.now = 100, 10, 1.0
        progress.wait(59.0)
        assert progress.seconds_left() == pytest.approx(540)


def test_a_command_that_cannot_stop_is_ended_all_the_same(tmp_path: Path) -> None:
    """The server takes the request, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"http://127.0.0.1:{server.getsockname()[1]}/"
        variables = {"VBC_ACCESS_TOKEN": "t", "VBC_BASE_URL": place}
        command, environ = [*COMMAND, "list"], os.environ | variables
        waiting = []
        for sent, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
            connection, _ = server.accept()
            connection.recv(1000)
            waiting.append((process, connection, sent, code))
        began = time.monotonic()
        for process, _, sent, _ in waiting:
            process.send_signal(sent)
        for process, connection, _, code in waiting:
            _, said = process.communicate(timeout=120)
            connection.close()
            assert (process.returncode, said) == (code, "warning: stopped; to go on: vbc-recordings list\n")
        assert time.monotonic() - began < 40, "the request would have waited for a minute"


def test_what_nohup_asks_for_is_respected() -> None:
    program = (
        "import os, signal, sys\n"
        "from vbc_call_recording_archive.cli.interrupt import stoppable\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "with stoppable(print):\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN, end='')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "True"


def test_a_second_ctrl_c_ends_at_once() -> None:
    program = (
        "import os, signal, time\n"
        "from vbc_call_recording_archive.cli.interrupt import stoppable\n"
        "with stoppable(lambda: print('bye', end='')):\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        print('still here')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "bye", "")


def test_a_block_that_does_not_end_is_ended() -> None:
    program = (
        "import os, signal, threading\n"
        "from vbc_call_recording_archive.cli import interrupt\n"
        "interrupt.PATIENCE = 0.1\n"
        "with interrupt.stoppable(threading.Event().wait):\n"  # and the last words do not end, either
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except KeyboardInterrupt:\n"
        "        threading.Event().wait()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=20, check=False)
    assert done.returncode == 143
