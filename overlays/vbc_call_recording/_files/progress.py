"""The progress of downloads that run at the same time, added up. Pure, and safe from any thread."""

from collections.abc import Callable
from threading import Lock

OnBytes = Callable[[int, int | None], object]


class SumOfProgress:
    """Tells `on_progress` the bytes done of all downloads, and their bytes in total once that is known.

    Attributes:
        failure: What `on_progress` raised; it is not called any more then.
    """

    def __init__(self, on_progress: OnBytes) -> None:
        self._on_progress = on_progress
        self._guard = Lock()
        self._under_way: dict[object, tuple[int, int | None]] = {}
        self._finished = 0
        self._all_have_begun = False
        self.failure: BaseException | None = None

    def begin(self) -> "OneProgress":
        one = OneProgress(self)
        with self._guard:
            self._under_way[one] = 0, None
        return one

    def end_of_list(self) -> None:
        """No other download will begin."""
        with self._guard:
            self._all_have_begun = True
            self._tell()

    def note(self, one: object, done: int, total: int | None) -> None:
        with self._guard:
            self._under_way[one] = done, total
            self._tell()

    def finish(self, one: object, size: int) -> None:
        with self._guard:
            del self._under_way[one]
            self._finished += size
            self._tell()

    def _tell(self) -> None:
        done, total = self._finished, self._finished if self._all_have_begun else None
        for bytes_done, bytes_total in self._under_way.values():
            done += bytes_done
            total = None if total is None or bytes_total is None else total + bytes_total
        if self.failure is None:
            try:
                self._on_progress(done, total)
            except BaseException as error:
                self.failure = error
                raise


class OneProgress:
    """A download's own `on_progress`."""

    def __init__(self, sum_of_all: SumOfProgress) -> None:
        self._sum = sum_of_all

    def __call__(self, done: int, total: int | None) -> None:
        self._sum.note(self, done, total)

    def finish(self, size: int) -> None:
        """The download ended with so many bytes, 0 if it failed."""
        self._sum.finish(self, size)
