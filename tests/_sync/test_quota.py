# Written by scripts/mirror from tests/_async/test_quota.py.
# Change that file and run `make generate`.
"""The vendor's default quota over real sockets: everything arrives, and hardly anything is refused."""

import logging
import time
from pathlib import Path
from typing import cast

import pytest

from vbc_call_recording import (
    CallRecordingClient,
    ConfigurationError,
    PasswordGrant,
    RateLimitError,
    Recording,
    ServerError,
)
from vbc_call_recording._concurrency import Pool
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth

pytestmark = pytest.mark.slow

ONE = r"/company_call_recordings/\d+$"
WANTED = 200


@pytest.fixture
def scarce(sandbox: Sandbox) -> Sandbox:
    """Ten requests a window, as the vendor's default, in windows of a second instead of a minute."""
    sandbox.quirks.quota.requests = 10
    sandbox.quirks.quota.window = 1
    sandbox.quirks.tokens.again = "login"
    sandbox.faults.exports.job_size = 100
    return sandbox


def bytes_of(sandbox: Sandbox, recording: Recording) -> bytes:
    content = truth.audio(next(item for item in sandbox.store.company() if item.id == recording.id))
    return b"".join(content.chunks(0, content.size))


def api_requests(sandbox: Sandbox) -> int:
    return sum("/api/" in request.path for request in sandbox.requests)


def test_two_hundred_recordings_are_listed_exported_and_downloaded_within_ten_requests_a_window(
    scarce: Sandbox, grant: PasswordGrant, tmp_path: Path
) -> None:
    with CallRecordingClient(auth=grant, base_url=scarce.base_url) as client:
        recordings = [item for item in client.company_recordings.list(limit=WANTED)]
        export = client.company_recordings.export(start_gte=cast(object, recordings[-1].start))  # type: ignore[typeddict-item]
        export.wait(poll=0.5)
        brought = export.download(tmp_path / "export", extract=True)
        results = [item for item in client.company_recordings.download_many(recordings, tmp_path)]
    assert len(recordings) == WANTED
    assert len(brought.extracted) >= WANTED
    assert [result.error for result in results if result.error] == []
    for result in results:
        assert cast(Path, result.path).read_bytes() == bytes_of(scarce, cast(Recording, result.recording))
    accepted, refused = scarce.quota.accepted, scarce.quota.refused
    assert accepted + refused == api_requests(scarce)
    assert refused <= 0.1 * (accepted + refused)


def test_the_defaults_do_not_fail_where_more_is_asked_at_once_than_a_window_holds(
    scarce: Sandbox, client: CallRecordingClient
) -> None:
    """Twenty-five calls at the same moment: all are answered, none fails."""
    wanted = [item.id for item in scarce.store.company()[:25]]
    with Pool(len(wanted)) as pool:
        jobs = [pool.start(client.company_recordings.get, number) for number in wanted]
        found = [job.result() for job in jobs]
    assert [recording.id for recording in found] == wanted


@pytest.mark.parametrize(
    ("body", "header"),
    [
        ("json", "date"),
        ("json", "seconds"),
        ("flat", "missing"),
        ("text-codes", "missing"),
        ("xml", "missing"),
    ],
)
def test_a_refusal_is_waited_for_however_it_is_written(
    scarce: Sandbox, client: CallRecordingClient, body: str, header: str
) -> None:
    scarce.quirks.quota.requests = 1
    scarce.quirks.quota.body = body  # type: ignore[assignment]
    scarce.quirks.quota.retry_after = header  # type: ignore[assignment]
    for item in scarce.store.company()[:2]:
        assert (client.company_recordings.get(item.id)).id == item.id
    assert scarce.quota.refused <= 1


def test_a_refusal_that_names_no_time_is_waited_for_with_growing_pauses(
    scarce: Sandbox, client: CallRecordingClient
) -> None:
    scarce.quirks.quota.requests = 1
    scarce.quirks.quota.retry_after = "missing"
    scarce.quirks.quota.next_access = False
    for item in scarce.store.company()[:3]:
        assert (client.company_recordings.get(item.id)).id == item.id


