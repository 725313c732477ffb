"""Credentials do not leave by the back door: reprs, pickles, copies, logs, exceptions."""

import copy
import logging
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.auth.support import TOKEN_URL, Clock, Send, TokenServer
from vbc_call_recording._auth.access import AccessToken, Auth
from vbc_call_recording._auth.grants import AuthorizationCode, PasswordGrant, RefreshToken
from vbc_call_recording._auth.store import FileTokenStore
from vbc_call_recording._auth.tokens import TokenSet, code_grant, password_grant, refresh_grant
from vbc_call_recording._errors import CallRecordingError

CANARY = "canary"


def every_auth(path: Path) -> list[Auth]:
    store = FileTokenStore(path)
    return [
        AccessToken("canary-token"),
        AccessToken(lambda: "canary-token"),
        PasswordGrant(
            "joe", "canary-password", "id", "canary-client", token_url=TOKEN_URL, token_store=store
        ),
        RefreshToken("canary-refresh", "id", "canary-client"),
        AuthorizationCode("canary-code", "https://app.test", "id", "canary-client"),
    ]


def test_reprs_show_no_secret(tmp_path: Path) -> None:
    tokens = TokenSet(
        access_token="canary", refresh_token="canary", issued_at=0, expires_at=1, origin="canary"
    )
    grants = [
        password_grant("joe", "canary"),
        refresh_grant("canary", None),
        code_grant("canary", "https://x"),
    ]
    for thing in [*every_auth(tmp_path / "tokens"), tokens, *grants]:
        assert CANARY not in f"{thing!r} {thing!s} {thing}"


@pytest.mark.parametrize("carry", [pickle.dumps, copy.copy, copy.deepcopy])
def test_nothing_that_holds_secrets_is_pickled_or_copied(
    carry: Callable[[object], object], tmp_path: Path
) -> None:
    tokens = TokenSet(access_token="a", refresh_token="r", issued_at=0, expires_at=1, origin=None)
    for thing in [*every_auth(tmp_path / "tokens"), tokens]:
        with pytest.raises(TypeError, match="secrets"):
            carry(thing)


def test_every_secret_is_known_for_redaction(send: Send, server: TokenServer, clock: Clock) -> None:
    auth = PasswordGrant("joe", "canary-password", "id", "canary-client", token_url=TOKEN_URL)
    assert auth.secrets() == {"canary-password", "canary-client"}
    send(auth)
    clock.now += 3600
    send(auth)
    tokens = {"access-1", "refresh-1", "access-2", "refresh-2"}
    assert auth.secrets() == {"canary-password", "canary-client", *tokens}
    assert AccessToken("canary-token").secrets() == {"canary-token"}
    answered = AccessToken(lambda: "canary-answer")
    send(answered)
    assert answered.secrets() == {"canary-answer"}
    assert RefreshToken("canary-refresh", "id", "canary-client").secrets() == {
        "canary-refresh",
        "canary-client",
    }


def test_remembered_tokens_do_not_pile_up(send: Send, server: TokenServer, clock: Clock) -> None:
    auth = PasswordGrant("joe", "password", "id", "client", token_url=TOKEN_URL)
    for _ in range(40):
        send(auth)
        clock.now += 3600
    assert len(auth.secrets()) < 20


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, {"json": {"error": "x", "error_description": "canary-password canary-client of joe"}}),
        (401, {"text": "canary-password"}),
        (500, {"text": "dump: password=canary-password"}),
        (200, {"text": '{"access_token": "canary-token'}),
        (200, {"json": {"access_token": "canary token"}}),
        (200, {"json": {"access_token": "canary-token", "expires_in": "canary"}}),
        (200, {"json": ["canary"]}),
        (302, {"headers": {"Location": "https://evil.test/?canary"}}),
    ],
)
def test_no_failure_tells_a_secret(
    status: int,
    answer: dict[str, Any],
    send: Send,
    server: TokenServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    auth = PasswordGrant("joe", "canary-password", "id", "canary-client", token_url=TOKEN_URL)
    server.scripted = [httpx.Response(status, **answer)]
    with caplog.at_level(logging.DEBUG), pytest.raises(CallRecordingError) as caught:
        send(auth)
    shown = caplog.text
    error: BaseException | None = caught.value
    while error:
        shown += f"{error} {error!r} {vars(error)!r}"
        error = error.__cause__ or error.__context__
    assert "token" in shown
    assert CANARY not in shown


def test_success_logs_no_secret(
    send: Send, server: TokenServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    auth = PasswordGrant("joe", "canary-password", "id", "canary-client", token_url=TOKEN_URL)
    with caplog.at_level(logging.DEBUG):
        send(auth)
        server.refreshable.clear()
        clock.now += 3600
        send(auth)
    assert "going on with the password" in caplog.text
    for secret in auth.secrets():
        assert secret not in caplog.text
