"""Walking by page number, whatever a server does with numbers, sizes, totals and links."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.listing.fake_server import (
    LISTING,
    NUMBERING,
    FakeServer,
    always,
    hides_a_page,
    lacking,
    nothing,
    off_by,
    start,
    truth,
    walk_through,
)
from vbc_call_recording._errors import (
    BadRequestError,
    MalformedResponseError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
)
from vbc_call_recording._listing.by_number import NumberWalk
from vbc_call_recording._listing.pages import PageReply, PageRequest


def walk_of(size: int = 10) -> NumberWalk[int]:
    return NumberWalk(LISTING, {}, start(size))


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(NUMBERING, st.integers(1, 12), st.integers(1, 5))
def test_every_item_comes_once_however_pages_are_numbered(
    quirks: dict[str, Any], size: int, depth: int
) -> None:
    """And in order. If a page is passed by because of its name, the total tells."""
    walk = walk_of(size)
    came = walk_through(walk, FakeServer(**quirks).answer, depth)
    assert came == sorted(came)
    assert len(came) == quirks["count"] or hides_a_page(quirks)
    never_ends = quirks["count"] == 0 and quirks["links"] == "next always"
    assert (walk.outcome.complete is True) == (len(came) == quirks["count"] and not never_ends)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(
    NUMBERING,
    st.sampled_from([nothing, always(0), always(7), lambda n: n // 2, lambda n: n + 5, off_by(-1)]),
    st.sampled_from([truth, nothing, always(0), always(1), always(99), lambda n: n // 2]),
    st.integers(1, 12),
    st.integers(1, 5),
)
def test_every_item_comes_once_whatever_totals_are_claimed(
    quirks: dict[str, Any], total_items: Any, total_pages: Any, size: int, depth: int
) -> None:
    assume(not hides_a_page(quirks))
    server = FakeServer(**quirks, total_items=total_items, total_pages=total_pages)
    walk = walk_of(size)
    came = walk_through(walk, server.answer, depth)
    assert sorted(came) == list(range(server.count))
    promised = total_items(server.count) or 0
    assert lacking(walk) == max(promised - server.count, 0), "a promise that was not kept is known"


@settings(max_examples=200, deadline=None)
@given(NUMBERING, st.sampled_from([truth, nothing]), st.integers(2, 12))
def test_a_server_that_counts_from_0_may_begin_with_page_1(
    quirks: dict[str, Any], total_items: Any, size: int
) -> None:
    """A `prev` link leads to page 0, and a total tells of it. Without both it is not known to be complete."""
    server = FakeServer(**{**quirks, "first": 0, "default": 1}, total_items=total_items)
    walk = walk_of(size)
    came = walk_through(walk, server.answer)
    if quirks["links"] != "none":
        assert sorted(came) == list(range(server.count))
    elif total_items is truth:
        assert lacking(walk) == server.count - len(came)
    else:
        assert walk.outcome.complete is None


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 200),
    st.integers(10, 30),
    st.integers(10, 60),
    st.booleans(),
    st.booleans(),
    st.integers(1, 5),
)
def test_every_item_comes_once_when_the_server_caps_the_page_size(
    count: int, cap: int, size: int, told: bool, moves: bool, depth: int
) -> None:
    """Pages cut by a server that counts in the size asked for lose items; it is told."""
    server = FakeServer(count=count, cap=cap, cap_is_told=told, cap_moves_offsets=moves)
    walk = walk_of(size)
    came = walk_through(walk, server.answer, depth)
    if moves:
        assert sorted(came) == list(range(count))
    assert walk.outcome.complete is (len(came) == count)


@settings(max_examples=200, deadline=None)
@given(
    NUMBERING,
    st.sampled_from([always(0), always(1), always(10), lambda size: size // 2, nothing]),
    st.sampled_from([truth, nothing, always(0)]),
    st.integers(1, 12),
    st.integers(1, 5),
)
def test_every_item_comes_once_whatever_size_a_page_claims_to_have(
    quirks: dict[str, Any], echoed_size: Any, total_items: Any, size: int, depth: int
) -> None:
    assume(not hides_a_page(quirks))
    server = FakeServer(**quirks, echoed_size=echoed_size, total_items=total_items)
    walk = walk_of(size)
    came = walk_through(walk, server.answer, depth)
    assert sorted(came) == list(range(server.count))
    assert lacking(walk) == 0


def test_a_size_that_is_less_than_what_came_changes_nothing() -> None:
    server = FakeServer(count=1000, echoed_size=always(10), total_items=nothing, links="none")
    assert walk_through(walk_of(100), server.answer) == list(range(1000))
    assert {request.page_size for request in server.requests} == {100}


@pytest.mark.parametrize("links", ["right", "none"])
@pytest.mark.parametrize("shown", [0, 5, 10, 15, 20, 25, 40])
@pytest.mark.parametrize("depth", [1, 4])
def test_a_first_page_short_because_items_are_hidden_does_not_end_the_walk(
    links: str, shown: int, depth: int
) -> None:
    hidden = range(shown, 100)
    server = FakeServer(count=1000, hidden=hidden, total_items=always(910), links=links)
    came = walk_through(walk_of(100), server.answer, depth)
    assert came == [item for item in range(1000) if item not in hidden]


@pytest.mark.parametrize("claims", [{"echoed_size": nothing}, {"total_pages": truth}, {"links": "right"}])
def test_a_total_of_the_page_alone_is_seen_through_on_a_page_cut_short(claims: dict[str, Any]) -> None:
    quirks = {"total_pages": nothing, "links": "none", "cap_is_told": False, **claims}
    server = FakeServer(count=500, cap=50, total_of_page=True, **quirks)
    walk = walk_of(100)
    assert walk_through(walk, server.answer) == list(range(500))
    assert lacking(walk) == 0


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 30), max_size=5), max_size=12),
    st.one_of(st.none(), st.integers(0, 40)),
    st.booleans(),
    st.integers(1, 5),
)
def test_no_item_comes_twice_and_the_walk_ends_whatever_pages_hold(
    pages: list[list[int]], total: int | None, next_always: bool, depth: int
) -> None:
    """Pages overlap, repeat, are empty in the midst, at random; the last ones come round again for ever."""
    requests: list[PageRequest] = []

    def answer(request: PageRequest) -> PageReply[int]:
        requests.append(request)
        assert len(requests) < 100, "the walk does not end"
        number = request.page or 1
        items = pages[(number - 1) % len(pages)] if pages else []
        return PageReply(
            items=items, page=number, total_items=total, next_url="/?page=2" if next_always else None
        )

    came = walk_through(walk_of(5), answer, depth)
    assert len(came) == len(set(came))


@pytest.mark.parametrize(
    "claims", [{}, {"total_items": nothing, "total_pages": nothing, "links": "next always"}]
)
def test_pages_that_cycle_are_left(claims: dict[str, Any]) -> None:
    server = FakeServer(count=50, cycle=2, **claims)
    walk = walk_of()
    assert walk_through(walk, server.answer) == list(range(20))
    assert len(server.requests) <= 7
    assert lacking(walk) == (0 if claims else 30)


def test_a_short_page_in_the_midst_does_not_end_the_walk() -> None:
    pages = {None: [1, 2, 3], 2: [4], 3: [5, 6, 7]}
    walk = walk_of(3)
    came = walk_through(
        walk, lambda request: PageReply(items=pages.get(request.page, []), page=request.page or 1)
    )
    assert came == [1, 2, 3, 4, 5, 6, 7]


def test_an_empty_page_in_the_midst_does_not_end_it_while_more_is_promised() -> None:
    pages: dict[int | None, list[int]] = {None: [1, 2, 3], 4: [4, 5, 6]}

    def answer(request: PageRequest) -> PageReply[int]:
        items = pages.get(request.page, [])
        return PageReply(items=items, page=request.page or 1, total_items=6)

    assert walk_through(walk_of(3), answer) == [1, 2, 3, 4, 5, 6]


def test_an_empty_page_in_the_midst_does_not_end_it_while_links_lead_on() -> None:
    pages: dict[int | None, list[int]] = {None: [1, 2, 3], 2: [4], 4: [5]}

    def answer(request: PageRequest) -> PageReply[int]:
        number = request.page or 1
        following = f"/?page={number + 1}" if number < 4 else None
        return PageReply(items=pages.get(request.page, []), page=number, next_url=following)

    assert walk_through(walk_of(3), answer) == [1, 2, 3, 4, 5]


def test_a_total_that_counts_one_page_only_is_seen_through() -> None:
    server = FakeServer(count=30, total_items=always(10), total_pages=always(1), links="none")
    assert walk_through(walk_of(), server.answer) == list(range(30))


def test_a_total_of_zero_beside_items_is_no_total() -> None:
    walk = walk_of()
    assert walk_through(walk, FakeServer(count=30, total_items=always(0)).answer, depth=3) == list(range(30))
    assert walk.promised is None


def test_an_empty_listing_takes_one_request_if_links_say_that_it_begins_there() -> None:
    server = FakeServer(count=0)
    walk = walk_of()
    assert walk_through(walk, server.answer) == []
    assert len(server.requests) == 1
    assert walk.promised == 0


def test_without_links_an_empty_answer_is_looked_behind() -> None:
    """A server may count from 0, begin with page 1 if asked for none, and claim a total of 0."""
    hiding = FakeServer(count=9, first=0, default=1, links="none", total_items=always(0))
    assert walk_through(walk_of(), hiding.answer) == list(range(9))
    empty = FakeServer(count=0, links="none")
    assert walk_through(walk_of(), empty.answer) == []
    assert [request.page for request in empty.requests] == [None, 0]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(("count", "requests"), [(0, 1), (7, 1), (25, 3), (100, 10)])
def test_an_honest_server_is_asked_for_no_page_too_many(first: int, count: int, requests: int) -> None:
    server = FakeServer(count=count, first=first)
    assert walk_through(walk_of(), server.answer, depth=4) == list(range(count))
    assert len(server.requests) == requests


def test_pages_are_asked_for_ahead_as_far_as_the_total_reaches() -> None:
    server = FakeServer(count=95)
    walk = walk_of()
    opening = walk.ask(0)
    assert opening is not None
    assert opening.page is None
    assert walk.ask(1) is None, "nothing is known yet"
    walk.take(opening, server.answer(opening))
    ahead = [walk.ask(in_flight) for in_flight in range(12)]
    assert [request and request.page for request in ahead] == [2, 3, 4, 5, 6, 7, 8, 9, 10, None, None, None]


def test_items_promised_and_no_list_of_them_is_an_error() -> None:
    walk = walk_of()
    opening = walk.ask(0)
    assert opening is not None
    with pytest.raises(MalformedResponseError, match="no list of items, although 12") as caught:
        walk.take(opening, PageReply(items=[], embedded=False, total_items=12))
    assert (caught.value.field, caught.value.operation) == ("_embedded", "list_things")


def test_no_list_of_items_is_an_empty_page_where_none_are_promised() -> None:
    assert walk_through(walk_of(), lambda _: PageReply(items=[], embedded=False, total_items=0)) == []


@pytest.mark.parametrize("pages", [0, 1])
def test_an_answer_that_is_no_page_is_not_taken_for_the_end(pages: int) -> None:
    server = FakeServer(count=30, total_items=nothing, total_pages=nothing)

    def answer(request: PageRequest) -> PageReply[int]:
        fault: PageReply[int] = PageReply(items=[], embedded=False, page_size=10)
        return fault if len(server.requests) == pages else server.answer(request)

    with pytest.raises(MalformedResponseError, match="not a page") as caught:
        walk_through(walk_of(), answer)
    assert (caught.value.field, caught.value.operation, caught.value.method) == (None, "list_things", "GET")


@pytest.mark.parametrize("told", [{"page": 0}, {"total_items": 0}, {"total_pages": 0}, {"self_url": "/"}])
def test_a_page_without_items_may_leave_out_their_list(told: dict[str, Any]) -> None:
    assert walk_through(walk_of(), lambda _: PageReply(items=[], embedded=False, **told)) == []


def test_a_refused_page_is_missing_in_the_end() -> None:
    server = FakeServer(count=95)

    def answer(request: PageRequest) -> PageReply[int]:
        if request.page and request.page >= 5:
            raise BadRequestError("too deep", status_code=400)
        return server.answer(request)

    walk = walk_of()
    assert walk_through(walk, answer) == list(range(40))
    assert lacking(walk) == 55


def test_other_failures_are_not_taken_for_the_end() -> None:
    walk = walk_of()
    numbered = PageRequest(page=2, page_size=10)
    assert not walk.forgives(numbered, PermissionDeniedError("no", status_code=403))
    assert not walk.forgives(numbered, ServerError("oops", status_code=503))
    assert not walk.forgives(PageRequest(page_size=10), NotFoundError("no account", status_code=404))


def test_items_without_id_are_told_apart_by_what_they_say() -> None:
    listing = type(LISTING)(operation="x", scope={}, allowed=dict, key=lambda _: None)
    walk: NumberWalk[str] = NumberWalk(listing, {}, start())
    request = walk.ask(0)
    assert request is not None
    assert list(walk.take(request, PageReply(items=["a", "b", "a"])).items) == ["a", "b"]


def test_numbers_as_text_are_read_and_what_is_no_count_is_taken_as_absent() -> None:
    assert PageReply(items=[], total_items="250").total_items == 250  # type: ignore[arg-type]
    reply = PageReply(items=[1], page="1.0", page_size=-1, total_items=True, total_pages=2.5, next_url="")  # type: ignore[arg-type]
    assert (reply.page, reply.page_size, reply.total_items, reply.total_pages, reply.next_url) == (None,) * 5
    assert PageReply(items=[], page=2**63).page is None
    assert PageReply(items=[], page="9" * 5000).page is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("total", "complete"), [(9_999, True), (10_000, None), (20_000, None)])
def test_a_total_at_which_servers_stop_counting_proves_nothing(total: int, complete: bool | None) -> None:
    walk = walk_of(1000)
    assert len(walk_through(walk, FakeServer(count=total, cap=10_000).answer)) == total
    assert walk.outcome.complete is complete


def test_a_total_that_changes_on_the_way_proves_nothing() -> None:
    server = FakeServer(count=30)
    server.total_items = lambda truth: truth + (len(server.requests) > 1)
    walk = walk_of()
    assert walk_through(walk, server.answer) == list(range(30))
    assert walk.outcome.complete is None
    assert "changed from 30 to 31" in walk.outcome.reason


@pytest.mark.parametrize("told", [{"total_pages": 3}, {"prev_url": "/?page=0"}, {"next_url": "/?page=2"}])
def test_a_total_of_zero_beside_other_pages_is_not_a_total(told: dict[str, Any]) -> None:
    walk = walk_of()
    links = {"first_url": "/?page=1", "self_url": "/?page=1"}
    reply: PageReply[int] = PageReply(items=[], page=1, total_items=0, **{**links, **told})
    assert walk_through(walk, lambda _: reply) == []
    assert walk.outcome.complete is not True
