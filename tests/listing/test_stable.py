"""`stable=True`: every recording that exists throughout comes exactly once, whatever happens meanwhile."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbc_call_recording._errors import InputError, MalformedResponseError
from vbc_call_recording._listing.filters import ListFilters
from vbc_call_recording._listing.pages import Listing, ListingOutcome, PageReply, PageRequest
from vbc_call_recording._listing.settings import ListingSettings, begin_walk, check_settings, token_at

BEGIN = datetime(2019, 1, 1, tzinfo=UTC)


class Call(NamedTuple):
    id: int
    start: datetime | None


def call(number: int, second: float) -> Call:
    return Call(number, BEGIN + timedelta(seconds=second))


LISTING: Listing[Call] = Listing(
    operation="list_calls",
    scope={},
    allowed=ListFilters,
    key=lambda item: item.id,
    instant=lambda item: item.start,
)


class Store:
    """Calls that come and go between any two requests.

    Calls that start at the same instant come in an order of the store's own that changes with every request,
    unless `steady`.
    """

    def __init__(
        self,
        calls: list[Call],
        *,
        cap: int = 1000,
        cap_is_told: bool = True,
        total_of_page: bool = False,
        total: Callable[[int], int | None] = lambda truth: truth,
        between: Callable[["Store"], None] = lambda _: None,
        steady: bool = False,
    ) -> None:
        self.calls = list(calls)
        self.cap = cap
        self.cap_is_told = cap_is_told
        self.total_of_page = total_of_page
        self.total = total
        self.between = between
        self.steady = steady
        self.requests: list[PageRequest] = []

    def answer(self, request: PageRequest) -> PageReply[Call]:
        self.between(self)
        self.requests.append(request)
        assert len(self.requests) < 1000, "the walk does not end"
        assert request.page_size is not None
        chosen = self._matching(request.filters)
        size = min(request.page_size, self.cap)
        page = 1 if request.page is None else request.page
        items = chosen[(page - 1) * size : page * size] if page > 0 else []
        return PageReply(
            items=items,
            page=page,
            page_size=size if self.cap_is_told else request.page_size,
            total_items=self.total(len(items if self.total_of_page else chosen)),
        )

    def _matching(self, filters: Any) -> list[Call]:
        low = datetime.fromisoformat(filters.get("startgte", "0001-01-01T00:00:00+0000"))
        high = datetime.fromisoformat(filters.get("startlte", "9999-01-01T00:00:00+0000"))
        chosen = [item for item in self.calls if low <= start_of(item) <= high]
        if not self.steady:
            random.Random(len(self.requests)).shuffle(chosen)
        return sorted(chosen, key=start_of, reverse=filters["order"] == "start:DESC")


def start_of(item: Call) -> datetime:
    assert item.start is not None
    return item.start


def plan(page_size: int = 5, resume: str | None = None, **filters: Any) -> ListingSettings[Call]:
    return check_settings(LISTING, filters, page_size=page_size, stable=True, resume=resume)


def walk_through(
    of: ListingSettings[Call], store: Store, stop: int | None = None
) -> tuple[list[int], str, ListingOutcome]:
    """Ids of what came, the token after the last of it, and how it ended."""
    walk, came, token = begin_walk(of), list[int](), token_at(of, None, 0)
    while (request := walk.ask(0)) is not None:
        page = walk.take(request, store.answer(request))
        items = page.items if stop is None else page.items[: stop - len(came)]
        came += [item.id for item in items]
        if page.items:
            token = token_at(of, page, len(items))
        if len(came) == stop:
            break
    return came, token, walk.outcome


@st.composite
def calls(draw: st.DrawFn) -> list[Call]:
    """Few seconds for many calls, fractions among them, so that many share an instant."""
    seconds = draw(st.lists(st.integers(0, 8), max_size=40))
    fraction = draw(st.sampled_from([0, 0.25]))
    return [call(number, second + fraction * (number % 3)) for number, second in enumerate(seconds)]


def turmoil(seed: int) -> Callable[[Store], None]:
    """Insert and delete at random, before any request."""
    chance, new_ids = random.Random(seed), count(1000)

    def between(store: Store) -> None:
        for _ in range(chance.randrange(4)):
            if store.calls and chance.random() < 0.5:
                store.calls.remove(chance.choice(store.calls))
            else:
                store.calls.append(call(next(new_ids), chance.choice([*range(9), 20 + len(store.requests)])))

    return between


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(
    calls(),
    st.integers(0, 10**9),
    st.integers(1, 8) | st.just(200),
    st.sampled_from([lambda n: n, lambda _: None]),
)
def test_what_exists_throughout_comes_exactly_once(
    initial: list[Call], seed: int, page_size: int, total: Any
) -> None:
    """At any page size that one second's calls fit in. If they do not, and change places, it is told."""
    store = Store(initial, between=turmoil(seed), total=total)
    came, _, outcome = walk_through(plan(page_size), store)
    throughout = {item.id for item in initial} & {item.id for item in store.calls}
    assert len(came) == len(set(came))
    assert throughout <= set(came) or (page_size < 9 and not outcome.complete)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(calls(), st.integers(0, 10**9), st.integers(1, 8) | st.just(200), st.integers(1, 40))
