"""What the sandbox knows: recordings, and the store that holds them."""

import hashlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from ._errors import InputError

ACCOUNT_ID = "549825"
USER_ID = "745249"
"""The user behind every access token: who `self` stands for, and an administrator."""
USERNAME = "sandbox.user"
"""How that user logs in."""
USER_IDS = (USER_ID, "745250", "745251", "745252")

TranscriptState = Literal["ready", "pending", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recorded call. Only `id` and `start` have to be given; `dataclasses.replace` makes a changed one.

    Attributes:
        id: Unique among company and on-demand recordings together.
        start: When the call started, aware, in whole seconds.
        duration: Length of the call in milliseconds.
        call_direction: INBOUND, OUTBOUND or INTRA_PBX.
        call_id: Identifier of the call. Derived from `id` when left empty.
        file_name: Name of the audio file. Derived from the other fields when left empty.
        size: Size of the audio in bytes. However large, the audio is streamed in constant memory.
        owner: Id of the user whose on-demand recording it is; None for a company recording.
        transcript: How far its transcript has got; None when none was asked for.
        revision: Another revision has other audio bytes, and so another ETag, at the same size.
    """

    id: int
    start: datetime
    duration: int = 60_000
    call_direction: str = "INBOUND"
    call_id: str = ""
    caller_id: str = "17325550100"
    cnam: str = "JOHN SMITH"
    dnis: str = "17325550199"
    extensions: tuple[int, ...] = (101,)
    rule_ids: tuple[int, ...] = (1989,)
    file_name: str = ""
    size: int = 4_000
    owner: str | None = None
    transcript: TranscriptState | None = None
    revision: int = 0

    def __post_init__(self) -> None:
        _require(self)
        digest = hashlib.sha256(f"call {self.id}".encode()).hexdigest()
        if not self.call_id:
            call_id = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
            object.__setattr__(self, "call_id", call_id)
        if not self.file_name:
            end_ms = int(self.end.timestamp() * 1000)
            object.__setattr__(self, "file_name", f"{ACCOUNT_ID}.{self.id}.{digest[32:]}.{end_ms}.mp3")

    @property
    def end(self) -> datetime:
        """When the call ended."""
        return self.start + timedelta(milliseconds=self.duration)


def _require(recording: Any) -> None:
    """Refuse what would only show as an odd answer later."""
    for names, holds, accepted in _ACCEPTED:
        for name in names:
            value = getattr(recording, name)
            if not holds(value):
                raise InputError(f"{name} of recording {recording.id!r} is {value!r}; accepted: {accepted}")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_TEXTS = ("call_direction", "call_id", "caller_id", "cnam", "dnis", "file_name")
_ACCEPTED: tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...] = (
    (
        ("start",),
        lambda value: isinstance(value, datetime) and value.tzinfo is not None,
        "a datetime with a time zone",
    ),
    (("id", "duration", "size", "revision"), _is_whole, "a whole number, 0 or more"),
    (_TEXTS, lambda value: isinstance(value, str), "a text"),
    (("extensions", "rule_ids"), lambda value: all(map(_is_whole, value)), "whole numbers"),
    (("owner",), lambda value: value in (None, *USER_IDS), f"None, {', '.join(USER_IDS)}"),
    (
        ("transcript",),
        lambda value: value in (None, "ready", "pending", "failed"),
        "None, ready, pending, failed",
    ),
)


class Store:
    """All recordings there are; safe to read and change from any thread while the sandbox is running."""

    def __init__(self, recordings: Iterable[Recording] = ()) -> None:
        self._lock = threading.Lock()
        self._initial = {recording.id: recording for recording in recordings}
        self._recordings = dict(self._initial)
        self._last_id = max(self._recordings, default=193_000)
        self._version = 0

    def reset(self) -> None:
        """Back to what there was at first."""
        with self._lock:
            self._recordings = dict(self._initial)
            self._version += 1

    def replace(self, recordings: Iterable[Recording]) -> None:
        """Have these recordings and no others. `reset` goes back to the first ones all the same."""
        with self._lock:
            self._recordings = {recording.id: recording for recording in recordings}
            self._last_id = max(self._last_id, max(self._recordings, default=0))
            self._version += 1

    @property
    def version(self) -> int:
        """Grows with every change."""
        return self._version

    def recordings(self) -> list[Recording]:
        """Every recording, company and on-demand alike, in order of insertion."""
        with self._lock:
            return list(self._recordings.values())

    def company(self) -> list[Recording]:
        """The company recordings."""
        return [recording for recording in self.recordings() if recording.owner is None]

    def on_demand(self, user_id: str = USER_ID) -> list[Recording]:
        """The on-demand recordings of one user."""
        return [recording for recording in self.recordings() if recording.owner == user_id]

    def get(self, recording_id: int) -> Recording | None:
        """The recording of this id, if there is one."""
        with self._lock:
            return self._recordings.get(recording_id)

    def new_id(self) -> int:
        """An id no recording has or had."""
        with self._lock:
            self._last_id += 1
            return self._last_id

    def put(self, recording: Recording) -> Recording:
        """Insert the recording, or replace the one of the same id."""
        with self._lock:
            self._recordings[recording.id] = recording
            self._last_id = max(self._last_id, recording.id)
            self._version += 1
        return recording

    def delete(self, recording_id: int) -> bool:
        """Delete the recording; False if there was none."""
        with self._lock:
            self._version += 1
            return self._recordings.pop(recording_id, None) is not None
