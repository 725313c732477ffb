"""A client used before a fork: children get connections, locks and renewals of their own. Real forks."""

import asyncio
import multiprocessing
import os
import pickle
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from vbc_call_recording import (
    AsyncCallRecordingClient,
    CallRecordingClient,
    ConfigurationError,
    FileTokenStore,
    PasswordGrant,
)
from vbc_call_recording_sandbox import Sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here"),
    pytest.mark.filterwarnings(
        "ignore:.*fork.*:DeprecationWarning"
    ),  # of Python 3.12, when there are threads
]
CHILDREN = 4
CALLS = 40


class Echo(BaseHTTPRequestHandler):
    """Answers that it is about what was asked for, over connections that stay open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = b'{"id": %s}' % self.path.rpartition("/")[2].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(params=["plain", "tls"])
def base_url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    scheme = "http"
    if request.param == "tls":
        scheme = "https"
        server.socket = certified(tmp_path, monkeypatch).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"{scheme}://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def certified(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject, *files]
    subprocess.run(command, check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Child:
    """A forked child that runs a function; `result()` is what it returned, or the error it raised."""

    def __init__(self, function: Callable[[], object]) -> None:
        self._reading, writing = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            try:
                outcome = function()
            except BaseException as error:  # noqa: BLE001  # told to the parent
                outcome = repr(error)
            os.write(writing, pickle.dumps(outcome))
            os._exit(0)
        os.close(writing)

    def result(self) -> object:
        with open(self._reading, "rb") as pipe:  # noqa: PTH123  # a descriptor
            told = pipe.read()
        os.waitpid(self._pid, 0)
        return pickle.loads(told)


def ids(client: CallRecordingClient, first: int) -> list[object]:
    return [client.company_recordings.get(number).id for number in range(first, first + CALLS)]


async def async_ids(client: AsyncCallRecordingClient, first: int) -> list[object]:
    return [(await client.company_recordings.get(number)).id for number in range(first, first + CALLS)]


def test_children_and_parent_get_the_answers_to_their_own_requests(base_url: str) -> None:
    with CallRecordingClient(auth="t", base_url=base_url, retries=0) as client:
        ids(client, 0)
        children = [Child(lambda first=1000 * n: ids(client, first)) for n in range(1, CHILDREN + 1)]
        ours = ids(client, 0)
        assert [child.result() for child in children] == [
            list(range(first, first + CALLS)) for first in range(1000, 1000 * (CHILDREN + 1), 1000)
        ]
        assert ours == list(range(CALLS))
        assert ids(client, 0) == ours, "a child that ended must not have closed the parent's connection"


def test_the_same_with_an_async_client_and_a_loop_of_the_childs_own(base_url: str) -> None:
    async def main() -> None:
        async with AsyncCallRecordingClient(auth="t", base_url=base_url, retries=0) as client:
            await async_ids(client, 0)
            children = [
                Child(lambda first=1000 * n: asyncio.run(async_ids(client, first)))
                for n in range(1, CHILDREN + 1)
            ]
            ours = await async_ids(client, 0)
            told = await asyncio.gather(*(asyncio.to_thread(child.result) for child in children))
            assert told == [
                list(range(first, first + CALLS)) for first in range(1000, 1000 * (CHILDREN + 1), 1000)
            ]
            assert ours == list(range(CALLS))
            assert await async_ids(client, 0) == ours

    asyncio.run(main())


_client: CallRecordingClient | None = None


def _work(first: int) -> list[object]:
    assert _client is not None
    return ids(_client, first)


def test_the_same_in_a_pool_of_multiprocessing(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with CallRecordingClient(auth="t", base_url=base_url, retries=0) as client:
        monkeypatch.setitem(globals(), "_client", client)
        ids(client, 0)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            starts = [100, 200, 300, 400]
            assert pool.map(_work, starts) == [list(range(first, first + CALLS)) for first in starts]


def test_an_http_client_of_the_users_is_refused_in_a_child_if_it_was_used_before(base_url: str) -> None:
    with httpx.Client() as own, CallRecordingClient(auth="t", base_url=base_url, http_client=own) as client:
        ids(client, 0)
        told = Child(lambda: ids(client, 0)).result()
        assert isinstance(told, str)
        assert ConfigurationError.__name__ in told
        assert "forked from" in told
        assert len(ids(client, 0)) == CALLS


def login(sandbox: Sandbox, store: FileTokenStore | None = None) -> PasswordGrant:
    c = sandbox.credentials
    return PasswordGrant(
        c.username, c.password, c.client_id, c.client_secret, token_url=sandbox.token_url, token_store=store
    )


def one(client: CallRecordingClient) -> int:
    return len(list(client.company_recordings.list(page_size=1, limit=1)))


@pytest.mark.parametrize("stored", [False, True])
def test_a_child_forked_during_a_login_does_not_wait_for_a_thread_that_it_does_not_have(
    sandbox: Sandbox, tmp_path: Path, stored: bool
) -> None:
    """With a token store it waits for the parent, whose lock it must not release, and uses what comes."""
    asked, go_on = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        asked.set()
        assert go_on.wait(60)

    sandbox.faults.before("POST /token", hold, times=1)
    auth = login(sandbox, FileTokenStore(tmp_path / "tokens.json") if stored else None)
    with (
        CallRecordingClient(auth=auth, base_url=sandbox.base_url, retries=0) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        parents = pool.submit(one, client)
        assert asked.wait(60)
        child = Child(lambda: one(client))
        if stored:
            go_on.set()
        assert child.result() == 1
        go_on.set()
        assert parents.result(60) == 1
    assert sandbox.tokens.requests == ["password"] * (1 if stored else 2)


def test_a_lock_held_while_forking_is_not_held_in_the_child(sandbox: Sandbox) -> None:
    auth = login(sandbox)
    with CallRecordingClient(auth=auth, base_url=sandbox.base_url, retries=0) as client, auth._guard:
        assert Child(lambda: one(client)).result() == 1
