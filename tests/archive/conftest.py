"""A small company, its recordings, and an empty folder."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.archive.store import Store, storing
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


@pytest.fixture
def no_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody tries again for seconds, and no account of this machine is used."""
    for name in [*os.environ]:
        if name.startswith(("AWS_", "AZURE_", "GOOGLE_", "STORAGE_")):
            monkeypatch.delenv(name)
    quick: Any = {"max_retries": 1, "backoff": {"init_backoff": timedelta(milliseconds=1)}}
    monkeypatch.setattr("vbc_call_recording_archive.destinations.opening.RETRIES", quick)


@pytest.fixture
def store(no_stores: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Where `s3://` and `gs://` lead."""
    with storing() as store:
        yield store.point(monkeypatch)
