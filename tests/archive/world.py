"""A small company with an archive: what tests of `sync` start from."""

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from vbc_call_recording import CallRecordingClient, PollSchedule
from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.catalogue import StoredWindow
from vbc_call_recording_archive.config import ArchiveConfig
from vbc_call_recording_archive.sync import Event, SyncResult, sync
from vbc_call_recording_sandbox import Recording, Sandbox
from vbc_call_recording_sandbox import _content as truth

FIRST = datetime(2026, 1, 5, 2, tzinfo=UTC)
SINCE = datetime(2026, 1, 5, tzinfo=UTC)
UNTIL = datetime(2026, 1, 8, tzinfo=UTC)
QUICK = PollSchedule(first=0.01, ceiling=0.02)


def calls(count: int, *, first_id: int = 1000, **changes: Any) -> list[Recording]:
    """So many recordings, spread over three days."""
    step = timedelta(hours=69) / count
    return [
        Recording(id=first_id + number, start=(FIRST + step * number).replace(microsecond=0), **changes)
        for number in range(count)
    ]


def audio(recording: Recording) -> bytes:
    content = truth.audio(recording)
    return b"".join(content.chunks(0, content.size))


def text(recording: Recording) -> bytes:
    content = truth.transcript(recording)
    return b"".join(content.chunks(0, content.size))


@define
class World:
    """A sandbox, a client, and a folder. `sync` runs once, over the three days, as a command would."""

    sandbox: Sandbox
    client: CallRecordingClient
    folder: Path
    config: ArchiveConfig = field(factory=lambda: ArchiveConfig(min_free=0))
    events: list[Event] = field(factory=list[Event])

    def configure(self, **changes: Any) -> None:
        self.config = evolve(self.config, **changes)

    def archive(self, *, writable: bool = False) -> Archive:
        return Archive(self.folder, self.config, writable=writable)

    def sync(self, on_event: Callable[[Event], object] | None = None, **options: Any) -> SyncResult:
        self.events.clear()
        self.sandbox.requests.clear()

        def tell(event: Event) -> None:
            self.events.append(event)
            if on_event is not None:
                on_event(event)

        options = {"since": SINCE, "until": UNTIL, "poll": QUICK, **options}
        with self.archive(writable=True) as archive:
            return sync(archive, self.client, on_event=tell, **options)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def asked(self) -> Counter[str]:
        """How often each operation was asked for in the last run, but for logins."""
        return Counter(request.operation for request in self.sandbox.requests if request.operation != "token")

    def windows(self, source: str = "company") -> dict[str, StoredWindow]:
        with self.archive() as archive:
            return {window.name: window for window in archive.catalogue.windows(source)}

    def states(self, source: str = "company") -> list[str]:
        return [window.state for _, window in sorted(self.windows(source).items())]

    def brought(self) -> dict[str, bytes]:
        """Every file below `data/`, by its path."""
        data = self.folder / "data"
        return {
            path.relative_to(data).as_posix(): path.read_bytes() for path in data.rglob("*") if path.is_file()
        }

    def require_everything(self, recordings: Iterable[Recording]) -> None:
        """Exactly these are on disk, with the server's bytes, and the catalogue and the ledger agree."""
        found = {path: content for path, content in self.brought().items() if path.endswith(".mp3")}
        wanted = {recording.id: audio(recording) for recording in recordings}
        assert {int(re.findall("[0-9]+", path)[-2]): content for path, content in found.items()} == wanted
        assert len(found) == len(wanted)
        with self.archive() as archive:
            assert archive.ledger.check(archive.catalogue.head).first_bad is None
            assert archive.catalogue.count(on_disk=True) == len(wanted)


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """What a catalogue holds."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
