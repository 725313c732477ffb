"""Which ids have come already: exactly, in about five bytes each once there are many. Pure.

A set takes 60 to 90 bytes for each id, which a listing of a million recordings would notice. So whenever the
set has become large, its whole numbers move to sorted arrays: id 193,228 is number 754 (193,228 // 256) in
array 204 (the remainder). The arrays hold 32-bit numbers, which is enough for ids up to a million million.
What is not such a number stays in a set.
"""

import math
from array import array
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable

from .pages import ItemId

MANY = 1_000  # ids that a set may hold: larger ones scatter what is kept over memory that is needed again
ARRAYS = 256
LARGEST = 2**32 * ARRAYS - 1


class SeenIds:
    """A set of ids that can only grow."""

    def __init__(self, ids: Iterable[ItemId] = ()) -> None:
        self._recent = set(ids)
        self._others: set[ItemId] = set()
        self._arrays: list[array[int]] = []
        self._stored = 0
        self._least, self._most = math.inf, -math.inf  # of the numbers that were stored

    def __contains__(self, key: ItemId) -> bool:
        return bool(self.among([key]))

    def __len__(self) -> int:
        return len(self._recent) + self._stored

    def among(self, ids: Collection[ItemId]) -> set[ItemId]:
        """Those that came already."""
        came = self._recent.intersection(ids)
        if self._arrays and not self._are_apart(ids):
            came.update(key for key in ids if key in self._others or self._is_stored(key))
        return came

    def update(self, ids: Iterable[ItemId]) -> None:
        self._recent.update(ids)
        if len(self._recent) > MANY:
            self._store()

    def _are_apart(self, ids: Collection[ItemId]) -> bool:
        """Whether they are numbers beyond all that were stored, as on most pages of a sorted listing."""
        numbers = [key for key in ids if type(key) is int]
        is_all = bool(numbers) and len(numbers) == len(ids)
        return is_all and (min(numbers) > self._most or max(numbers) < self._least)

    def _is_stored(self, key: ItemId) -> bool:
        if not isinstance(key, int) or not 0 <= key <= LARGEST:
            return False
        number, remainder = divmod(key, ARRAYS)
        stored = self._arrays[remainder]
        place = bisect_left(stored, number)
        return place < len(stored) and stored[place] == number

    def _store(self) -> None:
        self._arrays = self._arrays or [array("I") for _ in range(ARRAYS)]
        numbers = [key for key in self._recent if isinstance(key, int)]
        self._least = min([self._least, *numbers])
        self._most = max([self._most, *numbers])
        storable = [key for key in numbers if 0 <= key <= LARGEST]
        for key in storable:
            insort(self._arrays[key % ARRAYS], key // ARRAYS)
        self._others |= self._recent.difference(storable)
        self._stored += len(self._recent)
        self._recent = set[ItemId]()
