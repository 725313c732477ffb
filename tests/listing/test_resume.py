"""The token: what it holds, that it goes on exactly, and that anything else is refused."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.listing.fake_server import (
    LISTING,
    NUMBERING,
    FakeServer,
    hides_a_page,
    lacking,
    nothing,
    truth,
    walk_through,
)
from vbc_call_recording._errors import BadRequestError, InputError, NotFoundError
from vbc_call_recording._listing.pages import Listing, PageReply
from vbc_call_recording._listing.settings import ListingSettings, begin_walk, check_settings, token_at
from vbc_call_recording._listing.walk import Page

SEEKABLE: Listing[int] = Listing(
    operation="list_things",
    scope={"account_id": "self"},
    allowed=LISTING.allowed,
    key=lambda item: item,
    instant=lambda item: None,
)


def plan(
    *, listing: Listing[int] = SEEKABLE, resume: str | None = None, stable: bool = False, **options: Any
) -> ListingSettings[int]:
    filters = options.pop("filters", {})
    return check_settings(
        listing, filters, page_size=options.pop("page_size", 10), stable=stable, resume=resume
    )


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(NUMBERING, st.sampled_from([truth, nothing]), st.booleans(), st.integers(1, 12), st.data())
def test_a_token_goes_on_after_the_last_item_passed_on(
    quirks: dict[str, Any], total: Any, begins_with_1: bool, size: int, data: st.DataObject
) -> None:
    """Wherever the first walk stops, the second brings the rest and nothing else."""
    server = FakeServer(**quirks, total_items=total, total_pages=total, default=1 if begins_with_1 else None)
    first = plan(page_size=size)
    stop = data.draw(st.integers(1, max(server.count, 1)))
    came, token = walk_until(stop, first, server)
    second = begin_walk(plan(resume=token))
    rest = walk_through(second, server.answer)
    assert len(came + rest) == len(set(came + rest))
    is_linked = quirks["links"] != "none"
    if is_linked or not (begins_with_1 or hides_a_page(quirks)):
        assert sorted(came + rest) == list(range(server.count))
        assert lacking(second) == 0
    elif len(came + rest) < server.count:
        assert second.outcome.complete is (False if total is truth else None)


def walk_until(stop: int, of: ListingSettings[int], server: FakeServer) -> tuple[list[int], str]:
    walk, came = begin_walk(of), list[int]()
    token = token_at(of, None, 0)
    while len(came) < stop and (request := walk.ask(0)) is not None:
        try:
            page: Page[int] = walk.take(request, server.answer(request))
        except (BadRequestError, NotFoundError):
            page = walk.take(request, PageReply(items=()))
        if page.items:
            passed = page.items[: stop - len(came)]
            came += passed
            token = token_at(of, page, len(passed))
    return came, token


def test_it_goes_on_from_where_the_items_are_now_when_they_have_moved_up() -> None:
    """Items passed on were deleted since: those after them have moved up, and are not skipped."""
    items = list(range(30))

    def answer(request: Any) -> PageReply[int]:
        page = request.page or 1
        return PageReply(
            items=items[(page - 1) * 10 : page * 10],
            page=page,
            total_items=len(items),
            next_url=f"/?page={page + 1}",
        )

    walk = begin_walk(plan())
    opening = walk.ask(0)
    assert opening is not None
    token = token_at(plan(), walk.take(opening, answer(opening)), 7)
    del items[:7]
    assert walk_through(begin_walk(plan(resume=token)), answer) == list(range(7, 30))


def test_it_brings_nothing_again_when_the_items_have_moved_down() -> None:
    """New items came before the others since: those at the end of a page are on the next one now."""
    items = list(range(40))

    def answer(request: Any) -> PageReply[int]:
        page = request.page or 1
        shown = items[(page - 1) * 10 : page * 10]
        return PageReply(items=shown, page=page, total_items=len(items), next_url=f"/?page={page + 1}")

    walk, token = begin_walk(plan()), ""
    for _ in range(3):
        request = walk.ask(0)
        assert request is not None
        token = token_at(plan(), walk.take(request, answer(request)), 4)
    items[:0] = [100, 101, 102]
    assert walk_through(begin_walk(plan(resume=token)), answer) == list(range(24, 40))


@pytest.mark.parametrize("stop", [5, 10, 15, 20, 25])
def test_it_goes_on_where_the_walk_had_gone_back_for_page_0(stop: int) -> None:
    server = FakeServer(count=30, first=0, default=1)
    came, token = walk_until(stop, plan(), server)
    rest = walk_through(begin_walk(plan(resume=token)), server.answer)
    assert came + rest == [*range(10, 20), *range(10), *range(20, 30)]


def test_a_token_of_0_1_0_that_had_gone_back_for_page_0_ends_there() -> None:
    """That version looked for it last: what is above has been passed on."""
    server = FakeServer(count=50, first=0, default=1, links="none", total_items=lambda truth: truth + 5)
    there = {"page": 0, "low": 2, "received": 40, "promised": 55, "opening": [*range(10, 20)]}
    token = forged(offset=5, position={**there, "ids": [*range(40, 50), *range(5)]})
    walk = begin_walk(plan(resume=token))
    assert walk_through(walk, server.answer) == list(range(5, 10))
    assert lacking(walk) == 5


def test_it_brings_its_filters_and_page_size() -> None:
    token = token_at(plan(filters={"call_direction": "inbound", "duration_gte": 5}, page_size=7), None, 0)
    resumed = plan(resume=token)
    assert resumed.filters == {"call_direction": "INBOUND", "durationgte": 5}
    assert resumed.start.size == 7


def test_the_same_filters_may_be_given_again() -> None:
    token = token_at(plan(filters={"start_gte": "2019-01-01T01:00:00+01:00"}), None, 0)
    assert plan(resume=token, filters={"start_gte": "2019-01-01T00:00:00Z"}).filters == {
        "startgte": "2019-01-01T00:00:00+0000"
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": {"extension": 2}}, "filters"),
        ({"stable": True}, "stable"),
        ({"listing": Listing("list_others", {"account_id": "self"}, dict, lambda _: None)}, "list_things"),
        ({"listing": Listing("list_things", {"account_id": "7"}, dict, lambda _: None)}, "account_id"),
    ],
)
def test_the_token_of_another_listing_is_refused(options: dict[str, Any], message: str) -> None:
    token = token_at(plan(filters={"extension": 1}), None, 0)
    with pytest.raises(InputError, match=message):
        plan(resume=token, **options)


def test_a_stable_walk_stays_stable() -> None:
    assert plan(resume=token_at(plan(stable=True), None, 0)).stable


def contents(token: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token + "=="))
    return data


def forged(**changes: Any) -> str:
    data = contents(token_at(plan(), None, 0))
    position = changes.pop("position", {})
    data.update(changes)
    if isinstance(position, dict):
        data["position"].update(position)
    else:
        data["position"] = position
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode()


def test_it_holds_versioned_json_with_the_offset_inside_the_page() -> None:
    server = FakeServer(count=30)
    data = contents(walk_until(17, plan(), server)[1])
    assert (data["version"], data["offset"], data["position"]["page"]) == (1, 7, 2)


def test_what_had_been_passed_on_of_the_page_counts_as_received() -> None:
    server = FakeServer(count=30, total_items=lambda truth: truth + 4)
    came, token = walk_until(17, plan(), server)
    assert contents(token)["position"]["received"] == 10
    walk = begin_walk(plan(resume=token))
    rest = walk_through(walk, server.answer)
    assert (len(came + rest), walk.outcome.received, lacking(walk)) == (30, 30, 4)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "hello",
        "é",
        "AAAA",
        base64.urlsafe_b64encode(b"[1]").decode(),
        base64.urlsafe_b64encode(b"{}").decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        forged(version=2),
        forged(surprise=1),
        forged(scope=[]),
        forged(stable=1),
        forged(filters={"nonsense": 1}),
        forged(filters={"extension": [1]}),
        forged(position=None),
        forged(position={"size": 0}),
        forged(position={"page": -1}),
        forged(position={"page": "1"}),
        forged(position={"page": 10**30}),
        forged(offset=-1),
        forged(offset=1),
        forged(offset="1", position={"ids": [5]}),
        forged(position={"ids": [[1]]}),
        forged(position={"ids": 5}),
        forged(stable=True, position={"since": "yesterday"}),
        forged(stable=True, position={"until": "2019-01-01T00:00:00"}),
    ],
)
def test_what_is_no_token_is_refused_before_any_request(token: str) -> None:
    with pytest.raises(InputError, match=r"resume|filter|extension"):
        plan(resume=token)
