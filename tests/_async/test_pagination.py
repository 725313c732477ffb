"""Listings, walked over real connections against a server with quirks."""

import threading
import warnings
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from vbc_call_recording import (
    AsyncCallRecordingClient,
    AsyncPage,
    AsyncPaginator,
    BadRequestError,
    IncompleteListingError,
    IncompleteListingWarning,
    InputError,
    MalformedResponseError,
    PermissionDeniedError,
    ServerError,
    UntrustedUrlError,
)
from vbc_call_recording import Recording as Recorded
from vbc_call_recording_sandbox import PagingQuirks, Recording, Sandbox, Store

LIST = r"^GET .*/company_call_recordings(\?|$)"


def company(sandbox: Sandbox) -> list[int]:
    """Ids of the company recordings, in the order they are listed in by default, equal starts apart."""
    return [recording.id for recording in sandbox.store.company()]


def queries(sandbox: Sandbox) -> list[str]:
    return [request.query for request in sandbox.requests if "company_call_recordings" in request.path]


@pytest.mark.anyio
async def test_a_listing_gives_every_recording_once_the_latest_first(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    listing = client.company_recordings.list(page_size=50)
    assert (listing.total_items, listing.complete) == (None, None)
    came = [recording async for recording in listing]
    assert sorted(recording.id for recording in came) == sorted(company(sandbox))
    starts = [recording.start for recording in came]
    assert starts == sorted(starts, reverse=True)
    assert (listing.total_items, listing.complete) == (len(came), True)


@pytest.mark.anyio
async def test_every_iteration_is_a_walk_of_its_own(client: AsyncCallRecordingClient) -> None:
    listing = client.company_recordings.list(limit=3)
    assert [r.id async for r in listing] == [r.id async for r in listing]


@pytest.mark.anyio
async def test_filters_arrive_encoded_and_apply(sandbox: Sandbox, client: AsyncCallRecordingClient) -> None:
    since = sorted(recording.start for recording in sandbox.store.company())[300]
    listing = client.company_recordings.list(start_gte=since, call_direction="INBOUND", page_size=40)
    came = {recording.id async for recording in listing}
    later = [recording for recording in sandbox.store.company() if recording.start >= since]
    assert came == {recording.id for recording in later if recording.call_direction == "INBOUND"}
    encoded = quote(since.strftime("start:gte=%Y-%m-%dT%H:%M:%S+0000"), safe="=")
    assert all(encoded in query for query in queries(sandbox))


@pytest.mark.anyio
@pytest.mark.parametrize(
    "quirks",
    [
        PagingQuirks(),
        PagingQuirks(first_page=0),
        PagingQuirks(first_page=0, echo_offset=1),
        PagingQuirks(echo_offset=-1),
        PagingQuirks(echo_offset=1),
        PagingQuirks(page_size_cap=40),
        PagingQuirks(total_items="missing"),
        PagingQuirks(total_pages="missing"),
        PagingQuirks(total_items="missing", total_pages="missing", first_page=0),
        PagingQuirks(total_items=0, total_pages=0),
        PagingQuirks(total_items=5, total_pages=1),
        PagingQuirks(total_pages=1000),
        PagingQuirks(next_always=True),
        PagingQuirks(next_always=True, total_items="missing", total_pages="missing"),
        PagingQuirks(next_cycles=True),
    ],
)
@pytest.mark.parametrize("prefetch", [0, 4])
async def test_every_recording_comes_once_however_the_server_pages(
    sandbox: Sandbox, client: AsyncCallRecordingClient, quirks: PagingQuirks, prefetch: int
) -> None:
    sandbox.faults.paging = quirks
    listing = client.company_recordings.list(page_size=60, prefetch=prefetch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IncompleteListingWarning)  # of a `next` link that leads nowhere
        came = [r.id async for r in listing]
    assert sorted(came) == sorted(company(sandbox))
    total_is_true = quirks.total_items is None
    assert (listing.complete is True) == total_is_true


@pytest.mark.anyio
async def test_pages_hold_the_same_items_and_none_is_empty(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    sandbox.faults.paging = PagingQuirks(next_always=True)
    pages = [page async for page in client.company_recordings.list(page_size=70).pages()]
    assert all(pages)
    assert len(pages) > 5
    assert sorted(r.id for page in pages for r in page) == sorted(company(sandbox))


@pytest.mark.anyio
async def test_pages_can_be_turned_one_by_one(sandbox: Sandbox, client: AsyncCallRecordingClient) -> None:
    listing = client.company_recordings.list(page_size=50)
    page = await listing.first_page()
    assert page is not None
    assert len(queries(sandbox)) == 1
    walked = list(page)
    while page.has_next_page:
        following = await page.next_page()
        assert following is not None
        assert await page.next_page() is following
        walked += following.items
        page = following
    assert await page.next_page() is None
    assert sorted(r.id or 0 for r in walked) == sorted(company(sandbox))
    assert len(queries(sandbox)) == -(-len(walked) // 50)
    assert page.total_items == len(walked)
    assert listing.complete is None


@pytest.mark.anyio
async def test_a_page_has_a_token_to_go_on_after_it(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    page = await client.company_recordings.list(page_size=50).first_page()
    assert page is not None
    rest = [r async for r in client.company_recordings.list(resume=page.token)]
    assert sorted(r.id or 0 for r in (*page, *rest)) == sorted(company(sandbox))


@pytest.mark.anyio
async def test_the_next_page_can_be_asked_for_in_the_loop_and_after_it(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    turned: list[AsyncPage[Recorded]] = []
    second = None
    async for page in client.company_recordings.list(page_size=20).pages():
        turned.append(page)
        if second is not None:
            assert page is second
            break
        second = await page.next_page()
    assert second is not None
    third = await second.next_page()
    assert third is not None
    assert [r.id for r in (*turned[0], *second, *third)] == [
        r.id async for r in client.company_recordings.list(limit=60)
    ]


@pytest.mark.anyio
async def test_a_page_that_failed_can_be_asked_for_again(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    page = await client.company_recordings.list(page_size=50).first_page()
    assert page is not None
    sandbox.faults.next(LIST, status=500)
    with pytest.raises(ServerError):
        await page.next_page()
    second = await page.next_page()
    assert second is not None
    assert [r.id for r in (*page, *second)] == [r.id async for r in client.company_recordings.list(limit=100)]


@pytest.mark.anyio
async def test_first_gives_the_first_item_with_one_request(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    first = await client.company_recordings.list(start_gte="2000-01-01T00:00:00Z").first()
    assert len(queries(sandbox)) == 1
    assert [first] == [r async for r in client.company_recordings.list(limit=1)]
    assert await client.company_recordings.list(call_id="nobody's").first() is None


@pytest.mark.anyio
async def test_a_paginator_and_a_page_say_what_they_are(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    listing = client.company_recordings.list(call_direction="inbound", cnam=None, limit=5)
    assert repr(listing) == (
        "AsyncPaginator(list_company_recordings, call_direction='INBOUND', page_size=100, limit=5)"
    )
    page = await client.company_recordings.list(page_size=20).first_page()
    assert repr(page) == f"<AsyncPage of list_company_recordings: 20 of {len(company(sandbox))} items>"


@pytest.mark.anyio
async def test_promised_items_that_do_not_come_are_warned_of_where_the_listing_is_used(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    truth = len(company(sandbox))
    sandbox.faults.paging = PagingQuirks(total_items=truth + 7)
    listing = client.company_recordings.list()
    with pytest.warns(
        IncompleteListingWarning, match=f"{truth} distinct items came of the {truth + 7}"
    ) as caught:
        assert len([r async for r in listing]) == truth
    assert listing.complete is False
    assert caught[0].filename == __file__


@pytest.mark.anyio
async def test_strict_makes_it_an_error_with_both_numbers(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    sandbox.faults.paging = PagingQuirks(cycle=2)
    with pytest.raises(IncompleteListingError) as caught:
        async for _ in client.company_recordings.list(page_size=50, strict=True):
            pass
    assert (caught.value.expected, caught.value.received) == (len(company(sandbox)), 100)


@pytest.mark.anyio
async def test_a_page_without_the_items_it_promises_is_an_error(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    sandbox.faults.paging = PagingQuirks(without_embedded=True)
    with pytest.raises(MalformedResponseError) as caught:
        async for _ in client.company_recordings.list():
            pass
    assert (caught.value.operation, caught.value.field) == ("list_company_recordings", "_embedded")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body",
    [
        {"fault": {"code": 900804, "message": "Message throttled out"}},
        {"_embedded": {"call_recordings": [{"id": 1}]}},
        {"_links": {}, "page_size": 10},
        {},
    ],
)
async def test_an_answer_that_is_no_page_is_an_error(body: dict[str, object]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    async with AsyncCallRecordingClient(auth="token-1", transport=transport) as client:
        listings: list[AsyncPaginator[Any]] = [
            client.company_recordings.list(),
            client.company_recordings.list(stable=True),
            client.on_demand_recordings.list(),
            client.transcriptions.list(),
            client.export_jobs.list(),
        ]
        for listing in listings:
            with pytest.raises(
                MalformedResponseError, match=r"not a page|nothing in the answer is documented"
            ) as caught:
                async for _ in listing:
                    pass
            assert caught.value.operation is not None
            assert caught.value.method == "GET"


@pytest.mark.anyio
async def test_of_several_refused_pages_the_first_is_told_of(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    sandbox.faults.next(LIST + r".*\bpage=3\b", status=400, times=9)
    sandbox.faults.next(LIST + r".*\bpage=5\b", status=404, times=9)
    sandbox.faults.paging = PagingQuirks(total_items=len(company(sandbox)) + 7)
    with pytest.raises(IncompleteListingError, match="page=3") as caught:
        async for _ in client.company_recordings.list(page_size=60, strict=True):
            pass
    assert isinstance(caught.value.__cause__, BadRequestError)
    assert any("page=5" in query for query in queries(sandbox))


@pytest.mark.anyio
async def test_pages_are_fetched_ahead_of_use(sandbox: Sandbox, client: AsyncCallRecordingClient) -> None:
    """Three pages are under way at once after the third, or the barrier breaks; what comes is in order."""
    meeting = threading.Barrier(3, timeout=60)
    sandbox.faults.before(LIST + r".*\bpage=[456]\b", lambda _: meeting.wait())
    came = [r.start async for r in client.company_recordings.list(page_size=60, prefetch=3, limit=360)]
    assert came == sorted(came, reverse=True)
    assert not meeting.broken


@pytest.mark.anyio
async def test_without_prefetch_a_page_is_requested_when_it_is_needed(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    requested = list[int]()
    async for _ in client.company_recordings.list(page_size=60, prefetch=0).pages():
        requested.append(len(queries(sandbox)))
    assert requested == list(range(1, len(requested) + 1))


@pytest.mark.anyio
@pytest.mark.parametrize(("limit", "requests"), [(1, 1), (60, 1), (61, 2), (150, 3)])
async def test_a_limit_is_kept_without_a_request_too_many(
    sandbox: Sandbox, client: AsyncCallRecordingClient, limit: int, requests: int
) -> None:
    listing = client.company_recordings.list(page_size=60, limit=limit)
    assert len([r async for r in listing]) == limit
    assert len(queries(sandbox)) == requests
    assert listing.complete is None


@pytest.mark.anyio
async def test_a_listing_left_early_cancels_what_is_in_flight(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    """The connections are free again: a pool of one page's worth serves a second listing."""
    for _ in range(10):
        async for _ in client.company_recordings.list(page_size=10):
            break
    assert len([r async for r in client.company_recordings.list(page_size=60)]) == len(company(sandbox))


@pytest.mark.anyio
async def test_an_error_comes_after_the_items_before_it(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    sandbox.faults.next(LIST + r".*\bpage=3\b", status=403)
    listing = client.company_recordings.list(page_size=60)
    came = list[object]()

    async def walk() -> None:
        async for recording in listing:
            came.append(recording.id)

    with pytest.raises(PermissionDeniedError):
        await walk()
    assert len(came) == 120
    rest = [r.id async for r in client.company_recordings.list(resume=listing.token)]
    assert sorted([*came, *rest]) == sorted(company(sandbox)), "the token goes on where the error was"


@pytest.mark.anyio
@pytest.mark.parametrize("stable", [False, True])
@pytest.mark.parametrize("stop", [1, 60, 61, 119, 301])
async def test_a_token_goes_on_after_the_last_item(
    sandbox: Sandbox, client: AsyncCallRecordingClient, stable: bool, stop: int
) -> None:
    listing = client.company_recordings.list(
        call_direction="INBOUND", page_size=60, stable=stable, limit=stop
    )
    came = [r.id async for r in listing]
    rest = [r.id async for r in client.company_recordings.list(resume=listing.token)]
    assert sorted([*came, *rest]) == sorted(
        r.id for r in sandbox.store.company() if r.call_direction == "INBOUND"
    )


@pytest.mark.anyio
async def test_bad_arguments_are_refused_before_any_request(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    bad: list[dict[str, object]] = [
        {"limit": 0},
        {"limit": True},
        {"page_size": -1},
        {"page_size": 1.5},
        {"prefetch": -1},
        {"prefetch": 17},
        {"resume": "x"},
        {"start_gte": datetime(2019, 1, 1)},
        {"stable": True, "order": "start:DESC"},
    ]
    for arguments in bad:
        with pytest.raises(InputError):
            client.company_recordings.list(**arguments)  # type: ignore[arg-type]
    assert not sandbox.requests


@pytest.mark.anyio
async def test_an_unknown_argument_is_refused_with_the_one_that_may_be_meant(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    with pytest.raises(InputError, match="unknown argument 'limt': did you mean 'limit'"):
        client.company_recordings.list(limt=5)  # type: ignore[call-arg]
    with pytest.raises(InputError, match="did you mean 'start_gte'"):
        client.transcriptions.list(start_get="2019-01-01T00:00:00Z")  # type: ignore[call-arg]
    with pytest.raises(InputError, match="transcription_ready"):
        client.on_demand_recordings.list(transcription_ready=True)  # type: ignore[call-arg]
    for option in ("page_size", "prefetch", "stable"):
        with pytest.raises(InputError, match=option):
            client.export_jobs.list(**{option: 1})  # type: ignore[arg-type]
    assert not sandbox.requests


@pytest.mark.anyio
async def test_a_stable_listing_gives_what_exists_throughout_exactly_once(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    """Before every request some recordings are deleted, others arrive: now, earlier, at equal instants."""
    at_first, step = set(company(sandbox)), count()

    def turmoil(store: Store) -> None:
        there = store.company()
        turn = next(step)
        for nth in range(3):
            store.delete(there[(turn * 37 + nth * 101) % len(there)].id)
            twin = there[(turn * 53 + nth * 11) % len(there)]
            store.put(Recording(id=store.new_id(), start=twin.start))
        store.put(Recording(id=store.new_id(), start=there[-1].start + timedelta(days=turn)))

    sandbox.faults.before(LIST, turmoil)
    listing = client.company_recordings.list(stable=True, page_size=20)
    with pytest.warns(IncompleteListingWarning, match="others may have deleted them"):
        came = [r.id async for r in listing]
    assert len(came) == len(set(came))
    assert at_first & set(company(sandbox)) <= set(came)
    assert listing.complete is False, "counts cannot tell what others deleted from what was kept back"


@pytest.mark.slow
@pytest.mark.anyio
async def test_deleting_in_a_stable_loop_is_safe(sandbox: Sandbox, client: AsyncCallRecordingClient) -> None:
    at_first = company(sandbox)
    deleted = list[int]()
    async for recording in client.company_recordings.list(stable=True, page_size=100):
        assert isinstance(recording.id, int)
        await client.company_recordings.delete(recording.id)
        deleted.append(recording.id)
    assert sorted(deleted) == sorted(at_first)
    assert not company(sandbox)


@pytest.mark.slow
@pytest.mark.anyio
@pytest.mark.parametrize("cap", [None, 10])
async def test_more_recordings_at_one_instant_than_a_page_holds(
    sandbox: Sandbox, client: AsyncCallRecordingClient, cap: int | None
) -> None:
    """They come on a larger page; if the server does not give one, they are told to be missing."""
    sandbox.faults.paging = PagingQuirks(page_size_cap=cap)
    instant = sandbox.store.company()[300].start
    for _ in range(35):
        sandbox.store.put(Recording(id=sandbox.store.new_id(), start=instant))
    listing = client.company_recordings.list(stable=True, page_size=20)
    if cap is None:
        came = [r.id async for r in listing]
        assert sorted(came) == sorted(company(sandbox))
    else:
        with pytest.warns(IncompleteListingWarning, match=f"of the {len(company(sandbox))} the server"):
            came = [r.id async for r in listing]
        assert len(came) == len(set(came)) < len(company(sandbox))


@pytest.mark.anyio
async def test_transcriptions_can_be_listed_stably_too(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    came = [t.recording_id async for t in client.transcriptions.list(stable=True, transcription_ready=True)]
    assert sorted(came) == sorted(r.id for r in sandbox.store.company() if r.transcript == "ready")  # type: ignore[type-var]


@pytest.mark.anyio
async def test_job_lists_are_followed_by_their_links(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    sandbox.faults.exports.job_size = 20
    await client.company_recordings.export()
    jobs = [job.id async for job in client.export_jobs.list()]
    assert len(jobs) == len(set(jobs)) == -(-len(company(sandbox)) // 20)
    assert sum("/jobs" in request.path for request in sandbox.requests) > 1


@pytest.mark.anyio
async def test_a_list_of_jobs_goes_on_by_its_token(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    sandbox.faults.exports.job_size = 20
    await client.company_recordings.export()
    listing = client.export_jobs.list(limit=13)
    came = [job.id async for job in listing]
    rest = [job.id async for job in client.export_jobs.list(resume=listing.token)]
    assert [*came, *rest] == [job.id async for job in client.export_jobs.list()]
    assert rest


@pytest.mark.anyio
async def test_job_links_to_another_origin_are_not_followed(
    sandbox: Sandbox, client: AsyncCallRecordingClient
) -> None:
    sandbox.faults.exports.job_size = 20
    await client.company_recordings.export()
    sandbox.faults.paging = PagingQuirks(next_origin="https://elsewhere.example")
    with pytest.raises(UntrustedUrlError):
        async for _ in client.export_jobs.list():
            pass


@pytest.mark.anyio
async def test_job_links_that_cycle_are_left(sandbox: Sandbox, client: AsyncCallRecordingClient) -> None:
    sandbox.faults.exports.job_size = 20
    await client.company_recordings.export()
    sandbox.faults.paging = PagingQuirks(next_cycles=True)
    jobs = [job.id async for job in client.export_jobs.list()]
    assert len(jobs) == len(set(jobs)) == -(-len(company(sandbox)) // 20)