def test_it_does_so_across_an_interruption_too(
    initial: list[Call], seed: int, page_size: int, stop: int
) -> None:
    store = Store(initial, between=turmoil(seed))
    came, token, _ = walk_through(plan(page_size), store, stop)
    rest, _, outcome = walk_through(plan(resume=token), store)
    throughout = {item.id for item in initial} & {item.id for item in store.calls}
    assert len(came + rest) == len({*came, *rest})
    assert throughout <= {*came, *rest} or (page_size < 9 and not outcome.complete)


@settings(max_examples=200, deadline=None)
@given(calls(), st.integers(1, 8), st.integers(1, 50), st.sampled_from([lambda n: n, lambda _: None]))
def test_more_calls_in_one_second_than_the_page_holds_are_asked_for_at_once(
    initial: list[Call], page_size: int, cap: int, total: Any
) -> None:
    """What the server does not put on a page even then is told to be missing."""
    store = Store(initial, cap=cap, total=total)
    came, _, outcome = walk_through(plan(page_size), store)
    assert len(came) == len(set(came))
    if cap > 40:
        assert sorted(came) == [item.id for item in initial]
    assert (outcome.complete is not True) if len(came) < len(initial) else (outcome.complete is not False)
    assert outcome.complete is None or total(1) is not None


