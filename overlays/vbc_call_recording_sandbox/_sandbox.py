"""The sandbox as a running server."""

import contextlib
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Literal

from ._admin.app import Admin, Reach
from ._api.app import Api
from ._api.exports import Exports
from ._api.handlers import Handlers
from ._api.operations import API_PATH, INDIA_PATH, OPERATION_IDS
from ._clock import Clock
from ._data import Recording, Store
from ._errors import InputError
from ._faults.planned import Faults
from ._gateway.quota import Quota
from ._gateway.tokens import Credentials, Tokens
from ._quirks.panel import Quirks
from ._requests import ReceivedRequest, require_requested
from ._scene import Scene, read_scene, scene_of
from ._seed import seeded
from ._serving.gate import Gate
from ._serving.server import Server, listen


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
        faults: What is to go wrong with single requests.
        quirks: How the server differs from what the vendor's page lets one expect, by named switches.
        clock: The server's time, which can be stopped, put forward and made to run faster.
        quota: What each access token was granted and refused.
        requests: Every request received, in order. Clear it as you like.
        errors: What went wrong in functions of yours (faults that decide, actions, `reshape`) or in the
            sandbox while it answered. The request got no answer then, and leaving the block raises the first
            of them.
        exports: The export jobs. Like the URLs below, there once the sandbox has started.
        base_url: The API's base URL.
        india_base_url: That of the sibling for India, with the company operations only.
        token_url: Where tokens are issued.
        authorize_url: Where the authorization code grant starts.
    """

    exports: Exports
    base_url: str
    india_base_url: str
    token_url: str
    authorize_url: str

    def __init__(
        self,
        *,
        seed: int = 0,
        recordings: int | Iterable[Recording] = 3_000,
        on_demand: int = 300,
        host: str = "127.0.0.1",
        port: int = 0,
        quota: str | None = None,
        quirks: str | Mapping[str, Any] | None = None,
        scene: str | Path | Mapping[str, Any] | None = None,
        admin: Literal["off", "loopback", "anywhere"] = "off",
        public_url: str | None = None,
    ) -> None:
        """Prepare a sandbox.

        Args:
            seed: The same seed makes the same data.
            recordings: How many company recordings there are at first; or the recordings themselves,
                including those of users.
            on_demand: How many on-demand recordings there are at first, over all users. Ignored if you pass
                recordings.
            host: Where to listen.
            port: Where to listen; 0 takes a free port.
            quota: How many requests an access token may make, such as `10/min`. A login while a token lives
                gets that token again, as from the vendor's gateway. See `QuotaQuirks` for the details, and
                for how to shorten a minute.
            quirks: The initial position of the switches: names of presets such as `page-2026` or `random:7`,
                separated by commas, or switches by name, such as `{"paging.first_page": 0}`.
            scene: A file that `save` wrote, or its content: instead of data from the seed.
            admin: Who may use the admin API under `/_sandbox/`: nobody, this machine, or everybody.
            public_url: Origin of the URLs in answers; None for the one that the request was sent to.

        Raises:
            InputError: An argument makes no sense. It is a `ValueError`.
            OSError: The scene cannot be read.
        """
        self.credentials = Credentials()
        self.clock = Clock()
        self.quirks = Quirks(quirks, quota)
        self.store = Store(_initial(seed, recordings, on_demand))
        self.tokens = Tokens(self.credentials, self.clock, self.quirks)
        self.faults = Faults(self.clock, self.quirks)
        self.quota = Quota(self.faults.now)
        self.requests: list[ReceivedRequest] = []
        self.errors: list[Exception] = []
        self.exports = Exports(Random(seed), self.clock.now)
        self._reach: Reach = _reach(admin)
        self._address = (host, port)
        self._public_url = public_url.rstrip("/") if public_url else None
        self._at_reset: Scene | None = None
        if scene is not None:
            self.load(scene)
            self.snapshot()

    def __enter__(self) -> "Sandbox":
        with contextlib.ExitStack() as cleanup:
            self.exports.directory = Path(
                cleanup.enter_context(tempfile.TemporaryDirectory(prefix="vbc-sandbox-"))
            )
            listener = cleanup.enter_context(listen(*self._address))
            origin = self._public_url or _origin(*listener.getsockname()[:2])
            self.base_url = origin + API_PATH
            self.india_base_url = origin + INDIA_PATH
            self.token_url = f"{origin}/token"
            self.authorize_url = f"{origin}/authorize"
            server = Server(self._application(origin), listener)
            server.start()
            cleanup.callback(server.stop)
            self._cleanup = cleanup.pop_all()
        return self

    def _application(self, origin: str) -> Admin:
        handlers = Handlers(self.store, self.tokens, self.exports, self.quirks, self.faults.now)
        api = Api(handlers, self.quirks, lambda: self.faults.reshape, origin, self._public_url)
        gate = Gate(
            api,
            self.store,
            self.faults,
            self.tokens,
            self.quota,
            self.quirks,
            self.requests,
            self.errors,
        )
        return Admin(gate, self, self._reach)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()
        if kind is None and self.errors:
            raise self.errors[0]

    # -- state

    def snapshot(self) -> None:
        """Keep recordings, jobs, quirks, faults and time as they are now, for `reset` to come back to."""
        self._at_reset = scene_of(self)

    def reset(self) -> None:
        """Back to the last snapshot, or to how it started, without tokens, requests and counts."""
        self.clock.reset()
        self.faults.reset()
        self.tokens.reset()
        self.quota.reset()
        self.store.reset()
        self.exports.reset()
        self.requests.clear()
        self.errors.clear()
        if self._at_reset is not None:
            self._at_reset.put_into(self)

    def save(self, path: str | Path) -> None:
        """Write the state to a JSON file, so that a bug report can carry it. Tokens and requests are not in
        it.

        Faults that are decided by functions, or whose body is bytes, cannot be written and are left out.

        Raises:
            OSError: The file cannot be written.
        """
        Path(path).write_text(scene_of(self).as_text(), encoding="utf-8")

    def load(self, scene: str | Path | Mapping[str, Any]) -> None:
        """Take over a state that `save` wrote: from its file, or the decoded content.

        Raises:
            InputError: It is not one. Nothing is changed then.
            OSError: The file cannot be read.
        """
        read_scene(scene).put_into(self)

    # -- what was asked

    def requested(self, operation: str, **parameters: Any) -> list[ReceivedRequest]:
        """The requests for this operation with these parameters; `start_gte` stands for `start:gte`."""
        return [
            request
            for request in list(self.requests)
            if request.operation == operation and request.has(parameters)
        ]

    def assert_requested(self, operation: str, *, times: int | None = None, **parameters: Any) -> None:
        """Check that an operation was asked for.

            sandbox.assert_requested("delete_company_recording", times=1, recording_id=193228)

        Args:
            operation: An operationId of openapi.yaml, or one of those that `ReceivedRequest` names.
            times: How often exactly; None for once or more.
            parameters: Only requests with these count. `start_gte` stands for `start:gte`.

        Raises:
            AssertionError: It was not. The message says what was asked for instead.
            InputError: There is no such operation.
        """
        require_requested(self.requests, OPERATION_IDS, operation, times, parameters)

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


def _initial(seed: int, recordings: int | Iterable[Recording], on_demand: int) -> Iterable[Recording]:
    if not isinstance(recordings, int):
        return _of_ones_own(recordings)
    if recordings < 0 or on_demand < 0:
        raise InputError(f"recordings={recordings}, on_demand={on_demand}; accepted: 0 or more")
    return seeded(seed, recordings, on_demand)


def _of_ones_own(recordings: Any) -> list[Recording]:
    try:
        own: list[Any] = list(recordings)
    except TypeError as error:
        raise InputError(f"recordings is {recordings!r}; accepted: a number, or Recordings") from error
    for recording in own:
        if not isinstance(recording, Recording):
            raise InputError(f"recordings has {recording!r}; accepted: Recordings")
    if len({recording.id for recording in own}) < len(own):
        raise InputError("recordings has an id twice; accepted: ids that differ, of users' recordings, too")
    return own


def _reach(admin: Any) -> Any:
    if admin not in ("off", "loopback", "anywhere"):
        raise InputError(f"admin is {admin!r}; accepted: off, loopback, anywhere")
    return admin


def _origin(host: str, port: int) -> str:
    # Where everything is listened to, this machine is one place to ask.
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}"
