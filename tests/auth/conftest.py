"""Servers to authenticate with, a clock to turn, and both kinds of client."""

import time
from types import SimpleNamespace

import anyio
import httpx
import pytest

from tests.auth.support import API_URL, Clock, Send, TokenServer
from vbc_call_recording._auth import renewal
from vbc_call_recording._auth.flow import Auth


@pytest.fixture
def server() -> TokenServer:
    return TokenServer()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    stand_in = SimpleNamespace(time=clock.time, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr(renewal, "time", stand_in)
    return clock


@pytest.fixture(params=["sync", "async"])
def send(request: pytest.FixtureRequest, server: TokenServer) -> Send:
    """Sends one GET to the server, with a plain httpx client of either kind."""

    def send_sync(auth: Auth, **extensions: object) -> httpx.Response:
        with httpx.Client(transport=server.transport(), auth=auth) as client:
            return client.get(API_URL, extensions=extensions)

    async def send_async(auth: Auth, **extensions: object) -> httpx.Response:
        async with httpx.AsyncClient(transport=server.transport(), auth=auth) as client:
            return await client.get(API_URL, extensions=extensions)

    def run_async(auth: Auth, **extensions: object) -> httpx.Response:
        async def main() -> httpx.Response:
            return await send_async(auth, **extensions)

        return anyio.run(main)

    return send_sync if request.param == "sync" else run_async
