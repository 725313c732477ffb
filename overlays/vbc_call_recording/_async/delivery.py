"""Bringing an export's archives to disk, and unpacking them."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from attrs import evolve

from vbc_call_recording_generated.models import ExportJob

from .._concurrency import async_to_thread
from .._errors import DestinationError, StatusError
from .._exports.jobs import is_without_files
from .._files.disk import destination_errors
from .._files.part_file import is_whole
from .._files.progress import Progress
from .._files.sources import Source, archive_source
from .._files.unpacking import unpack_archive
from .._files.verification import Findings, Proof
from .._options import DownloadSettings
from .download import AsyncTransfer
from .session import AsyncSession


class AsyncDelivery:
    """The archives of complete jobs on their way into a directory.

    Attributes:
        archives: The archives that are here, by job id.
        empty: Jobs without files, which therefore have no archive.
        without_url: Jobs with files that name no archive.
        gone: Jobs whose archive the server no longer has, and its answer.
        unproven: Archives that could not be read to the last entry.
    """

    def __init__(self, session: AsyncSession, folder: Path, settings: DownloadSettings) -> None:
        self._session = session
        self._folder = folder
        self._settings = settings
        self._progress = Progress(settings.on_progress)
        self.archives: dict[str, Path] = {}
        self.empty: set[str] = set()
        self.without_url: set[str] = set()
        self.gone: dict[str, StatusError] = {}
        self.unproven: list[Path] = []

    async def find_here(self, jobs: Mapping[str, ExportJob]) -> None:
        """Takes archives that the server no longer keeps, but an earlier download brought here."""
        for source in filter(None, map(archive_source, jobs.values(), jobs)):
            with suppress(DestinationError):  # something else is there
                findings = Findings(self._settings.verify)
                if await async_to_thread(is_whole, self._folder / source.name, source, findings):
                    self._note(source, findings.unproven)

    async def fetch(self, jobs: Mapping[str, ExportJob]) -> None:
        """Downloads the archive of each job that has one."""
        with destination_errors(self._folder):
            await async_to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        sources = list(filter(None, map(archive_source, jobs.values(), jobs)))
        self.empty |= {job_id for job_id, job in jobs.items() if is_without_files(job)}
        self.without_url |= jobs.keys() - self.empty - {source.unique for source in sources}
        for source in sources:
            size, report = 0, self._progress.begin(source.unique, is_last=source is sources[-1])
            try:
                settings = evolve(self._settings, on_progress=report)
                result = await AsyncTransfer(self._session.wire, source, self._folder, settings).run()
                size = result.bytes
                self._note(source, result.unproven)
            except StatusError as error:
                if error.status_code not in (404, 410) or error is self._progress.failure:
                    raise
                self.gone[source.unique] = error
            finally:
                self._progress.finish(source.unique, size)

    def _note(self, source: Source, unproven: Collection[Proof]) -> None:
        self.archives[source.unique] = self._folder / source.name
        if "contents" in unproven:
            self.unproven.append(self._folder / source.name)

    async def unpack(self, archives: Iterable[Path]) -> tuple[Path, ...]:
        """Unpacks each archive into a directory of its name."""
        files: list[Path] = []
        for archive in archives:
            target = archive.with_suffix("")
            overwrite = self._settings.overwrite
            files += await async_to_thread(unpack_archive, archive, target, overwrite=overwrite)
        return tuple(files)
