"""`vbc-recordings status`: what an archive holds, and what it lacks."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import click
from rich.text import Text

from ..archive import Archive
from ..catalogue import Run, StoredWindow
from ..destinations import LOCAL
from ..overview import Overview, SourceOverview, overview
from ..windows import Span
from . import archives, options, words
from .endings import ExitCode
from .group import Command, Common
from .screen import Cell

_SIGNS = {
    "proven": ("█", "#", "green"),
    "complete": ("▓", "+", "green"),
    "open": ("░", "o", "yellow"),
    "incomplete": ("▒", "!", "red"),
    None: ("·", ".", "dim"),
}
_LABEL = 13
_MOST = 8  # windows or gaps that are named one by one


@click.command(
    "status",
    cls=Command,
    example="vbc-recordings status /srv/recordings\n"
    "vbc-recordings status /srv/recordings --json | jq .complete",
)
@archives.folder
@click.option("--months", type=click.IntRange(1), default=6, metavar="N", help="Months of days: 6.")
@archives.catalogue
@options.as_json
@click.pass_obj
def command(common: Common, /, folder: Path, months: int, catalogue: Path | None, as_json: bool) -> ExitCode:
    """Say what an archive holds and what it lacks: counts, bytes, days, gaps, transcripts, runs.

    Ends with 1 if anything is known to be missing.
    """
    with Archive(folder, catalogue=catalogue) as archive:
        seen = overview(archive)
        if as_json:
            common.screen.document(document(seen))
        else:
            for source in seen.sources:
                _tell(common, archive, source, months)
            _tell_destinations(common, seen)
            _tell_runs(common, archive, seen.runs)
    return ExitCode.DONE if seen.is_complete else ExitCode.INCOMPLETE


def document(seen: Overview) -> dict[str, Any]:
    """All of it, for programs."""
    return {
        "complete": seen.is_complete,
        "sources": [
            {
                "source": source.source,
                "complete": source.is_complete,
                "totals": source.totals and attrs.asdict(source.totals),
                "windows": dict(source.windows),
                "unsettled": [attrs.asdict(window) for window in source.unsettled],
                "gaps": [attrs.asdict(gap) for gap in source.gaps],
                "days": {day.isoformat(): state for day, state in sorted(source.days.items())},
            }
            for source in seen.sources
        ],
        "destinations": [attrs.asdict(each) for each in seen.destinations],
        "runs": [attrs.asdict(run) for run in seen.runs],
    }


def _tell(common: Common, archive: Archive, source: SourceOverview, months: int) -> None:
    verdict = (
        ("nothing is known to be missing", "green") if source.is_complete else ("NOT COMPLETE", "bold red")
    )
    _entry(common, source.source, verdict[0], verdict[1])
    if totals := source.totals:
        here = f"{totals.on_disk:,} of {words.count(totals.recordings, 'recording')} here"
        parts = [here, words.size(totals.bytes)]
        parts += [f"{number:,} {name}" for name, number in _counts(source) if number]
        _entry(common, "  recordings", ", ".join(parts))
        period = f"{archives.local(archive, totals.oldest)} to {archives.local(archive, totals.newest)}"
        _entry(common, "  period", f"{period} ({archive.config.timezone})")
        states = {
            "ready": totals.transcripts_ready,
            "pending": totals.transcripts_pending,
            "failed": totals.transcripts_failed,
        }
        told = ", ".join(f"{number:,} {state}" for state, number in states.items() if number)
        _entry(common, "  transcripts", told or "none")
    counted = ", ".join(f"{number:,} {state}" for state, number in source.windows.items())
    _entry(common, "  windows", counted or "none was looked at yet")
    for label, text in _lacks(archive, source):
        _entry(common, label, text, "yellow")
    _calendar(common, source, months)


def _counts(source: SourceOverview) -> Iterator[tuple[str, int]]:
    if totals := source.totals:
        yield "missing", totals.missing
        yield "vanished at the vendor before they came", totals.never_came
        yield "vanished at the vendor", totals.vanished
        yield "deleted at the vendor", totals.deleted


def _lacks(archive: Archive, source: SourceOverview) -> Iterator[tuple[str, str]]:
    for window in source.unsettled[:_MOST]:
        yield f"  {window.state}", _window(window)
    if left := len(source.unsettled) - _MOST:
        yield "", f"and {words.count(left, 'window')} more" if left > 0 else ""
    for gap in source.gaps[:_MOST]:
        yield "  gap", _gap(archive, gap)
    if (left := len(source.gaps) - _MOST) > 0:
        yield "", f"and {words.count(left, 'gap')} more"


def _window(window: StoredWindow) -> str:
    promised = "?" if window.promised is None else f"{window.promised:,}"
    told = f"{window.on_disk:,} here, {window.listed:,} listed, {promised} promised"
    return f"{window.name}: {told}" + (f"; {window.reason}" if window.reason else "")


def _gap(archive: Archive, gap: Span) -> str:
    zone = archive.config.timezone
    return f"{words.instant(gap.start, zone)} to {words.instant(gap.end, zone)} was never looked at"


def _calendar(common: Common, source: SourceOverview, months: int) -> None:
    """A line a month, a sign a day."""
    if not source.days or not common.screen.out.is_terminal:
        return
    is_plain = not common.screen.out.encoding.lower().startswith("utf")
    shown = sorted({(day.year, day.month) for day in source.days}, reverse=True)[:months]
    for year, month in reversed(shown):
        line = Text(f"  {year}-{month:02}".ljust(_LABEL + 1))
        for number in range(1, 32):
            state = source.days.get(date(year, month, number)) if _is_day(year, month, number) else None
            fine, plain, style = _SIGNS[state]
            line.append((plain if is_plain else fine) if _is_day(year, month, number) else "", style)
        common.screen.out.print(line)
    signs = " ".join(f"{sign[is_plain]} {state or 'not looked at'}" for state, sign in _SIGNS.items())
    _entry(common, "", signs, "dim")


def _is_day(year: int, month: int, number: int) -> bool:
    try:
        date(year, month, number)
    except ValueError:
        return False
    return True


def _tell_destinations(common: Common, seen: Overview) -> None:
    """Where the files are, unless that is the archive's folder and nowhere else."""
    if [each.name for each in seen.destinations] == [LOCAL] and not seen.destinations[0].lacking:
        return
    for each in seen.destinations:
        told = f"{each.name}: {words.count(each.files, 'file')}, {words.size(each.bytes)}"
        if each.lacking:
            told += f"; LACKS {words.count(each.lacking, 'file')}, {words.size(each.lacking_bytes)}"
        _entry(common, "destination", told, "yellow" if each.lacking else "")


def _tell_runs(common: Common, archive: Archive, runs: tuple[Run, ...]) -> None:
    for place, run in enumerate(runs):
        counts = ", ".join(
            f"{name.replace('_', ' ')} {words.size(value) if name == 'bytes' else value}"
            for name, value in run.counts.items()
            if value
        )
        result = run.result
        if result == "running" and not run.ended_at:
            result = "was killed" if place else "is running, or was killed"
        told = f"{archives.local(archive, run.started_at)} {run.command}: {result}"
        _entry(common, "" if place else "runs", f"{told}; {counts}" if counts else told)


def _entry(common: Common, label: str, text: str, style: str = "") -> None:
    if text:
        common.screen.entry(Cell(label, _LABEL, "bold"), Cell(text, style=style))
