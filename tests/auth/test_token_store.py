"""The file in which processes share a login."""

import asyncio
import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from tests.auth.support import TOKEN_URL, Clock, Send, TokenServer, send_async
from vbc_call_recording._async import login as async_login
from vbc_call_recording._auth import store
from vbc_call_recording._auth.grants import AuthorizationCode, PasswordGrant, RefreshToken
from vbc_call_recording._auth.store import FileTokenStore, Login
from vbc_call_recording._auth.tokens import TokenSet
from vbc_call_recording._errors import ApiTimeoutError, AuthenticationError, ConfigurationError
from vbc_call_recording._sync import login as sync_login

LOGIN: Login = {"client": "client", "username": "joe@vbc.prod", "token_url": TOKEN_URL}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def password_grant(path: Path, username: str = "joe", **more: str) -> PasswordGrant:
    arguments = {"client_id": "client", "client_secret": "secret", "token_url": TOKEN_URL, **more}
    return PasswordGrant(username, "password", **arguments, token_store=FileTokenStore(path))  # type: ignore[arg-type]


def refresh_token(path: Path, token: str | None) -> RefreshToken:
    return RefreshToken(token, "client", "secret", token_store=FileTokenStore(path), token_url=TOKEN_URL)


def tokens(access_token: str = "a1", issued_at: float = 0) -> TokenSet:
    return TokenSet(
        access_token=access_token,
        refresh_token="r1",
        issued_at=issued_at,
        expires_at=issued_at + 60,
        origin=None,
    )


def saved(path: Path) -> TokenSet | None:
    return FileTokenStore(path).load(LOGIN)


def save(path: Path, what: TokenSet) -> None:
    FileTokenStore(path).save(LOGIN, what)


