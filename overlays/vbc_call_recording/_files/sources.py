"""What can be downloaded, and what comes of it. Pure."""

from hashlib import sha256
from pathlib import Path
from typing import Literal

from attrs import field, frozen

from vbc_call_recording_generated.models import ExportJob, Recording, Transcription

from .._errors import CallRecordingError, InputError
from .names import safe_name

Kind = Literal["audio", "transcript", "archive"]


@frozen
class Source:
    """Something that can be downloaded.

    Attributes:
        url: Where, as the API gave it.
        name: Safe file name for it, the same on every run.
        unique: Identifies it among everything of its kind.
        size: Its bytes as the API promised, None if it did not.
        kind: What its contents must look like.
    """

    url: str = field(repr=False)
    name: str
    unique: str
    size: int | None
    kind: Kind


@frozen
class DownloadResult:
    """How one download ended.

    Attributes:
        path: The file, None for a download into a file object and for one that failed before it had a name.
        bytes: Size of the file; 0 if it failed.
        skipped: Whether the file had been there already, whole, so that nothing was transferred.
        recording: What was downloaded; None unless it came from `download_many`, and if its id led to none.
        error: Why it failed; None if it did not. Only `download_many` reports failures this way.
    """

    path: Path | None
    bytes: int
    skipped: bool = False
    recording: Recording | None = field(default=None, repr=False)
    error: CallRecordingError | None = None


def recording_source(recording: Recording) -> Source:
    """The audio of a recording.

    Raises:
        InputError: The recording has no `download_url`.
    """
    url = recording.download_url
    if not isinstance(url, str) or not url:
        raise InputError(
            f"recording {recording.id!r} has no download_url; accepted: one that the API returned whole"
        )
    size = recording.file_size_in_bytes
    return _source(
        url,
        identity=recording.id,
        name=recording.file_name,
        fallback=("recording", ".mp3"),
        # Nothing the signature check lets through has 0 bytes, so 0 can only mean that the size is not known.
        size=size if isinstance(size, int) and size > 0 else None,
        kind="audio",
    )


def transcription_source(transcription: Transcription) -> Source:
    """The text of a transcription.

    Raises:
        InputError: It is not ready, or failed: the message says which.
    """
    url = transcription.transcription_url
    if not isinstance(url, str) or not url:
        failed = transcription.transcription_error
        reason = f"failed: {failed}" if isinstance(failed, str) and failed else "is not ready"
        raise InputError(f"the transcription of recording {transcription.recording_id!r} {reason}")
    return _source(
        url,
        identity=transcription.recording_id,
        name=None,
        fallback=("transcription", ".txt"),
        size=None,
        kind="transcript",
    )


def archive_source(job: ExportJob) -> Source:
    """The archive of a complete export job.

    Raises:
        InputError: The job has no `download_url`.
    """
    url = job.download_url
    if not isinstance(url, str) or not url:
        raise InputError(f"export job {job.id!r} has no download_url")
    return _source(url, identity=job.id, name=None, fallback=("export", ".zip"), size=None, kind="archive")


def _source(
    url: str, *, identity: object, name: object, fallback: tuple[str, str], size: int | None, kind: Kind
) -> Source:
    unique = str(identity) if isinstance(identity, int | str) and identity != "" else _digest(url)
    given = name if isinstance(name, str) and name else fallback[0]
    return Source(
        url=url,
        name=safe_name(given, unique=unique, fallback_suffix=fallback[1]),
        unique=unique,
        size=size,
        kind=kind,
    )


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:16]
