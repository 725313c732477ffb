"""What the page shows, as plain values: the catalogue is asked here, and nowhere else."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

from vbc_call_recording import InputError

from ..archive import Archive
from ..catalogue import CheckTally, DeletionTally, Run, StoredRecording, Totals
from ..overview import DestinationOverview, SourceOverview, overview
from ..retention import Plan, read_plan
from .days import Day, calendar_of, filled, spans_of, states_of

LATELY = timedelta(days=30)
"""A file that was read again within this time counts as verified lately."""

_MOST = 20  # recordings that are named one by one
_RUNS = 12


@frozen
class PendingPlan:
    """A plan of deletions that could be applied now.

    Attributes:
        left: Recordings of it that are not deleted yet, of `bytes` bytes.
    """

    name: str
    plan: Plan
    left: int
    bytes: int


@frozen(kw_only=True)
class Figures:
    """All that the page shows.

    Attributes:
        at: The present.
        days: Every day of the archive, the earliest first.
        absent: The latest recordings that are known and not here, `absent_count` in all.
        plan: The latest plan in the archive's folder `retention` that can still be applied.
    """

    name: str
    at: datetime
    zone: ZoneInfo
    sources: tuple[SourceOverview, ...]
    totals: Totals
    days: tuple[Day, ...]
    absent: tuple[StoredRecording, ...]
    absent_count: int
    checks: CheckTally
    deletions: DeletionTally
    plan: PendingPlan | None
    runs: tuple[Run, ...]
    destinations: tuple[DestinationOverview, ...]


def figures(archive: Archive, at: datetime) -> Figures:
    """Ask the catalogue, in a few queries whatever its size. `at` is the present, aware.

    All numbers are of one moment, although `sync` may be running.
    """
    with archive.catalogue.moment():
        return _figures(archive, at)


def _figures(archive: Archive, at: datetime) -> Figures:
    catalogue, zone = archive.catalogue, archive.config.timezone
    seen = overview(archive, runs=_RUNS, at=at)
    today = at.astimezone(zone).date()
    states = states_of(seen.sources, zone, today)
    days = calendar_of(states, today)
    return Figures(
        name=archive.folder.absolute().name,
        at=at,
        zone=zone,
        sources=seen.sources,
        totals=_sum(each.totals for each in seen.sources),
        days=filled(days, states, catalogue.tally(spans_of(days, zone))),
        absent=tuple(catalogue.recordings(on_disk=False, deleted=False, limit=_MOST)),
        absent_count=catalogue.count(on_disk=False, deleted=False),
        checks=catalogue.tally_checks(at - LATELY),
        deletions=catalogue.tally_deletions(),
        plan=_pending(archive, at),
        runs=seen.runs,
        destinations=seen.destinations,
    )


def _sum(every: Iterable[Totals | None]) -> Totals:
    known = [each for each in every if each is not None]

    def number(name: str) -> int:
        return sum(getattr(each, name) for each in known)

    return Totals(
        source="",
        oldest=min((each.oldest for each in known), default=""),
        newest=max((each.newest for each in known), default=""),
        **{
            name: number(name)
            for name in (
                "recordings",
                "on_disk",
                "bytes",
                "missing",
                "vanished",
                "deleted",
                "transcripts_ready",
                "transcripts_pending",
                "transcripts_failed",
                "never_came",
            )
        },
    )


def _pending(archive: Archive, at: datetime) -> PendingPlan | None:
    """The latest plan. Files that are not plans, or too old to be applied, are passed over."""
    for path in sorted((archive.folder / "retention").glob("*.json"), reverse=True):
        try:
            plan = read_plan(path, at=at)
        except InputError:
            continue
        gone = {(row.source, row.id) for row in archive.catalogue.recordings(deleted=True)}
        left = [each.size for each in plan.recordings if (each.source, each.id) not in gone]
        if left:
            return PendingPlan(path.name, plan, len(left), sum(left))
    return None
