# Written by scripts/mirror from tests/_async/test_secrets.py.
# Change that file and run `make generate`.
"""A canary: marked secrets go through everything, and must not come out anywhere."""

import base64
import io
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.auth.tracker import seen_of
from vbc_call_recording import (
    AccessToken,
    AuthorizationCode,
    CallRecordingClient,
    CallRecordingError,
    FileTokenStore,
    PasswordGrant,
    RefreshToken,
    RetryPolicy,
)
from vbc_call_recording_sandbox import Sandbox

pytestmark = pytest.mark.slow

PASSWORD = "canary/pass word+1"
SECRET = "canary-client-secret=="
OPERATIONS = 14
Call = Callable[[], Any]


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def forms(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}


def outcome(call: Call) -> str:
    """All that a user could see of a call: its result, or its error with the whole chain."""
    try:
        return repr(call())
    except CallRecordingError as error:
        return "".join([*traceback.format_exception(error), repr(error), str(vars(error))])


def every_call(client: CallRecordingClient) -> list[Call]:
    company, own, jobs = client.company_recordings, client.on_demand_recordings, client.export_jobs
    calls: list[Call] = [
        lambda: first(company.list(limit=1)),
        lambda: company.get(1),
        lambda: company.delete(1),
        lambda: company.export(),
        lambda: company.export(include_transcriptions=True),
        lambda: first(client.transcriptions.list(limit=1)),
        lambda: first(own.list(limit=1)),
        lambda: own.get(1),
        lambda: own.delete(1),
        lambda: own.export(),
        lambda: first(jobs.list(limit=1)),
        lambda: jobs.get("j"),
        lambda: first(jobs.list(kind="recordings_transcriptions", limit=1)),
        lambda: jobs.get("j", kind="recordings_transcriptions"),
    ]
    assert len(calls) == OPERATIONS
    return calls


def first(paginator: object) -> object:
    return [item for item in paginator]


def faults(secrets: set[str]) -> list[dict[str, Any]]:
    """A server that says everything it was ever told, in every way it can."""
    echo = " ".join(sorted(secrets)) + "".join(
        f" Bearer {secret} access_token={secret}" for secret in secrets
    )
    refusals = [{"status": status, "body": echo} for status in (401, 403, 429, 500, 520)]
    unreadable = {"_embedded": echo, "start": echo, "job_ids": echo, "_links": echo, "id": {"x": echo}}
    return [
        *refusals,
        {"body": f"<html>{echo}</html>"},
        {"body": unreadable},
        {"body": [echo]},
        {"drop": True},
    ]


@pytest.mark.parametrize("number", range(len(faults(set()))))
def test_no_secret_is_ever_shown(
    sandbox: Sandbox, tmp_path: Path, everything_logged: io.StringIO, number: int
) -> None:
    given = sandbox.credentials
    names = (given.username, given.password, given.client_id, given.client_secret)
    retries = RetryPolicy(tries=2, first_wait=0.001)
    shown: list[str] = []
    secrets: set[str] = set()
    for operation in range(OPERATIONS):
        sandbox.faults.reset()
        store = FileTokenStore(tmp_path / f"tokens-{operation}.json")
        grant = PasswordGrant(*names, token_url=sandbox.token_url, token_store=store)
        with CallRecordingClient(
            auth=grant, base_url=sandbox.base_url, retries=retries, quota_wait=0
        ) as client:
            call = every_call(client)[operation]
            shown.append(outcome(call))
            sandbox.faults.next("/api/", times=99, **faults(grant.secrets())[number])
            shown.append(outcome(call))
            shown += [
                repr(client),
                repr(client._session.wire),
                repr(client.api),
                repr(grant),
                str(vars(client)),
            ]
            secrets |= grant.secrets()
    shown.append(everything_logged.getvalue())

    everything = "\n".join(shown)
    assert "get_company_recording" in everything
    assert len(secrets) > 2 * OPERATIONS
    leaked = {form for secret in secrets for form in forms(secret) if form in everything}
    assert leaked == set()


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
def test_a_token_endpoint_that_echoes_secrets_does_not_leak_them(
    sandbox: Sandbox, everything_logged: io.StringIO, status: int
) -> None:
    echo = {"error": "invalid_grant", "error_description": f"bad {PASSWORD} {SECRET}", "password": PASSWORD}
    sandbox.faults.next("POST /token", status=status, body=echo, times=99)
    shown: list[str] = []
    for auth in (
        PasswordGrant("canary", PASSWORD, "client", SECRET, token_url=sandbox.token_url),
        RefreshToken(PASSWORD, "client", SECRET, token_url=sandbox.token_url),
        AuthorizationCode(PASSWORD, "https://app.example/cb", "client", SECRET, token_url=sandbox.token_url),
    ):
        with CallRecordingClient(auth=auth, base_url=sandbox.base_url, retries=0) as client:
            shown += [outcome(lambda: client.company_recordings.get(1)), repr(auth), repr(client)]
    shown += [repr(AccessToken(SECRET)), everything_logged.getvalue()]

    everything = "\n".join(shown)
    assert "/token" in everything
    leaked = {form for secret in (PASSWORD, SECRET) for form in forms(secret) if form in everything}
    assert leaked == set()


FAILURES: dict[str, dict[str, Any]] = {
    **{str(status): {"status": status, "body": {"error": "no"}} for status in (400, 401, 403, 404, 429, 503)},
    "redirect": {"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}},
    "no JSON": {"body": "<html>"},
    "other JSON": {"body": {"access_token": 7, "recordings": 7}},
    "no answer": {"drop": True},
    "no end": {"truncate": 3},
    "too slow": {"stall": 0},
    "bad coding": {"body": "x", "headers": {"Content-Encoding": "gzip"}},
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("where", ["POST /token", "/api/", "/audio/"])
def test_nothing_that_hangs_on_an_error_holds_a_secret(
    sandbox: Sandbox, tmp_path: Path, where: str, failure: str
) -> None:
    """Error trackers send whole chains of errors, and the locals of all frames that these came through."""
    given = sandbox.credentials
    names = (given.username, given.password, given.client_id, given.client_secret)
    recording = sandbox.store.company()[0].id
    calls: list[Callable[[CallRecordingClient], Any]] = [
        lambda client: client.company_recordings.get(recording),
        lambda client: client.company_recordings.delete(recording),
        lambda client: client.company_recordings.export(),
        lambda client: first(client.company_recordings.list(limit=1)),
        lambda client: client.company_recordings.download(recording, tmp_path, overwrite=True),
    ]
    errors = []
    for number, call in enumerate(calls):
        store = FileTokenStore(tmp_path / f"tokens-{number}.json")
        auth = PasswordGrant(*names, token_url=sandbox.token_url, token_store=store)
        sandbox.faults.reset()
        sandbox.faults.next(where, times=99, **FAILURES[failure])
        with CallRecordingClient(
            auth=auth, base_url=sandbox.base_url, retries=0, quota_wait=0, timeout=0.3
        ) as client:
            try:
                call(client)
            except CallRecordingError as error:
                errors.append(error)
                seen = seen_of(error)
                leaked = {form for secret in auth.secrets() for form in forms(secret) if form in seen}
                assert leaked == set()
    assert errors
