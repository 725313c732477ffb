"""Which windows of a source are due, by the settings and the catalogue."""

from datetime import datetime

from ..catalogue.fields import start_of
from ..errors import ArchiveError
from ..instants import from_text, to_text
from ..windows import Span, Window
from .plan import Plan, make_plan
from .work import Work


def begin_of(work: Work, source: str) -> datetime | None:
    """When to begin, if nobody said so: with the oldest recording. None if there is none yet."""
    config, catalogue = work.archive.config, work.archive.catalogue
    if config.begin is not None:
        return config.begin
    kept = catalogue.meta(f"begin {source}")
    if kept:
        return from_text(kept)
    oldest = next(iter(work.list(source, "", "", stable=True, limit=1)), None)
    if oldest is None:
        return None
    start = start_of(oldest)
    if start is None:
        raise ArchiveError(
            "the oldest recording does not say when it started; accepted: since = DAY in the settings"
        )
    catalogue.set_meta(f"begin {source}", to_text(start))
    return start


def plan_of(work: Work, source: str, period: Span) -> Plan:
    """The windows of that time that are due."""
    config, catalogue = work.archive.config, work.archive.catalogue
    return make_plan(
        period,
        config.window,
        config.timezone,
        settled=catalogue.settled(source),
        overlap=config.overlap,
        pending=map(from_text, catalogue.pending(source)) if config.transcripts != "none" else (),
    )


def count_of(work: Work, source: str, first: Window, last: Window) -> int:
    """How many recordings are known, from one window to another, both included."""
    return work.archive.catalogue.count_between(source, to_text(first.start), to_text(last.end))
