"""Real object stores, each started once."""

from collections.abc import Iterator

import pytest

from tests.archive import stores


@pytest.fixture(scope="session")
def s3_server() -> Iterator[dict[str, str]]:
    with stores.moto() as variables:
        stores.make_bucket(variables, "bucket")
        yield variables


@pytest.fixture
def s3(s3_server: dict[str, str], no_stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
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
def azure(azure_server: dict[str, str], no_stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """`az://bucket` leads to azurite."""
    for name, value in azure_server.items():
        monkeypatch.setenv(name, value)
