"""Proxy and certificate variables, with real sockets."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from vbc_call_recording import (
    ApiConnectionError,
    AsyncCallRecordingClient,
    CallRecordingClient,
    ConfigurationError,
    PasswordGrant,
)
from vbc_call_recording_sandbox import Sandbox

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


class Eavesdropper:
    """A proxy that writes down what it is told, and hangs up."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                heard = connection.recv(65536)
                if not heard:
                    return
                self.heard.append(heard)

    def close(self) -> None:
        with socket.create_connection(self._listener.getsockname()):
            pass
        self._thread.join()
        self._listener.close()


@pytest.fixture
def proxy() -> Iterator[Eavesdropper]:
    proxy = Eavesdropper()
    yield proxy
    proxy.close()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2"])
def test_what_is_not_encrypted_goes_past_every_proxy(
    name: str, host: str, sandbox: Sandbox, proxy: Eavesdropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, proxy.url)
    c = sandbox.credentials
    token_url = sandbox.token_url.replace("127.0.0.1", host)
    auth = PasswordGrant(c.username, c.password, c.client_id, c.client_secret, token_url=token_url)
    base_url = sandbox.base_url.replace("127.0.0.1", host)
    with CallRecordingClient(auth=auth, base_url=base_url, retries=0) as client:
        if host == "127.0.0.2":  # the sandbox does not listen there
            with pytest.raises(ApiConnectionError, match="could not be reached"):
                client.company_recordings.get(1)
        else:
            assert len(list(client.company_recordings.list(limit=3))) == 3
    assert proxy.heard == []


def test_an_encrypted_request_goes_through_the_proxy_of_the_environment(
    proxy: Eavesdropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with (
        CallRecordingClient(auth="canary", base_url="https://api.test", retries=0) as client,
        pytest.raises(ApiConnectionError),
    ):
        client.company_recordings.get(1)
    assert [heard.split(b"\r\n")[0] for heard in proxy.heard] == [b"CONNECT api.test:443 HTTP/1.1"]
    assert b"canary" not in proxy.heard[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SSL_CERT_FILE", "/nowhere/certificates.pem"),
        ("HTTPS_PROXY", "http://user:canary@127.0.0.1:99999999"),
        ("https_proxy", "http://127.0.0.1:port"),
        ("ALL_PROXY", "socks5://user:canary@127.0.0.1:1080"),
        ("ALL_PROXY", "gopher://127.0.0.1:1"),
        ("ALL_PROXY", "http://xn--"),
        ("HTTPS_PROXY", "\t"),
        ("NO_PROXY", "[::1]"),
        ("NO_PROXY", "fe80::/10"),
    ],
)
@pytest.mark.parametrize("kind", [CallRecordingClient, AsyncCallRecordingClient])
def test_a_variable_that_cannot_be_used_is_named(
    kind: type[CallRecordingClient], name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"^{name} cannot be used; accepted: ") as caught:
        kind(auth="t")
    assert "canary" not in str(caught.value)


def test_a_file_of_certificates_without_any_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(empty))
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        CallRecordingClient(auth="t")


def test_a_file_of_something_else_is_named_when_certificates_are_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_text("certificates, one should think")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    client = CallRecordingClient(auth="t")
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        client.company_recordings.get(1)


def test_a_good_no_proxy_with_ipv6_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "127.0.0.1:3128")
    monkeypatch.setenv("NO_PROXY", "::1, 10.0.0.0/8, .example.com")
    CallRecordingClient(auth="t").close()


@pytest.mark.parametrize(
    "proxy", ["socks5://user:canary@127.0.0.1:1080", "http://user:canary@127.0.0.1:99999999"]
)
def test_a_proxy_given_that_cannot_be_used_is_named_like_a_variable(proxy: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^proxy cannot be used; accepted: ") as caught:
        CallRecordingClient(auth="t", proxy=proxy)
    assert "canary" not in str(caught.value)
