"""`vbc-recordings retention`: deletes at the vendor what is safe here, by a plan that somebody looked at."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import click

from ..archive import Archive
from ..custody import write_whole
from ..retention import (
    KINDS,
    MAX_COUNT,
    ApplyResult,
    Event,
    Outcome,
    Plan,
    PlannedRecording,
    apply,
    plan,
    plan_text,
    read_plan,
    remaining,
)
from . import archives, options, words
from .account import opened
from .afterwards import afterwards
from .endings import CommandError, ExitCode
from .group import Command, Common
from .options import When
from .progress import Progress
from .screen import Cell

_STYLES = {"deleted": "green", "kept": "yellow", "gone": "dim", "refused": "bold red", "unknown": "bold red"}
_LABEL = 11


class _Group(Command, click.Group):
    """One that has an example, too."""


@click.group(
    "retention",
    cls=_Group,
    example="vbc-recordings retention plan /srv/recordings --older-than 90d -o plan.json\n"
    "vbc-recordings retention apply plan.json",
)
def command() -> None:
    """Delete at the vendor what is safe here. Never deletes local files.

    `plan` writes what it would be to a file, `apply` deletes what is in it and still safe.
    """


@command.command(
    "plan",
    cls=Command,
    example="vbc-recordings retention plan /srv/recordings --older-than 90d -o plan.json\n"
    "vbc-recordings retention plan /srv/recordings --older-than 2y --hold hold.txt",
)
@archives.folder
@click.option(
    "--older-than", required=True, metavar="WHEN", callback=options.reads(options.read_when),
    help="Recordings that started before this: 90d, 2y, 2026-01-01.",
)  # fmt: skip
@click.option("--hold", type=click.Path(path_type=Path), metavar="FILE", help="Legal holds; see the docs.")
@click.option("--give-up-transcripts", is_flag=True, help="Also those whose transcripts are not kept here.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="PLAN",
    help="Default: a file in DIR/retention.",
)
@archives.catalogue
@options.as_json
@click.pass_obj
def plan_command(
    common: Common,
    /,
    folder: Path,
    older_than: When,
    hold: Path | None,
    give_up_transcripts: bool,
    output: Path | None,
    catalogue: Path | None,
    as_json: bool,
) -> ExitCode:
    """Write what could be deleted at the vendor to a file. Makes no requests and deletes nothing."""
    now = datetime.now(UTC)
    with Archive(folder, catalogue=catalogue) as archive:
        before = older_than.start(now, archive.config.timezone)
        made = plan(archive, before, hold=hold, give_up_transcripts=give_up_transcripts)
        path = output or folder / "retention" / f"{now:%Y-%m-%dT%H%M%SZ}.json"
        _write(made, path)
        if as_json:
            document = attrs.asdict(made, filter=lambda field, _: field.name != "recordings")
            common.screen.document({"plan": path, **document})
        else:
            _tell_plan(common, archive, made, path)
    return ExitCode.DONE


@command.command(
    "apply",
    cls=Command,
    example="vbc-recordings retention apply plan.json\n"
    "vbc-recordings retention apply plan.json --yes --max-count 200",
)
@click.argument("path", type=click.Path(path_type=Path), metavar="PLAN")
@click.option(
    "--max-count",
    type=click.IntRange(1),
    metavar="N",
    help=f"Delete N at most in this run. Default: {MAX_COUNT}.",
)
@click.option(
    "--hold", "holds", type=click.Path(path_type=Path), multiple=True, metavar="FILE",
    help="Legal holds, beside those of the plan.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask. Only together with --max-count.")
@afterwards
@options.as_json
@click.pass_obj
def apply_command(
    common: Common,
    /,
    path: Path,
    max_count: int | None,
    holds: tuple[Path, ...],
    yes: bool,
    as_json: bool,
) -> ExitCode:
    """Delete at the vendor what PLAN names and is still safe: files are read again, holds too.

    Asks before. The same command again goes on. Ends with 1 if anything of the plan is left.
    """
    if yes and max_count is None:
        raise CommandError("--yes needs a limit", "accepted: --yes --max-count N")
    made, most = read_plan(path), max_count or MAX_COUNT
    common.afterwards.about(Path(made.folder), Path(made.catalogue))
    with Archive(made.folder, catalogue=made.catalogue) as archive:  # a question must not keep others waiting
        left = remaining(archive, made)
    if left and not yes:
        _confirm(common, made, left, most)
    with (
        Archive(made.folder, writable=True, catalogue=made.catalogue) as archive,
        opened(common, archive.folder, archive.config.profile) as client,
        Progress(common.screen, "deleting") as progress,
    ):
        progress.state.total = min(len(left), most)
        shown = _Shown(common, archive, progress, as_json)
        result = apply(archive, client, made, max_count=most, holds=holds, on_event=shown)
    if as_json:
        common.screen.document(attrs.asdict(result))
    _tell_result(common, result, most)
    return {"ok": ExitCode.DONE, "stopped": ExitCode.INTERRUPTED}.get(result.result, ExitCode.INCOMPLETE)


@attrs.frozen
class _Shown:
    """Shows what becomes of each recording."""

    common: Common
    archive: Archive
    progress: Progress
    as_json: bool

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Outcome):
            return
        self.progress.state.done += event.kind in ("deleted", "unknown", "refused")
        self.progress.state.failed += event.kind in ("unknown", "refused")
        if self.as_json:
            self.common.screen.document(attrs.asdict(event))
        elif event.kind != "already":
            cells = [Cell(event.kind, 8, _STYLES[event.kind]), Cell(event.id, 10)]
            when = archives.local(self.archive, event.start)
            self.common.screen.entry(*cells, Cell(when, 19), Cell(event.text))
        self.progress.moved()


def _write(made: Plan, path: Path) -> None:
    if path.exists() and '"format": "vbc-recordings' not in path.read_text("utf-8", "replace")[:100]:
        raise CommandError(
            f"{path} is there already, and holds something else", "accepted: another file, with -o"
        )
    write_whole(path, plan_text(made))


def _tell_plan(common: Common, archive: Archive, made: Plan, path: Path) -> None:
    entries = {
        "plan": str(path),
        "recordings": f"{words.count(made.count, 'recording')} ({words.size(made.bytes)})",
        "started": f"before {archives.local(archive, made.before)} ({archive.config.timezone})",
        "account": f"{made.account} at {made.base_url}",
        "left out": ", ".join(f"{number:,} {reason}" for reason, number in made.left_out.items()),
    }
    for label, text in entries.items():
        if text:
            common.screen.entry(Cell(label, _LABEL, "bold"), Cell(text))
    if made.count:
        common.screen.note(f"nothing was deleted; next: vbc-recordings retention apply {path}")


def _confirm(common: Common, made: Plan, left: list[PlannedRecording], most: int) -> None:
    """Ask on the terminal, for the number: whoever types it has read it."""
    if not sys.stdin.isatty():
        raise CommandError("there is no terminal to ask on", "accepted: --yes together with --max-count N")
    number = min(len(left), most)
    size = words.size(sum(each.size for each in left[:number]))
    common.screen.warn(
        f"{words.count(number, 'recording')} ({size}) will be deleted at the vendor, from account "
        f"{made.account}: the oldest of the {len(left):,} in the plan that are left. There is no undo"
    )
    if click.prompt(f"Type {number} to go on", default="", show_default=False, err=True).strip() != str(
        number
    ):
        raise CommandError("not confirmed; nothing was deleted")


def _tell_result(common: Common, result: ApplyResult, most: int) -> None:
    counted = [f"{number:,} {kind}" for kind in KINDS if (number := result.counts.get(kind, 0))]
    parts: list[Any] = [", ".join(counted) or "nothing to delete"]
    parts += [f"{words.size(result.bytes)} freed at the vendor"] if result.bytes else []
    parts += [f"{result.left:,} not come to"] if result.left else []
    common.screen.note("; ".join(parts))
    if result.result == "capped":
        common.screen.note(f"--max-count {most} was reached; the same command goes on")
    if result.counts.get("unknown"):
        common.screen.warn("of some the answer was lost; the same command asks again what became of them")
