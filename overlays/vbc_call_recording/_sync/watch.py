# Written by scripts/mirror from overlays/vbc_call_recording/_async/watch.py.
# Change that file and run `make generate`.
"""Looking at an export's jobs."""

import math
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from vbc_call_recording_generated.models import ExportJob

from .._concurrency import sleep
from .._errors import ApiConnectionError, ApiError, ExportTimeoutError, RateLimitError, ServerError
from .._exports.jobs import ExportProgress, JobState, is_without_files, state_of
from .._exports.state import ExportState
from .._exports.ticket import ExportTicket
from .._listing.pages import PageRequest
from .jobs import get_job, jobs_page
from .session import Session

_LEAST_TIME = 1.0  # seconds a look gets, so that even `wait(timeout=0)` can find the export complete
_LONGEST_PAUSE = 120.0  # seconds, whatever a server asks for: it may be better sooner
# From this many open jobs on, the list of jobs is asked first: one request tells of ten jobs.
LISTED_FROM = 2


class JobWatch(ExportState):
    """The jobs of an export, and how to look at them."""

    def __init__(self, session: Session, ticket: ExportTicket) -> None:
        super().__init__(ticket)
        self._is_listed = True
        self._server_time = session.wire.server_time

    def now(self) -> datetime:
        """By the server's clock, as far as it has told."""
        return self._server_time() or datetime.now(UTC)

    def until_ended(
        self,
        session: Session,
        limit: float | None,
        pauses: Iterator[float],
        on_progress: Callable[[ExportProgress], object] | None,
    ) -> None:
        """Looks again and again, for so many seconds at most, until every job has ended."""
        deadline = None if limit is None else time.monotonic() + limit
        while True:
            trouble = self.look(session, deadline)
            if on_progress is not None:
                on_progress(self.progress)
            if not self.open():
                return
            left = math.inf if deadline is None else deadline - time.monotonic()
            if left <= 0:
                last = f"; the last look failed: {trouble}" if trouble else ""
                raise self.error(ExportTimeoutError, f"not complete after {limit} s{last}") from trouble
            asked_for = min(getattr(trouble, "retry_after", None) or 0.0, _LONGEST_PAUSE)
            sleep(min(left, max(next(pauses), asked_for)))

    def look(self, session: Session, deadline: float | None = None) -> ApiError | None:
        """Asks for each open job once. An error that may pass by itself is returned, others are raised.

        Args:
            session: What to ask through.
            deadline: When to return, by the monotonic clock, but never in less than a second.
        """
        self._server_time = session.wire.server_time
        if deadline is not None:
            deadline = session.wire.retrying.deadline = max(deadline, time.monotonic() + _LEAST_TIME)
        try:
            seen = self._look_at_the_list(session)
        except ApiConnectionError as error:
            return error
        trouble: ApiError | None = None
        missing: list[tuple[str, ApiError]] = []
        for job_id in self.open(besides=seen):
            if trouble or (deadline is not None and time.monotonic() >= deadline):
                break
            try:
                self.note(job_id, get_job(session, self._ticket.kind, self._ticket.user_id, job_id))
            except ApiError as error:
                if error.status_code in (404, 410):
                    missing.append((job_id, error))
                else:
                    trouble = self.judge(job_id, error)
        for job_id, answer in missing:  # judged last: the error tells of the other jobs
            self.judge(job_id, answer)
        return trouble

    def _look_at_the_list(self, session: Session) -> set[str]:
        """Looks at many jobs with one request a page, as long as that saves requests.

        The list decides nothing: it may be refused, or hold somebody else's job that cannot be read. Jobs it
        does not tell of are looked at one by one.
        """
        seen: set[str] = set()
        request: PageRequest | None = PageRequest()
        while request and self._is_listed and len(left := self.open(besides=seen)) >= LISTED_FROM:
            try:
                page = jobs_page(session, self._ticket.kind, self._ticket.user_id, request)
            except ApiError as error:
                self._is_listed = isinstance(error, RateLimitError | ServerError)
                if isinstance(error, ApiConnectionError):
                    raise
                break
            told = {str(job.id): job for job in page.items if job.id in left and _is_sure(job)}
            for job_id, job in told.items():
                self.note(job_id, job)
            seen |= told.keys()
            helps = len(told) >= LISTED_FROM
            self._is_listed = helps or self._ticket.may_not_be_known_yet(time.time())
            request = PageRequest(url=page.next_url) if helps and page.next_url else None
        return seen


def _is_sure(job: ExportJob) -> bool:
    """Whether the list says as much as the job itself would. It may leave out the archive's URL."""
    return state_of(job) is not JobState.COMPLETE or bool(job.download_url) or is_without_files(job)
