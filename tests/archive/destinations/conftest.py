"""Object stores: real servers, started once, and one of our own that has bad days."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.archive import stores
from tests.archive.store import Store, storing


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody tries again for seconds, and no account of this machine is used."""
    for name in [*os.environ]:
        if name.startswith(("AWS_", "AZURE_", "GOOGLE_", "STORAGE_")):
            monkeypatch.delenv(name)
    quick: Any = {"max_retries": 1, "backoff": {"init_backoff": timedelta(milliseconds=1)}}
    monkeypatch.setattr("vbc_call_recording_archive.destinations.opening.RETRIES", quick)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Where `s3://` and `gs://` lead."""
    with storing() as store:
        yield store.point(monkeypatch)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[dict[str, str]]:
    with stores.moto() as variables:
        stores.make_bucket(variables, "bucket")
        yield variables


@pytest.fixture
def s3(s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`s3://bucket` leads to moto's server."""
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def azure_server() -> Iterator[dict[str, str]]:
    if missing := stores.missing_azurite():
        pytest.skip(missing)
    with stores.azurite() as variables:
        stores.make_container(variables, "bucket")
        yield variables


@pytest.fixture
def azure(azure_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`az://bucket` leads to azurite."""
    for name, value in azure_server.items():
        monkeypatch.setenv(name, value)
