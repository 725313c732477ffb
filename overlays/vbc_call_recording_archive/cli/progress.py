"""What moves while something takes long: bars on a terminal, a line now and then elsewhere, or JSON lines."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from attrs import define
from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from . import words
from .screen import Screen

LINE_EVERY = 15.0  # seconds between two lines where there is no terminal
_BAR = 60  # cells
_SPINNER = "|/-\\"


@define
class State:
    """How far something has got. Whoever works changes it; whoever draws reads it.

    Attributes:
        title: What is being done.
        done: Things done: recordings, files of an export.
        total: Of how many; None while that is not known.
        things: What they are called.
        bytes: Bytes brought so far.
        bytes_total: Of how many; None while that is not known.
        detail: What is being done right now.
        fraction: How far all of it has got, where neither `done` nor `bytes` tells.
        failed: Things that failed.
        waiting_until: Until when everything waits for the quota, by the monotonic clock.
    """

    title: str
    done: int = 0
    total: int | None = None
    things: str = "recordings"
    bytes: int = 0
    bytes_total: int | None = None
    detail: str = ""
    fraction: float | None = None
    failed: int = 0
    waiting_until: float = 0.0


class Progress:
    """Shows a `State` while a block runs. `Progress.now` is the one that is shown, if there is one.

    Where nothing can move, a line comes at the beginning of a long job, every 15 s and at the end.
    """

    now: "Progress | None" = None

    def __init__(
        self,
        screen: Screen,
        title: str,
        things: str = "recordings",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = State(title, things=things)
        self._screen = screen
        self._clock = clock
        self._began = self._told = clock()
        self._live = (
            Live(
                console=screen.err,
                get_renderable=self._drawn,
                refresh_per_second=8,
                transient=True,
                redirect_stdout=screen.out.is_terminal,  # what goes into a pipe is not for the terminal
            )
            if screen.is_live
            else None
        )

    def __enter__(self) -> Self:
        Progress.now = self
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        Progress.now = None
        if self._live is not None:
            self._live.stop()

    def moved(self) -> None:
        """The state has changed: tell, where nothing moves by itself and it is time to."""
        if self._live is None and self._clock() - self._told >= LINE_EVERY:
            self._told = self._clock()
            self.tell()

    def tell(self) -> None:
        """A line about how far it has got."""
        state = self.state
        if self._screen.log_json:
            self._screen.event(
                "progress",
                title=state.title,
                done=state.done,
                total=state.total,
                bytes=state.bytes,
                bytes_total=state.bytes_total,
                failed=state.failed,
                detail=state.detail or None,
                eta_seconds=None if (left := self.seconds_left()) is None else round(left),
            )
        else:
            detail = f"; {state.detail}" if state.detail else ""
            self._screen.note(f"{state.title}: {self._summary()}{detail}")

    def wait(self, seconds: float) -> None:
        """Everything waits for the quota."""
        self.state.waiting_until = self._clock() + seconds
        self.moved()

    def seconds_left(self) -> float | None:
        """At the pace so far. A wait for the quota counts as passed: what was done is all it lets through."""
        fraction, state = self.fraction(), self.state
        if not fraction:
            return None
        passed = max(self._clock(), state.waiting_until) - self._began
        return passed * (1 - fraction) / fraction

    def fraction(self) -> float | None:
        """How far all of it has got, None while that cannot be said."""
        state = self.state
        if state.fraction is not None:
            return min(state.fraction, 1.0)
        done, total = (state.bytes, state.bytes_total) if state.bytes_total else (state.done, state.total)
        return min(done / total, 1.0) if total else None

    def close(self) -> None:
        """Gives the terminal its cursor back, for a program that ends without leaving the block."""
        if self._live is not None:
            self._screen.err.show_cursor(True)

    def _summary(self) -> str:
        state = self.state
        of = f" of {state.total:,}" if state.total is not None else ""
        parts = [f"{state.done:,}{of} {state.things}"]
        if state.failed:
            parts.append(f"{state.failed:,} failed")
        if (wait := state.waiting_until - self._clock()) > 0:
            parts.append(f"waiting {wait:.0f} s for the quota")
        if (left := self.seconds_left()) is not None and state.done:
            parts.append(f"about {words.span(left)} left")
        if state.bytes:
            total = f" of {words.size(state.bytes_total)}" if state.bytes_total else ""
            parts.append(f"{words.size(state.bytes)}{total}")
        return ", ".join(parts)

    def _drawn(self) -> RenderableType:
        state = self.state
        turn = _SPINNER[int(self._clock() * 4) % len(_SPINNER)]
        head = Text(f"{turn} {state.title}: ", "bold") + Text(self._summary(), "default")
        head.no_wrap, head.overflow = True, "ellipsis"
        parts: list[RenderableType] = [head]
        if (fraction := self.fraction()) is not None:
            bar = Table.grid()
            bar.add_row(ProgressBar(1.0, fraction, width=min(self._screen.err.width, _BAR)))
            parts.append(bar)
        if state.detail:
            parts.append(Text(f"  {words.clean(state.detail)}", "dim", no_wrap=True, overflow="ellipsis"))
        return Group(*parts)
