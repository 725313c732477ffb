"""What is done when a command has ended: metrics, a command, a URL. None of it changes how it ended."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from attrs import define, field
from prometheus_client.parser import text_string_to_metric_families

from tests.archive.report import made
from vbc_call_recording_archive import telling
from vbc_call_recording_archive.cli.afterwards import Afterwards
from vbc_call_recording_archive.cli.screen import Screen
from vbc_call_recording_archive.metrics import Ended, metrics
from vbc_call_recording_archive.overview import Overview
from vbc_call_recording_sandbox import Recording, Sandbox

from .conftest import COMMAND, Run

pytestmark = pytest.mark.slow

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@define
class Monitor:
    """What listens at the URLs."""

    url: str
    got: list[tuple[str, dict[str, Any]]] = field(factory=list[tuple[str, dict[str, Any]]])
    status: int = 200


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listening.got.append((self.path, json.loads(body)))
            self.send_response(listening.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening = Monitor(f"http://127.0.0.1:{server.server_address[1]}")
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield listening
    server.shutdown()
    server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """The URL of a server that takes a connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hush"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made.empty(tmp_path / "archive")


@pytest.fixture
def broken(folder: Path) -> Path:
    """`verify` ends with 1."""
    made.write(folder, [(1, "company", "7", "2026-11-24T10:00:00Z", "INBOUND", "17325550100", "ACME", 1)],
               [("data/hush-path.mp3", 1, 5, "2026-11-24T11:00:00Z", "fetched")], [], [])  # fmt: skip
    return folder


def values(path: Path) -> dict[tuple[str, ...], float]:
    """Name and labels, but for the archive, to value. As Prometheus's own parser reads them."""
    return {
        (
            sample.name,
            *(value for name, value in sorted(sample.labels.items()) if name != "archive"),
        ): sample.value
        for family in text_string_to_metric_families(path.read_text())
        for sample in family.samples
    }


# Failure and success


def test_a_failure_is_told_to_the_url_and_to_the_command(
    broken: Path, tmp_path: Path, run: Run, monitor: Monitor
) -> None:
    script = tmp_path / "hook.py"
    script.write_text(
        "import os, sys, pathlib\n"
        f"pathlib.Path({str(tmp_path / 'said')!r}).write_text(sys.stdin.read() + repr(sorted(\n"
        "    (name, value) for name, value in os.environ.items() if name.startswith('VBC_'))))\n"
    )
    ended = run(
        "verify", broken, "--on-failure", f"{sys.executable} {script}",
        "--failure-url", f"{monitor.url}/id/fail", "--success-url", f"{monitor.url}/id",
    )  # fmt: skip
    assert ended.code == 1
    [(path, told)] = monitor.got
    assert path == "/id/fail"
    assert (told["command"], told["exit_code"], told["archive"]) == ("verify", 1, str(broken))
    said = (tmp_path / "said").read_text()
    assert said.startswith(f"vbc-recordings verify {broken} ended with 1: Done as far as it went")
    assert "('VBC_RECORDINGS_EXIT_CODE', '1')" in said


