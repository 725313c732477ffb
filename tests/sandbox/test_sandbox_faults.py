"""Each switch does to a client, over a real socket, what it says."""

import math
import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from vbc_call_recording_sandbox import ReceivedRequest, Recording, Sandbox, Store

COMPANY = "/company_call_recordings"
LIST = r"GET .*/company_call_recordings(\?|$)"


@pytest.fixture
def recording(sandbox: Sandbox) -> Recording:
    return next(r for r in sandbox.store.company() if r.size > 5_000)


@pytest.fixture
def audio_url(sandbox: Sandbox, recording: Recording) -> str:
    return f"{sandbox.base_url}/api/audio/recording/{recording.id}"


def _received(http: httpx.Client, url: str) -> tuple[httpx.Response, bytes, httpx.HTTPError | None]:
    """The answer, what arrived of its body, and how that ended."""
    body = b""
    with http.stream("GET", url) as answer:
        try:
            for chunk in answer.iter_raw():
                body += chunk
        except httpx.HTTPError as error:
            return answer, body, error
    return answer, body, None


# -- which requests meet a fault


def test_a_fault_meets_the_next_requests_that_match_and_no_others(
    sandbox: Sandbox, http: httpx.Client
) -> None:
    sandbox.faults.next(r"GET .*/company_call_recordings\?page=2", status=503, times=2)
    statuses = [http.get(f"{COMPANY}?page={page}").status_code for page in (1, 2, 2, 2)]
    assert statuses == [200, 503, 503, 200]


def test_faults_are_met_in_the_order_they_were_planned(sandbox: Sandbox, http: httpx.Client) -> None:
    """One without any effect lets a request through."""
    sandbox.faults.next(LIST, status=429)
    sandbox.faults.next(LIST)
    sandbox.faults.next(LIST, status=520, times=math.inf)
    assert [http.get(COMPANY).status_code for _ in range(5)] == [429, 200, 520, 520, 520]
    sandbox.faults.reset()
    assert http.get(COMPANY).status_code == 200


def test_a_function_can_decide_which_requests_match(sandbox: Sandbox, http: httpx.Client) -> None:
    def has_range(request: ReceivedRequest) -> bool:
        return "range" in request.headers

    sandbox.faults.next(has_range, status=500)
    assert http.get(COMPANY).status_code == 200
    assert http.get(COMPANY, headers={"Range": "bytes=0-"}).status_code == 500


def test_the_log_holds_every_request_with_its_raw_path_and_query(
    sandbox: Sandbox, http: httpx.Client
) -> None:
    sandbox.faults.next("export", drop=True)
    http.get(COMPANY, params={"start:gte": "2024-10-10T00:00:00+0000"})
    with pytest.raises(httpx.RemoteProtocolError):
        http.post(f"{COMPANY}/export", json={"cnam": "X"})
    listed, export = sandbox.requests
    assert (listed.method, listed.query) == ("GET", "start%3Agte=2024-10-10T00%3A00%3A00%2B0000")
    assert listed.path == f"/t/vbc.prod/call_recording/api/accounts/self{COMPANY}"
    assert listed.headers["authorization"].startswith("Bearer ")
    assert (export.method, export.body) == ("POST", b'{"cnam":"X"}')


# -- answers of its own


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<html>Sorry</html>", "text/html; charset=utf-8"),
        (b"PK", "application/octet-stream"),
        ({"a": 1}, "application/json"),
        ([1, 2], "application/json"),
    ],
)
def test_a_body_is_sent_as_what_it_is(
    body: Any, content_type: str, sandbox: Sandbox, http: httpx.Client
) -> None:
    sandbox.faults.next(LIST, body=body)
    answer = http.get(COMPANY)
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    expected = answer.json() if isinstance(body, dict | list) else answer.content
    assert expected == (body.encode() if isinstance(body, str) else body)


