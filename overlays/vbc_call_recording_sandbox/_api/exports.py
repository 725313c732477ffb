"""Export jobs: the snapshot one takes, how it gets on, and the archive it ends in."""

import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Literal

from .._content import Content, audio, transcript
from .._data import Recording
from .._quirks.exports import ExportRules

Kind = Literal["recordings", "recordings_transcriptions"]

_CHUNK_SIZE = 65_536


@dataclass(slots=True, kw_only=True)
class Job:
    """One export job. It starts out as the `ExportRules` say; a test may change its fields one by one.

    Attributes:
        kind: Whether transcripts are in it, and so in which of the two lists it appears.
        owners: The users whose job list it is in.
        files: What goes into the archive, in this order: taken when the export was asked for.
        started: When it was asked for, by the server's clock.
        now: That clock.
        looks: How often it has been looked at.
    """

    id: str
    kind: Kind
    owners: frozenset[str]
    files: Sequence[Content]
    valid_until: datetime
    statuses: Sequence[str]
    started: datetime
    now: Callable[[], datetime] = field(repr=False)
    hidden_for: int = 0
    files_lost: int = 0
    forgotten_after: int | None = None
    by_looking: bool = True
    step_seconds: float = 60
    looks: int = 0

    def look(self) -> bool:
        """Look at the job, which makes it get on; False if it cannot be seen."""
        if self.hidden_for > 0:
            self.hidden_for -= 1
            return False
        self.looks += 1
        return self.forgotten_after is None or self.looks <= self.forgotten_after

    @property
    def status(self) -> str:
        """The word it has got to."""
        return self.statuses[self._step]

    @property
    def is_complete(self) -> bool:
        """Whether its archive can be downloaded."""
        return self.status.lower() == "complete"

    @property
    def files_total(self) -> int:
        """How many files it comprises."""
        return len(self.files)

    @property
    def files_completed(self) -> int:
        """How many files it has finished."""
        if self.is_complete:
            return self.files_total - self.files_lost
        return self.files_total * self._step // len(self.statuses)

    @property
    def _step(self) -> int:
        by_looking = self.looks - 1 if self.by_looking else 0
        by_time = (self.now() - self.started) // timedelta(seconds=self.step_seconds)
        return min(max(by_looking, by_time, 0), len(self.statuses) - 1)


@dataclass(slots=True)
class Exports:
    """Takes exports and keeps the jobs; `jobs` is open to tests.

    `directory` is where archives are written when they are first asked for.
    """

    random: Random
    now: Callable[[], datetime]
    directory: Path = Path()
    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        """Forget all jobs, and their archives: another job may get the same id."""
        self.jobs.clear()
        with self._writing:
            for path in self.directory.glob("*.zip") if self.directory != Path() else ():
                path.unlink(missing_ok=True)

    def replace(self, jobs: Sequence[Job]) -> None:
        """Have these jobs and no others."""
        self.reset()
        self.jobs.update({job.id: job for job in jobs})

    def all(self) -> list[Job]:
        """Every job, oldest first."""
        return list(self.jobs.values())

    def start(
        self,
        recordings: Sequence[Recording],
        kind: Kind,
        owners: frozenset[str],
        rules: ExportRules,
        valid_until: datetime,
    ) -> list[Job]:
        """Start as many jobs as it takes to export these recordings."""
        parts = range(0, len(recordings), rules.job_size)
        started = [
            Job(
                id=self._new_id(rules),
                kind=kind,
                owners=owners,
                files=_files(recordings[first : first + rules.job_size], kind),
                valid_until=valid_until,
                statuses=rules.statuses,
                started=self.now(),
                now=self.now,
                hidden_for=rules.hidden_for,
                files_lost=rules.files_lost,
                forgotten_after=rules.forgotten_after,
                by_looking=rules.by_looking,
                step_seconds=rules.step_seconds,
            )
            for first in parts
        ]
        self.jobs.update({job.id: job for job in started})
        return started

    def _new_id(self, rules: ExportRules) -> str:
        if rules.job_ids == "numbers":
            return str(self.random.randrange(10**9, 10**12))
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def archive(self, job: Job) -> Content:
        """The ZIP of a complete job. Blocks while that is being written."""
        path = self.directory / f"{job.id}.zip"
        with self._writing:
            if not path.exists():
                _write_archive(path, job.files[: job.files_completed])
        return Content(
            size=path.stat().st_size,
            etag=f'"archive-{job.id}"',
            media_type="application/zip",
            file_name=path.name,
            chunks=lambda start, stop: _read(path, start, stop),
        )


def _files(recordings: Sequence[Recording], kind: Kind) -> list[Content]:
    files: list[Content] = []
    for recording in recordings:
        files.append(audio(recording))
        if kind == "recordings_transcriptions" and recording.transcript == "ready":
            files.append(transcript(recording))
    return files


def _write_archive(path: Path, files: Sequence[Content]) -> None:
    # Fixed dates and no compression: the same job gives the same bytes, so ranges of it fit together.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.file_name)
            with archive.open(entry, "w", force_zip64=True) as target:
                for chunk in file.chunks(0, file.size):
                    target.write(chunk)


def _read(path: Path, start: int, stop: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < stop:
            chunk = file.read(min(_CHUNK_SIZE, stop - start))
            yield chunk
            start += len(chunk)
