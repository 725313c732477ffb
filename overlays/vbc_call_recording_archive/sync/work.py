"""What all parts of a run share: the archive, the client, who is told, and whether to stop."""

import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

from attrs import define, field

from vbc_call_recording import (
    CallRecordingClient,
    DownloadResult,
    Export,
    ListOptions,
    Paginator,
    PollSchedule,
    Recording,
)

from ..archive import Archive
from ..catalogue import StoredRecording
from .events import Event, Progress

COMPANY = "company"
OnEvent = Callable[[Event], object]
_MOST_REASONS = 1000  # failures whose reasons are kept


class Stopped(Exception):  # noqa: N818 - it is a request, and no error
    """The caller asked to stop."""


@define
class Work:
    """A run under way.

    Attributes:
        tell: Called with each event.
        stop: Set by the caller to end the run.
        poll: When to look at an export.
        counts: What was done so far: `files`, `bytes`, `transcripts`, `failed`, `vanished`, `lost`.
        strays: Why the listings of a source are of another time than was asked for. Nothing that they leave
            out is taken for vanished, in the whole run: it may be in the next window, asked for in vain.
        irreplaceable: Files that are not here as they should be, and that no listing names.
        failures: Why a recording could not be fetched, by source and id; of the first thousand.
    """

    archive: Archive
    client: CallRecordingClient
    tell: OnEvent
    stop: threading.Event
    poll: PollSchedule
    counts: Counter[str] = field(factory=Counter[str])
    strays: dict[str, str] = field(factory=dict[str, str])
    irreplaceable: list[tuple[StoredRecording, str]] = field(factory=list[tuple[StoredRecording, str]])
    failures: dict[tuple[str, str], str] = field(factory=dict[tuple[str, str], str])

    def checkpoint(self) -> None:
        """Raise Stopped if the caller asked to stop."""
        if self.stop.is_set():
            raise Stopped

    def progress(self, done: int, total: int | None) -> None:
        """As the client's downloads call it."""
        self.checkpoint()
        self.tell(Progress(done, total))

    def fail(self, source: str, recording_id: str, reason: str) -> None:
        self.counts["failed"] += 1
        if len(self.failures) < _MOST_REASONS:
            self.failures[source, recording_id] = reason

    def incoming(self, source: str, part: str) -> Path:
        """Where the files of a source are while they are fetched."""
        return self.archive.incoming / source.replace(":", "-") / part

    def list(
        self, source: str, start: str, end: str, *, stable: bool, limit: int | None = None
    ) -> Paginator[Recording]:
        """The listing of a source's recordings, strict; an empty bound is left out."""
        options: ListOptions = {"stable": stable, "limit": limit, "strict": limit is None}
        if start:
            options["start_gte"] = start
        if end:
            options["start_lte"] = end
        if source == COMPANY:
            return self.client.company_recordings.list(**options)
        return self.client.on_demand_recordings.list(user_id=user_of(source), **options)

    def download(self, source: str, recordings: Iterable[Recording]) -> Generator[DownloadResult]:
        """The recordings' audio into `incoming`, verified."""
        folder, concurrency = self.incoming(source, "audio"), self.archive.config.concurrency
        if source == COMPANY:
            return self.client.company_recordings.download_many(
                recordings, folder, concurrency=concurrency, on_progress=self.progress
            )
        return self.client.on_demand_recordings.download_many(
            recordings,
            folder,
            user_id=user_of(source),
            concurrency=concurrency,
            on_progress=self.progress,
        )

    def export(self, source: str, start: str, end: str, *, transcripts: bool) -> Export:
        """Start an export of a source's recordings, with transcripts if the API offers these."""
        if source == COMPANY:
            return self.client.company_recordings.export(
                include_transcriptions=transcripts, start_gte=start, start_lte=end
            )
        return self.client.on_demand_recordings.export(
            user_id=user_of(source), start_gte=start, start_lte=end
        )


def user_of(source: str) -> str:
    """The user whose on-demand recordings a source holds."""
    return source.partition(":")[2]
