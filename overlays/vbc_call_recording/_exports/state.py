"""The jobs of an export as they were last seen, and the errors that their states mean. Pure."""

import time
from collections.abc import Container
from datetime import datetime
from typing import TypeVar

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
from .._http.outcomes import logger
from .jobs import JobState, is_expired, is_partial, progress_of, state_of, status_word
from .ticket import ExportTicket

E = TypeVar("E", bound=ExportError)

# What a wait of an hour must survive: a restart of the server, a proxy's error page.
_TRANSIENT = (RateLimitError, ServerError, ApiConnectionError)
_REQUEST_TIMEOUT = 408  # a proxy's word for a slow server
_GONE = (404, 410)


class ExportState:
    """What is known of an export's jobs.

    Attributes:
        jobs: The jobs by id, None for one never seen.
        progress: Their sum.
    """

    def __init__(self, ticket: ExportTicket) -> None:
        self._ticket = ticket
        self.jobs: dict[str, ExportJob | None] = dict.fromkeys(ticket.job_ids)
        self.progress = progress_of(self.jobs.values())
        self._words_seen: set[str] = set()

    def note(self, job_id: str, job: ExportJob) -> None:
        self.jobs[job_id] = job
        self.progress = progress_of(self.jobs.values(), self.progress)
        word = status_word(job)
        if is_partial(job):
            done, total = job.files_completed, job.files_total
            logger.warning("export job %s is complete with %s of %s files", job_id, done, total)
        elif state_of(job) is JobState.GOING and word is not None and word not in self._words_seen:
            self._words_seen.add(word)
            logger.info("export job %s is %r, a word not documented: taken for still going", job_id, word)

    def open(self, besides: Container[str] = ()) -> list[str]:
        going = (job_id for job_id, job in self.jobs.items() if state_of(job) is JobState.GOING)
        return [job_id for job_id in going if job_id not in besides]

    def complete_jobs(self, now: datetime) -> tuple[dict[str, ExportJob], dict[str, ExportJob]]:
        """Those whose archives have expired, and the others."""
        expired: dict[str, ExportJob] = {}
        kept: dict[str, ExportJob] = {}
        for job_id, job in self.jobs.items():
            if job is not None and state_of(job) is JobState.COMPLETE:
                (expired if is_expired(job, now) else kept)[job_id] = job
        return expired, kept

    def judge(self, job_id: str, error: ApiError) -> ApiError | None:
        """What a failed look means: an error that may pass by itself is returned, others are raised."""
        if error.status_code in _GONE:
            self._judge_missing(job_id, error)
            return None
        # Past a proxy's page the next look may get, not past a field that cannot be read.
        is_foreign_page = isinstance(error, MalformedResponseError) and error.field is None
        if is_foreign_page or isinstance(error, _TRANSIENT) or error.status_code == _REQUEST_TIMEOUT:
            return error
        raise self._with_the_way_to_go_on(error)

    def _judge_missing(self, job_id: str, error: ApiError) -> None:
        never_seen = self.jobs[job_id] is None
        is_young = self._ticket.may_not_be_known_yet(time.time())
        if never_seen and is_young and isinstance(error, NotFoundError):
            return
        if never_seen and self._ticket.filters is None and isinstance(error, NotFoundError):
            raise self._with_the_way_to_go_on(error)
        raise self.error(ExportExpiredError, f"job {job_id} is gone") from error

    def refuse_failed(self) -> None:
        failed = sum(state_of(job) is JobState.FAILED for job in self.jobs.values())
        if failed:
            raise self.error(ExportFailedError, f"{failed} of {len(self.jobs)} jobs failed")

    def refuse_expired(self, now: datetime, besides: Container[str] = ()) -> None:
        for job_id, job in self.complete_jobs(now)[0].items():
            if job_id not in besides:
                kept = f"was kept until {job.valid_until}, and it is {now} by the server's clock"
                raise self.error(ExportExpiredError, f"the archive of job {job_id} {kept}")

    def error(self, cls: type[E], message: str) -> E:
        if cls is ExportExpiredError and self._ticket.filters is not None:
            message += "; reexport() asks for the same again"
        states = {job_id: status_word(job) for job_id, job in self.jobs.items()}
        return cls(f"export: {message} (jobs: {self._shown()})", token=self._ticket.to_token(), jobs=states)

    def _with_the_way_to_go_on(self, error: ApiError) -> ApiError:
        token = self._ticket.to_token()
        error.add_note(f"The export goes on with export_jobs.resume({token!r}); jobs: {self._shown()}")
        return error

    def _shown(self) -> str:
        words = ((job_id, status_word(job)) for job_id, job in self.jobs.items())
        return ", ".join(f"{job_id} {repr(word) if word else 'without status'}" for job_id, word in words)
