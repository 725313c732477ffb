"""What an archive holds, and what it lacks, by its catalogue: the answer of `vbc-recordings status`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

from .archive import Archive
from .catalogue import Run, StoredWindow, Totals, WindowState
from .instants import from_text, now
from .windows import Span, gaps, window_of

WORST_FIRST: tuple[WindowState, ...] = ("incomplete", "open", "complete", "proven")
_SETTLED = ("proven", "complete")


@frozen
class SourceOverview:
    """What there is of one source, and how far it is known to be all.

    Attributes:
        source: `company`, or `user:<id>`.
        totals: Counts and bytes; None if no recording was ever listed.
        windows: How many windows are in which state.
        unsettled: The windows that are not settled, the latest first. One that is not over yet is not among
            them.
        gaps: Time between the beginning of the archive and now that no window settles, nor is in `unsettled`.
        days: The worst state of each day's windows.
    """

    source: str
    totals: Totals | None
    windows: Mapping[WindowState, int]
    unsettled: tuple[StoredWindow, ...]
    gaps: tuple[Span, ...]
    days: Mapping[date, WindowState]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is known to be missing."""
        return (
            not self.unsettled
            and not self.gaps
            and (self.totals is None or not (self.totals.missing or self.totals.never_came))
        )


@frozen
class DestinationOverview:
    """What a destination of the settings holds, by what was proven there.

    Attributes:
        lacking: Files that it does not hold, of `lacking_bytes` bytes.
    """

    name: str
    files: int
    bytes: int
    lacking: int
    lacking_bytes: int


@frozen
class Overview:
    """What `status` shows.

    Attributes:
        sources: In the order of the settings; sources that are no longer in them come last.
        runs: The last runs, the latest first.
        destinations: As the settings have them.
    """

    sources: tuple[SourceOverview, ...]
    runs: tuple[Run, ...]
    destinations: tuple[DestinationOverview, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is known to be missing of any source, and there is any; nor at a destination."""
        is_there = not any(destination.lacking for destination in self.destinations)
        return is_there and bool(self.sources) and all(source.is_complete for source in self.sources)


def overview(archive: Archive, *, runs: int = 5, at: datetime | None = None) -> Overview:
    """Look at the catalogue. `at` is the present, for tests."""
    at = at or now()
    totals = {each.source: each for each in archive.catalogue.totals()}
    windows: dict[str, list[StoredWindow]] = {}
    for window in archive.catalogue.windows():
        windows.setdefault(window.source, []).append(window)
    sources = dict.fromkeys((*archive.config.sources, *totals, *windows))
    return Overview(
        tuple(
            _of_source(archive, source, totals.get(source), windows.get(source, []), at) for source in sources
        ),
        tuple(archive.catalogue.runs(runs)),
        tuple(_of_destinations(archive)),
    )


def _of_destinations(archive: Archive) -> Iterator[DestinationOverview]:
    holdings = archive.catalogue.holdings()
    for name in archive.config.destinations:
        held = [numbers for names, numbers in holdings.items() if name in names]
        lacking = [numbers for names, numbers in holdings.items() if name not in names]
        yield DestinationOverview(
            name,
            *(sum(each[which] for each in numbers) for numbers in (held, lacking) for which in (0, 1)),
        )


def _of_source(
    archive: Archive, source: str, totals: Totals | None, windows: list[StoredWindow], at: datetime
) -> SourceOverview:
    config = archive.config
    unsettled = [window for window in windows if window.state not in _SETTLED and from_text(window.end) <= at]
    seen = [Span(from_text(window.start), from_text(window.end)) for window in windows]
    noted = archive.catalogue.meta(f"begin {source}")  # by a run that may not have come so far
    starts = [span.start for span in seen] + ([from_text(noted)] if noted else [])
    begin = config.begin or min(starts, default=None)
    # The window that is not over yet does not count as a gap: nothing could have settled it.
    end = window_of(at, config.window, config.timezone).start
    is_kept = source in config.sources
    return SourceOverview(
        source,
        totals,
        Counter(window.state for window in windows),
        tuple(unsettled),
        tuple(gaps(begin, end, seen)) if begin is not None and is_kept else (),
        coverage(windows, config.timezone),
    )


def coverage(windows: Iterable[StoredWindow], zone: ZoneInfo) -> dict[date, WindowState]:
    """The worst state of the windows that each calendar day of `zone` belongs to."""
    days: dict[date, WindowState] = {}
    for window in windows:
        day = from_text(window.start).astimezone(zone).date()
        last = (from_text(window.end) - timedelta(seconds=1)).astimezone(zone).date()
        while day <= last:
            both = (days.get(day, window.state), window.state)
            days[day] = next(state for state in WORST_FIRST if state in both)
            day += timedelta(days=1)
    return days


def instant(text: str) -> datetime | None:
    """What the catalogue writes as text; None for what has not happened."""
    return from_text(text).astimezone(UTC) if text else None
