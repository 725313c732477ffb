# Written by scripts/mirror from overlays/vbc_call_recording/_async/delivery.py.
# Change that file and run `make generate`.
"""Bringing an export's archives to disk, and unpacking them."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast

from attrs import evolve

from vbc_call_recording_generated.models import ExportJob

from .._concurrency import to_thread
from .._errors import DestinationError, StatusError
from .._exports.jobs import is_without_files
from .._files.disk import destination_errors
from .._files.part_file import is_whole
from .._files.sources import archive_source
from .._files.unpacking import unpack_archive
from .._files.verification import Findings, Proof
from .._options import DownloadSettings, OnProgress
from .download import Transfer
from .session import Session


class Delivery:
    """The archives of complete jobs on their way into a directory.

    Attributes:
        archives: The archives that are here, by job id.
        empty: Jobs without files, which therefore have no archive.
        without_url: Jobs with files that name no archive.
        gone: Jobs whose archive the server no longer has, and its answer.
        unproven: Archives that could not be read to the last entry.
    """

    def __init__(
        self,
        session: Session,
        folder: Path,
        settings: DownloadSettings,
    ) -> None:
        self._session = session
        self._folder = folder
        self._settings = settings
        self._bytes_before = 0
        self.archives: dict[str, Path] = {}
        self.empty: set[str] = set()
        self.without_url: set[str] = set()
        self.gone: dict[str, StatusError] = {}
        self.unproven: list[Path] = []

    def find_here(self, jobs: Mapping[str, ExportJob]) -> None:
        """Takes archives that the server no longer keeps, but an earlier download brought here."""
        for job_id, job in jobs.items():
            if _has_url(job):
                source = archive_source(job, job_id)
                path = self._folder / source.name
                with suppress(DestinationError):  # something else is there
                    findings = Findings(self._settings.verify)
                    if to_thread(is_whole, path, source, findings):
                        self._note(job_id, path, findings.unproven)

    def fetch(self, jobs: Mapping[str, ExportJob]) -> None:
        """Downloads the archive of each job that has one."""
        with destination_errors(self._folder):
            to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        self.empty |= {job_id for job_id, job in jobs.items() if is_without_files(job)}
        self.without_url |= {job_id for job_id, job in jobs.items() if not _has_url(job)} - self.empty
        ready = {job_id: job for job_id, job in jobs.items() if _has_url(job)}
        for number, (job_id, job) in enumerate(ready.items(), start=1):
            report = self._progress_after_earlier_ones(is_last=number == len(ready))
            try:
                settings = evolve(self._settings, on_progress=report)
                source = archive_source(job, job_id)
                result = Transfer(self._session.wire, source, self._folder, settings).run()
            except StatusError as error:
                if error.status_code not in (404, 410):
                    raise
                self.gone[job_id] = error
            else:
                self._bytes_before += result.bytes
                self._note(job_id, cast(Path, result.path), result.unproven)

    def _note(self, job_id: str, archive: Path, unproven: Collection[Proof]) -> None:
        self.archives[job_id] = archive
        if "contents" in unproven:
            self.unproven.append(archive)

    def unpack(self, archives: Iterable[Path]) -> tuple[Path, ...]:
        """Unpacks each archive into a directory of its name."""
        files: list[Path] = []
        for archive in archives:
            target = archive.with_suffix("")
            overwrite = self._settings.overwrite
            files += to_thread(unpack_archive, archive, target, overwrite=overwrite)
        return tuple(files)

    def _progress_after_earlier_ones(self, *, is_last: bool) -> OnProgress | None:
        """Adds up the bytes of downloads that follow each other. The total is known with the last one."""
        on_progress, before = self._settings.on_progress, self._bytes_before
        if on_progress is None:
            return None

        def report(done: int, total: int | None) -> None:
            on_progress(before + done, before + total if is_last and total is not None else None)

        return report


def _has_url(job: ExportJob) -> bool:
    return isinstance(job.download_url, str) and bool(job.download_url)
