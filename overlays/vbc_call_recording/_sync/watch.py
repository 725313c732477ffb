# Written by scripts/mirror from overlays/vbc_call_recording/_async/watch.py.
# Change that file and run `make generate`.
"""Looking at an export's jobs: which are open, complete, failed, expired or gone."""

import time
from collections.abc import Collection
from datetime import UTC, datetime
from typing import TypeVar

import httpx

from vbc_call_recording_generated.models import ExportJob

from .._errors import (
    ApiConnectionError,
    ApiError,
    ExportError,
    ExportExpiredError,
    ExportFailedError,
    MalformedResponseError,
    NotFoundError,
    RateLimitError,
    ServerError,
)
from .._exports.jobs import JobState, is_expired, is_partial, job_state, progress_of, status_word
from .._exports.ticket import ExportTicket
from .._http.outcomes import logger
from .._http.retries import at_most
from .._listing.pages import PageRequest
from .jobs import get_job, jobs_page
from .session import Session

E = TypeVar("E", bound=ExportError)

# What a wait of an hour must survive: a restart of the server, a proxy's error page.
_TRANSIENT = (RateLimitError, ServerError, ApiConnectionError)
_REQUEST_TIMEOUT = 408  # a proxy's word for a slow server
_GONE = (404, 410)
# Seconds that the last look gets at least, so that even a wait of 0 s can find the export complete.
_LEAST_TIMEOUT = 1.0
# So many open jobs are looked up in one listing first: its page tells of ten jobs, for the price of one.
_LISTED_FROM = 3


class JobWatch:
    """The jobs of an export as they were last seen.

    Attributes:
        jobs: The jobs by id, None for one never seen.
        progress: Their sum.
    """

    def __init__(self, session: Session, ticket: ExportTicket) -> None:
        self._session = session
        self._ticket = ticket
        self.jobs: dict[str, ExportJob | None] = dict.fromkeys(ticket.job_ids)
        self.progress = progress_of(self.jobs.values())
        self._words_seen: set[str] = set()
        self._is_listed = True
        self._server_time = session.wire.server_time

    def look(self, session: Session, deadline: float | None = None) -> ApiError | None:
        """Asks for each open job once. What may pass by itself is returned, what will not is raised.

        Args:
            session: What to ask through.
            deadline: When to be back, by the monotonic clock. There is always a second for it.
        """
        self._server_time = session.wire.server_time
        trouble: ApiError | None = None
        gone: dict[str, ApiError] = {}
        seen_in_list = self._look_at_the_list(session)
        for job_id in self.open_jobs():
            if job_id in seen_in_list:
                continue
            try:
                self._look_at(session, job_id, deadline)
            except ApiError as error:
                if error.status_code in _GONE:
                    gone[job_id] = error
                elif _may_pass(error):
                    trouble = error
                else:
                    self._tell_how_to_go_on(error)
                    raise
                if deadline is not None and time.monotonic() >= deadline:
                    break
        self.progress = progress_of(self.jobs.values(), self.progress)
        for job_id, answer in gone.items():
            self._refuse_gone(job_id, answer)
        return trouble

    def _look_at(self, session: Session, job_id: str, deadline: float | None) -> None:
        if deadline is not None:
            left = max(deadline - time.monotonic(), _LEAST_TIMEOUT)
            session.wire.timeout = httpx.Timeout(**at_most(self._session.wire.timeout.as_dict(), left))
            session.wire.retrying.quota_wait = min(self._session.wire.retrying.quota_wait, left)
        self._note(job_id, get_job(session, self._ticket.kind, self._ticket.user_id, job_id))

    def _look_at_the_list(self, session: Session) -> set[str]:
        """Looks at many jobs with one request. Those not on the first page are asked for one by one."""
        if not self._is_listed or len(self.open_jobs()) < _LISTED_FROM:
            return set()
        try:
            listed = (jobs_page(session, self._ticket.kind, self._ticket.user_id, PageRequest())).items
        except ApiError:
            listed = ()
        seen = {job.id: job for job in listed if isinstance(job.id, str) and job.id in self.jobs}
        for job_id, job in seen.items():
            self._note(job_id, job)
        self._is_listed = len(seen) >= _LISTED_FROM  # a list that does not help is not asked for again
        return set(seen)

    def _note(self, job_id: str, job: ExportJob) -> None:
        self.jobs[job_id] = job
        word = status_word(job)
        if is_partial(job):
            logger.warning(
                "export job %s is complete with %s of %s files", job_id, job.files_completed, job.files_total
            )
        elif job_state(word) is JobState.GOING and word is not None and word not in self._words_seen:
            self._words_seen.add(word)
            logger.info("export job %s is %r, a word not documented: taken for still going", job_id, word)

    def open_jobs(self) -> list[str]:
        return [job_id for job_id, job in self.jobs.items() if _state(job) is JobState.GOING]

    def complete_jobs(self) -> dict[str, ExportJob]:
        return {
            job_id: job
            for job_id, job in self.jobs.items()
            if job is not None and _state(job) is JobState.COMPLETE
        }

    def expired(self) -> set[str]:
        now = self._now()
        return {job_id for job_id, job in self.complete_jobs().items() if is_expired(job, now)}

    def _now(self) -> datetime:
        return self._server_time() or datetime.now(UTC)

    def _refuse_gone(self, job_id: str, error: ApiError) -> None:
        never_seen = self.jobs[job_id] is None
        if never_seen and self._ticket.may_not_be_known_yet(time.time()):
            return
        if never_seen and self._ticket.filters is None and isinstance(error, NotFoundError):
            self._tell_how_to_go_on(error)
            raise error
        raise self.error(ExportExpiredError, f"job {job_id} is gone; reexport() asks again") from error

    def refuse_failed(self) -> None:
        failed = [job_id for job_id, job in self.jobs.items() if _state(job) is JobState.FAILED]
        if failed:
            raise self.error(ExportFailedError, f"{len(failed)} of {len(self.jobs)} jobs failed")

    def refuse_expired(self, expired: Collection[str]) -> None:
        for job_id, job in self.complete_jobs().items():
            if job_id in expired:
                raise self.error(
                    ExportExpiredError,
                    f"the archive of job {job_id} was kept until {job.valid_until}, and it is {self._now()} "
                    "by the server's clock; reexport() asks for it again",
                )

    def error(self, cls: type[E], message: str) -> E:
        states = {job_id: status_word(job) for job_id, job in self.jobs.items()}
        return cls(f"export: {message} (jobs: {self._shown()})", token=self._ticket.to_token(), jobs=states)

    def _tell_how_to_go_on(self, error: ApiError) -> None:
        token = self._ticket.to_token()
        error.add_note(f"The export goes on with export_jobs.resume({token!r}); jobs: {self._shown()}")

    def _shown(self) -> str:
        words = ((job_id, status_word(job)) for job_id, job in self.jobs.items())
        return ", ".join(f"{job_id} {repr(word) if word else 'without status'}" for job_id, word in words)


def _state(job: ExportJob | None) -> JobState:
    return JobState.GOING if job is None else job_state(job.status)


def _may_pass(error: ApiError) -> bool:
    """Whether the next look may go better: past a proxy's page it may, not past an unreadable field."""
    is_foreign_page = isinstance(error, MalformedResponseError) and error.field is None
    return is_foreign_page or isinstance(error, _TRANSIENT) or error.status_code == _REQUEST_TIMEOUT
