"""Whatever is sent to the sandbox, it answers with what is wrong with that, and never breaks."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vbc_call_recording_sandbox import Sandbox

COMPANY = "/company_call_recordings"
LONG = "9" * 5_000
"""More digits than `int` takes."""


@pytest.mark.parametrize("folder", [COMPANY, "/users/self/call_recordings"])
def test_an_id_longer_than_any_number_is_unknown(folder: str, http: httpx.Client) -> None:
    assert http.get(f"{folder}/{LONG}").status_code == 404
    assert http.delete(f"{folder}/{LONG}").status_code == 404


@pytest.mark.parametrize("name", ["page", "page_size", "duration:gte", "duration:lte"])
@pytest.mark.parametrize("value", [LONG, "1_000", " 1", "\N{FULLWIDTH DIGIT ONE}", "", "+1", "1.0"])
def test_numbers_are_read_strictly(name: str, value: str, http: httpx.Client) -> None:
    answer = http.get(COMPANY, params={name: value})

    assert answer.status_code == 400
    assert name in answer.json()["message"]


@pytest.mark.parametrize(
    "value", ["2024-1-1T1:1:1Z", "\N{FULLWIDTH DIGIT TWO}024-01-01T00:00:00Z", "2024-01-01T00:00:00+00:00:00"]
)
def test_instants_are_read_strictly(value: str, http: httpx.Client) -> None:
    assert http.get(COMPANY, params={"start:gte": value}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b'{"cnam":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"duration:gte":' + LONG.encode() + b"}",
        b'{"duration:gte":' + LONG[:4_000].encode() + b"}",
        b"\xff\xfe",
        b"",
    ],
    ids=["nested", "endless number", "long number", "no UTF-8", "empty"],
)
def test_a_body_that_cannot_be_read_is_a_400(body: bytes, http: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    assert http.post(f"{COMPANY}/export", content=body, headers=headers).status_code == 400


def test_a_token_request_that_cannot_be_read_is_refused(sandbox: Sandbox, http: httpx.Client) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    garbage = http.post(sandbox.token_url, content=b"\xff\xfe", headers=form)
    header = http.post(
        sandbox.token_url,
        data={"grant_type": "authorization_code"},
        headers={b"Authorization": b"Basic \xff\xfe"},
    )

    assert (garbage.status_code, garbage.json()["error"]) == (400, "unsupported_grant_type")
    assert (header.status_code, header.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("wanted", [f"bytes={LONG}-", f"bytes=0-{LONG}", f"bytes=-{LONG}"])
def test_a_range_that_cannot_be_read_is_ignored(wanted: str, sandbox: Sandbox, http: httpx.Client) -> None:
    recording = sandbox.store.company()[0]

    answer = http.get(f"{sandbox.base_url}/api/audio/recording/{recording.id}", headers={"Range": wanted})

    assert (answer.status_code, len(answer.content)) == (200, recording.size)


@pytest.mark.slow
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["start:gte", "duration:lte", "call_direction", "cnam", "order", "page", "status"]),
    value=st.text(st.characters(exclude_categories=["Cs"]))
    | st.integers().map(str)
    | st.datetimes().map(str),
    path=st.sampled_from([COMPANY, f"{COMPANY}/transcriptions", "/users/self/call_recordings/jobs"]),
)
def test_no_query_breaks_it(name: str, value: str, path: str, http: httpx.Client) -> None:
    assert http.get(path, params={name: value}).status_code in (200, 400)
