"""What was asked, what state it is in, and what tests did wrong: seen, saved, and said."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from vbc_call_recording_sandbox import USER_ID, InputError, Recording, Sandbox
from vbc_call_recording_sandbox._faults.catalogue import CATALOGUE

COMPANY = "/company_call_recordings"
MINE = "/users/self/call_recordings"


# -- what was asked


def test_the_log_names_operations_parameters_status_and_user(sandbox: Sandbox, http: httpx.Client) -> None:
    recording = sandbox.store.company()[0]
    http.get(COMPANY, params={"start:gte": "2024-10-10T00:00:00+0000"})
    http.post(f"{COMPANY}/export", json={"duration:gte": 5})
    http.delete(f"{COMPANY}/{recording.id}", headers={"Authorization": "Bearer x"})
    http.get(f"{sandbox.base_url}/api/audio/recording/{recording.id}")
    httpx.post(sandbox.token_url, data={"grant_type": "password", "password": "a secret"})

    seen = [(request.operation, request.status, request.user) for request in sandbox.requests]
    assert seen == [
        ("list_company_recordings", 200, USER_ID),
        ("create_company_recording_export", 202, USER_ID),
        ("delete_company_recording", 401, None),
        ("download_recording", 200, USER_ID),
        ("token", 401, None),
    ]
    assert sandbox.requests[0].parameters == {"account_id": "self", "start:gte": "2024-10-10T00:00:00+0000"}
    assert sandbox.requests[1].parameters == {"account_id": "self", "duration:gte": 5}
    assert "a secret" not in str(sandbox.requests) + "".join(map(str, sandbox.requests))


def test_what_was_requested_can_be_asserted(sandbox: Sandbox, http: httpx.Client) -> None:
    first, second = sandbox.store.company()[:2]
    http.delete(f"{COMPANY}/{first.id}")
    http.post(f"{COMPANY}/export", json={"duration:gte": 5})
    sandbox.assert_requested("delete_company_recording")
    sandbox.assert_requested("delete_company_recording", times=1, recording_id=first.id)
    sandbox.assert_requested("delete_company_recording", times=0, recording_id=second.id)
    sandbox.assert_requested("create_company_recording_export", times=1, duration_gte=5)
    assert [request.status for request in sandbox.requested("delete_company_recording")] == [204]


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({"times": 2}, "delete_company_recording() should have been requested 2 times, but was once."),
        ({"recording_id": 9}, "(recording_id=9) should have been requested at least once, but was never."),
        ({"times": 0}, "should have been requested never, but was once."),
    ],
)  # fmt: skip
def test_a_claim_that_fails_says_what_was_requested(
    claim: Any, message: str, sandbox: Sandbox, http: httpx.Client
) -> None:
    recording = sandbox.store.company()[0]
    http.delete(f"{COMPANY}/{recording.id}")
    http.get("/nowhere")
    with pytest.raises(AssertionError) as failed:
        sandbox.assert_requested("delete_company_recording", **claim)
    lines = str(failed.value).splitlines()
    assert message in lines[0]
    assert f"  delete_company_recording(account_id=self, recording_id={recording.id}) -> 204" in lines
    assert lines[-1].endswith("/nowhere: once")


def test_a_claim_about_no_operation_is_a_mistake(sandbox: Sandbox) -> None:
    with pytest.raises(InputError, match="delete_company_recording, delete_on_demand_recording"):
        sandbox.assert_requested("delete_recording", times=0)


# -- strict where the API must be


@pytest.mark.parametrize(
    ("method", "path", "kwargs", "status", "accepted"),
    [
        ("GET", COMPANY, {"params": {"start_gte": "x"}}, 400, "start:gte"),
        ("GET", f"{COMPANY}/1", {"params": {"x": "1"}}, 400, "no parameters"),
        ("DELETE", f"{COMPANY}/1", {"params": {"x": "1"}}, 400, "no parameters"),
        ("GET", f"{MINE}/jobs", {"params": {"order": "x"}}, 400, "status, page, page_size"),
        ("GET", f"{MINE}/jobs/1", {"params": {"x": "1"}}, 400, "no parameters"),
        ("GET", f"{COMPANY}?page=1&page=1", {}, 400, "each parameter once"),
        ("GET", COMPANY, {"params": {"start:gte": "2024-13-01T00:00:00Z"}}, 400, "yyyy-MM-ddTHH:mm:ssZ"),
        ("POST", f"{COMPANY}/export?page=1", {"json": {}}, 400, "no parameters"),
        ("POST", f"{COMPANY}/export", {"content": b"{}"}, 415, "application/json"),
        ("POST", f"{MINE}/export", {"data": {"a": "b"}}, 415, "application/json"),
        ("POST", f"{COMPANY}/export", {"json": []}, 400, "an object of filters"),
        ("GET", "/nowhere", {}, 404, "not a path of openapi.yaml"),
        ("PUT", f"{COMPANY}/1", {}, 405, "DELETE, GET, HEAD"),
    ],
)
def test_what_does_not_fit_is_refused_alike_and_noted(
    method: str, path: str, kwargs: Any, status: int, accepted: str, sandbox: Sandbox, http: httpx.Client
) -> None:
    answer = http.request(method, path, **kwargs)
    assert answer.status_code == status
    misfit = sandbox.requests[-1].misfit
    assert misfit is not None
    assert accepted in misfit
    if status != 404:
        assert answer.json() == {"status": status, "message": misfit}


def test_what_fits_or_was_planned_is_not_noted(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.next("start_gte", status=400)
    assert http.get(COMPANY, params={"start_gte": "x"}).status_code == 400
    assert http.get(f"{COMPANY}/1").status_code == 404
    assert http.get(COMPANY, headers={"Authorization": "x"}).status_code == 401
    assert [request.misfit for request in sandbox.requests] == [None] * 3


def test_it_can_be_lenient_and_notes_all_the_same(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.quirks.requests.lenient = True
    query = "start_gte=x&page=1&page=2&page_size=many&start:gte=yesterday&order=none"
    answer = http.get(f"{COMPANY}?{query}")
    assert (answer.status_code, answer.json()["page"], answer.json()["total_items"]) == (200, 2, 600)
    assert sandbox.requests[-1].misfit == "'page' is repeated; accepted: each parameter once."
    export = http.post(f"{COMPANY}/export", content=b'{"duration:gte": "long"}')
    assert export.status_code == 202


@pytest.mark.parametrize("path", [f"{COMPANY}/1", f"{MINE}/1"])
def test_a_path_has_one_allow_header(path: str, http: httpx.Client) -> None:
    answer = http.put(path)
    assert answer.headers.get_list("allow") == ["DELETE, GET, HEAD"]


def test_india_has_the_company_operations_only(sandbox: Sandbox, http: httpx.Client) -> None:
    account = f"{sandbox.india_base_url}/api/accounts/self"
    first = http.get(f"{account}{COMPANY}").json()
    assert f"{sandbox.india_base_url}/api/accounts/" in first["_links"]["next"]["href"]
    assert http.get(first["_embedded"]["recordings"][0]["download_url"]).status_code == 200
    assert http.get(f"{account}{MINE}").status_code == 404


def test_links_follow_the_host_that_was_asked(sandbox: Sandbox, http: httpx.Client) -> None:
    asked = http.get(COMPANY, headers={"Host": "vbc.test:99"}).json()
    assert asked["_links"]["self"]["href"].startswith("http://vbc.test:99/t/vbc.prod/")
    odd = http.get(COMPANY, headers={"Host": "a b/<"}).json()
    assert odd["_links"]["self"]["href"].startswith(sandbox.base_url)


def test_links_can_be_under_a_public_url() -> None:
    with Sandbox(recordings=20, on_demand=0, public_url="https://vbc.example/") as sandbox:
        port = sandbox.requests  # nothing was asked yet
        assert port == []
        assert sandbox.base_url == "https://vbc.example/t/vbc.prod/call_recording"


# -- mistakes of tests


@pytest.mark.parametrize(
    "wrong",
    [
        {"match": "("}, {"match": 5}, {"status": 99}, {"status": 600}, {"status": "503"}, {"status": True},
        {"headers": {"Bad Name": "x"}}, {"headers": {"X": "a\r\nb"}}, {"headers": {"X": "\u20ac"}},
        {"headers": {"X": 5}}, {"headers": ["X"]}, {"body": object()}, {"body": {"x": object()}},
        {"body": {"x": float("nan")}}, {"status": 204, "body": "x"}, {"delay": -1}, {"delay": float("inf")},
        {"truncate": -1}, {"truncate": 1, "stall": 1}, {"framing": "chunky"}, {"times": 0}, {"times": 1.5},
        {"probability": 0}, {"probability": 1.1}, {"drop": 1},
    ],
)  # fmt: skip
def test_a_fault_that_makes_no_sense_is_refused_when_it_is_planned(
    wrong: dict[str, Any], sandbox: Sandbox, http: httpx.Client
) -> None:
    arguments = {"match": "GET", **wrong}
    with pytest.raises(InputError, match="accepted: "):
        sandbox.faults.next(arguments.pop("match"), **arguments)
    assert http.get(COMPANY).status_code == 200


def test_what_a_function_of_the_test_does_wrong_is_not_taken_for_a_server_error() -> None:
    """The client gets no answer at all, and whoever leaves the block gets the error."""

    def break_it(_: Any) -> None:
        raise LookupError("in the test")

    sandbox = Sandbox(recordings=1)
    sandbox.__enter__()
    sandbox.faults.before("GET", break_it, times=1)
    sandbox.faults.next(break_it, status=503)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(sandbox.base_url)
    assert [type(error) for error in sandbox.errors] == [LookupError] * 2
    with pytest.raises(LookupError, match="in the test"):
        sandbox.__exit__(None, None, None)


def test_faults_can_come_by_chance_and_the_seed_decides_when(sandbox: Sandbox, http: httpx.Client) -> None:
    def met(seed: int) -> list[int]:
        sandbox.reset()
        http.headers["Authorization"] = f"Bearer {sandbox.tokens.issue()['access_token']}"
        sandbox.faults.next(COMPANY, probability=0.5, seed=seed, times=float("inf"), status=503)
        return [http.get(COMPANY).status_code for _ in range(20)]

    first, again, other = met(1), met(1), met(2)
    assert first == again != other
    assert set(first) == {200, 503}


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_fault_of_the_catalogue_can_be_played(name: str, sandbox: Sandbox, http: httpx.Client) -> None:
    """Each once, and no client takes the answer for a list."""
    sandbox.faults.play(name, COMPANY)
    try:
        answer = http.get(COMPANY, params={"page_size": 100}, timeout=0.3)
        took_it = answer.json()["total_items"] == 600
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        took_it = False
    assert took_it == (name == "range-ignored")
    assert (sandbox.faults.as_json(), sandbox.errors) == ([], [])


def test_a_fault_of_no_name_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(InputError, match="bad-gateway"):
        sandbox.faults.play("no-such-fault")


# -- snapshots and scenes


def test_a_reset_goes_back_to_the_snapshot(sandbox: Sandbox) -> None:
    """A fixture's recordings, switches and faults are there again for the next test."""
    with Sandbox(recordings=3, on_demand=0) as mine:
        fresh = Recording(id=999, start=datetime(2026, 1, 1, tzinfo=UTC))
        mine.store.put(fresh)
        mine.quirks.paging.first_page = 0
        mine.faults.next("DELETE", status=503)
        mine.clock.freeze(datetime(2026, 1, 2, tzinfo=UTC))
        mine.snapshot()
        mine.store.replace([])
        mine.clock.advance(99)
        mine.quirks.paging.beyond = 404
        mine.faults.forget()
        mine.reset()
        assert len(mine.store.recordings()) == 4
        assert mine.store.get(999) == fresh
        assert mine.quirks.changed() == {"paging.first_page": 0}
        assert mine.faults.as_json() == [{"match": "DELETE", "times": 1, "status": 503}]
        assert mine.clock.now() == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_scene_carries_everything_into_another_sandbox(
    sandbox: Sandbox, http: httpx.Client, tmp_path: Path
) -> None:
    folder = "/recordings_transcriptions"
    sandbox.quirks.exports.lifetime = timedelta(hours=1)
    (job_id,) = http.post(f"{COMPANY}{folder}/export", json={"duration:lte": 200_000}).json()["job_ids"]
    for _ in range(3):
        job = http.get(f"{MINE}{folder}/jobs/{job_id}").json()
    archive = http.get(job["download_url"]).content
    sandbox.faults.play("bad-gateway", times=3, probability=0.5, seed=4)
    sandbox.faults.next(lambda request: True, status=500)
    sandbox.save(tmp_path / "scene.json")

    with Sandbox(scene=tmp_path / "scene.json") as other:
        assert other.store.recordings() == sandbox.store.recordings()
        assert other.quirks.all() == sandbox.quirks.all()
        assert other.faults.as_json() == sandbox.faults.as_json() != []
        other.faults.forget()
        headers = {"Authorization": f"Bearer {other.tokens.issue()['access_token']}"}
        url = f"{other.base_url}/api/bulkDownload/recordings_transcriptions/retrieve?jobId={job_id}"
        assert httpx.get(url, headers=headers).content == archive