class TestLogin:
    def test_a_second_run_goes_on_with_the_tokens_of_the_first(
        self, send: Send, server: TokenServer, path: Path
    ) -> None:
        send(password_grant(path))
        assert send(password_grant(path)) == 200
        assert server.grants == ["password"]
        assert server.api_requests == ["access-1", "access-1"]

    def test_a_second_run_refreshes_expired_tokens_instead_of_signing_in(
        self, send: Send, server: TokenServer, path: Path, clock: Clock
    ) -> None:
        send(password_grant(path))
        clock.now += 3600
        assert send(password_grant(path)) == 200
        assert server.grants == ["password", "refresh_token"]

    def test_tokens_renewed_by_another_process_are_used_instead_of_renewing_again(
        self, send: Send, server: TokenServer, path: Path, clock: Clock
    ) -> None:
        ours, theirs = password_grant(path), password_grant(path)
        send(ours)
        clock.now += 3600
        send(theirs)
        assert send(ours) == 200
        assert server.grants == ["password", "refresh_token"]

    def test_after_a_401_tokens_renewed_by_another_process_are_used(
        self, send: Send, server: TokenServer, path: Path
    ) -> None:
        ours, theirs = password_grant(path), password_grant(path)
        send(ours)
        send(theirs)
        server.accepted.clear()
        send(theirs)
        assert send(ours) == 200
        assert server.grants == ["password", "refresh_token"]

    def test_when_a_refresh_is_refused_the_file_is_read_again_first(
        self, send: Send, server: TokenServer, path: Path, clock: Clock
    ) -> None:
        """Where the lock does not hold (network shares), somebody else may have been faster."""
        send(password_grant(path))
        clock.now += 3600
        refused = httpx.Response(400, json={"error": "invalid_grant"})

        class Faster(list[httpx.Response]):
            def pop(self, _: Any = -1) -> httpx.Response:
                content = json.loads(path.read_text())
                content["tokens"] |= {"access_token": "theirs", "expires_at": clock.now + 3600}
                path.write_text(json.dumps(content))
                return super().pop()

        server.scripted = Faster([refused])
        server.accepted.add("theirs")
        assert send(password_grant(path)) == 200
        assert server.grants == ["password", "refresh_token"]
        assert server.api_requests[-1] == "theirs"

    def test_when_a_refresh_is_refused_a_newer_refresh_token_in_the_file_is_tried(
        self, send: Send, server: TokenServer, path: Path, clock: Clock
    ) -> None:
        server.refreshable = {"seed"}
        ours, theirs = refresh_token(path, "seed"), refresh_token(path, "seed")
        send(ours)
        clock.now += 3600
        behind = path.read_bytes()
        send(theirs)
        clock.now += 3600
        ahead = path.read_bytes()
        path.write_bytes(behind)

        class Restored(list[httpx.Response]):
            def pop(self, _: Any = -1) -> httpx.Response:
                path.write_bytes(ahead)
                return super().pop()

        server.scripted = Restored([httpx.Response(400, json={"error": "invalid_grant"})])
        assert send(ours) == 200
        assert [form["refresh_token"] for form in server.forms] == [
            "seed",
            "refresh-1",
            "refresh-1",
            "refresh-2",
        ]

    def test_a_refresh_token_given_again_is_known_to_be_spent(
        self, send: Send, server: TokenServer, path: Path, clock: Clock
    ) -> None:
        server.refreshable = {"seed"}
        send(refresh_token(path, "seed"))
        clock.now += 3600
        assert send(refresh_token(path, "seed")) == 200
        assert [form["refresh_token"] for form in server.forms] == ["seed", "refresh-1"]

    def test_another_refresh_token_replaces_what_is_stored(
        self, send: Send, server: TokenServer, path: Path
    ) -> None:
        server.refreshable = {"seed", "new seed"}
        send(refresh_token(path, "seed"))
        send(refresh_token(path, "new seed"))
        send(refresh_token(path, "new seed"))
        assert [form["refresh_token"] for form in server.forms] == ["seed", "new seed"]

    def test_a_stored_login_goes_on_without_any_credential(
        self, send: Send, server: TokenServer, path: Path, clock: Clock
    ) -> None:
        code = AuthorizationCode(
            "c0de",
            "https://app.test/",
            "client",
            "secret",
            token_store=FileTokenStore(path),
            token_url=TOKEN_URL,
        )
        send(code)
        for _ in range(2):
            clock.now += 3600
            assert send(refresh_token(path, None)) == 200
        assert server.grants == ["authorization_code", "refresh_token", "refresh_token"]
        clock.now += 3600
        assert send(code) == 200, "the sign-in itself goes on, too"

    def test_an_empty_store_cannot_be_gone_on_with(self, send: Send, server: TokenServer, path: Path) -> None:
        with pytest.raises(AuthenticationError, match="no tokens to renew"):
            send(refresh_token(path, None))
        assert server.token_requests == []