def test_status_headers_and_body_can_be_combined(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.next(
        LIST, status=429, headers={"Retry-After": "7", "Content-Type": "application/json"}, body='{"cut": '
    )
    answer = http.get(COMPANY)
    assert (answer.status_code, answer.headers["retry-after"], answer.text) == (429, "7", '{"cut": ')
    assert answer.headers["content-type"] == "application/json"


def test_redirects(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.next(LIST, status=302, headers={"Location": "https://elsewhere.example/"})
    assert http.get(COMPANY).next_request.url == "https://elsewhere.example/"  # type: ignore[union-attr]


@pytest.mark.parametrize("status", [204, 304, 401, 404, 499, 502, 520, 599])
def test_any_status_can_be_answered(status: int, sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.next(LIST, status=status)
    assert http.get(COMPANY).status_code == status


def test_a_request_is_carried_out_behind_a_fault_only_if_it_says_so(
    sandbox: Sandbox, http: httpx.Client, recording: Recording
) -> None:
    url = f"{COMPANY}/{recording.id}"
    sandbox.faults.next("DELETE", status=503)
    assert http.delete(url).status_code == 503
    assert sandbox.store.get(recording.id) is not None
    sandbox.faults.next("DELETE", drop=True, acts=True)
    with pytest.raises(httpx.RemoteProtocolError):
        http.delete(url)
    assert sandbox.store.get(recording.id) is None


# -- changed headers of real answers


def test_headers_of_the_real_answer_can_be_set_and_removed(
    sandbox: Sandbox, http: httpx.Client, audio_url: str, recording: Recording
) -> None:
    sandbox.faults.next("audio", headers={"ETag": None, "Content-Range": "bytes 7-9/10"})
    answer = http.get(audio_url, headers={"Range": "bytes=1000-"})
    assert "etag" not in answer.headers
    assert answer.headers["content-range"] == "bytes 7-9/10"
    assert len(answer.content) == recording.size - 1_000


def test_a_range_can_be_ignored(
    sandbox: Sandbox, http: httpx.Client, audio_url: str, recording: Recording
) -> None:
    sandbox.faults.next("audio", ignore_range=True)
    answer = http.get(audio_url, headers={"Range": "bytes=1000-"})
    assert (answer.status_code, len(answer.content)) == (200, recording.size)
    assert sandbox.requests[-1].headers["range"] == "bytes=1000-"


# -- broken connections


def test_a_dropped_connection_gives_no_answer(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.next(LIST, drop=True)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        http.get(COMPANY)
    assert http.get(COMPANY).status_code == 200


@pytest.mark.parametrize("kept", [0, 1, 1_000, 5_000])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_truncated_body_ends_in_an_error(
    framing: Any, kept: int, sandbox: Sandbox, http: httpx.Client, audio_url: str
) -> None:
    """Where the client is told how much or where the end is."""
    whole = http.get(audio_url).content
    sandbox.faults.next("audio", truncate=kept, framing=framing)
    answer, body, error = _received(http, audio_url)
    assert answer.status_code == 200
    assert isinstance(error, httpx.RemoteProtocolError)
    assert body == whole[:kept]
    assert ("content-length" in answer.headers) == (framing == "length")


@pytest.mark.parametrize("kept", [0, 1_000])
def test_a_truncated_body_goes_unnoticed_where_the_connection_is_its_only_end(
    kept: int, sandbox: Sandbox, http: httpx.Client, audio_url: str
) -> None:
    sandbox.faults.next("audio", truncate=kept, framing="close")
    answer, body, error = _received(http, audio_url)
    assert (len(body), error) == (kept, None)
    assert not {"content-length", "transfer-encoding"} & set(answer.headers)


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_every_framing_can_carry_the_whole_body(
    framing: Any, sandbox: Sandbox, http: httpx.Client, audio_url: str, recording: Recording
) -> None:
    sandbox.faults.next("audio", framing=framing)
    _, body, error = _received(http, audio_url)
    assert (len(body), error) == (recording.size, None)


def test_json_answers_and_planned_bodies_can_be_truncated_too(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.next(LIST, truncate=10)
    sandbox.faults.next(LIST, body="x" * 100, truncate=10)
    for _ in range(2):
        _, body, error = _received(http, COMPANY)
        assert (len(body), type(error)) == (10, httpx.RemoteProtocolError)


def test_a_stalled_body_stays_where_it_is_until_the_client_gives_up(
    sandbox: Sandbox, http: httpx.Client, audio_url: str
) -> None:
    http.timeout = httpx.Timeout(1)
    sandbox.faults.next("audio", stall=1_000)
    _, body, error = _received(http, audio_url)
    assert (len(body), type(error)) == (1_000, httpx.ReadTimeout)


def test_a_delay_keeps_a_client_waiting(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.next(LIST, delay=60)
    with pytest.raises(httpx.ReadTimeout):
        http.get(COMPANY, timeout=0.2)
    sandbox.faults.next(LIST, delay=0.01)
    assert http.get(COMPANY).status_code == 200


def test_a_sandbox_stops_although_somebody_is_being_kept_waiting() -> None:
    with Sandbox(recordings=10, on_demand=0) as sandbox, httpx.Client(base_url=sandbox.base_url) as client:
        sandbox.faults.next("GET /.*/stall", body="xyz", stall=1)
        sandbox.faults.next("GET /.*/delay", delay=3_600)
        threads = [
            threading.Thread(target=_ignoring_errors, args=(client, path)) for path in ("/stall", "/delay")
        ]
        for thread in threads:
            thread.start()
        while len(sandbox.requests) < 2:
            pass
    for thread in threads:
        thread.join()


def _ignoring_errors(client: httpx.Client, path: str) -> None:
    with pytest.raises(httpx.HTTPError):
        client.get(path, timeout=None)


# -- in between


def test_actions_run_before_each_matching_request_is_answered(sandbox: Sandbox, http: httpx.Client) -> None:
    def insert(store: Store) -> None:
        store.put(Recording(id=store.new_id(), start=datetime(2030, 1, 1, tzinfo=UTC)))

    sandbox.faults.before(LIST, insert, times=2)
    totals = [http.get(COMPANY).json()["total_items"] for _ in range(4)]
    assert totals == [601, 602, 602, 602]


def test_actions_may_wait_for_each_other(sandbox: Sandbox, http: httpx.Client) -> None:
    """So many requests can be brought to the same point, however many there are."""
    barrier = threading.Barrier(50)
    sandbox.faults.before(LIST, lambda _: barrier.wait(timeout=120))
    answers: list[int] = []
    with httpx.Client(base_url=http.base_url, headers=http.headers, limits=httpx.Limits()) as client:
        threads = [
            threading.Thread(target=lambda: answers.append(client.get(COMPANY).status_code))
            for _ in range(50)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [200] * 50


def test_answers_can_be_reshaped_by_operation(sandbox: Sandbox, http: httpx.Client) -> None:
    def rename(operation: str, answer: Any) -> Any:
        if operation == "get_company_recording":
            answer["recording_id"] = answer.pop("id")
        return answer

    sandbox.faults.reshape = rename
    recording = sandbox.store.company()[0]
    assert http.get(f"{COMPANY}/{recording.id}").json()["recording_id"] == recording.id
    assert "id" in http.get(COMPANY).json()["_embedded"]["recordings"][0]


def test_the_servers_clock_can_be_off(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.clock_offset = timedelta(days=400)
    date = parsedate_to_datetime(http.get(COMPANY).headers["date"])
    assert date - datetime.now(UTC) > timedelta(days=399)


# -- paging


def _page(http: httpx.Client, **parameters: int) -> Any:
    answer = http.get(COMPANY, params={"page_size": 100, **parameters})
    answer.raise_for_status()
    return answer.json()


def _recording_ids(page: Any) -> list[int]:
    return [item["id"] for item in page["_embedded"]["recordings"]]


def test_pages_can_count_from_zero(sandbox: Sandbox, http: httpx.Client) -> None:
    from_one = [_recording_ids(_page(http, page=number)) for number in range(1, 8)]
    sandbox.faults.paging.first_page = 0
    assert [_recording_ids(_page(http, page=number)) for number in range(7)] == from_one
    first = _page(http)
    assert (first["page"], first["total_pages"]) == (0, 6)
    assert "next" in _page(http, page=4)["_links"]
    assert "next" not in _page(http, page=5)["_links"]


def test_the_echoed_page_can_be_off(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.paging.echo_offset = -1
    assert _page(http, page=3)["page"] == 2


def test_page_sizes_can_be_capped(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.paging.page_size_cap = 30
    page = _page(http)
    assert (len(_recording_ids(page)), page["page_size"], page["total_pages"]) == (30, 30, 20)


@pytest.mark.parametrize("name", ["total_items", "total_pages"])
def test_totals_can_be_missing_or_wrong(name: str, sandbox: Sandbox, http: httpx.Client) -> None:
    setattr(sandbox.faults.paging, name, 0)
    assert _page(http)[name] == 0
    setattr(sandbox.faults.paging, name, "missing")
    assert name not in _page(http)


def test_next_can_always_be_there(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.paging.next_always = True
    assert "page=7" in _page(http, page=6)["_links"]["next"]["href"]


def test_next_can_lead_elsewhere(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.paging.next_origin = "https://elsewhere.example"
    href = _page(http)["_links"]["next"]["href"]
    assert href.startswith("https://elsewhere.example/t/vbc.prod/call_recording/api/accounts/")


def test_next_can_lead_back_to_the_first_page(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.paging.next_cycles = True
    page = http.get(_page(http, page=6)["_links"]["next"]["href"]).json()
    assert page["page"] == 1


def test_pages_can_go_round_in_circles(sandbox: Sandbox, http: httpx.Client) -> None:
    a, b = (_recording_ids(_page(http, page=number)) for number in (1, 2))
    sandbox.faults.paging.cycle = 2
    pages = [_page(http, page=number) for number in range(1, 9)]
    assert [_recording_ids(page) for page in pages] == [a, b] * 4
    assert all("next" in page["_links"] for page in pages)


def test_embedded_can_be_missing(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.paging.without_embedded = True
    page = _page(http)
    assert "_embedded" not in page
    assert page["total_items"] == 600
