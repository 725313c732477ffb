"""Each switch does what its description says, and nothing else can be set."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from vbc_call_recording_sandbox import REFERENCE, ExportRules, InputError, PagingQuirks, Recording, Sandbox

COMPANY = "/company_call_recordings"


@pytest.fixture
def few(sandbox: Sandbox) -> Sandbox:
    """Ten company recordings, one a day, ids 1 to 10."""
    sandbox.store.replace(
        Recording(id=1 + day, start=REFERENCE + timedelta(days=day), transcript="ready") for day in range(10)
    )
    return sandbox


def page(http: httpx.Client, **parameters: Any) -> Any:
    given = {
        name.replace("_gte", ":gte").replace("_lte", ":lte"): value for name, value in parameters.items()
    }
    answer = http.get(COMPANY, params={"page_size": 3, "order": "start:ASC", **given})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(body: Any) -> list[int]:
    return [item["id"] for item in body["_embedded"]["recordings"]]


def instant(day: int) -> str:
    return f"{REFERENCE + timedelta(days=day):%Y-%m-%dT%H:%M:%S}+0000"


# -- paging


def test_the_default_page_can_be_another_than_the_first(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.paging = PagingQuirks(first_page=0, default_page=1)
    assert (ids(page(http)), ids(page(http, page=0))) == ([4, 5, 6], [1, 2, 3])


@pytest.mark.parametrize(
    ("outside", "past", "before"),
    [("empty", [], []), ("first", [1, 2, 3], [1, 2, 3]), ("last", [10], [10])],
)
def test_what_comes_outside_of_the_pages(
    outside: Any, past: list[int], before: list[int], few: Sandbox, http: httpx.Client
) -> None:
    few.quirks.paging = PagingQuirks(beyond=outside, below=outside)
    assert (ids(page(http, page=99)), ids(page(http, page=0))) == (past, before)


@pytest.mark.parametrize("status", [400, 404, 500])
def test_outside_of_the_pages_can_be_refused(status: Any, few: Sandbox, http: httpx.Client) -> None:
    few.quirks.paging = PagingQuirks(beyond=status, below=status)
    answers = [http.get(COMPANY, params={"page": number}) for number in (-1, 0, 1, 2)]
    assert [answer.status_code for answer in answers] == [status, status, 200, status]


def test_a_cap_can_go_untold_and_leave_gaps(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.paging = PagingQuirks(page_size_cap=2, cap_is_told=False, cap_moves_offsets=False)
    second = page(http, page=2)
    assert (ids(second), second["page_size"], second["total_pages"]) == ([4, 5], 3, 4)


def test_a_page_size_can_be_refused(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.paging.page_size_max = 2
    refused = http.get(COMPANY, params={"page_size": 3})
    assert (refused.status_code, refused.json()["message"]) == (400, "page_size is 3; accepted: 1 to 2.")
    assert http.get(COMPANY, params={"page_size": 2}).status_code == 200


@pytest.mark.parametrize(
    ("claim", "items", "pages"),
    [("text", ["10", "10"], ["4", "4"]), ("page", [3, 1], [1, 1]), (7, [7, 7], [7, 7])],
)
def test_totals_can_be_told_otherwise(
    claim: Any, items: list[Any], pages: list[Any], few: Sandbox, http: httpx.Client
) -> None:
    few.quirks.paging = PagingQuirks(total_items=claim, total_pages=claim)
    told = [page(http), page(http, page=4)]
    assert [each["total_items"] for each in told] == items
    assert [each["total_pages"] for each in told] == pages


def test_totals_can_change_each_time(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.paging.total_items = "changing"
    assert len({page(http)["total_items"] for _ in range(3)}) == 3


def test_pages_can_have_holes(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.paging.holes = 4
    assert [ids(page(http, page=number)) for number in (1, 2, 3, 4)] == [[1, 2, 3], [5, 6], [7, 9], [10]]


@pytest.mark.parametrize(
    ("form", "beginning"), [("absolute", "http://127.0.0.1:"), ("relative", "/t/vbc.prod/"), ("query", "?")]
)
def test_next_can_be_written_in_three_ways(
    form: Any, beginning: str, few: Sandbox, http: httpx.Client
) -> None:
    few.quirks.paging.next_form = form
    first = http.get(COMPANY, params={"page_size": 3})
    href = first.json()["_links"]["next"]["href"]
    assert href.startswith(beginning)
    assert ids(http.get(first.url.join(href)).json()) == [7, 6, 5]


def test_next_and_all_links_can_be_missing(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.paging.next_never = True
    assert page(http)["_links"].keys() == {"first", "self", "last"}
    few.quirks.paging.without_links = True
    assert "_links" not in page(http)


# -- which recordings


def test_the_order_can_be_ignored(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.lists.order_ignored = True
    assert ids(page(http, order="duration:ASC")) == [10, 9, 8]


def test_start_gte_can_be_exclusive_and_start_lte_ignored(few: Sandbox, http: httpx.Client) -> None:
    bounds = {"start_gte": instant(3), "start_lte": instant(6), "page_size": 20}
    assert ids(page(http, **bounds)) == [4, 5, 6, 7]
    few.quirks.lists.start_gte_exclusive = True
    assert ids(page(http, **bounds)) == [5, 6, 7]
    few.quirks.lists.start_lte_ignored = True
    assert ids(page(http, **bounds)) == [5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    ("bounds", "kept"),
    [
        ({"start_gte": instant(3)}, [4, 5]),
        ({"start_gte": instant(3), "start_lte": instant(9)}, [4, 5]),
        ({"start_lte": instant(6)}, [6, 7]),
        ({}, [9, 10]),
    ],
)
def test_windows_can_be_clamped(
    bounds: dict[str, str], kept: list[int], few: Sandbox, http: httpx.Client
) -> None:
    few.quirks.lists.window_days = 2
    clamped = page(http, page_size=20, **bounds)
    assert (ids(clamped), clamped["total_items"]) == (kept, 2)


def test_items_can_be_out_of_reach(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.lists.reachable = 4
    assert (ids(page(http, page=2)), page(http)["total_items"], page(http)["total_pages"]) == ([4], 4, 2)


# -- how things are written


def test_recordings_can_be_written_otherwise(few: Sandbox, http: httpx.Client) -> None:
    answers = few.quirks.answers
    answers.extensions, answers.instants, answers.size_offset, answers.urls = "strings", "naive", 7, "/v1/api"
    answers.absent, answers.nulls, answers.unknown_fields = ["cnam"], ["dnis", "no_such_thing"], True
    first = page(http)["_embedded"]["recordings"][0]
    assert (first["extensions"], first["start"], first["dnis"]) == (["101"], "2025-01-01T00:00:00", None)
    assert first["file_size_in_bytes"] == 4_007
    assert "cnam" not in first
    assert "no_such_thing" not in first
    assert first["x_undocumented"]
    assert "/v1/api/audio/recording/" in first["download_url"]
    assert http.get(first["download_url"]).status_code == 200


def job(http: httpx.Client, looks: int = 3) -> Any:
    (job_id,) = http.post(f"{COMPANY}/export", json={}).json()["job_ids"]
    for _ in range(looks):
        answer = http.get(f"/users/self/call_recordings/jobs/{job_id}")
    return answer.json()


@pytest.mark.parametrize(
    ("form", "query"),
    [("jobId", "jobId={}"), ("job_id+login_name", "job_id={}&login_name=sandbox.user"),
     ("job_id+userName", "job_id={}&userName=sandbox.user")],
)  # fmt: skip
def test_archive_urls_of_all_spellings_lead_to_the_archive(
    form: Any, query: str, few: Sandbox, http: httpx.Client
) -> None:
    few.quirks.exports.archive_url = form
    done = job(http)
    assert done["download_url"].endswith(f"/retrieve?{query.format(done['id'])}")
    assert http.get(done["download_url"]).content.startswith(b"PK")


@pytest.mark.parametrize(
    ("form", "pattern"),
    [("naive", r"T\d\d:\d\d:\d\d$"), ("z", r"\dZ$"), ("odd", r"^\d{10}$"), ("unreadable", "in 24 hours")],
)
def test_valid_until_can_be_written_otherwise(
    form: Any, pattern: str, few: Sandbox, http: httpx.Client
) -> None:
    few.quirks.exports.valid_until = form
    assert re.search(pattern, job(http)["valid_until"])


def test_jobs_can_lack_what_others_have(few: Sandbox, http: httpx.Client) -> None:
    rules = few.quirks.exports
    rules.valid_until, rules.archive_url, rules.progress = "missing", "missing", "missing"
    assert job(http).keys() == {"_links", "files_total", "id", "status"}
    rules.valid_until = "null"
    assert job(http)["valid_until"] is None


def test_progress_can_go_backwards(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.exports.statuses = ("a", "b", "c", "complete")
    few.quirks.exports.progress = "backwards"
    done = [job(http, looks)["files_completed"] for looks in (1, 2, 3, 4)]
    assert done == [10, 8, 5, 10]


@pytest.mark.parametrize(("form", "carried"), [("null", {"job_ids": None}), ("missing", {})])
def test_job_ids_can_be_missing(form: Any, carried: Any, few: Sandbox, http: httpx.Client) -> None:
    few.quirks.exports.job_ids = form
    assert http.post(f"{COMPANY}/export", json={}).json() == carried
    assert len(few.exports.jobs) == 1, "the job was started all the same"


def test_job_ids_can_be_numbers(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.exports.job_ids = "numbers"
    done = job(http)
    assert isinstance(done["id"], int)
    assert http.get(done["download_url"]).status_code == 200


def test_jobs_can_be_forgotten(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.exports.forgotten_after = 2
    assert job(http, 2)["status"] == "in_progress"
    assert job(http, 3)["status"] == 404


def test_time_finishes_jobs_even_those_that_looking_does_not(few: Sandbox, http: httpx.Client) -> None:
    few.clock.freeze()
    few.quirks.exports = ExportRules(by_looking=False, step_seconds=90)
    waiting = job(http, 5)
    assert waiting["status"] == "queued"
    for seconds, status in ((89, "queued"), (1, "in_progress"), (90, "complete")):
        few.clock.advance(seconds)
        seen = http.get(f"/users/self/call_recordings/jobs/{waiting['id']}").json()
        assert seen["status"] == status


# -- files


def audio(http: httpx.Client, few: Sandbox, **headers: str) -> httpx.Response:
    return http.get(f"{few.base_url}/api/audio/recording/1", headers=headers)


@pytest.mark.parametrize(
    ("partial", "content_range", "length"),
    [
        ("right", "bytes 10-19/4000", 10),
        ("no-range", None, 10),
        ("no-total", "bytes 10-19/*", 10),
        ("wrong-start", "bytes 11-20/4000", 10),
        ("whole", "bytes 10-19/4000", 4_000),
        ("short", "bytes 10-19/4000", 9),
    ],
)
def test_parts_can_be_odd(
    partial: Any, content_range: str | None, length: int, few: Sandbox, http: httpx.Client
) -> None:
    few.quirks.files.partial = partial
    answer = audio(http, few, Range="bytes=10-19")
    assert (answer.status_code, answer.headers.get("content-range")) == (206, content_range)
    assert len(answer.content) == length


def test_a_part_can_be_a_multipart(few: Sandbox, http: httpx.Client) -> None:
    plain = audio(http, few, Range="bytes=10-19").content
    few.quirks.files.partial = "multipart"
    answer = audio(http, few, Range="bytes=10-19")
    assert answer.headers["content-type"] == "multipart/byteranges; boundary=part"
    assert plain in answer.content


def test_ranges_can_be_ignored_or_refused(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.files.ranges = "ignored"
    assert len(audio(http, few, Range="bytes=10-19").content) == 4_000
    few.quirks.files.ranges = "refused"
    assert audio(http, few, Range="bytes=10-19").status_code == 400
    assert audio(http, few).status_code == 200


def test_validators_can_be_weak_odd_changing_or_missing(few: Sandbox, http: httpx.Client) -> None:
    strong = audio(http, few).headers["etag"]
    files = few.quirks.files
    files.validator = "weak"
    assert audio(http, few).headers["etag"] == f"W/{strong}"
    ranged = audio(http, few, **{"Range": "bytes=10-19", "If-Range": f"W/{strong}"})
    assert ranged.status_code == 200, "a weak tag proves nothing about bytes"
    files.validator = "non-ascii"
    assert b"\xe9" in dict(audio(http, few).headers.raw)[b"etag"]
    files.validator = "changing"
    assert audio(http, few).headers["etag"] != audio(http, few).headers["etag"]
    files.validator = "missing"
    assert "etag" not in audio(http, few).headers


def test_a_file_can_have_another_type(few: Sandbox, http: httpx.Client) -> None:
    few.quirks.files.media_type = "audio/wav"
    assert audio(http, few).headers["content-type"] == "audio/wav"


# -- logins and the gateway


def login(sandbox: Sandbox, **changes: str) -> Any:
    given = sandbox.credentials
    form = {
        "grant_type": "password", "scope": "openid", "username": f"{given.username}@vbc.prod",
        "password": given.password, "client_id": given.client_id, "client_secret": given.client_secret,
    }  # fmt: skip
    return httpx.post(sandbox.token_url, data={**form, **changes}).json()


@pytest.mark.parametrize(("form", "told"), [("text", "86400"), ("zero", 0), ("missing", None)])
def test_the_lifetime_can_be_told_otherwise(form: Any, told: Any, sandbox: Sandbox) -> None:
    sandbox.quirks.tokens.expires_in = form
    assert login(sandbox).get("expires_in") == told


def test_a_refresh_token_can_stay_good_or_not_come(sandbox: Sandbox) -> None:
    sandbox.quirks.tokens.refresh_token = "kept"
    token = login(sandbox)["refresh_token"]
    for _ in range(2):
        assert login(sandbox, grant_type="refresh_token", refresh_token=token)["access_token"]
    sandbox.quirks.tokens.refresh_token = "missing"
    assert "refresh_token" not in login(sandbox)


@pytest.mark.parametrize(
    ("authorization", "code"), [("Bearer x", 900901), ("", 900902)], ids=["unknown", "none"]
)
def test_the_gateway_can_refuse_tokens_in_its_own_words(
    authorization: str, code: int, sandbox: Sandbox, http: httpx.Client
) -> None:
    sandbox.quirks.gateway.body = "json"
    answer = http.get(COMPANY, headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["fault"]["code"]) == (401, code)
    sandbox.quirks.gateway.body = "xml"
    assert b"wso2.org/apimanager/security" in http.get(COMPANY, headers={"Authorization": "x"}).content


# -- the panel


def test_wrong_names_and_values_are_refused_at_once(sandbox: Sandbox) -> None:
    for name, value in (("first_page", 2), ("beyond", 418), ("next_always", 1), ("frist_page", 0)):
        with pytest.raises(InputError, match=rf"{name} is .*; accepted: "):
            setattr(sandbox.quirks.paging, name, value)
    with pytest.raises(InputError, match=r"accepted: PagingQuirks"):
        sandbox.quirks.paging = ExportRules()  # type: ignore[assignment]
    with pytest.raises(InputError, match=r"accepted: paging, lists"):
        sandbox.quirks.pages = PagingQuirks()  # type: ignore[attr-defined]
    with pytest.raises(InputError, match=r"a list of words, one or more"):
        ExportRules(statuses=())


@pytest.mark.parametrize(
    "wrong",
    [{"paging.first_page": 0, "paging.nothing": 1}, {"paging": 1}, "page-2025", {"lists.reachable": 0}],
)
def test_several_switches_are_set_or_none(wrong: Any, sandbox: Sandbox) -> None:
    sandbox.quirks.set({"paging.beyond": 404})
    with pytest.raises(InputError, match="accepted"):
        sandbox.quirks.set(wrong)
    assert sandbox.quirks.changed() == {"paging.beyond": 404}


def test_presets_can_be_combined_and_a_reset_brings_them_back() -> None:
    sandbox = Sandbox(recordings=1, quirks="page-2026, gateway")
    at_first = sandbox.quirks.changed()
    assert at_first["paging.first_page"] == 0
    assert at_first["quota.requests"] == 10
    sandbox.quirks.set("strict")
    assert sandbox.quirks.paging.page_size_max == 100
    sandbox.reset()
    assert sandbox.quirks.changed() == at_first


def test_surprises_are_the_same_for_the_same_seed_and_always_accepted() -> None:
    drawn = [
        Sandbox(recordings=0, on_demand=0, quirks=f"random:{seed}").quirks.changed() for seed in range(40)
    ]
    again = Sandbox(recordings=0, on_demand=0, quirks="random:7").quirks.changed()
    assert again == drawn[7]
    assert len({str(each) for each in drawn}) == 40
    assert not any("quota.requests" in each or "exports.files_lost" in each for each in drawn)


def test_time_in_json_is_in_seconds(sandbox: Sandbox) -> None:
    sandbox.quirks.set({"exports.lifetime": 60})
    assert sandbox.quirks.exports.lifetime == timedelta(minutes=1)
    assert sandbox.quirks.changed() == {"exports.lifetime": 60}
    with pytest.raises(InputError, match="a number of seconds"):
        sandbox.quirks.set({"exports.lifetime": 1e300})


def test_ones_own_recordings_are_all_there_is() -> None:
    mine = [Recording(id=5, start=datetime(2026, 1, 1, tzinfo=UTC)), Recording(id=7, start=REFERENCE)]
    assert Sandbox(recordings=mine).store.recordings() == mine
    for wrong in ([*mine, mine[0]], ["x"], "xyz", None):
        with pytest.raises(InputError, match="accepted"):
            Sandbox(recordings=wrong)  # type: ignore[arg-type]
