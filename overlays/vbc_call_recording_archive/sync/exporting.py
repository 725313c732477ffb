"""Fetching what is missing by an export: many recordings for few requests.

The export's token is kept in the catalogue, so that a later run goes on with an export that was begun. What
the archives lack, or hold in a way that leaves a doubt which recording it is, is left to be fetched singly.
"""

import shutil
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from vbc_call_recording import (
    ApiConnectionError,
    BadRequestError,
    CallRecordingError,
    ConflictError,
    DestinationError,
    DownloadError,
    Export,
    ExportDownload,
    ExportError,
    ExportExpiredError,
    ExportFailedError,
    ExportTimeoutError,
    MalformedResponseError,
    NotFoundError,
    PermissionDeniedError,
    Recording,
    ServerError,
    UnprocessableEntityError,
)

from ..accounting import paired
from ..catalogue import StoredRecording
from ..instants import from_text
from .events import ExportGivenUp, ExportProgressed
from .shelving import Fetched, shelve
from .transcripts import take_transcripts
from .work import COMPANY, Work

# Of no use for this export. The login, the quota, the server and the disk are needed for single ones, too.
_GIVEN_UP = (
    ExportError,
    DownloadError,
    MalformedResponseError,
    BadRequestError,
    PermissionDeniedError,
    NotFoundError,
    ConflictError,
    UnprocessableEntityError,
)
_BATCH = 50  # recordings that are written down together
PATIENCE = 300.0  # seconds of waiting in a row after which a server that does not answer is given up
_LONGEST = 3600.0  # seconds that an export is waited for; what it was to bring is fetched singly then


def fetch_by_export(
    work: Work, source: str, start: str, end: str, listing: int, rows: Callable[[], Iterable[StoredRecording]]
) -> None:
    """Fetch what an export of that time brings of the recordings.

    Args:
        listing: Which named all that the export may bring.
        rows: Gives those that are missing.

    Raises:
        ApiError: The login, the quota or the server is not there any more.
        DestinationError: The disk is full, or cannot be written.
    """
    note = f"export {source} {start} {end}"
    folder = work.incoming(source, "export")
    try:
        brought = _brought(work, source, start, end, note, folder)
    except DestinationError:
        raise
    except _GIVEN_UP as error:
        work.archive.catalogue.set_meta(note, "")
        work.tell(ExportGivenUp(source, f"{type(error).__name__}: {error.args[0]}"))
    else:
        named = work.archive.catalogue.recordings(
            source=source, start_gte=from_text(start), start_lte=from_text(end), listing=listing
        )
        take_all(work, [row.recording for row in named], list(rows()), brought.extracted)
        work.archive.catalogue.set_meta(note, "")
        if brought.unavailable or brought.partial:
            work.tell(ExportGivenUp(source, "it brought less than it should"))
    shutil.rmtree(folder, ignore_errors=True)


def _brought(work: Work, source: str, start: str, end: str, note: str, folder: Path) -> ExportDownload:
    export = _begun(work, source, start, end, note)
    try:
        wait(work, source, export)
    except ExportExpiredError:
        export = export.reexport()
        work.archive.catalogue.set_meta(note, export.token)
        wait(work, source, export)
    except ExportFailedError:
        pass  # what the other jobs brought is of use all the same
    # Archives that an earlier run fetched are of use. What it unpacked may have been taken in, in part.
    for unpacked in folder.glob("*/"):
        shutil.rmtree(unpacked)
    return export.download(folder, extract=True, allow_missing=True, on_progress=work.progress)


def _begun(work: Work, source: str, start: str, end: str, note: str) -> Export:
    kept = work.archive.catalogue.meta(note)
    if kept:
        try:
            return work.client.export_jobs.resume(kept)
        except CallRecordingError:
            pass  # of another account or version: begun anew
    transcripts = work.archive.config.transcripts != "none" and source == COMPANY
    export = work.export(source, start, end, transcripts=transcripts)
    work.archive.catalogue.set_meta(note, export.token)
    return export


def wait(work: Work, source: str, export: Export) -> None:
    """As `Export.wait`, with an ear for whoever wants to stop, and less patience with a dead server."""
    waited = unreachable = 0.0
    for pause in work.poll.pauses():
        work.checkpoint()
        try:
            progress = export.wait(timeout=0)
        except ExportTimeoutError as error:
            trouble = error.__cause__
            if isinstance(trouble, ApiConnectionError | ServerError):
                unreachable += pause
                if unreachable >= PATIENCE:
                    raise trouble from None  # the export is kept, and the next run goes on with it
            else:
                unreachable = 0.0
            if waited >= _LONGEST:
                raise
            progress = export.progress
        work.tell(ExportProgressed(source, progress.files_completed, progress.files_total))
        if progress.jobs_complete == progress.jobs_total:
            return
        work.stop.wait(pause)
        waited += pause


def take_all(work: Work, named: list[Recording], rows: list[StoredRecording], files: Iterable[Path]) -> None:
    """Take in what is missing. Recordings that are here have their claims, too: an entry may be theirs."""
    entries = {str(path): path.stat().st_size for path in files}
    pairs = paired(named, entries.items())
    matched = ((row, pairs[row.id]) for row in rows if row.id in pairs)
    while batch := list(islice(matched, _BATCH)):
        work.checkpoint()
        shelve(work, [Fetched(row, Path(match.audio)) for row, match in batch], "export")
        transcripts = [(row, Path(match.transcript), None) for row, match in batch if match.transcript]
        take_transcripts(work, transcripts, "export")
