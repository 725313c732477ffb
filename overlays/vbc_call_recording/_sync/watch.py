# Written by scripts/mirror from overlays/vbc_call_recording/_async/watch.py.
# Change that file and run `make generate`.
"""Looking at an export's jobs."""

import time

from vbc_call_recording_generated.models import ExportJob

from .._errors import ApiError
from .._exports.jobs import JobState, is_without_files, state_of
from .._exports.state import ExportState
from .._exports.ticket import ExportTicket
from .._listing.pages import PageRequest
from .jobs import get_job, jobs_page
from .session import Session

# Seconds that a look gets at least, so that even a wait of 0 s can find the export complete.
_LEAST_TIME = 1.0
# So many open jobs are looked up in one listing first: its page tells of ten jobs, for the price of one.
LISTED_FROM = 2


class JobWatch(ExportState):
    """The jobs of an export, and how to look at them."""

    def __init__(self, session: Session, ticket: ExportTicket) -> None:
        super().__init__(ticket)
        self._is_listed = True
        self.server_time = session.wire.server_time

    def look(self, session: Session, deadline: float | None = None) -> ApiError | None:
        """Asks for each open job once. An error that may pass by itself is returned, others are raised.

        Args:
            session: What to ask through.
            deadline: When to return, by the monotonic clock, but never in less than a second.
        """
        self.server_time = session.wire.server_time
        if deadline is not None:
            deadline = session.wire.retrying.deadline = max(deadline, time.monotonic() + _LEAST_TIME)
        seen, trouble = self._look_at_the_list(session)
        missing: list[tuple[str, ApiError]] = []
        for job_id in () if trouble else self.open():
            if job_id in seen:
                continue
            if deadline is not None and time.monotonic() >= deadline:
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

    def _look_at_the_list(self, session: Session) -> tuple[set[str], ApiError | None]:
        """Looks at many jobs with one request. Those not on the first page are asked for one by one."""
        open_jobs = self.open()
        if not self._is_listed or len(open_jobs) < LISTED_FROM:
            return set(), None
        try:
            listed = (jobs_page(session, self._ticket.kind, self._ticket.user_id, PageRequest())).items
        except ApiError as error:
            if error.status_code in (404, 410):  # there is no such list, or not for this user
                self._is_listed = False
                return set(), None
            return set(), self.judge(open_jobs[0], error)
        sure = (job for job in listed if job.id in open_jobs and _is_sure(job))
        seen = {str(job.id): job for job in sure}
        for job_id, job in seen.items():
            self.note(job_id, job)
        self._is_listed = len(seen) >= LISTED_FROM  # a list that does not help is not asked for again
        return set(seen), None


def _is_sure(job: ExportJob) -> bool:
    """Whether the list says as much as the job itself would. It may leave out the archive's URL."""
    return state_of(job) is not JobState.COMPLETE or bool(job.download_url) or is_without_files(job)
