# Written by scripts/mirror from tests/_async/test_session.py.
# Change that file and run `make generate`.
"""A login over a client's life: renewed when it has to be, and told about in the log."""

import logging

import pytest

from vbc_call_recording import AuthenticationError, CallRecordingClient, NotFoundError
from vbc_call_recording_sandbox import Sandbox


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

    with caplog.at_level(logging.DEBUG, "vbc_call_recording"), pytest.raises(NotFoundError):
        client.company_recordings.get(5)

    lines = [record.getMessage() for record in caplog.records if record.name == "vbc_call_recording"]
    assert any(
        line.startswith("get_company_recording: 404 in ") and line.endswith(" ms, 2 tries") for line in lines
    )
