"""Servers to authenticate with, a clock to turn, and both kinds of client."""

import time

import pytest

from tests.auth.support import Clock, Send, TokenServer, send_by_tasks, send_sync
from vbc_call_recording import Auth


@pytest.fixture
def server() -> TokenServer:
    return TokenServer()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock.time)
    return clock


@pytest.fixture(params=[send_sync, send_by_tasks], ids=["sync", "async"])
def send(request: pytest.FixtureRequest, server: TokenServer) -> Send:
    """Sends one GET to the server, with a client of either kind that tries once."""

    def send(auth: Auth, **options: object) -> int:
        return request.param(auth, server, **{"retries": 0, **options})

    return send
