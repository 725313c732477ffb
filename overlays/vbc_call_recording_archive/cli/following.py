"""What a run of sync tells, as progress and notes for people and as JSON lines for programs."""

import re
from collections import Counter
from functools import singledispatchmethod

import attrs

from ..sync import (
    CopyFailed,
    Event,
    ExportGivenUp,
    ExportProgressed,
    FetchBegan,
    FileDone,
    FileFailed,
    FileLost,
    ListingProgress,
    PlanMade,
    Progress,
    StretchBegan,
    TranscriptDone,
    Trouble,
    WindowDone,
)
from . import words
from .progress import Progress as Shown
from .screen import Screen

_MOST_WARNINGS = 20  # recordings that failed, told one by one
_MOST_COPIES = 5  # files that a destination did not take, told one by one
_OFTEN = (Progress, ListingProgress)  # not logged each time


class Following:
    """Follows a run: pass it as `on_event`.

    Attributes:
        began: What there was to fetch, each time it was known.
    """

    def __init__(self, screen: Screen, shown: Shown) -> None:
        self.began: list[FetchBegan] = []
        self._screen = screen
        self._shown = shown
        self._windows = self._done = 0  # of all sources so far
        self._together = 1  # windows that are looked at together
        self._name = ""
        self._fetched = self._to_fetch = 0
        self._uncopied = Counter[str]()

    def __call__(self, event: Event) -> None:
        """Tell of one event. Some come from other threads, and change numbers only."""
        if self._screen.log_json and not isinstance(event, _OFTEN):
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(event).__name__).lower()
            self._screen.event(name, **attrs.asdict(event))
        self._follow(event)
        self._shown.moved()

    @singledispatchmethod
    def _follow(self, event: Event) -> None:
        """Of waits for the quota, the client's log tells whoever works."""

    @_follow.register
    def _(self, event: PlanMade) -> None:
        self._windows += len(event.windows)
        self._shown.state.total = self._windows
        if not self._screen.log_json:
            due = words.count(len(event.windows), "window")
            first = f", from {event.windows[0]} on" if event.windows else ""
            self._screen.note(f"{event.source}: {due} to look at{first}")

    @_follow.register
    def _(self, event: StretchBegan) -> None:
        self._together = len(event.windows)
        self._fetched = self._to_fetch = 0
        self._name = event.windows[0] + (f" to {event.windows[-1]}" if self._together > 1 else "")
        self._shown.state.detail = f"{self._name}: listing"

    @_follow.register
    def _(self, event: ListingProgress) -> None:
        of = f" of {event.expected:,}" if event.expected is not None else ""
        self._shown.state.detail = f"{self._name}: {event.received:,}{of} listed"

    @_follow.register
    def _(self, event: FetchBegan) -> None:
        self.began.append(event)
        self._to_fetch, self._fetched = event.recordings, 0
        how = "by an export" if event.how == "export" else "singly"
        self._shown.state.detail = (
            f"{self._name}: {words.count(event.recordings, 'recording')} to fetch {how}"
        )

    @_follow.register
    def _(self, event: Progress) -> None:
        of = f" of {words.size(event.total)}" if event.total else ""
        done = f"{self._fetched:,} of {self._to_fetch:,} recordings, " if self._to_fetch else ""
        self._shown.state.detail = f"{self._name}: {done}{words.size(event.done)}{of}"

    @_follow.register
    def _(self, event: ExportProgressed) -> None:
        done = f"{event.files_completed:,} of {event.files_total:,} files"
        self._shown.state.detail = f"{self._name}: the vendor makes the archive, {done}"

    @_follow.register
    def _(self, event: ExportGivenUp) -> None:
        if not self._screen.log_json:
            self._screen.note(
                f"{event.source}: the export did not bring everything, the rest comes singly: {event.reason}"
            )

    @_follow.register
    def _(self, event: FileDone) -> None:
        self._fetched += 1
        self._shown.state.bytes += event.size
        share = min(self._fetched / self._to_fetch, 1.0) if self._to_fetch else 0.0
        self._shown.state.fraction = (self._done + share * self._together) / max(self._windows, 1)
        self._shown.state.detail = f"{self._name}: {self._fetched:,} of {self._to_fetch:,}, {event.path}"

    @_follow.register
    def _(self, event: FileFailed) -> None:
        self._shown.state.failed += 1
        if self._shown.state.failed <= _MOST_WARNINGS and not self._screen.log_json:
            self._screen.warn(f"recording {event.id} failed: {event.reason}")
        if self._shown.state.failed == _MOST_WARNINGS:
            self._screen.warn("others that fail are counted only; status names them")

    @_follow.register
    def _(self, event: FileLost) -> None:
        if not self._screen.log_json:
            self._screen.warn(f"{event.path} was lost, and is fetched again: {event.reason}")

    @_follow.register
    def _(self, event: CopyFailed) -> None:
        self._uncopied[event.destination] += 1
        if self._uncopied[event.destination] <= _MOST_COPIES and not self._screen.log_json:
            self._screen.warn(f"{event.path} did not get to {event.destination}: {event.reason}")

    @_follow.register
    def _(self, event: TranscriptDone) -> None:
        self._shown.state.detail = f"{self._name}: transcript of {event.id}"

    @_follow.register
    def _(self, event: Trouble) -> None:
        if not self._screen.log_json:
            self._screen.warn(f"{event.source}: {event.reason}")

    @_follow.register
    def _(self, event: WindowDone) -> None:
        self._done += 1
        self._shown.state.done = self._done
        self._shown.state.fraction = self._done / max(self._windows, 1)
        window = event.window
        if window.state == "incomplete" and not self._screen.log_json:
            self._screen.warn(f"{window.source} {window.name} is not complete: {window.reason}")
