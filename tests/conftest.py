"""Fixtures every test may use."""

import os
import ssl
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import settings

from vbc_call_recording import PasswordGrant
from vbc_call_recording_sandbox import Sandbox

# A busy machine is no bug. CI tries the same examples every time: what it finds is about the change.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


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
