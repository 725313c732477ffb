"""Export jobs: the snapshot one takes, how it gets on, and the archive it ends in."""

import threading
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Literal

from ._content import Content, audio, transcript
from ._data import Recording
from ._faults import ExportRules

Kind = Literal["recordings", "recordings_transcriptions"]

_CHUNK_SIZE = 65_536


@dataclass(slots=True)
class Job:
    """One export job. It starts out as the `ExportRules` say; a test may change its fields one by one.

    Attributes:
        kind: Whether transcripts are in it, and so in which of the two lists it appears.
        owners: The users whose job list it is in.
        files: What goes into the archive, in this order: taken when the export was asked for.
        looks: How often it has been looked at.
    """

    id: str
    kind: Kind
    owners: frozenset[str]
    files: Sequence[Content]
    valid_until: datetime
    statuses: Sequence[str]
    hidden_for: int
    files_lost: int
    looks: int = 0

    def look(self) -> bool:
        """Look at the job, which makes it get on; False if it cannot be seen yet."""
        if self.hidden_for > 0:
            self.hidden_for -= 1
            return False
        self.looks += 1
        return True

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
        return min(max(self.looks, 1), len(self.statuses)) - 1


@dataclass(slots=True)
class ExportDesk:
    """Takes exports and keeps the jobs; `jobs` is open to tests.

    `directory` is where archives are written when they are first asked for.
    """

    directory: Path
    random: Random
    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        """Forget all jobs."""
        self.jobs.clear()

    def start(
        self,
        recordings: Sequence[Recording],
        kind: Kind,
        owners: frozenset[str],
        rules: ExportRules,
        now: datetime,
    ) -> list[Job]:
        """Start as many jobs as it takes to export these recordings."""
        parts = range(0, len(recordings), rules.job_size)
        started = [
            Job(
                id=str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
                kind=kind,
                owners=owners,
                files=_files(recordings[first : first + rules.job_size], kind),
                valid_until=now + rules.lifetime,
                statuses=rules.statuses,
                hidden_for=rules.hidden_for,
                files_lost=rules.files_lost,
            )
            for first in parts
        ]
        self.jobs.update({job.id: job for job in started})
        return started

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
