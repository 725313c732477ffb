"""The quota of the vendor's gateway: counted per token and window, refused in the gateway's own words."""

import json
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from vbc_call_recording_sandbox import InputError, Sandbox

COMPANY = "/company_call_recordings"
MIDDLE_OF_A_MINUTE = datetime(2026, 11, 25, 5, 33, 12, 345_000, tzinfo=UTC)


@pytest.fixture
def limited(sandbox: Sandbox) -> Sandbox:
    """Ten a minute, at 05:33:12.345, where time stands still."""
    sandbox.clock.freeze(MIDDLE_OF_A_MINUTE)
    sandbox.quirks.quota.requests = 10
    return sandbox


@pytest.fixture
def http(limited: Sandbox, http: httpx.Client) -> httpx.Client:
    """With a token of that time."""
    http.headers["Authorization"] = f"Bearer {limited.tokens.issue()['access_token']}"
    return http


def statuses(http: httpx.Client, count: int) -> list[int]:
    return [http.get(COMPANY).status_code for _ in range(count)]


def token_of(http: httpx.Client) -> str:
    return http.headers["authorization"].removeprefix("Bearer ")


def log_in(sandbox: Sandbox, **form: str) -> Any:
    given = sandbox.credentials
    form = {
        "grant_type": "password",
        "scope": "openid",
        "username": f"{given.username}@vbc.prod",
        "password": given.password,
        "client_id": given.client_id,
        "client_secret": given.client_secret,
        **form,
    }
    return httpx.post(sandbox.token_url, data=form).raise_for_status().json()


def test_a_window_holds_so_many_requests_and_the_next_one_begins_at_the_whole_minute(
    limited: Sandbox, http: httpx.Client
) -> None:
    assert statuses(http, 12) == [200] * 10 + [429] * 2
    limited.clock.advance(47.6)  # 05:33:59.945
    assert statuses(http, 1) == [429]
    limited.clock.advance(0.1)  # 05:34:00.045
    assert statuses(http, 11) == [200] * 10 + [429]


def test_what_was_let_through_and_refused_is_counted_by_token(limited: Sandbox, http: httpx.Client) -> None:
    statuses(http, 12)
    mine = token_of(http)
    http.headers["Authorization"] = f"Bearer {limited.tokens.issue()['access_token']}"
    assert statuses(http, 3) == [200] * 3, "another token has a quota of its own"

    usage = limited.quota.usage
    assert (usage[mine].accepted, usage[mine].refused, usage[mine].fullest_window) == (10, 2, 10)
    assert (usage[token_of(http)].accepted, usage[token_of(http)].refused) == (3, 0)
    assert (limited.quota.accepted, limited.quota.refused) == (13, 2)


def test_files_and_planned_faults_count_and_refused_tokens_do_not(
    limited: Sandbox, http: httpx.Client
) -> None:
    """The gateway counts what it lets through to the API, whatever becomes of it there."""
    limited.quirks.quota.requests = 2
    recording = limited.store.company()[0]
    assert http.get(COMPANY, headers={"Authorization": "Bearer x"}).status_code == 401
    assert http.get(f"{limited.base_url}/api/audio/recording/{recording.id}").status_code == 200
    limited.faults.next(COMPANY, status=503, times=2)
    assert statuses(http, 2) == [503, 429]
    limited.clock.advance(60)
    assert statuses(http, 2) == [503, 200], "the refused request did not use up the second fault"


FAULT = {
    "code": 900803,
    "message": "Message throttled out",
    "description": "You have exceeded your quota",
    "nextAccessTime": "2026-Nov-25 05:34:00+0000 UTC",
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("json", {"fault": FAULT}),
        ("flat", FAULT),
        ("text-codes", {"fault": {**FAULT, "code": "900803"}}),
    ],
)
def test_the_refusal_has_the_gateways_own_body(
    body: Any, expected: Any, limited: Sandbox, http: httpx.Client
) -> None:
    limited.quirks.quota.requests = 1
    limited.quirks.quota.body = body
    statuses(http, 1)

    refused = http.get(COMPANY)

    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/json")
    assert refused.json() == expected
    assert refused.headers["retry-after"] == "Wed, 25 Nov 2026 05:34:00 GMT"
    assert refused.headers["date"] == "Wed, 25 Nov 2026 05:33:12 GMT"


