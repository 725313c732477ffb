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
    calls,
    complete_and_once_or_says_so,
    settings_of,
    walked,
)
from vbc_call_recording._errors import MalformedResponseError

MANY = settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SIZES = st.integers(1, 40)
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
@given(calls(), st.fixed_dictionaries(PAGING), SIZES, st.integers(1, 5))
def test_numbers(stored: list[Call], quirks: dict[str, Any], size: int, depth: int) -> None:
    listing = settings_of(CALLS, stable=False, page_size=size)
    complete_and_once_or_says_so(listing, Server(stored, **quirks), depth)


@MANY
@given(calls(), st.fixed_dictionaries(PAGING | {"default": st.none()}), SIZES)
def test_links(stored: list[Call], quirks: dict[str, Any], size: int) -> None:
    complete_and_once_or_says_so(settings_of(JOBS, stable=False, page_size=size), Server(stored, **quirks))


def sorted_or_counted(quirks: dict[str, Any]) -> dict[str, Any]:
    """Where calls come in no order and totals are cut, nothing is left to know anything by."""
    return quirks if quirks["order"] == "honoured" else quirks | {"counts_to": None}


@MANY
@given(
    calls(),
    st.fixed_dictionaries(SEEKING).map(sorted_or_counted),
    SIZES,
    st.none() | st.integers(-5, 90),
    st.none() | st.integers(90, 200),
)
def test_stable(
    stored: list[Call], quirks: dict[str, Any], size: int, since: int | None, until: int | None
) -> None:
    if quirks["order"] == "none at all":
        since = None  # only the total of everything tells that the end is not the end
    window = {
        "start_gte": None if since is None else BEGIN + timedelta(seconds=since),
        "start_lte": None if until is None else BEGIN + timedelta(seconds=until),
    }
    listing = settings_of(CALLS, stable=True, page_size=size, **window)
    complete_and_once_or_says_so(listing, Server(stored, **quirks))


@MANY
@given(
    calls(most=40, gap=20 * 86_400),
    st.fixed_dictionaries(
        SEEKING | {"window": st.tuples(st.sampled_from(["first", "last"]), st.just(30))}
    ).map(sorted_or_counted),
    SIZES,
    st.none() | st.integers(-5, 400),
)
def test_stable_where_the_server_gives_a_month_at_most(
    stored: list[Call], quirks: dict[str, Any], size: int, since: int | None
) -> None:
    """Of gaps longer than that month nobody can know; there are none here."""
    listing = settings_of(
        CALLS, stable=True, page_size=size, start_gte=None if since is None else BEGIN + timedelta(days=since)
    )
    complete_and_once_or_says_so(listing, Server(stored, **quirks))


@MANY
@given(calls(), st.fixed_dictionaries(HONEST), SIZES, st.integers(0, 10**9))
def test_stable_while_calls_arrive_and_are_deleted(
    stored: list[Call], quirks: dict[str, Any], size: int, seed: int
) -> None:
    listing = settings_of(CALLS, stable=True, page_size=size)
    complete_and_once_or_says_so(listing, Server(stored, **quirks, turmoil=seed))


@pytest.mark.parametrize("stable", [False, True])
@settings(max_examples=500, deadline=None)
@given(calls(), st.fixed_dictionaries(HONEST), st.sampled_from([0, 1]), SIZES)
def test_an_honest_server_s_listing_is_known_to_be_complete(
    stable: bool, stored: list[Call], quirks: dict[str, Any], first: int, size: int
) -> None:
    listing = settings_of(CALLS, stable=stable, page_size=size)
    assert complete_and_once_or_says_so(listing, Server(stored, **quirks, first=first)) is True


ORDINARY = [Call(number, BEGIN + timedelta(seconds=number // 3)) for number in range(60)]
CROWDED_FIRST = [call for call in ORDINARY if call.id < 30] + [
    Call(number, BEGIN + timedelta(seconds=number)) for number in range(30, 60)
]
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
