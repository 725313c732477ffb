"""What can be downloaded, and what comes of it. Pure."""

from pathlib import Path
from typing import Literal

from attrs import field, frozen

from vbc_call_recording_generated.models import ExportJob, Recording, Transcription

from .._checks import is_int, is_text_or_int, shown
from .._errors import CallRecordingError, InputError
from .._http.answers import ResponseInfo
from .names import digest, safe_name
from .signatures import Kind
from .verification import Proof

Scope = Literal["company", "on_demand"]
"""Whose recording it is: a company recording and one on demand may have the same id."""


@frozen
class Source:
    """Something that can be downloaded.

    Attributes:
        name: Safe file name for it, the same on every run, and of no other source: it says kind and id.
        unique: Its id: identifies it among everything of its kind and scope.
        size: Its bytes as the API promised, None if it did not.
    """

    url: str = field(repr=False)
    name: str
    unique: str
    size: int | None
    kind: Kind
    scope: Scope | None = None


@frozen
class DownloadResult:
    """How one download ended.

    Attributes:
        path: The file, None for a download into a file object and for one that failed before it had a name.
        bytes: Size of the file; 0 if it failed.
        skipped: Whether the file was there already and was left as it is. In a directory it is recognised by
            its name, and nothing is transferred. At a path of yours the bytes are transferred and compared.
        recording: What was downloaded. Only `download_many` sets it, and not if the id led to no recording.
        error: Why it failed; None if it did not. Only `download_many` reports failures this way.
        unproven: What could not be proven of it: `"size"` (nobody stated a size, or the stated ones differ),
            `"type"` (the server called it something else), `"contents"` (it does not begin like audio, or an
            entry of the archive could not be read; nothing is known of how a transcript must look). Empty
            with `verify="strict"`, but for what cannot be known.
        sha256: Of the file, in hexadecimal; None if nothing was transferred.
        response: The server's last answer, without its body; None if nothing was asked for, or for `error`.
    """

    path: Path | None
    bytes: int
    skipped: bool = False
    recording: Recording | None = field(default=None, repr=False)
    error: CallRecordingError | None = None
    unproven: tuple[Proof, ...] = ()
    sha256: str | None = None
    response: ResponseInfo | None = field(default=None, repr=False, eq=False)


def recording_source(recording: Recording, scope: Scope) -> Source:
    """The audio of a recording. InputError if it has no `download_url`."""
    url, size = _text(recording.download_url), recording.file_size_in_bytes
    if not url:
        raise InputError(
            f"recording {shown(recording.id)} has no download_url; accepted: one that the API returned whole"
        )
    unique = _identity(recording.id, url)
    name = safe_name(
        _text(recording.file_name) or "recording",
        unique=f"{scope.replace('_', '-')}-{unique}",
        fallback_suffix=".mp3",
    )
    # A recording of 0 bytes is not audio, so 0 can only mean that the size is not known.
    return Source(url, name, unique, size if is_int(size) and size > 0 else None, "audio", scope)


def transcription_source(transcription: Transcription) -> Source:
    """The text of a transcription. InputError if it is not ready, or failed: the message says which."""
    url, failed = _text(transcription.transcription_url), _text(transcription.transcription_error)
    if not url:
        reason = f"failed: {failed}" if failed else "is not ready"
        raise InputError(f"the transcription of recording {shown(transcription.recording_id)} {reason}")
    unique = _identity(transcription.recording_id, url)
    name = safe_name("transcription", unique=unique, fallback_suffix=".txt")
    return Source(url, name, unique, None, "transcript")


def archive_source(job: ExportJob, job_id: str) -> Source | None:
    """The archive of a job, named by the id asked for, whatever the answer says. None if it has no URL."""
    url, name = _text(job.download_url), safe_name("export", unique=job_id, fallback_suffix=".zip")
    return Source(url, name, job_id, None, "archive") if url else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _identity(given: object, url: str) -> str:
    return str(given) if is_text_or_int(given) and given != "" else digest(url)
