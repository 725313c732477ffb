# Written by scripts/mirror from overlays/vbc_call_recording/_async/_export.py.
# Change that file and run `make generate`.
"""Exports: one handle over all jobs of one, from waiting to the last recording on disk."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import evolve

from vbc_call_recording_generated.models import ExportJob, Recording

from .._archives import entry_names, unpack_archive
from .._concurrency import sleep, to_thread
from .._disk import destination_errors
from .._errors import (
    ApiConnectionError,
    ApiError,
    ExportError,
    ExportExpiredError,
    ExportFailedError,
    ExportTimeoutError,
    InputError,
    MalformedResponseError,
    NotFoundError,
    RateLimitError,
    ServerError,
    StatusError,
)
from .._files import DownloadResult, archive_source
from .._http import logger
from .._polling import (
    ExportProgress,
    JobState,
    PollSchedule,
    is_expired,
    is_partial,
    job_state,
    progress_of,
    schedule,
    status_word,
)
from .._report import ExportDownload, ExportReport, compare
from .._ticket import ExportKind, ExportScope, ExportTicket
from ._download import DEFAULT_STALL_TIMEOUT, OnProgress, download_file, download_many

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._client import CallRecordingClient

E = TypeVar("E", bound=ExportError)

DEFAULT_WAIT = 3600.0
# What a wait of an hour must survive: a restart of the server, a proxy's error page.
_TRANSIENT = (RateLimitError, ServerError, ApiConnectionError, MalformedResponseError)


class Export:
    """An export: all the jobs that one request to export was split into.

    `export()` and `export_jobs.resume()` make these. No job at all is a finished, empty export. Whether an
    archive has expired is told by the server's clock; a `valid_until` without offset means UTC (our choice).

    Attributes:
        job_ids: Ids of the jobs.
        token: All it takes to go on in another process, with `export_jobs.resume(token)`: JSON text. The
            filters are in it, and no secret.
    """

    def __init__(
        self,
        client: CallRecordingClient,
        *,
        job_ids: Iterable[str],
        kind: ExportKind,
        scope: ExportScope,
        filters: Mapping[str, Any],
        user_id: str = "self",
    ) -> None:
        self._client = client
        self._follow(
            ExportTicket(
                job_ids=tuple(dict.fromkeys(job_ids)),
                kind=kind,
                user_id=user_id,
                scope=scope,
                filters=dict(filters),
                created=time.time(),
            )
        )

    @classmethod
    def from_token(cls, client: CallRecordingClient, token: str) -> Self:
        """The export whose `token` this is.

        Raises:
            InputError: It is no token.
        """
        return cls._of(client, ExportTicket.from_token(token))

    @classmethod
    def adopt(
        cls,
        client: CallRecordingClient,
        job_ids: Iterable[str],
        *,
        kind: ExportKind = "recordings",
        user_id: str = "self",
    ) -> Self:
        """An export over jobs started elsewhere. Its filters are not known, so it cannot be repeated."""
        return cls._of(client, ExportTicket(tuple(dict.fromkeys(job_ids)), kind=kind, user_id=user_id))

    @classmethod
    def _of(cls, client: CallRecordingClient, ticket: ExportTicket) -> Self:
        export = object.__new__(cls)
        export._client = client
        export._follow(ticket)
        return export

    def _follow(self, ticket: ExportTicket) -> None:
        self._ticket = ticket
        self.job_ids = ticket.job_ids
        self.token = ticket.to_token()
        self._jobs: dict[str, ExportJob | None] = dict.fromkeys(ticket.job_ids)
        self._progress = progress_of(self._jobs.values())
        self._words_seen: set[str] = set()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.job_ids) or 'no jobs'}: {self.progress})"

    @property
    def jobs(self) -> Mapping[str, ExportJob | None]:
        """The jobs by id as they were last seen, None for one never seen."""
        return MappingProxyType(self._jobs)

    @property
    def progress(self) -> ExportProgress:
        """How far the export had got when it was last looked at."""
        return self._progress

    @property
    def partial(self) -> bool:
        """Whether a job calls itself complete although it finished fewer files than it comprises."""
        return self._progress.partial

    def refresh(self) -> ExportProgress:
        """Asks once for every job that is not known to have ended.

        Raises:
            NotFoundError: There is no such job, and it is not so young that the server may not know it yet.
            ExportExpiredError: A job that was there is gone.
            ApiError: The server cannot be reached or refused.
        """
        trouble = self._look(deadline=None)
        if trouble is not None:
            raise trouble
        return self._progress

    def wait(
        self,
        *,
        timeout: float | None = DEFAULT_WAIT,
        poll: float | PollSchedule | None = None,
        on_progress: Callable[[ExportProgress], object] | None = None,
    ) -> ExportProgress:
        """Waits until every job has ended, well or badly.

        Rate limits, failures of the server and broken connections do not end the wait, and neither does a 404
        within 60 s of the export's creation (our choice). A word other than `complete` is never success.

        Args:
            timeout: Seconds to wait at most, None for no limit. A request under way then is let finish.
            poll: Seconds between two looks, or a `PollSchedule`. By default 1 s at first, growing to 30 s.
            on_progress: Called after every look. What it is given never goes backwards.

        Returns:
            The final progress; look at its `partial`.

        Raises:
            ExportTimeoutError: Not all jobs ended in time.
            ExportFailedError: A job ended without success. The others are ready to be downloaded.
            ExportExpiredError: The export is complete, and its archives are gone.
            NotFoundError: There is no such job.
            InputError: `timeout` or `poll` cannot be right.
        """
        pauses = schedule(poll).pauses()
        deadline = None if timeout is None else time.monotonic() + _seconds(timeout)
        while True:
            trouble = self._look(deadline)
            if on_progress is not None:
                on_progress(self._progress)
            if not self._open_jobs():
                break
            left = float("inf") if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise self._error(ExportTimeoutError, f"not complete after {timeout} s") from trouble
            asked_for = getattr(trouble, "retry_after", None) or 0.0
            sleep(min(left, max(next(pauses), asked_for)))
        self._refuse_failed()
        self._refuse_expired()
        return self._progress

    def download(
        self,
        directory: Path | str,
        *,
        extract: bool = False,
        check: bool = False,
        fetch_missing: bool = False,
        on_progress: OnProgress | None = None,
        overwrite: bool = False,
        resume: bool = True,
        stall_timeout: float = DEFAULT_STALL_TIMEOUT,
    ) -> ExportDownload:
        """Downloads and verifies every job's archive, `export-<job id>.zip`.

        Args:
            directory: Where to; created if need be.
            extract: Also unpack each archive, into `export-<job id>/` beside it, all of it or nothing.
            check: Compare with what the listing with the same filters names now.
            fetch_missing: Compare, and download the recordings that are in no archive singly.
            on_progress: Called with bytes done, over all archives, and bytes in total, None until the last
                archive has begun.
            overwrite: Replace files and directories that are there and are something else.
            resume: Go on with what an earlier, interrupted download left.
            stall_timeout: Seconds without a byte after which a connection counts as broken.

        Raises:
            ExportFailedError: A job failed. With `fetch_missing` its recordings are fetched singly instead.
            ExportExpiredError: An archive is gone; `reexport()` asks for it again.
            ExportError: A job is still going: `wait()` first.
            DownloadError: One of its kinds; `UnsafeArchiveError` for an archive that must not be unpacked.
            InputError: `check` or `fetch_missing` for jobs adopted by id, whose filters are not known.
            ApiError: The server cannot be reached or refused.
        """
        folder = Path(directory)
        if check or fetch_missing:
            self._known_filters()
        self.refresh()
        self._refuse_unfinished(failed_too=not fetch_missing)
        self._refuse_expired()
        with destination_errors(folder):
            to_thread(folder.mkdir, parents=True, exist_ok=True)
        archives = self._download_archives(
            folder, _Steps(on_progress), overwrite=overwrite, resume=resume, stall_timeout=stall_timeout
        )
        files: list[Path] = []
        for archive in archives if extract else ():
            target = archive.with_suffix("")
            files += to_thread(unpack_archive, archive, target, overwrite=overwrite)
        report = self._report(archives, check=check or fetch_missing)
        if fetch_missing:
            report = evolve(report, fetched=self._fetched(report, folder))
        return ExportDownload(tuple(archives), tuple(files), report)

    def reexport(self) -> Export:
        """Asks for the same export again, with the same filters, as a new export.

        Raises:
            InputError: The jobs were adopted by id, so that their filters are not known.
        """
        filters = self._known_filters()
        if self._ticket.scope == "on_demand":
            return self._client.on_demand_recordings.export(user_id=self._ticket.user_id, **filters)
        with_transcriptions = self._ticket.kind == "recordings_transcriptions"
        return self._client.company_recordings.export(include_transcriptions=with_transcriptions, **filters)

    def _look(self, deadline: float | None) -> ApiError | None:
        """Asks for each open job once. What may pass by itself is returned, what will not is raised."""
        trouble: ApiError | None = None
        for job_id in self._open_jobs():
            try:
                self._note(job_id, self._job(job_id))
            except _TRANSIENT as error:
                trouble = error
            except NotFoundError as error:
                self._refuse_missing(job_id, error)
            except ApiError as error:
                error.add_note(f"The export goes on with export_jobs.resume({self.token!r})")
                raise
            if deadline is not None and time.monotonic() >= deadline:
                break
        self._progress = progress_of(self._jobs.values(), self._progress)
        return trouble

    def _job(self, job_id: str) -> ExportJob:
        return self._client.export_jobs.get(job_id, user_id=self._ticket.user_id, kind=self._ticket.kind)

    def _note(self, job_id: str, job: ExportJob) -> None:
        self._jobs[job_id] = job
        word = status_word(job)
        if is_partial(job):
            logger.warning(
                "export job %s is complete with %s of %s files", job_id, job.files_completed, job.files_total
            )
        elif job_state(word) is JobState.GOING and word is not None and word not in self._words_seen:
            self._words_seen.add(word)
            logger.info("export job %s is %r, a word not documented: taken for still going", job_id, word)

    def _open_jobs(self) -> list[str]:
        return [job_id for job_id, job in self._jobs.items() if _state(job) is JobState.GOING]

    def _refuse_missing(self, job_id: str, error: NotFoundError) -> None:
        if self._jobs[job_id] is not None:
            raise self._error(ExportExpiredError, f"job {job_id} is gone; reexport() asks again") from error
        if not self._ticket.may_be_unborn(time.time()):
            raise error

    def _refuse_failed(self) -> None:
        failed = [job_id for job_id, job in self._jobs.items() if _state(job) is JobState.FAILED]
        if failed:
            raise self._error(ExportFailedError, f"{len(failed)} of {len(self._jobs)} jobs failed")

    def _refuse_unfinished(self, *, failed_too: bool) -> None:
        if self._open_jobs():
            raise self._error(ExportError, "not complete yet; wait() first")
        if failed_too:
            self._refuse_failed()

    def _refuse_expired(self) -> None:
        now = self._client.wire.server_time() or datetime.now(UTC)
        for job_id, job in self._jobs.items():
            if job is not None and _state(job) is JobState.COMPLETE and is_expired(job, now):
                raise self._error(
                    ExportExpiredError,
                    f"the archive of job {job_id} was kept until {job.valid_until}, and it is {now} by the "
                    "server's clock; reexport() asks for it again",
                )

    def _known_filters(self) -> Mapping[str, Any]:
        if self._ticket.filters is None:
            raise InputError(
                "the filters of jobs adopted by id are not known; accepted: exports of export() or of a token"
            )
        return self._ticket.filters

    def _error(self, cls: type[E], message: str) -> E:
        states = {job_id: status_word(job) for job_id, job in self._jobs.items()}
        shown = ", ".join(f"{job_id} {word or 'without status'!r}" for job_id, word in states.items())
        return cls(f"export: {message} (jobs: {shown})", token=self.token, jobs=states)

    def _download_archives(self, folder: Path, steps: _Steps, **options: Any) -> list[Path]:
        ready = [job for job in self._jobs.values() if job and _state(job) is JobState.COMPLETE]
        archives: list[Path] = []
        for number, job in enumerate(ready, start=1):
            on_progress = steps.next(is_last=number == len(ready))
            result = self._download_archive(job, folder, on_progress=on_progress, **options)
            steps.done(result.bytes)
            archives.append(cast(Path, result.path))
        return archives

    def _download_archive(self, job: ExportJob, folder: Path, **options: Any) -> DownloadResult:
        try:
            return download_file(self._client, archive_source(job), folder, **options)
        except StatusError as error:
            if error.status_code not in (404, 410):
                raise
            raise self._error(
                ExportExpiredError, f"the archive of job {job.id} is gone; reexport() asks for it again"
            ) from error

    def _report(self, archives: Iterable[Path], *, check: bool) -> ExportReport:
        entries: list[str] = []
        for archive in archives:
            entries += to_thread(entry_names, archive)
        report = ExportReport(self._progress.files_total, tuple(entries), partial=self.partial)
        if check:
            listed = [recording for recording in self._listing()]
            included, missing = compare(listed, entries)
            report = evolve(report, included=included, missing=missing)
        return report

    def _listing(self) -> Iterable[Recording]:
        filters = self._known_filters()
        if self._ticket.scope == "on_demand":
            return self._client.on_demand_recordings.list(user_id=self._ticket.user_id, **filters)
        return self._client.company_recordings.list(**filters)

    def _fetched(self, report: ExportReport, folder: Path) -> tuple[DownloadResult, ...]:
        return tuple([result for result in download_many(self._client, report.missing or (), folder)])


class _Steps:
    """Adds up the progress of downloads that follow each other."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self._before = 0

    def next(self, *, is_last: bool) -> OnProgress | None:
        on_progress = self._on_progress
        if on_progress is None:
            return None
        before = self._before

        def report(done: int, total: int | None) -> None:
            on_progress(before + done, before + total if is_last and total is not None else None)

        return report

    def done(self, size: int) -> None:
        self._before += size


def _state(job: ExportJob | None) -> JobState:
    return JobState.GOING if job is None else job_state(job.status)


def _seconds(timeout: float) -> float:
    if isinstance(timeout, bool) or not timeout >= 0:
        raise InputError(f"timeout is {timeout!r}; accepted: seconds, 0 or more, or None for no limit")
    return timeout