def test_nothing_of_the_login_or_of_callers_is_told(
    broken: Path, tmp_path: Path, run: Run, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VBC_PASSWORD", "hush-password")
    monkeypatch.setenv("VBC_RECORDINGS_FAILURE_URL", f"{monitor.url}/hush-url")
    dump = f"sh -c 'env > {tmp_path}/env; cat >> {tmp_path}/env'"
    assert run("verify", broken, "--on-failure", dump).code == 1
    told = (tmp_path / "env").read_text() + json.dumps(monitor.got[0][1])
    assert "VBC_RECORDINGS_COMMAND=verify" in told
    for secret in ("hush", "17325550100", "ACME"):
        assert secret not in told


def test_a_success_is_told_to_the_other_url_only(
    folder: Path, tmp_path: Path, run: Run, monitor: Monitor
) -> None:
    ended = run(
        "verify", folder, "--on-failure", f"touch {tmp_path}/touched",
        "--failure-url", f"{monitor.url}/fail", "--success-url", f"{monitor.url}/ok",
    )  # fmt: skip
    assert ended.code == 0
    assert [(path, told["exit_code"]) for path, told in monitor.got] == [("/ok", 0)]
    assert not (tmp_path / "touched").exists()


def test_help_and_a_dry_run_are_told_to_nobody(
    account: Sandbox, tmp_path: Path, run: Run, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VBC_RECORDINGS_SUCCESS_URL", monitor.url)
    assert run("sync", "--help").code == 0
    dry = run("sync", tmp_path / "new", "--dry-run", "--metrics-file", tmp_path / "x.prom")
    assert dry.code == 0
    assert monitor.got == []
    assert not (tmp_path / "x.prom").exists()


@pytest.mark.parametrize("code", [130, 141, 143])
def test_whoever_stopped_it_need_not_be_told(
    broken: Path, tmp_path: Path, monitor: Monitor, code: int
) -> None:
    after = Afterwards(
        "sync", broken, metrics_file=tmp_path / "x.prom", failure_url=monitor.url, success_url=monitor.url
    )
    after.do(code, Screen())
    assert monitor.got == []
    assert values(tmp_path / "x.prom")["vbc_recordings_run_exit_code", "sync"] == code


def test_a_mistake_in_another_option_is_told_too(folder: Path, run: Run, monitor: Monitor) -> None:
    assert run("sync", folder, "--since", "someday", "--failure-url", monitor.url).code == 2
    assert [told["exit_code"] for _, told in monitor.got] == [2]


def test_a_login_that_is_refused_is_told_with_its_code(
    account: Sandbox,
    folder: Path,
    tmp_path: Path,
    run: Run,
    monitor: Monitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VBC_PASSWORD", "wrong")
    file = tmp_path / "vbc.prom"
    assert run("sync", folder, "--failure-url", monitor.url, "--metrics-file", file).code == 3
    assert monitor.got[0][1]["meaning"] == "The login or a permission was refused."
    assert values(file)["vbc_recordings_run_exit_code", "sync"] == 3


@pytest.mark.parametrize("name", ["VBC_RECORDINGS_FAILURE_URL", "VBC_RECORDINGS_FAILURE_URL_FILE"])
def test_a_url_may_be_in_a_variable_or_a_file(
    broken: Path, tmp_path: Path, run: Run, monitor: Monitor, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "url").write_text(f"{monitor.url}/from-file\n")
    monkeypatch.setenv(name, str(tmp_path / "url") if name.endswith("_FILE") else monitor.url)
    assert run("verify", broken).code == 1
    assert len(monitor.got) == 1


# What fails here


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("false", "the command ended with 1"),
        ("/no/such/command", "cannot be run"),
        ("unclosed '", "cannot be run"),
        ("sh -c 'exec sleep 600'", "took longer than 0.2 s"),
        ("sh -c 'sleep 600 & wait'", "took longer than 0.2 s"),
    ],
)
def test_a_command_that_fails_or_hangs_changes_nothing(
    broken: Path, run: Run, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    monkeypatch.setattr(telling, "PATIENCE", 0.2)
    plain = run("verify", broken)
    ended = run("verify", broken, "--on-failure", command)
    assert (ended.code, ended.out) == (plain.code, plain.out)
    assert ended.err.startswith(plain.err)
    assert "warning: --on-failure: " in ended.err
    assert said in ended.err


def test_what_a_hanging_command_has_started_is_killed_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PATIENCE", 0.5)
    with pytest.raises(telling.TellingError):
        telling.run_command(f"sh -c 'sleep 600 & echo $! > {tmp_path}/pid; wait'", {}, "")
    pid = int((tmp_path / "pid").read_text())
    until = time.monotonic() + 10
    while _is_running(pid):
        assert time.monotonic() < until
        time.sleep(0.02)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_a_url_that_refuses_or_hangs_changes_nothing_and_is_not_shown(
    broken: Path, run: Run, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PATIENCE", 0.3)
    monitor.status = 500
    with silent() as nobody:
        for url, said in (
            (f"{monitor.url}/hush", "could not be told: 500"),
            (nobody, "could not be told: "),
            ("http://127.0.0.1:1/hush", "could not be told: ConnectError"),
        ):
            ended = run("verify", broken, "--failure-url", url)
            assert ended.code == 1
            assert f"warning: --failure-url: the URL {said}" in ended.err
            assert "hush" not in ended.err.partition("warning")[2]
    ended = run("verify", broken, "--failure-url", "ftp://hush")
    assert ended.code == 2
    assert "hush" not in ended.err


def test_metrics_that_cannot_be_written_change_nothing(folder: Path, run: Run) -> None:
    ended = run("verify", folder, "--metrics-file", folder)
    assert ended.code == 0
    assert f"warning: no metrics were written to {folder}" in ended.err


def test_a_signal_while_others_are_told_ends_it(broken: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        subprocess.Popen(
            [*COMMAND, "verify", broken, "--failure-url", f"http://127.0.0.1:{server.getsockname()[1]}"],
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
        server.accept()[0],
    ):  # it tells, and nobody answers
        process.terminate()
        said = process.communicate(timeout=20)[1]
    assert process.returncode == 1
    assert said.endswith("warning: stopped while others were told how it ended\n")


# Metrics


def test_metrics_tell_of_the_archive_and_of_the_last_run_of_each_command(
    account: Sandbox, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.store.replace(Recording(id=number, start=YESTERDAY) for number in (1, 2, 3))
    folder, file = tmp_path / "archive", tmp_path / "vbc.prom"
    for command in ("sync", "verify"):
        assert run(command, folder, "--metrics-file", file).code == 0
    found = values(file)
    assert found["vbc_recordings_here", "company"] == found["vbc_recordings_known", "company"] == 3
    assert found["vbc_recordings_complete", "company"] == 1
    assert found["vbc_recordings_missing", "company"] == found["vbc_recordings_gap_seconds", "company"] == 0
    assert found["vbc_recordings_size_bytes", "company"] == 12000
    names = ("files", "size_bytes", "lacking")
    assert [found[f"vbc_recordings_destination_{each}", "local"] for each in names] == [3, 12000, 0]
    assert found["vbc_recordings_newest_timestamp_seconds", "company"] == int(YESTERDAY.timestamp())
    assert found["vbc_recordings_windows", "company", "proven"] >= 1
    assert abs(found["vbc_recordings_oldest_check_timestamp_seconds",] - time.time()) < 300
    for command in ("sync", "verify"):
        assert found["vbc_recordings_run_exit_code", command] == 0
        assert abs(found["vbc_recordings_run_timestamp_seconds", command] - time.time()) < 300
        assert 0 < found["vbc_recordings_run_duration_seconds", command] < 300

    next((folder / "data").rglob("*.mp3")).unlink()
    assert run("verify", folder, "--metrics-file", file).code == 1
    after = values(file)
    success = ("vbc_recordings_run_success_timestamp_seconds", "verify")
    assert after["vbc_recordings_run_exit_code", "verify"] == 1
    assert after[success] == found[success], "the last success is still known"
    assert after["vbc_recordings_run_exit_code", "sync"] == 0
    assert [path.name for path in tmp_path.glob("*.prom*")] == ["vbc.prom"]


def test_metrics_of_retention_are_of_the_plans_archive(account: Sandbox, tmp_path: Path, run: Run) -> None:
    account.store.replace(Recording(id=number, start=YESTERDAY) for number in (1, 2, 3))
    folder, file, plan = tmp_path / "archive", tmp_path / "vbc.prom", tmp_path / "plan.json"
    assert run("sync", folder).code == 0
    assert run("retention", "plan", folder, "--older-than", "0d", "-o", plan).code == 0
    applied = run("retention", "apply", plan, "--yes", "--max-count", "9", "--metrics-file", file)
    assert applied.code == 0, applied
    found = values(file)
    assert found["vbc_recordings_deleted", "company"] == 3
    assert found["vbc_recordings_run_exit_code", "retention apply"] == 0


def test_names_with_quotes_and_line_ends_stay_labels(tmp_path: Path) -> None:
    odd = 'C:\\rec"ordings\n# TYPE x counter'
    now = datetime(2026, 11, 25, tzinfo=UTC)
    first = "".join(metrics(Ended("sync", odd, 0, now, now), None))
    second = "".join(metrics(Ended("verify", odd, 4, now, now), None, before=first))
    samples = [each for family in text_string_to_metric_families(second) for each in family.samples]
    assert {each.labels["archive"] for each in samples} == {odd}
    assert sum(each.labels["command"] == "sync" for each in samples) == 4
    other = "".join(metrics(Ended("verify", "/srv/b", 0, now, now), Overview((), (), ()), before=first))
    assert "sync" not in other, "a file of another archive is not taken over"
    assert "".join(metrics(Ended("sync", odd, 0, now, now), None, before="no { metrics")) == first


@pytest.mark.skipif(not shutil.which("promtool"), reason="there is no promtool here")
def test_promtool_has_nothing_against_them(tmp_path: Path, run: Run) -> None:
    folder = made.two_years(tmp_path / "archive", a_day=1)
    run("verify", folder, "--sample", "1", "--metrics-file", tmp_path / "vbc.prom")
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=(tmp_path / "vbc.prom").read_bytes(), capture_output=True, check=False,
    )  # fmt: skip
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
