"""Nothing that may block runs in the event loop's thread."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import filelock
import pytest

from tests.auth.support import TOKEN_URL, TokenServer, send_async
from vbc_call_recording._auth.access import AccessToken
from vbc_call_recording._auth.grants import PasswordGrant
from vbc_call_recording._auth.store import FileTokenStore

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
    assert await send_async(auth, server) == 200
    assert {name for name, _ in watch.calls} == {"acquire", "open", "fsync"}
    assert threading.get_ident() not in {thread for _, thread in watch.calls}


async def test_waiting_for_another_process_leaves_the_loop_free(
    server: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileTokenStore(tmp_path / "tokens")
    holder = store.lock()
    assert store.try_acquire(holder)
    watch = Watch(monkeypatch)
    watch.on(FileTokenStore, "try_acquire")
    auth = PasswordGrant("u", "p", "i", "s", token_store=store, token_url=TOKEN_URL)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send_async, auth, server)
        while len(watch.calls) < 3:
            await anyio.sleep(0)
        holder.release()
    assert threading.get_ident() not in {thread for _, thread in watch.calls}
    assert server.grants == ["password"]


async def test_a_plain_token_function_is_asked_by_a_worker_thread(server: TokenServer) -> None:
    threads: list[int] = []

    def function() -> str:
        threads.append(threading.get_ident())
        return "token"

    server.accepted = {"token"}
    assert await send_async(AccessToken(function), server) == 200
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_an_async_token_function_runs_in_the_event_loop(server: TokenServer) -> None:
    threads: list[int] = []

    async def function() -> str:
        threads.append(threading.get_ident())
        await anyio.sleep(0)
        return "token"

    server.accepted = {"token"}
    assert await send_async(AccessToken(function), server) == 200
    assert threads == [threading.get_ident()]
