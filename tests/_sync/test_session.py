# Written by scripts/mirror from tests/_async/test_session.py.
# Change that file and run `make generate`.
"""A login over a client's life: renewed when it has to be, and told about in the log."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording import (
    AuthenticationError,
    AuthorizationCode,
    CallRecordingClient,
    CallRecordingError,
    NotFoundError,
    PasswordGrant,
    RefreshToken,
    RetryPolicy,
    ServerError,
    Transcription,
)
from vbc_call_recording_generated.api.company_recordings import (
    delete_company_recording,
    get_company_recording,
)
from vbc_call_recording_sandbox import Sandbox

TOKEN_URL = "https://auth.test/token"
TRANSCRIPTION = Transcription(recording_id=1, transcription_url="/transcripts/1")
Call = Callable[[CallRecordingClient, Path], Any]
CALLS: dict[str, Call] = {
    "get": lambda client, _: client.company_recordings.get(1),
    "delete": lambda client, _: client.company_recordings.delete(1),
    "export": lambda client, _: client.company_recordings.export(),
    "list": lambda client, _: every(client.company_recordings.list()),
    "jobs": lambda client, _: every(client.export_jobs.list()),
    "download": lambda client, path: client.company_recordings.download(1, path),
    "transcript": lambda client, path: client.transcriptions.download(TRANSCRIPTION, path),
    "generated get": lambda client, _: get_company_recording.sync_detailed("self", 1, client=client.api),
    "generated delete": lambda client, _: delete_company_recording.sync_detailed(
        "self", 1, client=client.api
    ),
}


def every(paginator: Any) -> list[Any]:
    return [item for item in paginator]


def test_a_login_that_ends_during_a_listing_costs_one_page_not_the_listing(
    client: CallRecordingClient, sandbox: Sandbox
) -> None:
    listing = client.company_recordings.list(page_size=50, prefetch=0)
    seen = []
    for recording in listing:
        seen.append(recording.id)
        if len(seen) == 120:
            sandbox.tokens.revoke_access_tokens()

    assert sorted(seen) == sorted(recording.id for recording in sandbox.store.company())
    pages = [request for request in sandbox.requests if request.path.endswith("/company_call_recordings")]
    assert len(pages) == len(sandbox.store.company()) / 50 + 1
    assert sandbox.tokens.requests == ["password", "refresh_token"]


def test_a_second_401_is_an_error(client: CallRecordingClient, sandbox: Sandbox) -> None:
    sandbox.faults.next("GET .*/company_call_recordings/", status=401, times=9)

    with pytest.raises(AuthenticationError) as caught:
        client.company_recordings.get(5)

    assert caught.value.operation == "get_company_recording"
    assert [request.method for request in sandbox.requests] == ["POST", "GET", "POST", "GET"]


def test_the_log_tells_operation_outcome_and_tries(
    client: CallRecordingClient, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.faults.next("GET .*/company_call_recordings/", status=503)

    with caplog.at_level(logging.INFO, "vbc_call_recording"), pytest.raises(NotFoundError):
        client.company_recordings.get(5)

    lines = [record.getMessage() for record in caplog.records if record.name == "vbc_call_recording"]
    line = r"get_company_recording: 404 in \d+ ms, 2 tries, \d\.\d s of it waiting, request id \S+"
    assert sum(re.fullmatch(line, each) is not None for each in lines) == 1


@pytest.mark.parametrize("name", CALLS)
def test_after_a_401_the_same_token_again_is_an_error_and_no_answer(
    client: CallRecordingClient,
    sandbox: Sandbox,
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The vendor's gateway gives one user and application the same token while it lives."""
    same = sandbox.tokens.issue()
    monkeypatch.setattr(sandbox.tokens, "issue", lambda: same)
    sandbox.tokens.revoke_access_tokens()
    sandbox.faults.next("/transcripts/", status=401, times=9)

    with pytest.raises(AuthenticationError) as caught:
        CALLS[name](client, tmp_path)

    assert caught.value.operation != "token"
    assert caught.value.status_code == 401
    assert sandbox.tokens.requests == ["password", "refresh_token"]
    assert list(tmp_path.iterdir()) == []


