"""The sandbox's token endpoint: grants, refusals, rotation, expiry."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from vbc_call_recording_sandbox import Sandbox


@pytest.fixture
def password_form(sandbox: Sandbox) -> dict[str, str]:
    return {
        "grant_type": "password",
        "scope": "openid",
        "username": f"{sandbox.credentials.username}@vbc.prod",
        "password": sandbox.credentials.password,
        "client_id": sandbox.credentials.client_id,
        "client_secret": sandbox.credentials.client_secret,
    }


def _refresh_form(sandbox: Sandbox, refresh_token: str) -> dict[str, str]:
    return {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": sandbox.credentials.client_id,
        "client_secret": sandbox.credentials.client_secret,
    }


def _status_with(sandbox: Sandbox, token: str) -> int:
    url = f"{sandbox.base_url}/api/accounts/self/company_call_recordings"
    return httpx.get(url, headers={"Authorization": f"Bearer {token}"}).status_code


def test_the_password_grant_gives_a_token_that_works(sandbox: Sandbox, password_form: dict[str, str]) -> None:
    answer = httpx.post(sandbox.token_url, data=password_form)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 86_400
    assert _status_with(sandbox, answer.json()["access_token"]) == 200
    assert sandbox.tokens.requests == ["password"]


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"username": "sandbox.user"}, 400, "invalid_grant"),
        ({"password": "x"}, 400, "invalid_grant"),
        ({"scope": ""}, 400, "invalid_scope"),
        ({"client_id": "x"}, 401, "invalid_client"),
        ({"client_secret": "x"}, 401, "invalid_client"),
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_wrong_token_request_is_refused(
    wrong: dict[str, str], status: int, error: str, sandbox: Sandbox, password_form: dict[str, str]
) -> None:
    answer = httpx.post(sandbox.token_url, data={**password_form, **wrong})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_refresh_token_is_used_up_by_one_use(sandbox: Sandbox, password_form: dict[str, str]) -> None:
    first = httpx.post(sandbox.token_url, data=password_form).json()
    form = _refresh_form(sandbox, first["refresh_token"])
    second = httpx.post(sandbox.token_url, data=form)
    assert _status_with(sandbox, second.json()["access_token"]) == 200
    again = httpx.post(sandbox.token_url, data=form)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    third = httpx.post(sandbox.token_url, data=_refresh_form(sandbox, second.json()["refresh_token"]))
    assert third.status_code == 200


def _authorize(sandbox: Sandbox, **changes: str) -> httpx.Response:
    parameters = {
        "scope": "openid",
        "response_type": "code",
        "redirect_uri": "https://app.example/back?from=vbc",
        "client_id": sandbox.credentials.client_id,
        "state": "s p&ce",
        **changes,
    }
    return httpx.get(sandbox.authorize_url, params=parameters)


def test_the_authorization_code_grant_goes_round(sandbox: Sandbox) -> None:
    sent_to = urlsplit(_authorize(sandbox).headers["location"])
    assert sent_to.netloc == "app.example"
    query = parse_qs(sent_to.query)
    assert (query["from"], query["state"]) == (["vbc"], ["s p&ce"])
    form = {
        "grant_type": "authorization_code",
        "code": query["code"][0],
        "redirect_uri": "https://app.example/back?from=vbc",
    }
    basic = (sandbox.credentials.client_id, sandbox.credentials.client_secret)
    assert httpx.post(sandbox.token_url, data=form).json()["error"] == "invalid_client"
    assert httpx.post(sandbox.token_url, data=form, auth=("x", "y")).json()["error"] == "invalid_client"
    tokens = httpx.post(sandbox.token_url, data=form, auth=basic).json()
    assert _status_with(sandbox, tokens["access_token"]) == 200
    assert httpx.post(sandbox.token_url, data=form, auth=basic).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes", [{"client_id": "x"}, {"response_type": "token"}, {"scope": ""}, {"redirect_uri": ""}]
)
def test_a_wrong_authorization_request_is_not_redirected(changes: dict[str, str], sandbox: Sandbox) -> None:
    assert _authorize(sandbox, **changes).status_code == 400


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
def test_everything_but_tokens_needs_a_bearer_token(header: dict[str, str], sandbox: Sandbox) -> None:
    for path in (
        "/api/accounts/self/company_call_recordings",
        f"/v1/api/audio/recording/{sandbox.store.company()[0].id}",
        "/v1/api/transcription/1",
        "/api/bulkDownload/retrieve?jobId=1",
        "/api/bulkDownload/recordings_transcriptions/retrieve?jobId=1",
    ):
        answer = httpx.get(sandbox.base_url + path, headers=header)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/json")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def _zero_lifetime(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.tokens.access_lifetime = sandbox.tokens.refresh_lifetime = 0
    return sandbox.tokens.issue()


def test_tokens_expire_after_their_lifetime(sandbox: Sandbox) -> None:
    tokens = _zero_lifetime(sandbox)
    assert _status_with(sandbox, tokens["access_token"]) == 401
    answer = httpx.post(sandbox.token_url, data=_refresh_form(sandbox, tokens["refresh_token"]))
    assert answer.json()["error"] == "invalid_grant"


def test_tokens_can_be_revoked(sandbox: Sandbox) -> None:
    tokens = sandbox.tokens.issue()
    sandbox.tokens.revoke_access_tokens()
    assert _status_with(sandbox, tokens["access_token"]) == 401
    sandbox.tokens.revoke_refresh_tokens()
    answer = httpx.post(sandbox.token_url, data=_refresh_form(sandbox, tokens["refresh_token"]))
    assert answer.json()["error"] == "invalid_grant"


def test_secrets_are_in_no_repr(sandbox: Sandbox, password_form: dict[str, str]) -> None:
    httpx.post(sandbox.token_url, data=password_form)
    shown = repr((sandbox.credentials, sandbox.requests, sandbox.tokens, sandbox))
    assert sandbox.credentials.password not in shown
    assert sandbox.credentials.client_secret not in shown
