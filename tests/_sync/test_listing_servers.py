# Written by scripts/mirror from tests/_async/test_listing_servers.py.
# Change that file and run `make generate`.
"""Listings over real sockets, from servers that do what nobody documented."""

import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.listing.over_http import serving
from tests.listing.random_server import BEGIN, Call, Server
from vbc_call_recording import (
    BadRequestError,
    CallRecordingClient,
    CallRecordingError,
    IncompleteListingError,
    IncompleteListingWarning,
    InputError,
    MalformedResponseError,
    RetryPolicy,
)

RETRIES = RetryPolicy(tries=1)


def calls(count: int, seconds: float = 1) -> list[Call]:
    return [Call(number, BEGIN + timedelta(seconds=number * seconds)) for number in range(count)]


def client_of(url: str) -> CallRecordingClient:
    return CallRecordingClient(auth="token-1", base_url=url, retries=RETRIES)


# What the server does, and what `complete` says of the default walk and of `stable=True`.
SERVERS: list[tuple[dict[str, Any], bool | None, bool | None]] = [
    ({}, True, True),
    ({"first": 0}, True, True),
    ({"first": 0, "default": 1}, True, False),
    ({"total": "text", "total_pages": "text"}, True, True),
    ({"total": "missing"}, None, None),
    ({"total": "zero", "links": "always"}, False, None),
    ({"cap": 25}, True, True),
    ({"cap": 25, "over_cap": "silent"}, True, True),
    ({"counts_to": 60}, None, True),
    ({"links": "none", "beyond": "500"}, True, True),
    ({"gte": "exclusive"}, True, False),
    ({"lte": "ignored", "arrivals": 1}, None, None),
]


