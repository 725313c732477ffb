"""`vbc-recordings jobs`: export jobs at the vendor, and their archives."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal

import click
from attrs import frozen

from vbc_call_recording import CallRecordingClient, Export, ExportJob, ExportProgress, NotFoundError

from . import options, words
from .account import opened
from .endings import CommandError, ExitCode
from .group import Command, Common
from .progress import Progress
from .screen import Column, Rows

ExportKind = Literal["recordings", "recordings_transcriptions"]
KINDS: dict[str, ExportKind] = {"recordings": "recordings", "transcripts": "recordings_transcriptions"}
COLUMNS = (
    Column("id", 36),
    Column("status", 12, styles={"complete": "green", "failed": "red"}),
    Column("files", 13, rank=1, right=True),
    Column("valid until (UTC)", 19, rank=2),
    Column("kind", 11, rank=3),
)


@click.command(
    "jobs",
    cls=Command,
    example="vbc-recordings jobs --status complete\n"
    "vbc-recordings jobs afa725fb-d418-4eaf-b3f9-0e66396fafdc --wait --to archives",
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@options.whose("Who started them. Default: who logs in.")
@click.option(
    "--kind", type=click.Choice(list(KINDS)), metavar="WORD", help="recordings or transcripts: with them."
)
@click.option("--status", metavar="WORD", help="Jobs of this status. `complete` is one.")
@options.limit("So many of each kind at most. Default: 30.", 30)
@click.option("--wait", is_flag=True, help="Wait until the jobs named have ended.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Download their archives."
)
@click.option("--extract", is_flag=True, help="Unpack them, too.")
@options.as_json
@click.pass_obj
def command(
    common: Common,
    /,
    ids: tuple[str, ...],
    user: str | None,
    kind: str | None,
    status: str | None,
    limit: int,
    wait: bool,
    folder: Path | None,
    extract: bool,
    as_json: bool,
) -> ExitCode:
    """List export jobs; wait for those named, and download their archives."""
    if not ids and (wait or folder or extract):
        raise CommandError("--wait, --to and --extract are for jobs named by their ids")
    kinds: list[ExportKind] = [KINDS[kind]] if kind else list(KINDS.values())
    filters: dict[str, Any] = {"limit": limit} | ({"status": status} if status else {})
    with opened(common) as client:
        jobs = Jobs(client, user or "self", kinds)
        named = jobs.named(ids)
        code = _bring(common, jobs, named, wait, folder, extract) if wait or folder else ExitCode.DONE
        rows = common.screen.rows(COLUMNS, json=as_json)
        for kind_of_job, job in jobs.named(ids) if wait else named or jobs.listed(filters):
            _add(rows, kind_of_job, job)
    if not rows.count:
        common.screen.note("there are no such jobs")
    return code


@frozen
class Jobs:
    """The jobs of one user."""

    client: CallRecordingClient
    user: str
    kinds: list[ExportKind]

    def listed(self, filters: dict[str, Any]) -> Iterator[tuple[ExportKind, ExportJob]]:
        for kind in self.kinds:
            for job in self.client.export_jobs.list(kind=kind, user_id=self.user, **filters):
                yield kind, job

    def named(self, ids: Iterable[str]) -> list[tuple[ExportKind, ExportJob]]:
        return [self._get(job_id) for job_id in ids]

    def _get(self, job_id: str) -> tuple[ExportKind, ExportJob]:
        """Of whichever kind it is."""
        *others, last = self.kinds
        for kind in others:
            with suppress(NotFoundError):
                return kind, self.client.export_jobs.get(job_id, kind=kind, user_id=self.user)
        return last, self.client.export_jobs.get(job_id, kind=last, user_id=self.user)

    def export(self, jobs: Iterable[tuple[ExportKind, ExportJob]], kind: ExportKind) -> Export:
        ids = [job.id or "" for each, job in jobs if each == kind]
        return self.client.export_jobs.adopt(ids, kind=kind, user_id=self.user)


def _bring(
    common: Common,
    jobs: Jobs,
    named: list[tuple[ExportKind, ExportJob]],
    wait: bool,
    folder: Path | None,
    extract: bool,
) -> ExitCode:
    """Waits and downloads, with a bar."""
    code = ExitCode.DONE
    for kind in jobs.kinds:
        export = jobs.export(named, kind)
        if not export.job_ids:
            continue
        if wait:
            with Progress(common.screen, "waiting for the export", "files") as progress:
                export.wait(timeout=None, on_progress=partial(_waited, progress))
        if folder is not None:
            with Progress(common.screen, "downloading", "archives") as progress:
                brought = export.download(folder, extract=extract, on_progress=partial(_moved, progress))
            for path in brought.archives:
                common.screen.note(f"saved {path}")
            if brought.extracted:
                common.screen.note(f"{words.count(len(brought.extracted), 'file')} unpacked")
        if export.partial:
            common.screen.warn("an archive is complete by its own word, and holds fewer files than it should")
            code = ExitCode.INCOMPLETE
    return code


def _waited(progress: Progress, now: ExportProgress) -> None:
    progress.state.done, progress.state.total = now.files_completed, now.files_total
    progress.moved()


def _moved(progress: Progress, done: int, total: int | None) -> None:
    progress.state.bytes, progress.state.bytes_total = done, total
    progress.moved()


def _add(rows: Rows, kind: ExportKind, job: ExportJob) -> None:
    entry = {name: value for name, value in job.to_dict().items() if not name.startswith("_")}
    done, total = entry.get("files_completed", "?"), entry.get("files_total", "?")
    with_transcripts = next(name for name, each in KINDS.items() if each == kind)
    until = words.instant(job.valid_until or None)
    rows.add([job.id, job.status, f"{done} of {total}", until, with_transcripts], {"kind": kind, **entry})
