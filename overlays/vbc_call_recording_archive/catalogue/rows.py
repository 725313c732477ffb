"""What the catalogue's rows are in Python. Instants are texts as the catalogue has them; `""` is never."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from attrs import frozen

from vbc_call_recording import Recording

from ..custody import Digest

FileKind = Literal["audio", "transcript", "metadata"]
TranscriptState = Literal["none", "pending", "ready", "failed"]
WindowState = Literal["open", "incomplete", "complete", "proven"]
"""How far a window has got.

| state | meaning |
|---|---|
| proven | the server promised a number, as many distinct recordings came, and each is on disk and hashed |
| complete | each recording that came is on disk and hashed; the server gave no number to compare with |
| incomplete | the listing fell short, or recordings are missing: `reason` says which and why |
| open | the window is not over, or was never listed to its end |
"""


@frozen
class StoredRecording:
    """A recording as it is catalogued, and its audio, if that is here.

    Attributes:
        key: Its number in this catalogue. Another catalogue has another one.
        source: `company`, or `user:<id>`.
        duration: Milliseconds, None if the API did not say.
        promised_size: Bytes of its audio as the listing has it, None if it did not say.
        wire: All that the API said of it, as JSON text.
        vanished_at: Since when complete listings no longer name it.
        deleted_at: When this archive deleted it at the vendor.
        path: Of its audio, relative to the archive; `""` if it is not here. So with `size` (0) and `sha256`.
        verified_at: When the audio's bytes were last held against their SHA-256.
        transcript: State of its transcript.
    """

    key: int
    source: str
    id: str
    start: str
    end: str
    direction: str
    caller_id: str
    cnam: str
    dnis: str
    call_id: str
    duration: int | None
    extensions: tuple[str, ...]
    file_name: str
    promised_size: int | None
    wire: str
    first_seen: str
    last_seen: str
    vanished_at: str
    deleted_at: str
    path: str
    size: int
    sha256: str
    verified_at: str
    verified_how: str
    transcript: TranscriptState

    @property
    def recording(self) -> Recording:
        """As the client gave it."""
        return Recording.from_dict(json.loads(self.wire))


@frozen
class StoredFile:
    """A file of the archive.

    Attributes:
        path: Relative to the archive, with slashes.
        how: How it came: `single`, `export`, `adopted`.
        verified_how: What was done at `verified_at`: `fetched`, or what a verification called itself.
        held: Names of the destinations that hold it, with spaces between them; see `holders`.
    """

    path: str
    source: str
    id: str
    kind: FileKind
    size: int
    sha256: str
    how: str
    added_at: str
    verified_at: str
    verified_how: str
    held: str

    @property
    def holders(self) -> tuple[str, ...]:
        """The destinations that hold it."""
        return tuple(self.held.split())

    @property
    def digest(self) -> Digest:
        """What its bytes have to give."""
        return Digest(self.sha256, self.size)


@frozen
class StoredTranscript:
    """What is known of a recording's transcript; `text` is empty unless it is ready; `wire` is JSON text."""

    state: TranscriptState
    reason: str
    asked_at: str
    text: str
    wire: str = "{}"


@frozen
class StoredWindow:
    """A window that was looked at. See `WindowState`.

    Attributes:
        promised: How many recordings the server told of, None if it did not say.
        listed: How many distinct ones came.
        on_disk: How many of those are here and hashed.
        pending: How many transcripts are still in the making.
    """

    source: str
    start: str
    end: str
    name: str
    state: WindowState
    promised: int | None
    listed: int
    on_disk: int
    pending: int
    reason: str
    checked_at: str


@frozen
class Run:
    """One run of a command that writes. One that was killed stays `running`."""

    id: int
    command: str
    started_at: str
    ended_at: str
    result: str
    counts: Mapping[str, Any]


@frozen
class Totals:
    """What there is of one source.

    Attributes:
        recordings: All that were ever listed.
        on_disk: Those with audio here.
        bytes: Of all files: audio, transcripts, metadata.
        missing: Those that a listing still names and that are not here.
        vanished: Those that complete listings no longer name, but for those deleted from here.
        deleted: Those that this archive deleted at the vendor.
        oldest, newest: Starts of the first and the last recording.
        never_came: Those of `vanished` whose audio is not here, and cannot be had any more.
    """

    source: str
    recordings: int
    on_disk: int
    bytes: int
    missing: int
    vanished: int
    deleted: int
    oldest: str
    newest: str
    transcripts_ready: int
    transcripts_pending: int
    transcripts_failed: int
    never_came: int
