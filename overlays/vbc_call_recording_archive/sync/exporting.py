"""Fetching what is missing by an export: many recordings for few requests.

The export's token is kept in the catalogue, so that a later run goes on with an export that was begun. What
the archives lack, or hold in a way that leaves a doubt which recording it is, is left to be fetched singly.
"""

import shutil
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from vbc_call_recording import (
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
    UnprocessableEntityError,
)

from ..accounting import paired
from ..catalogue import StoredRecording
from .events import ExportGivenUp, ExportProgressed
from .shelving import shelve
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
_LONGEST = 3600.0  # seconds that an export is waited for; what it was to bring is fetched singly then


def fetch_by_export(
    work: Work, source: str, start: str, end: str, rows: Callable[[], Iterable[StoredRecording]]
) -> None:
    """Fetch what an export of that time brings of the recordings.

    Args:
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
        _take_all(work, list(rows()), brought.extracted)
        work.archive.catalogue.set_meta(note, "")
        if brought.unavailable or brought.partial:
            work.tell(ExportGivenUp(source, "it brought less than it should"))
    shutil.rmtree(folder, ignore_errors=True)


def _brought(work: Work, source: str, start: str, end: str, note: str, folder: Path) -> ExportDownload:
    export = _begun(work, source, start, end, note)
    try:
        _wait(work, source, export)
    except ExportExpiredError:
        export = export.reexport()
        work.archive.catalogue.set_meta(note, export.token)
        _wait(work, source, export)
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


def _wait(work: Work, source: str, export: Export) -> None:
    """As `Export.wait`, with an ear for whoever wants to stop."""
    waited = 0.0
    for pause in work.poll.pauses():
        work.checkpoint()
        try:
            progress = export.wait(timeout=0)
        except ExportTimeoutError:
            if waited >= _LONGEST:
                raise
            progress = export.progress
        work.tell(ExportProgressed(source, progress.files_completed, progress.files_total))
        if progress.jobs_complete == progress.jobs_total:
            return
        work.stop.wait(pause)
        waited += pause


def _take_all(work: Work, rows: list[StoredRecording], files: Iterable[Path]) -> None:
    entries = {str(path): path.stat().st_size for path in files}
    pairs = paired([row.recording for row in rows], entries.items())
    matched = ((row, pairs[row.id]) for row in rows if row.id in pairs)
    while batch := list(islice(matched, _BATCH)):
        work.checkpoint()
        shelve(work, [(row, Path(match.audio)) for row, match in batch], "export")
        transcripts = [(row, Path(match.transcript), None) for row, match in batch if match.transcript]
        take_transcripts(work, transcripts, "export")