class TestFile:
    def test_it_is_its_owners_only_whatever_the_umask(
        self, send: Send, server: TokenServer, tmp_path: Path
    ) -> None:
        path = tmp_path / "new" / "directory" / "tokens.json"
        before = os.umask(0)
        try:
            send(password_grant(path))
        finally:
            os.umask(before)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not [other.name for other in path.parent.iterdir() if other.stat().st_mode & 0o077]

    def test_it_says_nothing_of_password_and_client_secret(
        self, send: Send, server: TokenServer, path: Path
    ) -> None:
        send(password_grant(path, client_secret="client-canary"))
        assert "client-canary" not in path.read_text()
        assert '"password"' not in path.read_text()

    def test_it_may_be_reached_by_a_symbolic_link(self, path: Path) -> None:
        link = path.with_name("link.json")
        link.symlink_to(path)
        save(link, tokens())
        assert link.is_symlink()
        assert saved(path) == tokens()

    def test_it_may_lie_in_the_home_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        assert FileTokenStore("~/tokens.json").path == tmp_path / "tokens.json"

    def test_an_empty_path_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="path"):
            FileTokenStore("")

    def test_an_empty_file_holds_no_login(self, send: Send, server: TokenServer, path: Path) -> None:
        path.touch(mode=0o600)
        assert send(password_grant(path)) == 200

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
    def test_a_file_open_to_others_is_refused(
        self, mode: int, send: Send, server: TokenServer, path: Path
    ) -> None:
        save(path, tokens())
        path.chmod(mode)
        with pytest.raises(ConfigurationError, match="chmod 600"):
            send(password_grant(path))
        assert server.token_requests == []

    @pytest.mark.parametrize(
        "content",
        [
            b"my notes",
            b"{}",
            b"[]",
            b'"x"',
            b"null",
            b"\xff\xfe",
            b"[" * 200_000,
            b'{"format": "vbc-call-recording tokens", "version": 2}',
            b'{"format": "vbc-call-recording tokens", "version": 1, "login": {}, "tokens": {}}',
        ],
        ids=lambda content: repr(content[:8]),
    )
    def test_a_foreign_or_damaged_file_is_refused_and_left_alone(
        self, content: bytes, send: Send, server: TokenServer, path: Path
    ) -> None:
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(ConfigurationError, match=r"tokens\.json"):
            send(password_grant(path))
        assert path.read_bytes() == content
        assert server.token_requests == []

    @pytest.mark.parametrize("field", ["access_token", "refresh_token", "issued_at", "expires_at"])
    @pytest.mark.parametrize("value", ["\ud800", 10**19, -1, float("nan"), float("inf"), []])
    def test_tokens_and_times_that_cannot_be_are_damage(
        self, field: str, value: object, send: Send, server: TokenServer, path: Path
    ) -> None:
        save(path, tokens())
        record = json.loads(path.read_bytes())
        record["tokens"][field] = value
        path.write_text(json.dumps(record))
        with pytest.raises(ConfigurationError, match="is damaged"):
            send(password_grant(path))
        assert server.token_requests == []

    @pytest.mark.parametrize("path", [None, 5, b"x", "", "\0", "~nobody-of-this-name/x"])
    def test_what_is_no_path_is_refused(self, path: Any) -> None:
        with pytest.raises(ConfigurationError, match="the path of a file"):
            FileTokenStore(path)

    def test_a_token_of_another_type_is_refused_without_being_quoted(self, send: Send, path: Path) -> None:
        save(path, tokens())
        path.write_text(path.read_text().replace('"a1"', '["canary"]'))
        with pytest.raises(ConfigurationError) as caught:
            send(password_grant(path))
        error: BaseException | None = caught.value
        while error:
            assert "canary" not in f"{error} {error!r} {error.args}"
            error = error.__cause__ or error.__context__

    @pytest.mark.parametrize(
        ("difference", "named"),
        [
            ({"username": "jane"}, "username"),
            ({"client_id": "other"}, "client"),
            ({"token_url": "http://localhost/token"}, "token_url"),
        ],
    )
    def test_the_file_of_another_login_is_refused(
        self, difference: dict[str, str], named: str, send: Send, server: TokenServer, path: Path
    ) -> None:
        send(password_grant(path))
        before = path.read_bytes()
        with pytest.raises(ConfigurationError, match=rf"another login \({named} differs\)"):
            send(password_grant(path, **difference))
        assert path.read_bytes() == before

    def test_a_place_that_cannot_be_written_is_found_out_before_the_login_is_used(
        self, send: Send, server: TokenServer, path: Path
    ) -> None:
        path.write_text("a file where a directory is needed")
        for place in (path / "tokens.json", path.parent):
            with pytest.raises(ConfigurationError, match="cannot be used"):
                send(password_grant(place))
        assert server.token_requests == []

    def test_a_failed_write_is_an_error_that_does_not_cost_the_login(
        self, send: Send, server: TokenServer, path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
    ) -> None:
        auth = password_grant(path)
        send(auth)
        clock.now += 3600
        with monkeypatch.context() as full:
            full.setattr(os, "fsync", _raise(OSError(28, "No space left on device")))
            with pytest.raises(ConfigurationError, match="No space left"):
                send(auth)
        assert send(auth) == 200
        clock.now += 3600
        assert send(auth) == 200
        assert server.grants == ["password", "refresh_token", "refresh_token"]
        assert '"access-3"' in path.read_text()


