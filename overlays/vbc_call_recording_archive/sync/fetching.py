"""Fetching recordings one by one, several at a time."""

from collections.abc import Iterator
from contextlib import closing

from vbc_call_recording import (
    ApiConnectionError,
    AuthenticationError,
    CallRecordingError,
    DownloadResult,
    RateLimitError,
    ServerError,
)

from ..catalogue import StoredRecording
from .events import FileFailed
from .shelving import Fetched, shelve
from .work import Work

_PATIENCE = 10
"""After so many recordings in a row that failed because of the server, the others would, too."""


def fetch_singly(work: Work, source: str, rows: Iterator[StoredRecording]) -> None:
    """Fetch the recordings, and take each into the archive as it arrives.

    One that fails is told, and does not stop the others.

    Raises:
        ApiError: The login, the quota or the server is not there any more: the others would fail, too.
        DestinationError: The disk is full, or cannot be written.
    """
    in_a_row = 0
    recordings = (row.recording for row in rows)
    with closing(work.download(source, recordings)) as results:
        for result in results:
            if result.error is None:
                in_a_row = 0
                _take(work, source, result)
                continue
            _tell(work, source, result, result.error)
            in_a_row += isinstance(result.error, ApiConnectionError | ServerError)
            if in_a_row >= _PATIENCE or isinstance(result.error, RateLimitError | AuthenticationError):
                raise result.error


def _take(work: Work, source: str, result: DownloadResult) -> None:
    row = _row(work, source, result)
    if row is not None and result.path is not None:
        shelve(work, [Fetched(row, result.path, result.sha256 or "")], "single")


def _tell(work: Work, source: str, result: DownloadResult, error: CallRecordingError) -> None:
    row, reason = _row(work, source, result), f"{type(error).__name__}: {error.args[0]}"
    identity = row.id if row is not None else "?"
    work.fail(source, identity, reason)
    work.tell(FileFailed(source, identity, reason))


def _row(work: Work, source: str, result: DownloadResult) -> StoredRecording | None:
    return work.archive.catalogue.get(source, result.recording.id) if result.recording else None  # type: ignore[arg-type]
