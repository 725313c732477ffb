"""The progress of several downloads, added up."""

from collections.abc import Callable
from functools import partial
from threading import Lock

from attrs import define, field

OnProgress = Callable[[int, int | None], object]
"""Called with bytes done and bytes in total, None if unknown. Bytes done fall when a download starts over."""


@define(eq=False)
class Progress:
    """Tells of downloads as of one. Safe from any thread.

    Attributes:
        failure: What `on_progress` raised; it is not called any more then.
    """

    _on_progress: OnProgress | None
    failure: BaseException | None = field(default=None, init=False)
    _guard: Lock = field(factory=Lock, init=False)
    _under_way: dict[str, tuple[int, int | None]] = field(
        factory=dict[str, tuple[int, int | None]], init=False
    )
    _finished: int = field(default=0, init=False)
    _all_have_begun: bool = field(default=False, init=False)

    def begin(self, download: str, *, is_last: bool = False) -> OnProgress:
        """What the download is to call."""
        with self._guard:
            self._under_way[download] = 0, None
            self._all_have_begun = is_last
        return partial(self._note, download)

    def end_of_list(self) -> None:
        """No other download will begin."""
        with self._guard:
            self._all_have_begun = True
            self._tell()

    def finish(self, download: str, size: int) -> None:
        """The download ended with so many bytes, 0 if it failed."""
        with self._guard:
            del self._under_way[download]
            self._finished += size
            self._tell()

    def _note(self, download: str, done: int, total: int | None) -> None:
        with self._guard:
            self._under_way[download] = done, total
            self._tell()

    def _tell(self) -> None:
        if self._on_progress is None or self.failure is not None:
            return
        done = self._finished + sum(done for done, _ in self._under_way.values())
        totals = [total for _, total in self._under_way.values()]
        is_known = self._all_have_begun and None not in totals
        try:
            self._on_progress(done, self._finished + sum(filter(None, totals)) if is_known else None)
        except BaseException as error:
            self.failure = error
            raise