@pytest.mark.parametrize("stable", [False, True])
@pytest.mark.parametrize("case", SERVERS, ids=str)
def test_a_listing_is_complete_or_says_so(
    case: tuple[dict[str, Any], bool | None, bool | None], stable: bool
) -> None:
    """250 calls in twos and threes of a second, over three months; all of them, or a reason why not."""
    quirks, by_number, by_start = case
    stored = [Call(call.id, BEGIN + timedelta(hours=24 * (call.id // 3))) for call in calls(250)]
    with serving(Server(stored, **quirks)) as url, warnings.catch_warnings():
        warnings.simplefilter("ignore", IncompleteListingWarning)
        with client_of(url) as client:
            listing = client.company_recordings.list(stable=stable, page_size=40)
            came = [r.id for r in listing]
            assert len(came) == len(set(came))
            if "arrivals" in quirks:  # pages fetched ahead may miss what is moved by an arrival
                assert listing.complete is not True
            else:
                assert listing.complete is (by_start if stable else by_number)
            assert listing.outcome is not None
            assert (listing.outcome.reason == "") == (listing.complete is True)
            assert listing.outcome.received == len(came)
            if listing.complete is True:
                assert set(came) == set(range(250))


def test_a_stable_listing_notices_that_it_got_the_last_month_only() -> None:
    """Which the total does not betray: it is cut, too."""
    server = Server(calls(250, seconds=86_400 / 3), window=("last", 30))
    with serving(server) as url:
        with client_of(url) as client:
            listing = client.company_recordings.list(stable=True)
            with pytest.warns(IncompleteListingWarning, match="had promised"):
                came = [r for r in listing]
            assert (len(came), listing.complete) == (91, False)


@pytest.mark.parametrize("is_bounded", [False, True])
def test_a_stable_listing_of_an_empty_month_looks_before_it(is_bounded: bool) -> None:
    """A server that gives the last month only has nothing in it; 60 calls came before."""
    now = datetime.now(UTC)
    server = Server(
        [Call(number, now - timedelta(days=40)) for number in range(60)], window=("last", 30), now=now
    )
    with serving(server) as url:
        with client_of(url) as client:
            listing = (
                client.company_recordings.list(stable=True, start_gte=BEGIN, start_lte=now)
                if is_bounded
                else client.company_recordings.list(stable=True)
            )
            with pytest.warns(IncompleteListingWarning, match="of the 60 the server had promised"):
                assert [r for r in listing] == []
            assert listing.complete is False


@pytest.mark.parametrize(
    ("quirks", "match"),
    [
        ({"order": "always newest first"}, "in order of start"),
        ({"naive": True}, "time zone"),
    ],
)
def test_a_stable_listing_that_cannot_be_is_refused(quirks: dict[str, Any], match: str) -> None:
    with serving(Server(calls(60), **quirks)) as url:
        with client_of(url) as client:
            with pytest.raises(MalformedResponseError, match=match) as caught:
                for _ in client.company_recordings.list(stable=True, page_size=20):
                    pass
            assert caught.value.field == "start"


def test_a_stable_listing_whose_newest_recording_does_not_come_says_so() -> None:
    with serving(Server(calls(60), probe="empty")) as url:
        with client_of(url) as client:
            with pytest.raises(IncompleteListingError, match="of the 60 the server had promised"):
                for _ in client.company_recordings.list(stable=True, strict=True):
                    pass


@pytest.mark.parametrize("link", ["absolute", "path", "relative", "query"])
def test_links_are_resolved_against_the_page_they_stand_on(link: str) -> None:
    server = Server(calls(35))
    with serving(server, link) as url:
        with client_of(url) as client:
            listing = client.export_jobs.list(limit=12)
            came = [job.id for job in listing]
            rest = [job.id for job in client.export_jobs.list(resume=listing.token)]
    assert sorted([*came, *rest], key=str) == sorted((f"job-{number}" for number in range(35)), key=str)


def test_strict_raises_too_if_nobody_can_know() -> None:
    with serving(Server(calls(25), total="missing")) as url:
        with client_of(url) as client:
            listing = client.company_recordings.list(strict=True)
            came = list[object]()

            def walk() -> None:
                for recording in listing:
                    came.append(recording.id)

            with pytest.raises(IncompleteListingError, match="did not say how many") as caught:
                walk()
            assert len(came) == 25, "it raises at the end, after everything that came"
            assert (caught.value.expected, caught.value.received) == (None, 25)
            assert listing.complete is None


def test_an_outcome_tells_not_ended_from_not_known() -> None:
    with serving(Server(calls(25), total="missing")) as url:
        with client_of(url) as client:
            listing = client.company_recordings.list()
            assert (listing.complete, listing.outcome) == (None, None)
            assert len([r for r in listing]) == 25
            assert listing.complete is None
            assert listing.outcome is not None
            assert listing.outcome.reason == "the server did not say how many items there are"


@pytest.mark.parametrize("stable", [False, True])
def test_a_page_size_that_is_refused_says_so(stable: bool) -> None:
    with serving(Server(calls(25), cap=50, over_cap="400")) as url:
        with client_of(url) as client:
            with pytest.raises(BadRequestError, match="page_size=100 may be too large"):
                for _ in client.company_recordings.list(stable=stable):
                    pass
            assert len([r for r in client.company_recordings.list(page_size=50, stable=stable)]) == 25


@pytest.mark.parametrize(("stable", "most"), [(False, 10), (True, 13)])
def test_what_1000_recordings_cost_in_requests(stable: bool, most: int) -> None:
    server = Server(calls(1000, seconds=9000))
    with serving(server) as url:
        with client_of(url) as client:
            listing = client.company_recordings.list(stable=stable)
            assert len([r for r in listing]) == 1000
            assert listing.complete is True
    assert len(server.requests) <= most


def test_a_stable_listing_s_arguments_are_checked() -> None:
    with client_of("http://127.0.0.1:9") as client:
        for arguments in ({"stable": 1}, {"strict": "yes"}):
            with pytest.raises(InputError, match="accepted: True or False"):
                client.company_recordings.list(**arguments)  # type: ignore[arg-type]


def test_deleting_in_the_loop_leaves_a_stable_listing_complete() -> None:
    server = Server(calls(120))
    with serving(server) as url:
        with client_of(url) as client:
            listing = client.company_recordings.list(stable=True, page_size=20, strict=True)
            deleted = 0
            try:
                for recording in listing:
                    server.calls = [call for call in server.calls if call.id != recording.id]
                    deleted += 1
            except CallRecordingError as error:
                pytest.fail(f"{error} after {deleted}")
    assert (deleted, server.calls, listing.complete) == (120, [], True)
