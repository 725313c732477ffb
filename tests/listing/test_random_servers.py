"""Thousands of servers at random: a listing is complete and brings nothing twice, or it says so."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.listing.random_server import (
    BEGIN,
    CALLS,
    JOBS,
    PAGING,
    Call,
    Server,
    cases,
    complete_and_once_or_says_so,
    settings_of,
    walked,
)
from vbc_call_recording._errors import MalformedResponseError

pytestmark = pytest.mark.slow

# Each example is walked in the four `cases` of its seed: 2,000 walks a test.
MANY = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 10**6)
HONEST = {name: strategy for name, strategy in PAGING.items() if name in ("beyond", "total_pages")} | {
    "echo": st.sampled_from([0, None]),
    "cap": st.sampled_from([1000, 50]),
    "total": st.sampled_from(["right", "text"]),
    "links": st.sampled_from(["right", "none"]),
}
SEEKING = PAGING | {
    "order": st.sampled_from(["honoured", "honoured", "always newest first", "none at all"]),
    "gte": st.sampled_from(["inclusive", "inclusive", "exclusive", "ignored"]),
    "lte": st.sampled_from(["inclusive", "inclusive", "exclusive", "ignored"]),
    "probe": st.sampled_from(["right", "right", "right", "empty"]),
    "naive": st.sampled_from([False, False, False, True]),
    "arrivals": st.sampled_from([0, 0, 1, 3]),
    "counts_to": st.sampled_from([None, None, 5, 20]),
}


@MANY
@given(SEEDS, st.fixed_dictionaries(PAGING), st.integers(1, 5))
def test_numbers(seed: int, quirks: dict[str, Any], depth: int) -> None:
    for stored, size in cases(seed):
        listing = settings_of(CALLS, stable=False, page_size=size)
        complete_and_once_or_says_so(listing, Server(stored, **quirks), depth)


@MANY
@given(SEEDS, st.fixed_dictionaries(PAGING | {"default": st.none()}))
def test_links(seed: int, quirks: dict[str, Any]) -> None:
    for stored, size in cases(seed):
        listing = settings_of(JOBS, stable=False, page_size=size)
        complete_and_once_or_says_so(listing, Server(stored, **quirks))


def knowable(quirks: dict[str, Any]) -> dict[str, Any]:
    """Without what leaves nothing to know anything by.

    Calls in no order, and totals cut; a call left out for another that arrives, so that counts agree; a first
    page left out with neither links nor totals that tell.
    """
    tells = quirks["links"] != "none" or quirks["default"] in (None, quirks["first"])
    counts_to = quirks["counts_to"] if quirks["order"] == "honoured" and tells else None
    arrivals = 0 if quirks["gte"] == "exclusive" else quirks["arrivals"]
    return quirks | {"counts_to": counts_to, "arrivals": arrivals}


@MANY
@given(
    SEEDS,
    st.fixed_dictionaries(SEEKING).map(knowable),
    st.none() | st.integers(-5, 90),
    st.none() | st.integers(90, 200),
)
def test_stable(seed: int, quirks: dict[str, Any], since: int | None, until: int | None) -> None:
    if quirks["order"] == "none at all":
        since = None  # only the total of everything tells that the end is not the end
    window = {
        "start_gte": None if since is None else BEGIN + timedelta(seconds=since),
        "start_lte": None if until is None else BEGIN + timedelta(seconds=until),
    }
    for stored, size in cases(seed):
        listing = settings_of(CALLS, stable=True, page_size=size, **window)
        complete_and_once_or_says_so(listing, Server(stored, **quirks))


@MANY
@given(
    SEEDS,
    st.fixed_dictionaries(
        SEEKING | {"window": st.tuples(st.sampled_from(["first", "last"]), st.just(30))}
    ).map(knowable),
    st.none() | st.integers(-5, 400),
)
def test_stable_where_the_server_gives_a_month_at_most(
    seed: int, quirks: dict[str, Any], since: int | None
) -> None:
    """Of gaps longer than that month nobody can know; there are none here."""
    start_gte = None if since is None else BEGIN + timedelta(days=since)
    for stored, size in cases(seed, most=40, gap=20 * 86_400):
        listing = settings_of(CALLS, stable=True, page_size=size, start_gte=start_gte)
        complete_and_once_or_says_so(listing, Server(stored, **quirks))


@MANY
@given(SEEDS, st.fixed_dictionaries(HONEST))
def test_stable_while_calls_arrive_and_are_deleted(seed: int, quirks: dict[str, Any]) -> None:
    for stored, size in cases(seed):
        listing = settings_of(CALLS, stable=True, page_size=size)
        complete_and_once_or_says_so(listing, Server(stored, **quirks, turmoil=seed))


@pytest.mark.parametrize("stable", [False, True])
@settings(max_examples=125, deadline=None)
@given(SEEDS, st.fixed_dictionaries(HONEST), st.sampled_from([0, 1]))
def test_an_honest_server_s_listing_is_known_to_be_complete(
    stable: bool, seed: int, quirks: dict[str, Any], first: int
) -> None:
    for stored, size in cases(seed):
        listing = settings_of(CALLS, stable=stable, page_size=size)
        assert complete_and_once_or_says_so(listing, Server(stored, **quirks, first=first)) is True


ORDINARY = [Call(number, BEGIN + timedelta(seconds=number // 3)) for number in range(60)]
CROWDED_FIRST = [call for call in ORDINARY if call.id < 30] + [
    Call(number, BEGIN + timedelta(seconds=number)) for number in range(30, 60)
]
TWO_CROWDS = [Call(number, BEGIN + timedelta(days=number // 10)) for number in range(20)]
SPARSE = [Call(number, BEGIN + timedelta(days=day)) for number, day in enumerate([1, 2, 3, 60])]


@pytest.mark.parametrize(
    ("stable", "stored", "quirks", "start_gte", "said"),
    [
        pytest.param(False, [], {"total": "missing"}, None, None, id="empty without a total"),
        pytest.param(True, [], {"total": "missing"}, None, None, id="empty without a total, stable"),
        pytest.param(
            False,
            ORDINARY[:5],
            {"first": 0, "default": 1, "total": "zero"},
            None,
            None,
            id="zero beside a page",
        ),
        pytest.param(
            True,
            CROWDED_FIRST,
            {"gte": "exclusive", "counts_to": 20},
            None,
            None,
            id="cut totals hide what is left out",
        ),
        pytest.param(
            True, SPARSE, {"window": ("first", 30)}, BEGIN, False, id="the newest is behind the first month"
        ),
        pytest.param(True, ORDINARY, {"lte": "ignored", "arrivals": 1}, None, None, id="calls past the end"),
        pytest.param(
            True, TWO_CROWDS, {"order": "always oldest first"}, BEGIN, None, id="no order shows in one second"
        ),
    ],
)
def test_what_is_said_of(
    stable: bool, stored: list[Call], quirks: dict[str, Any], start_gte: Any, said: bool | None
) -> None:
    server = Server(stored, **quirks)
    listing = settings_of(CALLS, stable=stable, page_size=10, start_gte=start_gte)
    *_, outcome = walked(listing, server)
    assert outcome.complete is said


@pytest.mark.parametrize("order", ["none at all", "always newest first"])
def test_an_order_that_is_ignored_is_refused_as_soon_as_it_shows(order: str) -> None:
    server = Server(ORDINARY, order=order)
    with pytest.raises(MalformedResponseError, match="in order of start"):
        list(walked(settings_of(CALLS, stable=True, page_size=10, start_gte=BEGIN), server))
    assert len(server.requests) <= 2
