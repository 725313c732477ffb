"""Walking by `next` links, as the job lists are."""

import pytest
from attrs import evolve

from tests.listing.fake_server import LISTING, lacking, start, walk_through
from vbc_call_recording._errors import MalformedResponseError
from vbc_call_recording._listing.by_link import LinkWalk
from vbc_call_recording._listing.pages import PageReply, PageRequest

Pages = dict[str | None, tuple[list[int], str | None]]


def walk(pages: Pages, total: int | None = None) -> tuple[list[int], LinkWalk[int], list[str | None]]:
    followed: list[str | None] = []

    def answer(request: PageRequest) -> PageReply[int]:
        followed.append(request.url)
        items, following = pages[request.url]
        return PageReply(items=items, next_url=following, total_items=total)

    through: LinkWalk[int] = LinkWalk(LISTING, {}, start())
    return walk_through(through, answer, depth=4), through, followed


def test_links_are_followed_to_the_last_page() -> None:
    came, through, _ = walk({None: ([1, 2], "b"), "b": ([3], "c"), "c": ([4], None)}, total=4)
    assert came == [1, 2, 3, 4]
    assert lacking(through) == 0


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param({None: ([1], "b"), "b": ([2], "b")}, id="to itself"),
        pytest.param({None: ([1], "b"), "b": ([2], "c"), "c": ([], "b")}, id="in a circle"),
        pytest.param({None: ([1], "b"), "b": ([2], "a"), "a": ([1], "b")}, id="back to the first"),
    ],
)
def test_links_that_lead_back_are_left(pages: Pages) -> None:
    came, through, followed = walk(pages, total=9)
    assert came == [1, 2]
    assert len(followed) == len(set(followed))
    assert lacking(through) == 7


def test_links_that_lead_on_for_ever_are_left() -> None:
    """Each one new, none of their pages bringing anything."""

    def answer(request: PageRequest) -> PageReply[int]:
        number = int(request.url or "0")
        assert number < 10, "the walk does not end"
        return PageReply(items=[1], next_url=str(number + 1), total_items=5)

    assert walk_through(LinkWalk(LISTING, {}, start()), answer) == [1]


@pytest.mark.parametrize("total", [None, 0, 2])
@pytest.mark.parametrize("first", [[], [1, 2]])
def test_links_past_empty_pages_for_ever_are_told_of(first: list[int], total: int | None) -> None:
    """Even where the total has come: page and total contradict each other."""
    followed = list[str]()

    def answer(request: PageRequest) -> PageReply[int]:
        followed.append(request.url or "0")
        return PageReply(items=[] if request.url else first, next_url=str(len(followed)), total_items=total)

    through: LinkWalk[int] = LinkWalk(LISTING, {}, start())
    assert walk_through(through, answer) == first
    assert through.outcome.complete is False
    assert len(followed) == 3 + bool(first)


def test_items_behind_two_empty_pages_come_though_the_total_has_come_before() -> None:
    came, through, _ = walk({None: ([1], "b"), "b": ([], "c"), "c": ([], "d"), "d": ([2], None)}, total=1)
    assert came == [1, 2]
    assert through.outcome.complete is None


@pytest.mark.parametrize("total", [None, 2])
def test_pages_that_no_link_leads_to_are_told_of(total: int | None) -> None:
    through: LinkWalk[int] = LinkWalk(LISTING, {}, start())
    reply = PageReply(items=[1, 2], total_items=total, total_pages=3)
    assert walk_through(through, lambda _: reply) == [1, 2]
    assert through.outcome.complete is False
    assert "total_pages" in through.outcome.reason


def test_a_walk_that_a_token_goes_on_with_does_not_count_the_pages_before() -> None:
    """They were counted by the walk before, which is over."""
    through: LinkWalk[int] = LinkWalk(
        LISTING, {}, evolve(start(), url="c", received=4, promised=6, ids=[3, 4])
    )
    reply = PageReply(items=[5, 6], total_items=6, total_pages=3)
    assert walk_through(through, lambda _: reply) == [5, 6]
    assert through.outcome.complete is True


def test_an_answer_that_is_no_page_is_an_error() -> None:
    with pytest.raises(MalformedResponseError, match="not a page"):
        walk_through(LinkWalk(LISTING, {}, start()), lambda _: PageReply(items=[], embedded=False))


def test_items_promised_and_no_list_of_them_is_an_error() -> None:
    through: LinkWalk[int] = LinkWalk(LISTING, {}, start())
    with pytest.raises(MalformedResponseError, match="no list of items"):
        walk_through(through, lambda _: PageReply(items=[], embedded=False, total_items=1))
