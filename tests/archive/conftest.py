"""A small company, its recordings, and an empty folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archive.world import World, calls
from vbc_call_recording import CallRecordingClient
from vbc_call_recording_sandbox import Sandbox


@pytest.fixture(autouse=True)
def _no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Syncing would be most of the time these tests take, and no kill needs it: the system has the bytes."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def world(sandbox: Sandbox, tmp_path: Path) -> Iterator[World]:
    """Nine recordings in three days."""
    sandbox.store.replace(calls(9))
    folder = tmp_path / "archive"
    folder.mkdir()
    with CallRecordingClient.from_env(sandbox.environment) as client:
        yield World(sandbox, client, folder)
