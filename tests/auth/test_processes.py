"""Processes that share a login through a file, for real: sockets, locks, SIGKILL."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.auth import worker
from vbc_call_recording_sandbox import Sandbox

pytestmark = pytest.mark.slow

PROCESSES = 4
RENEWALS = 12
KILLS = 40


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def start(command: str, sandbox: Sandbox, store: Path, count: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", worker.__name__, command, sandbox.base_url, str(store), str(count)]
    )


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Sandbox:
    """Its tokens are said to last a moment of the workers' clock, and last longer in truth."""
    issue = sandbox.tokens.issue
    monkeypatch.setattr(sandbox.tokens, "issue", lambda: {**issue(), "expires_in": worker.LIFETIME})
    return sandbox


def test_processes_sharing_a_login_never_use_a_refresh_token_twice(sandbox: Sandbox, store: Path) -> None:
    """A refresh token refused would show as a second sign-in by password."""
    workers = [start("renew", sandbox, store, RENEWALS) for _ in range(PROCESSES)]
    assert [worker.wait(240) for worker in workers] == [0] * PROCESSES
    grants = sandbox.tokens.requests
    assert grants[0] == "password"
    assert set(grants[1:]) == {"refresh_token"}
    assert len(grants) > RENEWALS, "they never had to renew"


def test_being_killed_at_any_moment_costs_a_login_at_most_and_never_the_file(
    sandbox: Sandbox, store: Path
) -> None:
    assert start("die", sandbox, store, KILLS).wait(240) == 0
    grants = list(sandbox.tokens.requests)
    assert grants.count("refresh_token") > KILLS / 4, "they died too early to renew"
    assert grants.count("password") <= 1 + KILLS
    json.loads(store.read_bytes())
    assert start("renew", sandbox, store, 2).wait(240) == 0
    assert sandbox.tokens.requests[len(grants) :].count("password") <= 1
    assert {path.name for path in store.parent.iterdir()} <= {
        store.name,
        f"{store.name}.lock",
        f"{store.name}.new",
    }