def _raise(error: BaseException) -> Callable[..., Any]:
    def function(*_: object, **__: object) -> Any:
        raise error

    return function


class Killed(BaseException):
    """Stands for SIGKILL: nothing may be relied upon to happen after it."""


@pytest.mark.parametrize("step", ["unlink", "open", "fsync", "replace"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_death_at_any_step_of_writing_leaves_the_old_tokens_or_the_new(
    step: str, when: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(path, tokens("old"))
    owner: Any = Path if step in {"unlink", "replace"} else os
    original = getattr(owner, step)

    def dying(*arguments: Any, **options: Any) -> Any:
        result = original(*arguments, **options) if when == "after" else None
        if step == "open" and isinstance(result, int):
            os.close(result)
        raise Killed

    with monkeypatch.context() as context:
        context.setattr(owner, step, dying)
        with pytest.raises(Killed):
            store._replace(path, path.read_bytes().replace(b"old", b"new"))
    found = saved(path)
    assert found is not None
    assert found.access_token == ("new" if (step, when) == ("replace", "after") else "old")
    save(path, tokens("next"))
    assert saved(path) == tokens("next")


class TestLock:
    def test_while_one_decides_nobody_else_may(self, path: Path) -> None:
        store = FileTokenStore(path)
        first, second = store.lock(), store.lock()
        assert store.try_acquire(first)
        assert not store.try_acquire(second)
        first.release()
        assert store.try_acquire(second)
        second.release()

    @pytest.mark.parametrize("step", ["try_acquire", "load", "save"])
    def test_a_cancelled_task_holds_the_lock_until_its_worker_thread_has_ended(
        self, step: str, server: TokenServer, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Or somebody else would read tokens that are just being replaced, or nobody could for ever."""
        working, go_on = threading.Event(), threading.Event()
        original = getattr(FileTokenStore, step)

        def slow(store: FileTokenStore, *arguments: Any) -> Any:
            result = original(store, *arguments) if step == "try_acquire" else None
            working.set()
            assert go_on.wait(60)
            return result if step == "try_acquire" else original(store, *arguments)

        async def main() -> None:
            store = FileTokenStore(path)
            monkeypatch.setattr(FileTokenStore, step, slow)
            task = asyncio.create_task(send_async(password_grant(path), server))
            assert await asyncio.to_thread(working.wait, 10)
            monkeypatch.undo()
            task.cancel()
            await asyncio.wait([task], timeout=0.1)
            assert not store.try_acquire(store.lock())
            go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await task
            lock = store.lock()
            assert store.try_acquire(lock)
            lock.release()

        asyncio.run(main())
        written = json.loads(path.read_bytes())["tokens"]["access_token"] if path.exists() else None
        assert written == ("access-1" if step == "save" else None)

    def test_waiting_for_the_lock_ends(
        self, send: Send, server: TokenServer, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for login in (async_login, sync_login):
            monkeypatch.setattr(login, "LOCK_PATIENCE", 0.0)
        other = FileTokenStore(path).lock()
        assert FileTokenStore(path).try_acquire(other)
        with pytest.raises(ApiTimeoutError, match="another process"):
            send(password_grant(path))
        other.release()
        assert send(password_grant(path)) == 200

    @pytest.mark.parametrize("how", ["task", "scope"])
    def test_a_task_cancelled_while_it_renews_lets_the_next_one_in(
        self, how: str, server: TokenServer, path: Path
    ) -> None:
        async def main() -> None:
            sending = asyncio.Event()

            async def stuck(request: httpx.Request) -> httpx.Response:
                sending.set()
                await asyncio.Event().wait()
                raise AssertionError

            async def call() -> None:
                await send_async(password_grant(path), stuck)

            if how == "task":
                task = asyncio.create_task(call())
                await sending.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            else:
                async with anyio.create_task_group() as group:
                    group.start_soon(call)
                    await sending.wait()
                    group.cancel_scope.cancel()
            assert await send_async(password_grant(path), server) == 200

        anyio.run(main)
