"""Transcripts: asked for until each is ready or has failed. The API has them for company recordings only."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from vbc_call_recording import (
    ApiConnectionError,
    AuthenticationError,
    CallRecordingError,
    DestinationError,
    IncompleteListingError,
    MalformedResponseError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    Transcription,
    Unset,
)

from ..catalogue import StoredRecording
from .events import TranscriptDone, Trouble
from .plan import PAGE
from .shelving import Fetched, shelve_transcripts
from .work import COMPANY, Work

Arrival = tuple[StoredRecording, Path, Transcription | None]
"""A recording, the file of its transcript, and what the API said of it, if it did."""


def fetch_transcripts(work: Work, source: str, start: str, end: str) -> str:
    """List the transcripts of recordings that started from `start` to `end`, and fetch those that are new.

    Returns:
        Why not all of them may have been listed; empty if they were, or if nobody can know.

    Raises:
        ApiError: The server cannot be reached, or the quota is used up.
        DestinationError: The disk is full, or cannot be written.
    """
    if source != COMPANY or work.archive.config.transcripts == "none":
        return ""
    # As recordings are listed: one page is one answer, in which nothing can be missed.
    stable = work.archive.catalogue.count_transcripts(source, start, end) > PAGE
    received, doubt = _walk(work, source, start, end, stable=stable)
    if not stable and received > PAGE:
        _, doubt = _walk(work, source, start, end, stable=True)
    return doubt


def _walk(work: Work, source: str, start: str, end: str, *, stable: bool) -> tuple[int, str]:
    """How many were listed, and why these may not be all."""
    listing = work.client.transcriptions.list(start_gte=start, start_lte=end, stable=stable, strict=True)
    received = 0
    try:
        with closing(iter(listing)) as transcriptions:
            for transcription in transcriptions:
                work.checkpoint()
                received += 1
                _look_at(work, source, transcription)
    except IncompleteListingError as error:
        return received, f"transcripts: {error.args[0]}" if listing.complete is False else ""
    except MalformedResponseError:
        if not stable:
            raise
        return _walk(work, source, start, end, stable=False)  # a server that cannot sort
    except (PermissionDeniedError, NotFoundError) as error:
        # An account without transcription is archived all the same.
        work.tell(Trouble(source, f"transcripts cannot be listed: {error.args[0]}"))
    return received, ""


def take_transcripts(work: Work, arrivals: Sequence[Arrival], how: str) -> None:
    """Take transcripts that were fetched into the archive, or into the catalogue only."""
    texts = [path.read_text("utf-8", errors="replace") for _, path, _ in arrivals]
    kept = [row.key for row, _, _ in arrivals]
    if work.archive.config.transcripts == "beside":
        kept = shelve_transcripts(work, [Fetched(row, path) for row, path, _ in arrivals], how)
    else:
        for _, path, _ in arrivals:
            path.unlink()
    with work.archive.catalogue.transaction():
        for (row, _, said), text in zip(arrivals, texts, strict=True):
            wire = said.to_dict() if said is not None else None
            if row.key in kept:
                work.archive.catalogue.set_transcript(row.source, row.id, "ready", wire=wire, text=text)
            else:
                reason = "no destination has taken it"
                work.archive.catalogue.set_transcript(row.source, row.id, "pending", wire=wire, reason=reason)
    for row, _, _ in (each for each in arrivals if each[0].key in kept):
        work.counts["transcripts"] += 1
        work.tell(TranscriptDone(row.source, row.id))


def _look_at(work: Work, source: str, transcription: Transcription) -> None:
    catalogue, recording_id = work.archive.catalogue, transcription.recording_id
    row = None if isinstance(recording_id, Unset) else catalogue.get(source, recording_id)
    if row is None:
        return  # of a recording that the listing does not name: deleted since, or not yet there
    wire = transcription.to_dict()
    if transcription.transcription_url:
        if not _is_here(work, row):
            _fetch(work, row, transcription)
    elif transcription.transcription_error:
        reason = str(transcription.transcription_error)
        catalogue.set_transcript(source, row.id, "failed", reason=reason, wire=wire)
    elif row.transcript != "ready":
        catalogue.set_transcript(source, row.id, "pending", wire=wire)


def _is_here(work: Work, row: StoredRecording) -> bool:
    """Whether the transcript is here. If only the catalogue was lost, its text is taken from the file."""
    beside = work.archive.config.transcripts == "beside"
    file = work.archive.catalogue.file_of(row.source, row.id, "transcript")
    if row.transcript == "ready":
        return file is not None or not beside
    if file is None:
        return False
    path = work.incoming(row.source, "transcripts") / "kept.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not work.archive.places.bring(file, path):
        return False
    text = path.read_text("utf-8", errors="replace")
    path.unlink()
    work.archive.catalogue.set_transcript(row.source, row.id, "ready", text=text)
    return True


def _fetch(work: Work, row: StoredRecording, transcription: Transcription) -> None:
    folder = work.incoming(row.source, "transcripts")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        result = work.client.transcriptions.download(transcription, folder, on_progress=work.progress)
    except (RateLimitError, AuthenticationError, ApiConnectionError, DestinationError):
        raise  # the next one would fail for the same reason
    except CallRecordingError as error:
        reason = f"{type(error).__name__}: {error.args[0]}"
        work.archive.catalogue.set_transcript(
            row.source, row.id, "pending", reason=reason, wire=transcription.to_dict()
        )
        work.tell(Trouble(row.source, f"transcript of {row.id}: {reason}"))
        return
    if result.path is not None:
        take_transcripts(work, [(row, result.path, transcription)], "single")