def test_the_refusal_can_be_xml(limited: Sandbox, http: httpx.Client) -> None:
    limited.quirks.quota.requests = 1
    limited.quirks.quota.body = "xml"
    statuses(http, 1)

    refused = http.get(COMPANY)

    assert refused.headers["content-type"].startswith("application/xml")
    found = {re.sub("{.*}", "", child.tag): child.text for child in ElementTree.fromstring(refused.content)}
    assert found == {**FAULT, "code": "900803"}


def test_what_says_when_to_come_again_can_be_left_out(limited: Sandbox, http: httpx.Client) -> None:
    quota = limited.quirks.quota
    quota.requests = 1
    quota.retry_after, quota.next_access, quota.code = "missing", False, 900800
    statuses(http, 1)
    refused = http.get(COMPANY)
    assert "retry-after" not in refused.headers
    assert refused.json()["fault"].keys() == {"code", "message", "description"}
    assert refused.json()["fault"]["code"] == 900800
    quota.retry_after = "seconds"
    assert http.get(COMPANY).headers["retry-after"] == "48"


def test_a_fast_clock_makes_minutes_short_and_keeps_their_dates_whole(sandbox: Sandbox) -> None:
    """Whoever sleeps until the date that is named, in the server's time, is let in again."""
    sandbox.clock.freeze(MIDDLE_OF_A_MINUTE)
    sandbox.clock.speed = 600
    sandbox.quirks.quota.requests = 10
    token = sandbox.tokens.issue()["access_token"]
    with httpx.Client(base_url=sandbox.base_url, headers={"Authorization": f"Bearer {token}"}) as client:
        url = "/api/accounts/self/company_call_recordings"
        assert [client.get(url).status_code for _ in range(11)] == [200] * 10 + [429]
        sandbox.clock.resume()
        refused = client.get(url)
        assert refused.status_code in (200, 429)  # the minute may be over on a busy machine
        if refused.status_code == 429:
            opens, now = (parsedate_to_datetime(refused.headers[name]) for name in ("retry-after", "date"))
            assert opens.second == 0
            assert timedelta() < opens - now <= timedelta(seconds=60)
            time.sleep((opens - now).total_seconds() / 600)
        sandbox.clock.freeze()
        assert client.get(url).status_code == 200


def test_a_quota_is_exact_however_many_ask_at_once(limited: Sandbox, http: httpx.Client) -> None:
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.extend(statuses(http, 5))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 10 + [429] * 30


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("requests", 0, "null or a whole number, 1 or more"),
        ("requests", True, "a whole number"),
        ("window", 0.5, "1 to 86400"),
        ("body", "yaml", "json, flat, text-codes, xml"),
        ("code", 429, "900800 to 900807"),
        ("limit", 3, "requests, window, body"),
    ],
)
def test_a_switch_says_what_it_accepts(name: str, value: Any, accepted: str, sandbox: Sandbox) -> None:
    with pytest.raises(InputError, match=f"{name} is .*; accepted: .*{accepted}"):
        setattr(sandbox.quirks.quota, name, value)


# -- as an argument, and the token that processes share


@pytest.mark.parametrize(
    ("text", "requests", "window"),
    [("10/min", 10, 60), ("3/s", 3, 1), ("10/2s", 10, 2), ("100/h", 100, 3_600)],
)
def test_a_sandbox_can_be_made_with_a_quota(text: str, requests: int, window: int) -> None:
    """And a reset brings it back."""
    sandbox = Sandbox(recordings=1, on_demand=0, quota=text)
    for _ in range(2):
        quota = sandbox.quirks.quota
        assert (quota.requests, quota.window, sandbox.quirks.tokens.again) == (requests, window, "login")
        quota.requests = None
        sandbox.quirks.reset()


@pytest.mark.parametrize("text", ["", "10", "0/min", "10/0s", "10/week", "-1/min", "10/0.5s", "1e3/min"])
def test_a_quota_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="accepted: like 10/min"):
        Sandbox(recordings=1, on_demand=0, quota=text)


