# Written by scripts/mirror from overlays/vbc_call_recording/_async/export.py.
# Change that file and run `make generate`.
"""Exports: one handle over all jobs of one, from waiting to the last recording on disk."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

import httpx
from attrs import evolve

from vbc_call_recording_generated.models import ExportJob, Recording

from .._checks import seconds
from .._concurrency import sleep, to_thread
from .._errors import (
    ApiConnectionError,
    ApiError,
    DestinationError,
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
from .._exports.jobs import (
    ExportProgress,
    JobState,
    PollSchedule,
    files_short,
    files_total,
    is_expired,
    is_partial,
    job_state,
    progress_of,
    schedule,
    status_word,
)
from .._exports.report import ExportDownload, ExportReport, compare
from .._exports.ticket import ExportKind, ExportScope, ExportTicket
from .._files.archives import entry_sizes, unpack_archive
from .._files.disk import destination_errors
from .._files.sources import DownloadResult, archive_source
from .._files.targets import is_whole
from .._http.outcomes import logger
from .._options import OnProgress
from .download import DEFAULT_STALL_TIMEOUT, download_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from .client import CallRecordingClient

E = TypeVar("E", bound=ExportError)

DEFAULT_WAIT = 3600.0
# What a wait of an hour must survive: a restart of the server, a proxy's error page.
_TRANSIENT = (RateLimitError, ServerError, ApiConnectionError, MalformedResponseError)
_REQUEST_TIMEOUT = 408  # a proxy's word for a slow server
# Seconds that the last look gets at least, so that even a wait of 0 s can find the export complete.
_LEAST_TIMEOUT = 1.0


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
        self._server_time = self._client.wire.server_time

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
            ExportExpiredError: A job is gone: the server does not know it, and it is not so young that it may
                not know it yet.
            NotFoundError: Likewise, of jobs adopted by id.
            ApiError: The server cannot be reached or refused.
        """
        trouble = self._look(self._client, deadline=None)
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
        Every look is a single try, whatever the client's `RetryPolicy`: the next look is the next try.

        Args:
            timeout: Seconds to wait at most, None for no limit. With 0, every job is looked at once. A server
                that does not answer is waited for no longer than that, but always 1 s.
            poll: Seconds between two looks, or a `PollSchedule`. By default 1 s at first, growing to 30 s.
            on_progress: Called after every look. Its `fraction` never falls.

        Returns:
            The final progress; look at its `partial`.

        Raises:
            ExportTimeoutError: Not all jobs ended in time.
            ExportFailedError: A job ended without success. The others are ready to be downloaded.
            ExportExpiredError: The export is complete and its archives are gone, or a job is.
            NotFoundError: There is no such job, among jobs adopted by id.
            InputError: `timeout` or `poll` cannot be right.
        """
        pauses = schedule(poll).pauses()
        deadline = (
            None
            if timeout is None
            else time.monotonic() + seconds(timeout, "timeout", zero=True, also="None for no limit")
        )
        single_tries = self._client.with_options(retries=0)
        while True:
            trouble = self._look(single_tries, deadline)
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
        self._refuse_expired(self._expired())
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
            fetch_missing: Compare, and download the recordings that are in no archive singly, those of jobs
                that failed or whose archives are gone included.
            on_progress: Called with bytes done, over all archives, and bytes in total, None until the last
                archive has begun.
            overwrite: Replace files and directories that are there and are something else.
            resume: Go on with what an earlier, interrupted download left.
            stall_timeout: Seconds without a byte after which a connection counts as broken.

        Raises:
            ExportFailedError: A job failed. With `fetch_missing` its recordings are fetched singly instead.
            ExportExpiredError: An archive is gone, and not in `directory` either; `reexport()` asks for it
                again. With `fetch_missing` its recordings are fetched singly instead. Or a job itself is
                gone.
            ExportError: A job is still going: `wait()` first.
            IncompleteListingError: The listing to compare with named fewer recordings than it had promised.
            DownloadError: One of its kinds; `UnsafeArchiveError` for an archive that must not be unpacked.
            InputError: `check` or `fetch_missing` for jobs adopted by id, whose filters are not known.
            ApiError: The server cannot be reached or refused.
        """
        folder = Path(directory)
        if check or fetch_missing:
            self._known_filters()
        self.refresh()
        self._refuse_unfinished(failed_too=not fetch_missing)
        with destination_errors(folder):
            to_thread(folder.mkdir, parents=True, exist_ok=True)
        expired = self._expired()
        archives = self._kept_archives(folder, expired)
        if not fetch_missing:
            self._refuse_expired(expired - archives.keys())
        options = {"overwrite": overwrite, "resume": resume, "stall_timeout": stall_timeout}
        archives |= self._download_archives(
            folder, _Steps(on_progress), without=expired, may_be_gone=fetch_missing, options=options
        )
        archives = {job_id: archives[job_id] for job_id in self.job_ids if job_id in archives}
        files: list[Path] = []
        for archive in archives.values() if extract else ():
            target = archive.with_suffix("")
            files += to_thread(unpack_archive, archive, target, overwrite=overwrite)
        report = self._report(archives, check=check or fetch_missing)
        if fetch_missing:
            report = evolve(report, fetched=self._fetched(report, folder, options))
        return ExportDownload(tuple(archives.values()), tuple(files), report)

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

    def _look(self, client: CallRecordingClient, deadline: float | None) -> ApiError | None:
        """Asks for each open job once. What may pass by itself is returned, what will not is raised."""
        trouble: ApiError | None = None
        not_found: dict[str, NotFoundError] = {}
        self._server_time = client.wire.server_time
        for job_id in self._open_jobs():
            if deadline is not None:
                client.wire.timeout = _at_most(deadline - time.monotonic(), self._client.wire.timeout)
            try:
                self._note(job_id, self._job(client, job_id))
            except NotFoundError as error:
                not_found[job_id] = error
            except ApiError as error:
                if not _may_pass(error):
                    self._tell_how_to_go_on(error)
                    raise
                trouble = error
                if deadline is not None and time.monotonic() >= deadline:
                    break
        self._progress = progress_of(self._jobs.values(), self._progress)
        for job_id, answer in not_found.items():
            self._refuse_missing(job_id, answer)
        return trouble

    def _job(self, client: CallRecordingClient, job_id: str) -> ExportJob:
        return client.export_jobs.get(job_id, user_id=self._ticket.user_id, kind=self._ticket.kind)

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
        never_seen = self._jobs[job_id] is None
        if never_seen and self._ticket.may_be_unborn(time.time()):
            return
        if never_seen and self._ticket.filters is None:
            self._tell_how_to_go_on(error)
            raise error
        raise self._error(ExportExpiredError, f"job {job_id} is gone; reexport() asks again") from error

    def _refuse_failed(self) -> None:
        failed = [job_id for job_id, job in self._jobs.items() if _state(job) is JobState.FAILED]
        if failed:
            raise self._error(ExportFailedError, f"{len(failed)} of {len(self._jobs)} jobs failed")

    def _refuse_unfinished(self, *, failed_too: bool) -> None:
        if self._open_jobs():
            raise self._error(ExportError, "not complete yet; wait() first")
        if failed_too:
            self._refuse_failed()

    def _complete_jobs(self) -> dict[str, ExportJob]:
        return {
            job_id: job
            for job_id, job in self._jobs.items()
            if job is not None and _state(job) is JobState.COMPLETE
        }

    def _expired(self) -> set[str]:
        now = self._now()
        return {job_id for job_id, job in self._complete_jobs().items() if is_expired(job, now)}

    def _now(self) -> datetime:
        return self._server_time() or datetime.now(UTC)

    def _refuse_expired(self, expired: Collection[str]) -> None:
        for job_id, job in self._complete_jobs().items():
            if job_id in expired:
                raise self._error(
                    ExportExpiredError,
                    f"the archive of job {job_id} was kept until {job.valid_until}, and it is {self._now()} "
                    "by the server's clock; reexport() asks for it again",
                )

    def _known_filters(self) -> Mapping[str, Any]:
        if self._ticket.filters is None:
            raise InputError(
                "the filters of jobs adopted by id are not known; accepted: exports of export() or of a token"
            )
        return self._ticket.filters

    def _error(self, cls: type[E], message: str) -> E:
        return cls(f"export: {message} (jobs: {self._shown()})", token=self.token, jobs=self._states())

    def _tell_how_to_go_on(self, error: ApiError) -> None:
        error.add_note(f"The export goes on with export_jobs.resume({self.token!r}); jobs: {self._shown()}")

    def _states(self) -> dict[str, str | None]:
        return {job_id: status_word(job) for job_id, job in self._jobs.items()}

    def _shown(self) -> str:
        states = self._states().items()
        return ", ".join(f"{job_id} {repr(word) if word else 'without status'}" for job_id, word in states)

    def _kept_archives(self, folder: Path, expired: Collection[str]) -> dict[str, Path]:
        """Archives that the server no longer keeps, but an earlier download brought here."""
        kept: dict[str, Path] = {}
        for job_id in expired:
            source = archive_source(cast(ExportJob, self._jobs[job_id]))
            path = folder / source.name
            with suppress(DestinationError):  # something else is there
                if to_thread(is_whole, path, source, overwrite=False):
                    kept[job_id] = path
        return kept

    def _download_archives(
        self,
        folder: Path,
        steps: _Steps,
        *,
        without: Collection[str],
        may_be_gone: bool,
        options: Mapping[str, Any],
    ) -> dict[str, Path]:
        ready = {job_id: job for job_id, job in self._complete_jobs().items() if job_id not in without}
        archives: dict[str, Path] = {}
        for number, (job_id, job) in enumerate(ready.items(), start=1):
            on_progress = steps.next(is_last=number == len(ready))
            try:
                result = self._download_archive(job, folder, on_progress=on_progress, **options)
            except ExportExpiredError:
                if not may_be_gone:
                    raise
                continue
            steps.done(result.bytes)
            archives[job_id] = cast(Path, result.path)
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

    def _report(self, archives: Mapping[str, Path], *, check: bool) -> ExportReport:
        entries: list[tuple[str, int]] = []
        for archive in archives.values():
            entries += to_thread(entry_sizes, archive)
        jobs = {job_id: job for job_id, job in self._jobs.items() if job is not None}
        lost = [files_short(job) if job_id in archives else files_total(job) for job_id, job in jobs.items()]
        report = ExportReport(
            files_total=sum(files_total(job) for job in jobs.values()),
            entries=tuple(name for name, _ in entries),
            partial=self.partial,
            files_lost=sum(lost),
        )
        if check:
            listed = [recording for recording in self._listing()]
            included, missing = compare(listed, entries)
            report = evolve(report, included=included, missing=missing)
        return report

    def _listing(self) -> Iterable[Recording]:
        filters = self._known_filters()
        if self._ticket.scope == "on_demand":
            user_id = self._ticket.user_id
            return self._client.on_demand_recordings.list(user_id=user_id, strict=True, **filters)
        return self._client.company_recordings.list(strict=True, **filters)

    def _fetched(
        self, report: ExportReport, folder: Path, options: Mapping[str, Any]
    ) -> tuple[DownloadResult, ...]:
        # These recordings come whole from the listing: from here on, company or on-demand is all the same.
        results = self._client.company_recordings.download_many(report.missing or (), folder, **options)
        return tuple([result for result in results])


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


def _may_pass(error: ApiError) -> bool:
    return isinstance(error, _TRANSIENT) or error.status_code == _REQUEST_TIMEOUT


def _at_most(left: float, usual: httpx.Timeout) -> httpx.Timeout:
    """The usual timeouts, but none longer than what is left."""
    most = max(left, _LEAST_TIMEOUT)
    shorter = {name: most if limit is None else min(limit, most) for name, limit in usual.as_dict().items()}
    return httpx.Timeout(**shorter)