@pytest.mark.parametrize(
    "wrong",
    [
        [], {}, {"format": 2}, {"format": 1, "recordings": [{"id": 1}]},
        {"format": 1, "recordings": [{"id": 1, "start": "2026-01-01T00:00:00"}]},
        {"format": 1, "recordings": [{"id": 1, "start": "2026-01-01T00:00:00+00:00", "sizes": 1}]},
        {"format": 1, "recordings": [{"id": 1, "start": "2026-01-01T00:00:00+00:00", "size": "1"}]},
        {"format": 1, "recordings": 5}, {"format": 1, "quirks": {"paging.x": 1}}, {"format": 1, "jobs": [{}]},
        {"format": 1, "faults": [{"status": 99, "match": ""}]}, {"format": 1, "clock": {"speed": -1}},
        {"format": 1, "clock": {"frozen_at": "noon"}}, {"format": 1, "clock": 5},
    ],
)  # fmt: skip
def test_a_scene_that_cannot_be_read_changes_nothing(wrong: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    before = json.dumps(sandbox.quirks.all()), sandbox.store.recordings()
    (tmp_path / "scene.json").write_text(json.dumps(wrong))
    with pytest.raises(InputError):
        sandbox.load(tmp_path / "scene.json")
    assert (json.dumps(sandbox.quirks.all()), sandbox.store.recordings()) == before


def test_a_scene_that_is_no_json_says_which_file(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "scene.json").write_text("{")
    with pytest.raises(InputError, match=r"scene\.json is not JSON"):
        sandbox.load(tmp_path / "scene.json")
