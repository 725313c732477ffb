"""Fixtures every test may use, and what `slow` means."""

import os
import ssl
import sys
from collections.abc import Generator, Iterator

import httpx
import pytest
from hypothesis import settings

from vbc_call_recording import PasswordGrant
from vbc_call_recording_sandbox import Sandbox

# A busy machine is no bug. CI tries the same examples every time: what it finds is about the change.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


# `make test-fast` leaves out what is marked slow. A test that starts a process without the mark fails, so the
# selection stays quick.
STARTING = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"})
_running: list[pytest.Item] = []


def _guard(event: str, arguments: object) -> None:
    if event in STARTING and _running and not _running[0].get_closest_marker("slow"):
        raise RuntimeError(f"{_running[0].nodeid} starts a process; accepted: a test marked slow")


sys.addaudithook(_guard)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    _running[:] = [item]
    try:
        return (yield)
    finally:
        _running.clear()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each worker of xdist begins with its share of what is slow. So they are done at about the same time."""
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    slow = [item for item in items if item.get_closest_marker("slow")]
    others = [item for item in items if not item.get_closest_marker("slow")]

    def share(part: list[pytest.Item], number: int) -> list[pytest.Item]:
        return part[len(part) * number // workers : len(part) * (number + 1) // workers]

    items[:] = [item for number in range(workers) for part in (slow, others) for item in share(part, number)]


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio: the retry transport sleeps with it."""
    return "asyncio"


@pytest.fixture(autouse=True, scope="session")
def _one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each client reads all certificates there are, 20 ms long: nobody is to be trusted here, so one will do.

    Processes inherit the variable. A test that speaks TLS sets it to a certificate of its own.
    """
    first = httpx.create_ssl_context().get_ca_certs(binary_form=True)[0]
    file = tmp_path_factory.mktemp("tls") / "one.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(first))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, recordings=600, on_demand=80) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """A sandbox as good as new."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def grant(sandbox: Sandbox) -> PasswordGrant:
    given = sandbox.credentials
    return PasswordGrant(
        given.username, given.password, given.client_id, given.client_secret, token_url=sandbox.token_url
    )
