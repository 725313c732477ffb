"""What is to be done: which windows are looked at, and which way takes fewer requests. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import frozen

from ..catalogue import WindowState
from ..windows import Span, Window, WindowSize, due, windows_between

PAGE = 100
"""Recordings a page of a listing holds: one page is one answer, in which nothing can be missed."""

EXPORT_REQUESTS = 8
"""What an export costs however small it is: starting it, looking at it, fetching its archive (measured)."""

FILES_PER_JOB = 250
"""After how many recordings an export is split, so that there is one more archive to fetch (a guess)."""

STRETCH = 1000
"""Recordings that are listed together, if a window has no more: a compromise of requests and memory."""

_MOST_WINDOWS = 31


@frozen
class Plan:
    """The windows of a source that are due.

    Attributes:
        full: Listed, and what is missing fetched.
        only_transcripts: Finished, but for transcripts that are still in the making.
    """

    full: tuple[Window, ...]
    only_transcripts: tuple[Window, ...] = ()


def make_plan(
    period: Span,
    size: WindowSize,
    zone: ZoneInfo,
    *,
    settled: Iterable[Span],
    overlap: int,
    pending: Iterable[datetime] = (),
) -> Plan:
    """Say which windows of the period are due.

    Args:
        settled: The time that was proven, or is complete as far as the server says.
        overlap: How many of the last windows are due in any case.
        pending: Starts of recordings whose transcripts are in the making.
    """
    windows = list(windows_between(period.start, period.end, size, zone))
    full = due(windows, settled, overlap)
    chosen = set(full)
    waiting = sorted(pending)
    rest = [window for window in windows if window not in chosen and any(map(window.holds, waiting))]
    return Plan(tuple(full), tuple(rest))


def windows_together(recordings: int, windows: int, before: int) -> int:
    """How many windows to list together next: as many as hold about `STRETCH` recordings.

    Args:
        recordings: How many the last windows held.
        windows: How many windows these were, 0 if nothing is known yet.
        before: How many were listed together last: growth is gentle, as the next ones may be fuller.
    """
    if not windows:
        return 1
    fitting = STRETCH * windows // max(recordings, 1)
    return max(1, min(fitting, 4 * before, _MOST_WINDOWS))


def close_ones(
    windows: Sequence[Window], count: Callable[[Window, Window], int]
) -> Iterator[Sequence[Window]]:
    """Windows that one page of a listing covers, together with what is between them.

    Args:
        count: How many recordings there are from one window to another, both included.
    """
    first = 0
    for at in range(1, len(windows) + 1):
        if at == len(windows) or count(windows[first], windows[at]) > PAGE:
            yield windows[first:at]
            first = at


def export_is_cheaper(lacking: int, listed: int) -> bool:
    """Whether an export takes fewer requests than fetching singly what is lacking.

    An export brings everything that was listed. If less than half of that is lacking, what it saves in
    requests it costs in bytes, and it is not chosen.
    """
    return lacking > EXPORT_REQUESTS + listed // FILES_PER_JOB and 2 * lacking >= listed


def judge(
    *, over: bool, complete: bool | None, doubt: str, listed: int, on_disk: int, missing: Sequence[str]
) -> tuple[WindowState, str]:
    """The state of a window, and why it is not proven.

    Args:
        over: Whether the window has ended.
        complete: What the client says of the listing: True, False, or None if it cannot be known.
        doubt: Why that is not True.
        listed: How many recordings the listing named.
        on_disk: How many of those are here.
        missing: Some of the others, each with the reason.
    """
    reasons = [doubt] if complete is not True and doubt else []
    lacking = listed - on_disk
    if lacking:
        more = f" and {lacking - len(missing)} more" if lacking > len(missing) else ""
        reasons.insert(0, f"not on disk: {', '.join(missing)}{more}")
    if not over:
        return "open", "; ".join([*reasons, "the window is not over"])
    if lacking or complete is False:
        return "incomplete", "; ".join(reasons)
    return ("proven", "") if complete else ("complete", "; ".join(reasons))