def token_answer(token: str, refresh_token: str | None, lifetime: int) -> httpx.Response:
    told = {"access_token": token, "refresh_token": refresh_token, "expires_in": lifetime}
    return httpx.Response(200, json={**told, "id": 1, "job_ids": ["handed-out-by-the-token-endpoint"]})


TOKEN_ANSWERS = st.one_of(
    st.builds(
        token_answer,
        st.sampled_from(["canary-1", "canary-2"]),
        st.sampled_from([None, "canary-3"]),
        st.sampled_from([0, 1, 3600]),
    ),
    st.sampled_from([200, 204, 301, 400, 401, 404, 429, 503]).map(
        lambda status: httpx.Response(status, json={"error": "canary-4", "id": 1})
    ),
)


@pytest.mark.slow
@given(
    name=st.sampled_from(sorted(CALLS)),
    number=st.integers(0, 2),
    answers=st.lists(TOKEN_ANSWERS, min_size=1, max_size=5),
    statuses=st.lists(st.sampled_from([200, 401]), min_size=1, max_size=4),
)
def test_whatever_a_login_does_no_answer_of_the_token_endpoint_reaches_a_caller(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    number: int,
    answers: list[httpx.Response],
    statuses: list[int],
) -> None:
    auth = [
        PasswordGrant("joe", "password", "id", "secret", token_url=TOKEN_URL),
        RefreshToken("seed", "id", "secret", token_url=TOKEN_URL),
        AuthorizationCode("code", "https://app.test", "id", "secret", token_url=TOKEN_URL),
    ][number]
    told = iter(answers)
    api = iter(statuses)

    def serve(request: httpx.Request) -> httpx.Response:
        if str(request.url) == TOKEN_URL:
            given = next(told, answers[-1])
            return httpx.Response(given.status_code, headers=given.headers, content=given.content)
        return httpx.Response(next(api, 401), json={})

    folder = tmp_path_factory.mktemp("downloads")
    with CallRecordingClient(
        auth=auth, transport=httpx.MockTransport(serve), retries=0, quota_wait=0
    ) as client:
        try:
            shown = repr(CALLS[name](client, folder))
        except CallRecordingError as error:
            shown = "" if getattr(error, "operation", None) == "token" else repr(error)
    shown += "".join(path.read_text() for path in folder.iterdir())
    assert "canary" not in shown
    assert "handed-out" not in shown


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_password_is_sent_again_after_a_gateways_failure(
    client: CallRecordingClient, sandbox: Sandbox, status: int
) -> None:
    sandbox.faults.next("POST /token", status=status, times=2)

    assert len(every(client.company_recordings.list(limit=3))) == 3

    assert [request.path for request in sandbox.requests].count("/token") == 3


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_refresh_token_that_may_be_used_up_is_not_sent_again_by_itself(
    client: CallRecordingClient, sandbox: Sandbox, status: int
) -> None:
    """Whoever calls again, does: it may have survived, and if it has not, the password is left."""
    every(client.company_recordings.list(limit=1))
    sandbox.tokens.revoke_access_tokens()
    sandbox.faults.next("POST /token", status=status)

    with pytest.raises(ServerError) as caught:
        every(client.company_recordings.list(limit=1))
    assert (caught.value.operation, caught.value.status_code) == ("token", status)
    assert len(every(client.company_recordings.list(limit=1))) == 1
    assert sandbox.tokens.requests == ["password", "refresh_token"]


def test_a_hint_says_what_the_vendor_demands_of_the_user(sandbox: Sandbox) -> None:
    given = sandbox.credentials
    auth = PasswordGrant(
        "acme.api", "password", given.client_id, given.client_secret, token_url=sandbox.token_url
    )
    with CallRecordingClient(auth=auth, base_url=sandbox.base_url, retries=RetryPolicy(tries=1)) as client:
        with pytest.raises(AuthenticationError) as caught:
            client.company_recordings.get(1)
    assert "developer portal" in str(caught.value.hint)