def test_logging_in_brings_the_same_token_again_while_it_lives(sandbox: Sandbox) -> None:
    sandbox.quirks.tokens.again = "login"
    first = log_in(sandbox)
    sandbox.clock.advance(timedelta(hours=1))
    second = log_in(sandbox)
    assert second["access_token"] == first["access_token"]
    assert second["refresh_token"] == first["refresh_token"]
    assert 3_590 <= first["expires_in"] - second["expires_in"] <= 3_660
    sandbox.clock.advance(timedelta(hours=24))
    assert log_in(sandbox)["access_token"] != first["access_token"]


@pytest.mark.parametrize("again", ["never", "login", "always"])
def test_a_refresh_brings_another_token_unless_told_otherwise(again: Any, sandbox: Sandbox) -> None:
    sandbox.quirks.tokens.again = again
    first = log_in(sandbox)
    second = log_in(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"], "one use uses it up, in any case"
    assert (second["access_token"] == first["access_token"]) == (again == "always")
    still = sandbox.tokens.bearer(f"Bearer {first['access_token']}")
    assert (still is None) == (again == "login"), "the gateway has one token a user: a new one ends the old"
    third = log_in(sandbox, grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert third["refresh_token"] != second["refresh_token"]


def test_a_revoked_token_is_not_handed_out_again(sandbox: Sandbox) -> None:
    sandbox.quirks.tokens.again = "always"
    first = log_in(sandbox)
    sandbox.tokens.revoke_access_tokens()
    assert log_in(sandbox)["access_token"] != first["access_token"]


def test_processes_that_log_in_as_one_share_the_quota() -> None:
    with Sandbox(recordings=5, on_demand=0, quota="10/min") as sandbox:
        sandbox.clock.freeze(MIDDLE_OF_A_MINUTE)
        url = f"{sandbox.base_url}/api/accounts/self/company_call_recordings"
        answers = []
        for _ in range(3):
            headers = {"Authorization": f"Bearer {log_in(sandbox)['access_token']}"}
            answers += [httpx.get(url, headers=headers) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
        assert json.loads(answers[-1].content)["fault"]["code"] == 900803


# -- time


def test_time_that_passes_ends_tokens_and_archives(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.clock.resume()
    (job_id,) = http.post(f"{COMPANY}/export", json={"duration:lte": 100_000}).json()["job_ids"]
    for _ in range(3):
        job = http.get(f"/users/self/call_recordings/jobs/{job_id}").json()
    assert http.get(job["download_url"]).status_code == 200
    sandbox.clock.advance(timedelta(hours=24))
    assert http.get(job["download_url"]).status_code == 401
    http.headers["Authorization"] = f"Bearer {sandbox.tokens.issue()['access_token']}"
    assert http.get(job["download_url"]).status_code == 410


def test_a_clock_can_be_stopped_and_goes_on_from_there(sandbox: Sandbox) -> None:
    clock = sandbox.clock
    clock.freeze(MIDDLE_OF_A_MINUTE)
    assert clock.now() == clock.now() == MIDDLE_OF_A_MINUTE
    clock.advance(timedelta(days=1))
    assert clock.now() == MIDDLE_OF_A_MINUTE + timedelta(days=1)
    clock.resume()
    time.sleep(0.002)
    assert clock.now() > MIDDLE_OF_A_MINUTE + timedelta(days=1, milliseconds=1)
    clock.freeze()
    clock.speed = 1_000
    before = clock.now()
    clock.resume()
    time.sleep(0.01)
    assert clock.now() - before >= timedelta(seconds=10)
    sandbox.reset()
    assert (clock.speed, clock.is_frozen) == (1, False)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_clock_takes_no_nonsense(sandbox: Sandbox) -> None:
    for wrong in (-1, timedelta(-1), float("nan"), 1e300, timedelta.max, "an hour"):
        with pytest.raises(InputError, match="accepted"):
            sandbox.clock.advance(wrong)  # type: ignore[arg-type]
    for speed in (0, -1, True, float("inf"), float("nan")):
        with pytest.raises(InputError, match="accepted"):
            sandbox.clock.speed = speed
    with pytest.raises(InputError, match="time zone"):
        sandbox.clock.freeze(datetime(2026, 1, 1))