def test_a_caller_who_must_answer_soon_gets_the_error_at_once_with_all_there_is_to_know(
    sandbox: Sandbox, client: CallRecordingClient
) -> None:
    sandbox.quirks.quota.requests = 1
    hurried = client.with_options(quota_wait=0)
    wanted = sandbox.store.company()[0].id
    hurried.company_recordings.get(wanted)
    started = time.monotonic()
    with pytest.raises(RateLimitError) as caught:
        hurried.company_recordings.get(wanted)
    error = caught.value
    assert (error.status_code, error.code) == (429, "900803")
    assert error.next_access is not None
    assert error.next_access.second == 0
    assert error.retry_after is not None
    assert 0 < error.retry_after <= 60
    assert "Per Token Quota" in str(error.hint)
    assert "hint: " in str(error)

    with pytest.raises(RateLimitError, match="nothing was sent") as unsent:
        hurried.company_recordings.get(wanted)
    assert unsent.value.retry_after == pytest.approx(error.retry_after, abs=2)
    assert api_requests(sandbox) == 2
    assert time.monotonic() - started < 40


def test_a_wait_longer_than_allowed_is_an_error_at_once(
    sandbox: Sandbox, client: CallRecordingClient
) -> None:
    sandbox.faults.next(ONE, status=429, headers={"Retry-After": "3600"})
    with pytest.raises(RateLimitError) as caught:
        client.company_recordings.get(sandbox.store.company()[0].id)
    assert caught.value.retry_after == pytest.approx(3600, abs=2)
    assert api_requests(sandbox) == 1


def test_waiting_for_the_quota_is_no_try_and_no_part_of_the_total_time(
    scarce: Sandbox, client: CallRecordingClient
) -> None:
    once = client.with_options(retries=0)
    scarce.quirks.quota.requests = 2
    wanted = scarce.store.company()[0].id
    for _ in range(5):
        assert (once.company_recordings.get(wanted)).id == wanted


def test_clients_over_one_login_share_the_gate_and_clones_too(sandbox: Sandbox, grant: PasswordGrant) -> None:
    sandbox.quirks.quota.requests = 1
    wanted = sandbox.store.company()[0].id
    options = {"auth": grant, "base_url": sandbox.base_url, "quota_wait": 0}
    with (
        CallRecordingClient(**options) as one,  # type: ignore[arg-type]
        CallRecordingClient(**options) as other,  # type: ignore[arg-type]
    ):
        one.company_recordings.get(wanted)
        with pytest.raises(RateLimitError):
            one.company_recordings.get(wanted)
        for client in (other, one.with_options(timeout=5), other.with_options(retries=0)):
            with pytest.raises(RateLimitError, match="nothing was sent"):
                client.company_recordings.get(wanted)
    assert api_requests(sandbox) == 2


def test_a_rate_limit_paces_ahead_so_that_nothing_is_refused(scarce: Sandbox, grant: PasswordGrant) -> None:
    scarce.quirks.quota.requests = 20
    wanted = scarce.store.company()[0].id
    limited = CallRecordingClient(auth=grant, base_url=scarce.base_url, rate_limit="10/s")
    with limited as client:
        started = time.monotonic()
        for _ in range(25):
            client.company_recordings.get(wanted)
        assert time.monotonic() - started >= 2, "25 requests at 10 a second begin in the third second"
    assert scarce.quota.refused == 0


@pytest.mark.parametrize("bad", ["10", "0/min", "ten/min", "10/fortnight", "", "1/min/h"])
def test_a_rate_limit_that_makes_no_sense_is_refused(bad: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^rate_limit is .*; accepted: '10/min'"):
        CallRecordingClient(auth="t", rate_limit=bad)


@pytest.mark.parametrize("bad", [-1, True, "75", None])
def test_a_quota_wait_that_makes_no_sense_is_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^quota_wait is .*; accepted: seconds 0 or more"):
        CallRecordingClient(auth="t", quota_wait=bad)  # type: ignore[arg-type]


def test_waiting_is_told_once_and_holds_no_data(
    scarce: Sandbox, client: CallRecordingClient, caplog: pytest.LogCaptureFixture
) -> None:
    scarce.quirks.quota.requests = 1
    scarce.quirks.quota.window = 3
    with caplog.at_level(logging.INFO, logger="vbc_call_recording"):
        for item in scarce.store.company()[:3]:
            client.company_recordings.get(item.id)
    told = [record.getMessage() for record in caplog.records if "quota" in record.getMessage()]
    assert len(told) == 1
    assert told[0].startswith("waiting ")


def test_a_failure_under_way_does_not_hold_up_the_gate(scarce: Sandbox, client: CallRecordingClient) -> None:
    """While the gate learns it lets one request through at a time: one that breaks must give way, too."""
    scarce.quirks.quota.requests = 2
    wanted = scarce.store.company()[0].id
    for _ in range(3):
        client.company_recordings.get(wanted)
    scarce.faults.next(ONE, drop=True, times=2)
    scarce.faults.next(ONE, status=500)
    with pytest.raises(ServerError):
        client.company_recordings.get(wanted)
    assert (client.company_recordings.get(wanted)).id == wanted