@pytest.mark.parametrize("per_second", [1, 500])
@pytest.mark.parametrize("cap_is_told", [True, False])
def test_a_total_that_is_the_page_s_own_does_not_end_it(per_second: int, cap_is_told: bool) -> None:
    calls = [call(number, number // per_second) for number in range(500)]
    store = Store(calls, cap=50, cap_is_told=cap_is_told, total_of_page=True, steady=True)
    came, _, outcome = walk_through(plan(100), store)
    assert sorted(came) == list(range(500)) or outcome.complete is None
    assert len(came) == (500 if per_second == 1 else 50)


def test_deleting_what_comes_loses_nothing() -> None:
    store = Store([call(number, number // 3) for number in range(100)])
    walk, came = begin_walk(plan()), list[int]()
    while (request := walk.ask(0)) is not None:
        for item in walk.take(request, store.answer(request)).items:
            came.append(item.id)
            store.calls.remove(item)
    assert sorted(came) == list(range(100))
    assert walk.outcome.complete is True


def test_it_ends_although_new_calls_never_cease() -> None:
    def between(store: Store) -> None:
        store.calls += [
            call(1000 + 10 * len(store.requests) + n, 100 + len(store.requests)) for n in range(10)
        ]

    store = Store([call(number, number) for number in range(20)], between=between, steady=True)
    came, _, outcome = walk_through(plan(), store)
    assert set(range(20)) <= set(came)
    assert outcome.complete is True


def test_a_token_keeps_the_doubts_that_its_own_page_raised() -> None:
    """`start:gte` leaves out its instant, and totals are of the page: nothing else tells of 10 and 11."""

    class Exclusive(Store):
        def _matching(self, filters: Any) -> list[Call]:
            low = datetime.fromisoformat(filters.get("startgte", "0001-01-01T00:00:00+0000"))
            return [item for item in super()._matching(filters) if start_of(item) > low]

    store = Exclusive([call(number, number // 3) for number in range(17)], total_of_page=True, steady=True)
    came, token, _ = walk_through(plan(10), store, stop=12)
    rest, _, outcome = walk_through(plan(resume=token), store)
    assert not {10, 11} & {*came, *rest}
    assert outcome.complete is None


def test_it_remembers_no_more_than_one_second() -> None:
    store = Store([call(number, number) for number in range(2000)])
    came, token, _ = walk_through(plan(50), store)
    assert len(came) == 2000
    assert len(token) < 2000


def test_neither_does_it_while_it_goes_on() -> None:
    store = Store([call(number, number) for number in range(500)])
    walk = begin_walk(plan(50))
    while (request := walk.ask(0)) is not None:
        walk.take(request, store.answer(request))
        assert len(walk._seen) < 100


def test_it_stays_within_the_bounds_asked_for() -> None:
    store = Store([call(number, number) for number in range(20)])
    bounds = {"start_gte": BEGIN + timedelta(seconds=5), "start_lte": BEGIN + timedelta(seconds=9)}
    assert walk_through(plan(**bounds), store)[0] == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(("size", "requests"), [(0, 4), (1, 3), (2, 3), (9, 3), (30, 6)])
def test_an_honest_server_is_asked_no_more_than_needed(size: int, requests: int) -> None:
    """Once for the end, once for what was before the last month, then page by page, overlapping by an item.

    Without links, an empty answer is looked behind, too: the server may have begun with its second page. And
    what came before the last month is asked for where nothing came at all.
    """
    store = Store([call(number, number) for number in range(size)])
    walk_through(plan(10), store)
    assert len(store.requests) == requests


def test_a_promise_not_kept_is_known() -> None:
    class Lossy(Store):
        def answer(self, request: PageRequest) -> PageReply[Call]:
            return PageReply(items=[], total_items=3) if self.requests else super().answer(request)

    outcome = walk_through(plan(), Lossy([call(1, 1)]))[2]
    assert (outcome.complete, outcome.expected, outcome.received) == (False, 3, 0)


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([call(2, 2), call(1, 1)], id="descending"),
        pytest.param([call(1, -5)], id="before the bound"),
        pytest.param([Call(1, None)], id="without a start"),
    ],
)
def test_a_server_that_does_not_sort_or_filter_by_start_is_an_error(items: list[Call]) -> None:
    walk = begin_walk(plan(start_gte=BEGIN))
    newest = walk.ask(0)
    assert newest is not None
    walk.take(newest, PageReply(items=[call(9, 9)]))
    request = walk.ask(0)
    assert request is not None
    with pytest.raises(MalformedResponseError, match="stable=True") as caught:
        walk.take(request, PageReply(items=items))
    assert caught.value.field == "start"


def test_another_order_is_refused() -> None:
    with pytest.raises(InputError, match="start:DESC"):
        plan(order="start:DESC")
    assert plan(order="start:ASC").stable


def test_the_end_of_time_is_a_start_like_any_other() -> None:
    last = Call(1, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    replies = iter([[last], [last], [last], [], [], [], [], [], []])
    walk = begin_walk(plan(1))
    came = list[Call]()
    while (request := walk.ask(0)) is not None:
        came += walk.take(request, PageReply(items=next(replies))).items
    assert came == [last]
