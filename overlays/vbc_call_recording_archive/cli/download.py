"""`vbc-recordings download`: single recordings, or all that match, into a folder."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from vbc_call_recording import (
    CallRecordingClient,
    CallRecordingError,
    DownloadError,
    DownloadResult,
    Paginator,
    Recording,
    Transcription,
)

from . import options, words
from .account import opened
from .endings import CommandError, ExitCode, sentence
from .group import Command, Common
from .list import listing
from .progress import Progress


@click.command(
    "download",
    cls=Command,
    example="vbc-recordings download 193228 193229 --to audio\n"
    "vbc-recordings download --since 7d --extension 107 --transcripts --to audio",
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@options.filters
@options.whose()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), default=Path(), metavar="DIR", help="Where to."
)
@click.option("--transcripts", is_flag=True, help="Transcripts, too, where there are any.")
@click.option("--all", "everything", is_flag=True, help="Every recording there is.")
@options.limit("The latest N of those that match.")
@click.option("--at-once", type=click.IntRange(1, 80), default=8, metavar="N", help="Files at a time: 8.")
@options.as_json
@click.pass_obj
def command(
    common: Common,
    /,
    ids: tuple[str, ...],
    user: str | None,
    folder: Path,
    transcripts: bool,
    everything: bool,
    limit: int | None,
    at_once: int,
    as_json: bool,
    **given: Any,
) -> ExitCode:
    """Download recordings by their ids, or all that match the options.

    What is there already is not fetched again.
    """
    filters = options.client_filters(given)
    if [bool(ids), bool(filters or limit), everything].count(True) != 1:
        raise CommandError("which recordings?", "accepted: ids, or options such as --since 7d, or --all")
    if user and transcripts:
        raise CommandError("the API has no transcripts of on-demand recordings", "leave out --transcripts")
    with opened(common) as client, Progress(common.screen, "downloading") as progress:
        work = _Work(common, folder, progress, as_json, keeps=transcripts)
        found = None if ids else listing(client, user, filters | {"limit": limit})
        progress.state.total = len(ids) or None
        with closing(_results(client, user, found or ids, folder, at_once, work)) as results:
            for result in results:
                work.took(result)
                if found is not None and found.total_items is not None:
                    progress.state.total = min(found.total_items, limit or found.total_items)
        wanted = _of_calls if ids else _of_period
        for transcription in wanted(client, work.calls, filters) if transcripts else ():
            work.took_transcript(client, transcription)
    return work.told(found)


def _results(
    client: CallRecordingClient,
    user: str | None,
    source: Iterable[Recording | str],
    folder: Path,
    at_once: int,
    work: "_Work",
) -> Generator[DownloadResult]:
    if user:
        return client.on_demand_recordings.download_many(
            source, folder, user_id=user, concurrency=at_once, on_progress=work.moved
        )
    return client.company_recordings.download_many(
        source, folder, concurrency=at_once, on_progress=work.moved
    )


_Calls = dict[int, Recording]


def _of_calls(
    client: CallRecordingClient, calls: _Calls, filters: Mapping[str, Any]
) -> Iterator[Transcription]:
    """The transcriptions of single recordings. The API finds them by their call only."""
    for recording in calls.values():
        if recording.call_id:
            found = client.transcriptions.list(call_id=recording.call_id)
            yield from (each for each in found if each.recording_id == recording.id)


def _of_period(
    client: CallRecordingClient, calls: _Calls, filters: dict[str, Any]
) -> Iterator[Transcription]:
    """The transcriptions of recordings that a listing named: one listing of theirs serves."""
    starts = [recording.start for recording in calls.values() if recording.start]
    since: dict[str, Any] = {"start_gte": min(starts)} if starts else {}
    found = client.transcriptions.list(**(since | filters)) if calls else ()
    yield from (each for each in found if each.recording_id in calls)


class _Work:
    """Tells of each file, and how it ended. With `keeps`, it remembers whose transcripts are to come."""

    def __init__(
        self, common: Common, folder: Path, progress: Progress, as_json: bool, *, keeps: bool
    ) -> None:
        self._screen = common.screen
        self._folder = folder
        self._progress = progress
        self._as_json = as_json
        self._keeps = keeps
        self._saved = self._there = self._pending = self._bytes = 0
        self.calls: _Calls = {}

    def moved(self, done: int, total: int | None) -> None:
        state = self._progress.state
        state.bytes, state.bytes_total = done, total
        self._progress.moved()

    def took(self, result: DownloadResult) -> None:
        self._progress.state.done += 1
        recording = result.recording
        which = recording.id if recording is not None and isinstance(recording.id, int) else None
        if recording is not None and which is not None and self._keeps:
            self.calls[which] = recording
        self._tell("audio", which, result, result.error)
        self._progress.moved()

    def took_transcript(self, client: CallRecordingClient, transcription: Transcription) -> None:
        which = transcription.recording_id or None
        if transcription.transcription_error:
            self._screen.note(f"recording {which} has no transcript: {transcription.transcription_error}")
        elif not transcription.transcription_url:
            self._pending += 1
        else:
            try:
                result = client.transcriptions.download(transcription, self._folder)
            except DownloadError as error:
                result = DownloadResult(error.path, 0, error=error)
            self._tell("transcript", which, result, result.error)

    def told(self, found: Paginator[Recording] | None) -> ExitCode:
        failed = self._progress.state.failed
        saved = f"{words.count(self._saved, 'file')} saved ({words.size(self._bytes)})"
        parts = [f"{saved} in {self._folder.absolute()}"]
        parts += [f"{self._there:,} there already"] if self._there else []
        parts += [f"{words.count(self._pending, 'transcript')} not ready yet"] if self._pending else []
        parts += [f"{failed:,} failed"] if failed else []
        self._screen.note("; ".join(parts))
        is_short = found is not None and found.complete is False
        if found is not None and found.complete is False and found.outcome is not None:
            self._screen.warn(f"the listing is not complete: {found.outcome.reason}")
        return ExitCode.INCOMPLETE if failed or self._pending or is_short else ExitCode.DONE

    def _tell(
        self, kind: str, which: int | None, result: DownloadResult, error: CallRecordingError | None
    ) -> None:
        if error is not None:
            self._progress.state.failed += 1
            self._screen.warn(f"{kind} of recording {which or '?'} failed: {sentence(error)}")
        else:
            self._there += result.skipped
            self._saved += not result.skipped
            self._bytes += 0 if result.skipped else result.bytes
        if self._as_json:
            entry = {"kind": kind, "recording": which, "path": result.path, "bytes": result.bytes}
            told = None if error is None else sentence(error)
            self._screen.document({**entry, "skipped": result.skipped, "error": told})
        elif error is None and not self._screen.out.is_terminal:
            self._screen.line(str(result.path))
