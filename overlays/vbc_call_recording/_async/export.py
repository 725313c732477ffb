"""Exports: one handle over all jobs of one. Starting it, looking at its jobs, waiting for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Unpack

from attrs import evolve

from vbc_call_recording_generated.models import ExportJob

from .._checks import callback, seconds
from .._errors import ExportError, ExportExpiredError, ExportFailedError, InputError
from .._exports.jobs import ExportDownload, ExportProgress, PollSchedule, schedule
from .._exports.ticket import ExportKind, ExportScope, ExportTicket
from .._files.targets import checked_directory
from .._listing.filters import ExportFilters, plain_filters, wire_filters
from .._options import DownloadOptions, download_settings
from .delivery import AsyncDelivery
from .jobs import start_jobs
from .session import AsyncSession
from .watch import AsyncJobWatch

DEFAULT_WAIT = 3600.0


async def start_export(
    session: AsyncSession,
    filters: Mapping[str, Any],
    *,
    scope: ExportScope,
    kind: ExportKind = "recordings",
    user_id: str = "self",
) -> AsyncExport:
    """Asks the API for an export of what matches the filters.

    Raises:
        InputError: A filter is invalid.
        MalformedResponseError: The answer names no jobs.
    """
    wire = wire_filters(filters, ExportFilters)
    ticket = ExportTicket(kind=kind, user_id=user_id, scope=scope, filters=plain_filters(wire))
    job_ids = await start_jobs(session, ticket, wire)
    return AsyncExport(session, evolve(ticket, job_ids=job_ids, created=time.time()))


class AsyncExport:
    """An export: all the jobs that one request to export was split into.

    `export()`, `export_jobs.resume()` and `export_jobs.adopt()` make it. An export without jobs is
    complete and empty. Whether an archive has expired is decided by the server's clock. A `valid_until`
    without offset is UTC (our choice).

    Attributes:
        job_ids: Ids of the jobs.
        token: JSON text with which another process can go on: `export_jobs.resume(token)`. It contains the
            filters, and no secret.
    """

    def __init__(self, session: AsyncSession, ticket: ExportTicket) -> None:
        self._session = session
        self._ticket = ticket
        self.job_ids = ticket.job_ids
        self.token = ticket.to_token()
        self._watch = AsyncJobWatch(session, ticket)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.job_ids) or 'no jobs'}: {self.progress})"

    @property
    def jobs(self) -> Mapping[str, ExportJob | None]:
        """The jobs by id as they were last seen, None for one never seen."""
        return MappingProxyType(self._watch.jobs)

    @property
    def filters(self) -> Mapping[str, Any] | None:
        """The filters of the export, as `export()` takes them; None for jobs adopted by id."""
        return self._ticket.filters

    @property
    def user_id(self) -> str | None:
        """Whose on-demand recordings are exported; None for company recordings and jobs adopted by id."""
        return self._ticket.user_id if self._ticket.scope == "on_demand" else None

    @property
    def progress(self) -> ExportProgress:
        """How far the export had got when it was last looked at."""
        return self._watch.progress

    @property
    def partial(self) -> bool:
        """Whether a job calls itself complete although it finished fewer files than it comprises."""
        return self._watch.progress.partial

    async def refresh(self) -> ExportProgress:
        """Asks once for every job that is not known to have ended.

        Raises:
            ExportExpiredError: A job is gone: the server does not know it, and was asked long enough ago.
            NotFoundError: The same, for jobs adopted by id.
            ApiError: The server cannot be reached or refused.
        """
        trouble = await self._watch.look(self._session)
        if trouble is not None:
            raise trouble
        return self._watch.progress

    async def wait(
        self,
        *,
        timeout: float | None = DEFAULT_WAIT,
        poll: float | PollSchedule | None = None,
        on_progress: Callable[[ExportProgress], object] | None = None,
    ) -> ExportProgress:
        """Waits until every job has ended, with or without success.

        Rate limits, failures of the server and broken connections do not end the wait, and neither does a 404
        within 60 s of the export's creation (our choice). Only the word `complete` is success. Each look is a
        single try, whatever the client's `RetryPolicy`.

        Args:
            timeout: Seconds to wait at most, None for no limit. With 0, the client looks at every job once. A
                look gets at least 1 s.
            poll: Seconds between two looks, or a `PollSchedule`. By default 4 s at first, growing to 30 s.
            on_progress: Called after every look. Its `fraction` never falls.

        Returns:
            The final progress; look at its `partial`.

        Raises:
            ExportTimeoutError: Not all jobs ended in time.
            ExportFailedError: A job ended without success. The others are ready to be downloaded.
            ExportExpiredError: The export is complete and its archives are gone, or a job is.
            MalformedResponseError: What the server says of a job cannot be read.
            NotFoundError: A job adopted by id does not exist.
            InputError: An argument is invalid.
        """
        pauses, on_progress = schedule(poll).pauses(), callback(on_progress, "on_progress")
        limit = None if timeout is None else seconds(timeout, "timeout", zero=True, also="None for no limit")
        await self._watch.until_ended(self._session.for_one_try(), limit, pauses, on_progress)
        self._watch.refuse_failed()
        self._watch.refuse_expired(self._watch.now())
        return self._watch.progress

    async def download(
        self,
        directory: Path | str,
        *,
        extract: bool = False,
        allow_missing: bool = False,
        **options: Unpack[DownloadOptions],
    ) -> ExportDownload:
        """Downloads and verifies every job's archive, `export-<job id>.zip`.

        Args:
            directory: Where to; created if it does not exist.
            extract: Also unpack each archive into `export-<job id>/` beside it, completely or not at all.
            allow_missing: Fetch what there is, even if a job failed or its archive is gone. The result names
                these jobs.
            **options: See `DownloadOptions`. `on_progress` is called with the bytes of all archives so far
                and their total, None until the last one has begun. `overwrite` also replaces directories
                whose contents differ.

        Raises:
            ExportFailedError: A job failed, or is complete without an archive.
            ExportExpiredError: An archive is gone, and not in `directory` either; `reexport()` asks for it
                again. Or a job itself is gone.
            ExportError: A job is still going: `wait()` first.
            DownloadError: An archive did not arrive whole, or cannot be written. `UnsafeArchiveError`: it
                must not be unpacked, and is kept.
            InputError: An argument is invalid.
            ApiError: The server cannot be reached or refused.
        """
        session, options_left = self._session.for_call(options, DownloadOptions)
        delivery = AsyncDelivery(session, checked_directory(directory), download_settings(options_left))
        await self._deliver(delivery, allow_missing=allow_missing)
        archives = [delivery.archives[job_id] for job_id in self.job_ids if job_id in delivery.archives]
        return ExportDownload(
            archives=tuple(archives),
            extracted=await delivery.unpack(archives) if extract else (),
            unavailable=tuple(sorted(self.jobs.keys() - delivery.archives.keys() - delivery.empty)),
            partial=self.partial,
            unproven=tuple(delivery.unproven),
        )

    async def reexport(self) -> AsyncExport:
        """Starts a new export with the same filters.

        Raises:
            InputError: The jobs were adopted by id, so that their filters are not known.
        """
        ticket = self._ticket
        if ticket.filters is None or ticket.scope is None:
            raise InputError(
                "the filters of adopted jobs are not known; accepted: an export from export() or resume()"
            )
        return await start_export(
            self._session, ticket.filters, scope=ticket.scope, kind=ticket.kind, user_id=ticket.user_id
        )

    async def _deliver(self, delivery: AsyncDelivery, *, allow_missing: bool) -> None:
        """Brings the archives. Those that the server no longer keeps may be in the directory."""
        await self.refresh()
        if self._watch.open():
            raise self._watch.error(ExportError, "not complete yet; wait() first")
        if not allow_missing:
            self._watch.refuse_failed()
        now = self._watch.now()
        here, there = self._watch.complete_jobs(now)
        await delivery.find_here(here)
        if not allow_missing:
            self._watch.refuse_expired(now, besides=delivery.archives)
        await delivery.fetch(there)
        if allow_missing:
            return
        for job_id, error in delivery.gone.items():
            raise self._watch.error(ExportExpiredError, f"the archive of job {job_id} is gone") from error
        for job_id in delivery.without_url:
            raise self._watch.error(ExportFailedError, f"job {job_id} is complete, but names no archive")
