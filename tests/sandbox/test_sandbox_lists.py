"""Filters, order and pages of the sandbox's lists really apply."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from vbc_call_recording_sandbox import ACCOUNT_ID, REFERENCE, USER_ID, USER_IDS, Recording, Sandbox

COMPANY = "/company_call_recordings"
TRANSCRIPTIONS = f"{COMPANY}/transcriptions"
EVERYTHING = {"page_size": "1000"}
MIDDLE = REFERENCE - timedelta(days=60)
MIDDLE_TEXT = f"{MIDDLE:%Y-%m-%dT%H:%M:%S}+0000"

FILTERS: list[tuple[str, str, Callable[[Recording], bool]]] = [
    ("call_direction", "INTRA_PBX", lambda r: r.call_direction == "INTRA_PBX"),
    ("caller_id", "17325550110", lambda r: r.caller_id == "17325550110"),
    ("cnam", "LEE & SONS", lambda r: r.cnam == "LEE & SONS"),
    ("dnis", "17325550110", lambda r: r.dnis == "17325550110"),
    ("duration:gte", "900000", lambda r: r.duration >= 900_000),
    ("duration:lte", "900000", lambda r: r.duration <= 900_000),
    ("extension", "105", lambda r: 105 in r.extensions),
    ("start:gte", MIDDLE_TEXT, lambda r: r.start >= MIDDLE),
    ("start:lte", MIDDLE_TEXT, lambda r: r.start <= MIDDLE),
]


def _ids(response: httpx.Response) -> list[int]:
    response.raise_for_status()
    embedded = response.json()["_embedded"]
    return [item.get("id", item.get("recording_id")) for key in embedded for item in embedded[key]]


@pytest.mark.parametrize(("name", "value", "keeps"), FILTERS, ids=[name for name, _, _ in FILTERS])
def test_a_filter_keeps_exactly_what_fits(
    name: str, value: str, keeps: Callable[[Recording], bool], sandbox: Sandbox, http: httpx.Client
) -> None:
    """In the lists of company recordings, transcriptions and on-demand recordings alike."""
    company = [recording for recording in sandbox.store.company() if keeps(recording)]
    assert 0 < len(company) < len(sandbox.store.company())
    query = {**EVERYTHING, name: value}
    assert sorted(_ids(http.get(COMPANY, params=query))) == [r.id for r in company]
    assert sorted(_ids(http.get(TRANSCRIPTIONS, params=query))) == [r.id for r in company if r.transcript]
    mine = [r.id for r in sandbox.store.on_demand() if keeps(r)]
    assert sorted(_ids(http.get("/users/self/call_recordings", params=query))) == mine


def test_filters_are_combined_with_and(sandbox: Sandbox, http: httpx.Client) -> None:
    query = {**EVERYTHING, "call_direction": "INBOUND", "duration:lte": "900000", "start:gte": MIDDLE_TEXT}
    expected = [
        r.id
        for r in sandbox.store.company()
        if r.call_direction == "INBOUND" and r.duration <= 900_000 and r.start >= MIDDLE
    ]
    assert sorted(_ids(http.get(COMPANY, params=query))) == expected


def test_bounds_are_inclusive(sandbox: Sandbox, http: httpx.Client) -> None:
    recording = sandbox.store.company()[100]
    start = f"{recording.start:%Y-%m-%dT%H:%M:%S}+0000"
    for field, value in (("start", start), ("duration", str(recording.duration))):
        found = _ids(http.get(COMPANY, params={f"{field}:gte": value, f"{field}:lte": value}))
        assert recording.id in found, field


def test_call_id_finds_the_one_call(sandbox: Sandbox, http: httpx.Client) -> None:
    recording = sandbox.store.company()[17]
    assert _ids(http.get(COMPANY, params={"call_id": recording.call_id})) == [recording.id]


@pytest.mark.parametrize(("word", "ready"), [("true", True), ("false", False)])
def test_transcription_ready_tells_ready_ones_from_pending_and_failed_ones(
    word: str, ready: bool, sandbox: Sandbox, http: httpx.Client
) -> None:
    answer = http.get(TRANSCRIPTIONS, params={**EVERYTHING, "transcription_ready": word})
    expected = [r.id for r in sandbox.store.company() if r.transcript and (r.transcript == "ready") == ready]
    assert expected
    assert sorted(_ids(answer)) == expected


@pytest.mark.parametrize("offset", ["+0200", "+02:00", "-0330", "Z"])
def test_instants_of_any_offset_are_understood(offset: str, sandbox: Sandbox, http: httpx.Client) -> None:
    text = f"2024-10-10T10:00:00{offset}"
    bound = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    expected = [r.id for r in sandbox.store.company() if r.start >= bound]
    assert sorted(_ids(http.get(COMPANY, params={**EVERYTHING, "start:gte": text}))) == expected


def test_an_unencoded_plus_is_refused(http: httpx.Client) -> None:
    """It stands for a space in a query: whoever forgets to encode it is told."""
    url = f"{str(http.base_url).rstrip('/')}{COMPANY}"
    raw, encoded = (
        httpx.URL(url, query=b"start%3Agte=2024-10-10T10:00:00" + plus) for plus in (b"+0000", b"%2B0000")
    )
    assert http.get(raw).status_code == 400
    assert http.get(encoded).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start:gte", "2024-10-10"),
        ("start:gte", "2024-10-10T10:00:00"),
        ("start:lte", "2024-10-10T10:00:00.5+0000"),
        ("duration:gte", "1 minute"),
        ("call_direction", "inbound"),
        ("start_gte", "2024-10-10T10:00:00+0000"),
        ("transcription_ready", "true"),
        ("order", "start"),
        ("order", "start:asc"),
        ("order", "colour:ASC"),
        ("page", "0"),
        ("page", "-1"),
        ("page", "one"),
        ("page_size", "0"),
    ],
)
def test_what_cannot_be_understood_is_a_400_that_names_it(name: str, value: str, http: httpx.Client) -> None:
    answer = http.get(COMPANY, params={name: value})
    assert answer.status_code == 400
    assert name in answer.json()["message"]


@pytest.mark.parametrize(
    ("field", "key"),
    [("start", lambda r: r.start), ("duration", lambda r: r.duration), ("cnam", lambda r: r.cnam)],
)
def test_order_applies_in_both_directions(
    field: str, key: Callable[[Recording], Any], sandbox: Sandbox, http: httpx.Client
) -> None:
    expected = [r.id for r in sorted(sandbox.store.company(), key=lambda r: (key(r), r.id))]
    assert _ids(http.get(COMPANY, params={**EVERYTHING, "order": f"{field}:ASC"})) == expected
    assert _ids(http.get(COMPANY, params={**EVERYTHING, "order": f"{field}:DESC"})) == expected[::-1]


def test_newest_first_ten_a_page_from_page_one_is_the_default(sandbox: Sandbox, http: httpx.Client) -> None:
    newest = sorted(sandbox.store.company(), key=lambda r: (r.start, r.id), reverse=True)
    answer = http.get(COMPANY)
    assert _ids(answer) == [r.id for r in newest[:10]]
    assert {key: answer.json()[key] for key in ("page", "page_size", "total_items", "total_pages")} == {
        "page": 1,
        "page_size": 10,
        "total_items": 600,
        "total_pages": 60,
    }


def test_following_next_visits_every_recording_once(sandbox: Sandbox, http: httpx.Client) -> None:
    page = http.get(COMPANY, params={"page_size": "70", "duration:gte": "100000", "order": "id:ASC"})
    visited = _ids(page)
    while "next" in page.json()["_links"]:
        page = http.get(page.json()["_links"]["next"]["href"])
        visited += _ids(page)
    assert visited == [r.id for r in sandbox.store.company() if r.duration >= 100_000]


def _linked_pages(answer: httpx.Response) -> dict[str, int]:
    links = answer.json()["_links"]
    return {name: int(parse_qs(urlsplit(link["href"]).query)["page"][0]) for name, link in links.items()}


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (1, {"first": 1, "self": 1, "next": 2, "last": 6}),
        (3, {"first": 1, "prev": 2, "self": 3, "next": 4, "last": 6}),
        (6, {"first": 1, "prev": 5, "self": 6, "last": 6}),
    ],
)
def test_links_are_there_where_they_make_sense(
    page: int, expected: dict[str, int], http: httpx.Client
) -> None:
    assert _linked_pages(http.get(COMPANY, params={"page": page, "page_size": 100})) == expected


def test_beyond_the_end_a_page_is_empty(http: httpx.Client) -> None:
    answer = http.get(COMPANY, params={"page": 7, "page_size": 100})
    assert answer.json()["_embedded"] == {"recordings": []}
    assert "next" not in answer.json()["_links"]


@pytest.mark.parametrize("user_id", USER_IDS)
def test_every_user_has_on_demand_recordings_of_their_own(
    user_id: str, sandbox: Sandbox, http: httpx.Client
) -> None:
    mine = [r.id for r in sandbox.store.on_demand(user_id)]
    assert mine
    assert sorted(_ids(http.get(f"/users/{user_id}/call_recordings", params=EVERYTHING))) == mine


def test_self_and_the_ids_mean_the_same(sandbox: Sandbox, http: httpx.Client) -> None:
    by_id = f"{sandbox.base_url}/api/accounts/{ACCOUNT_ID}"
    assert http.get(by_id + COMPANY).json() == http.get(COMPANY).json()
    assert (
        http.get(f"{by_id}/users/{USER_ID}/call_recordings").json()
        == http.get("/users/self/call_recordings").json()
    )


def test_what_there_is_not_is_a_404(sandbox: Sandbox, http: httpx.Client) -> None:
    on_demand = sandbox.store.on_demand()[0].id
    other = sandbox.store.on_demand(USER_IDS[1])[0].id
    for url in (
        f"{sandbox.base_url}/api/accounts/1/company_call_recordings",
        "/users/1/call_recordings",
        f"{COMPANY}/1",
        f"{COMPANY}/word",
        f"{COMPANY}/{on_demand}",
        f"/users/self/call_recordings/{other}",
        "/users/self/call_recordings/jobs/1",
    ):
        answer = http.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json"), url


@pytest.mark.parametrize("folder", [COMPANY, "/users/self/call_recordings"])
def test_deleting_really_deletes(folder: str, sandbox: Sandbox, http: httpx.Client) -> None:
    recording_id = _ids(http.get(folder))[0]
    assert http.delete(f"{folder}/{recording_id}").status_code == 204
    assert sandbox.store.get(recording_id) is None
    assert recording_id not in _ids(http.get(folder, params=EVERYTHING))
    assert http.get(f"{folder}/{recording_id}").status_code == 404
    assert http.delete(f"{folder}/{recording_id}").status_code == 404


def test_what_a_test_puts_into_the_store_is_listed(sandbox: Sandbox, http: httpx.Client) -> None:
    recording = Recording(id=sandbox.store.new_id(), start=datetime(2030, 1, 1, tzinfo=UTC), size=123)
    http.get(COMPANY)
    sandbox.store.put(recording)
    listed = http.get(COMPANY).json()["_embedded"]["recordings"][0]
    assert (listed["id"], listed["start"]) == (recording.id, "2030-01-01T00:00:00+0000")
    assert len(http.get(listed["download_url"]).content) == listed["file_size_in_bytes"] == 123


def test_a_recording_without_a_time_zone_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"start of recording 1 is .*; accepted: a datetime with a time zone"
    ):
        Recording(id=1, start=datetime(2030, 1, 1))
