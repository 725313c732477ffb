"""The sandbox as a running server."""

import contextlib
import socket
import tempfile
import threading
import time
from pathlib import Path
from random import Random
from types import TracebackType

import uvicorn

from ._app import API_PATH, Api
from ._clock import Clock
from ._data import Store
from ._errors import InputError
from ._exports import ExportDesk
from ._faults import Faults, ReceivedRequest
from ._gate import Connection, Gate
from ._gateway.quota import Quota
from ._quirks.panel import Quirks
from ._seed import seeded
from ._tokens import Credentials, TokenDesk
from ._wire import Wire


class Sandbox:
    """A Call Recording API of one's own, on a loopback port, with made-up recordings.

        with Sandbox(seed=7, recordings=500) as sandbox:
            httpx.get(f"{sandbox.base_url}/api/accounts/self/company_call_recordings", ...)

    The server runs in a thread of this process; it is up when the block starts and gone when it ends. The
    same arguments give the same recordings. All attributes can be used from any thread.

    Attributes:
        credentials: What it takes to get a token.
        store: The recordings: read what is true, insert, delete.
        tokens: The token endpoint: lifetimes, revocation, requests seen.
        faults: What is to go wrong.
        quirks: How the server differs from what the vendor's page lets one expect, by named switches.
        clock: The server's time, which can be stopped, put forward and made to run faster.
        quota: What each access token was granted and refused.
        requests: Every request received, in order. Clear it as you like.
        exports: The export jobs. Like the URLs below, there once the sandbox has started.
        base_url: The API's base URL.
        token_url: Where tokens are issued.
        authorize_url: Where the authorization code grant starts.
    """

    exports: ExportDesk
    base_url: str
    token_url: str
    authorize_url: str

    def __init__(
        self,
        *,
        seed: int = 0,
        recordings: int = 3_000,
        on_demand: int = 300,
        port: int = 0,
        quota: str | None = None,
    ) -> None:
        """Prepare a sandbox.

        Args:
            seed: Decides about all data.
            recordings: How many company recordings there are at first.
            on_demand: How many on-demand recordings there are at first, over all users.
            port: Where to listen; 0 takes a free port.
            quota: How many requests an access token may make, such as `10/min`. Whoever logs in while a token
                lives is given that one again, as by the vendor's gateway. See `QuotaQuirks` for the details,
                and for how a minute can be made shorter.

        Raises:
            InputError: `recordings` or `on_demand` is negative, or `quota` cannot be read. It is a
                `ValueError`.
        """
        if recordings < 0 or on_demand < 0:
            raise InputError(f"recordings={recordings}, on_demand={on_demand}: accepted is 0 or more")
        self.credentials = Credentials()
        self.store = Store(seeded(seed, recordings, on_demand))
        self.clock = Clock()
        self.quirks = Quirks(quota)
        self.tokens = TokenDesk(self.credentials, self.clock, self.quirks)
        self.faults = Faults(self.clock)
        self.quota = Quota(self.faults.now)
        self.requests: list[ReceivedRequest] = []
        self._seed = seed
        self._port = port

    def __enter__(self) -> "Sandbox":
        with contextlib.ExitStack() as cleanup:
            directory = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="vbc-sandbox-"))
            listener = cleanup.enter_context(_listener(self._port))
            origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
            self.base_url = origin + API_PATH
            self.token_url = f"{origin}/token"
            self.authorize_url = f"{origin}/authorize"
            self.exports = ExportDesk(Path(directory), Random(self._seed))
            api = Api(self.store, self.tokens, self.exports, self.faults, Wire(self.base_url))
            gate = Gate(
                api.app(), self.store, self.faults, self.requests, self.tokens, self.quota, self.quirks
            )
            server = _Server(gate, listener)
            server.start()
            cleanup.callback(server.stop)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def reset(self) -> None:
        """Back to how it started: data, tokens, jobs, faults, quirks, time and the log; for the next test."""
        self.clock.reset()
        self.quirks.reset()
        self.quota.reset()
        self.store.reset()
        self.tokens.reset()
        self.exports.reset()
        self.faults.reset()
        self.requests.clear()

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point a client at this sandbox. They hold its secrets."""
        return {
            "VBC_BASE_URL": self.base_url,
            "VBC_TOKEN_URL": self.token_url,
            "VBC_CLIENT_ID": self.credentials.client_id,
            "VBC_CLIENT_SECRET": self.credentials.client_secret,
            "VBC_USERNAME": self.credentials.username,
            "VBC_PASSWORD": self.credentials.password,
        }


class _Server:
    """uvicorn in a daemon thread."""

    def __init__(self, app: Gate, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            http=Connection,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,  # the gate knows what time the server thinks it is
            timeout_keep_alive=75,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="vbc-sandbox", daemon=True
        )

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the sandbox's server did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        self._server.should_exit = True
        # Whoever stalls on purpose would otherwise keep the server waiting.
        self._server.servers[0].get_loop().call_soon_threadsafe(self._abort_connections)
        self._thread.join()

    def _abort_connections(self) -> None:
        for connection in list(self._server.server_state.connections):
            assert isinstance(connection, Connection)
            connection.transport.abort()


def _listener(port: int) -> socket.socket:
    # Named explicitly, or asyncio would not know it for TCP and leave Nagle's delays on.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener
