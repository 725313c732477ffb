"""Ids that have come already: as a set knows them, in a fraction of its memory."""

import sys
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording._listing import seen
from vbc_call_recording._listing.seen import ARRAYS, LARGEST, SeenIds

IDS = st.one_of(
    st.integers(0, 40),
    st.integers(-3, LARGEST + 3),
    st.sampled_from([0, ARRAYS, ARRAYS - 1, LARGEST, LARGEST + 1, 10**30, "0", "a"]),
)


@given(st.lists(st.lists(IDS, max_size=8)), st.lists(IDS))
def test_it_knows_what_a_set_would_know(pages: list[list[int | str]], asked: list[int | str]) -> None:
    with patch.object(seen, "MANY", 5):
        ids, wanted = SeenIds(), set[int | str]()
        for page in pages:
            new = {key for key in page if key not in ids}
            assert new == set(page) - wanted
            ids.update(new)
            wanted.update(new)
            assert len(ids) == len(wanted)
    assert [key in ids for key in asked] == [key in wanted for key in asked]


def test_many_take_a_few_bytes_each() -> None:
    ids, count = SeenIds(), 300_000
    for start in range(0, count, 100):
        ids.update(range(start, start + 100))
    arrays = sum(map(sys.getsizeof, ids._arrays))

    assert len(ids) == count
    assert len(ids._recent) <= seen.MANY
    assert arrays < 8 * count
