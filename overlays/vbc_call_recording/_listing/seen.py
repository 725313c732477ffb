"""Which ids have come already: exactly, in about five bytes each once there are many. Pure.

A set takes 60 to 90 bytes for each id, which a listing of a million recordings would notice. So whenever the
set has become large, its whole numbers move to sorted arrays: id 193,228 is number 754 (193,228 // 256) in
array 204 (the remainder). The arrays hold 32-bit numbers, which is enough for ids up to a million million.
What is not such a number stays in a set.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

from .pages import ItemId

MANY = 10_000  # ids that a set may hold: some 1 MiB
ARRAYS = 256
LARGEST = 2**32 * ARRAYS - 1


class SeenIds:
    """A set of ids that can only grow."""

    def __init__(self, ids: Iterable[ItemId] = ()) -> None:
        self._recent = set(ids)
        self._others: set[ItemId] = set()
        self._arrays: list[array[int]] = []
        self._stored = 0

    def __contains__(self, key: ItemId) -> bool:
        return key in self._recent or (bool(self._arrays) and (key in self._others or self._is_stored(key)))

    def __len__(self) -> int:
        return len(self._recent) + self._stored

    def update(self, ids: Iterable[ItemId]) -> None:
        self._recent.update(ids)
        if len(self._recent) > MANY:
            self._store()

    def _is_stored(self, key: ItemId) -> bool:
        if not _is_storable(key):
            return False
        number, remainder = divmod(int(key), ARRAYS)
        stored = self._arrays[remainder]
        place = bisect_left(stored, number)
        return place < len(stored) and stored[place] == number

    def _store(self) -> None:
        self._arrays = self._arrays or [array("I") for _ in range(ARRAYS)]
        for key in self._recent:
            if _is_storable(key):
                number, remainder = divmod(int(key), ARRAYS)
                stored = self._arrays[remainder]
                stored.insert(bisect_left(stored, number), number)
            else:
                self._others.add(key)
        self._stored += len(self._recent)
        self._recent = set[ItemId]()


def _is_storable(key: ItemId) -> bool:
    return isinstance(key, int) and 0 <= key <= LARGEST
