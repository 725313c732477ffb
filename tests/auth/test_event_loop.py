"""Nothing that may block runs in the event loop's thread."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import filelock
import httpx
import pytest

from tests.auth.support import API_URL, TOKEN_URL, TokenServer
from vbc_call_recording._auth import renewal
from vbc_call_recording._auth.flow import AccessToken, Auth
from vbc_call_recording._auth.grants import PasswordGrant
from vbc_call_recording._auth.store import FileTokenStore, Login
from vbc_call_recording._auth.tokens import fingerprint

pytestmark = pytest.mark.anyio


class Watch:
    """Notes by which thread functions are called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.calls: list[tuple[str, int]] = []

    def on(self, owner: Any, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            self.calls.append((name, threading.get_ident()))
            return original(*arguments, **options)

        self._monkeypatch.setattr(owner, name, watched)


async def get(server: TokenServer, auth: Auth) -> int:
    async with httpx.AsyncClient(transport=server.transport(), auth=auth) as client:
        return (await client.get(API_URL)).status_code


async def test_the_token_store_is_locked_read_and_written_by_worker_threads(
    server: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(monkeypatch)
    watch.on(filelock.FileLock, "acquire")
    watch.on(Path, "open")
    watch.on(os, "fsync")
    auth = PasswordGrant(
        "u", "p", "i", "s", token_store=FileTokenStore(tmp_path / "tokens"), token_url=TOKEN_URL
    )
    assert await get(server, auth) == 200
    assert {name for name, _ in watch.calls} == {"acquire", "open", "fsync"}
    assert threading.get_ident() not in {thread for _, thread in watch.calls}


async def test_waiting_for_another_process_leaves_the_loop_free(
    server: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileTokenStore(tmp_path / "tokens")
    holder = store.session(Login(fingerprint("i"), "u@vbc.prod", TOKEN_URL))
    assert holder.try_acquire()
    sleeps: list[int] = []
    slept_twice = threading.Event()

    def sleep(_: float) -> None:
        sleeps.append(threading.get_ident())
        if len(sleeps) > 1:
            slept_twice.set()

    clock = SimpleNamespace(time=renewal.time.time, monotonic=renewal.time.monotonic, sleep=sleep)
    monkeypatch.setattr(renewal, "time", clock)
    auth = PasswordGrant("u", "p", "i", "s", token_store=store, token_url=TOKEN_URL)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(get, server, auth)
        while not slept_twice.is_set():
            await anyio.sleep(0)
        holder.close()
    assert threading.get_ident() not in sleeps
    assert server.grants == ["password"]


async def test_a_plain_token_function_is_asked_by_a_worker_thread(server: TokenServer) -> None:
    threads: list[int] = []

    def function() -> str:
        threads.append(threading.get_ident())
        return "token"

    server.accepted = {"token"}
    assert await get(server, AccessToken(function)) == 200
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_an_async_token_function_runs_in_the_event_loop(server: TokenServer) -> None:
    threads: list[int] = []

    async def function() -> str:
        threads.append(threading.get_ident())
        await anyio.sleep(0)
        return "token"

    server.accepted = {"token"}
    assert await get(server, AccessToken(function)) == 200
    assert threads == [threading.get_ident()]
