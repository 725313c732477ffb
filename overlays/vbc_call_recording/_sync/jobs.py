# Written by scripts/mirror from overlays/vbc_call_recording/_async/jobs.py.
# Change that file and run `make generate`.
"""The API's operations on export jobs: start them, get one, get a page of them."""

from collections.abc import Mapping
from typing import Any

from vbc_call_recording_generated.api.company_recordings import (
    create_company_recording_export,
    create_company_recording_transcription_export,
)
from vbc_call_recording_generated.api.export_jobs import (
    get_export_job,
    get_recording_transcription_export_job,
    list_export_jobs,
    list_recording_transcription_export_jobs,
)
from vbc_call_recording_generated.api.on_demand_recordings import create_on_demand_recording_export
from vbc_call_recording_generated.errors import reading
from vbc_call_recording_generated.models import ExportFilter, ExportJob, ExportJobPage
from vbc_call_recording_generated.types import UNSET

from .._exports.ticket import ExportKind, ExportTicket, job_ids_in
from .._http.outcomes import parsed, require_identity
from .._listing.pages import PageReply, PageRequest, page_reply
from .operations import operation_id
from .session import Session

_START = {
    "recordings": create_company_recording_export.sync_detailed,
    "recordings_transcriptions": create_company_recording_transcription_export.sync_detailed,
}
_GET = {
    "recordings": get_export_job.sync_detailed,
    "recordings_transcriptions": get_recording_transcription_export_job.sync_detailed,
}
LIST = {
    "recordings": list_export_jobs.sync_detailed,
    "recordings_transcriptions": list_recording_transcription_export_jobs.sync_detailed,
}


def start_jobs(session: Session, ticket: ExportTicket, wire_filters: Mapping[str, Any]) -> tuple[str, ...]:
    """Starts the export that the ticket describes. Returns the ids of its jobs."""
    body = ExportFilter(**wire_filters)
    if ticket.scope == "on_demand":
        answer = create_on_demand_recording_export.sync_detailed(
            session.account_id, ticket.user_id, client=session.api, body=body
        )
        return job_ids_in(answer)
    answer = _START[ticket.kind](session.account_id, client=session.api, body=body)
    return job_ids_in(answer)


def get_job(session: Session, kind: ExportKind, user_id: str, job_id: str) -> ExportJob:
    """Gets one job. It has the id that was asked for, even if the answer leaves it out."""
    answer = _GET[kind](session.account_id, user_id, job_id, client=session.api)
    job = parsed(answer)
    require_identity(job.id, job_id, answer)
    job.id = job_id
    return job


def jobs_page(session: Session, kind: ExportKind, user_id: str, request: PageRequest) -> PageReply[ExportJob]:
    """A page of the user's jobs: the first one, or the one that a `next` link leads to.

    Links are resolved against the URL of the page they stand on.
    """
    if request.url is None:
        answer = LIST[kind](session.account_id, user_id, client=session.api, **request.filters)
        response, page = answer.http, parsed(answer)
    else:
        operation = operation_id(LIST[kind])
        trusted = session.wire.trusted_url(request.url, operation=operation)
        response = session.wire.get(trusted, extensions={"operation": operation})
        with reading(response):
            page = ExportJobPage.from_dict(response.json())
    return page_reply(
        page, page.hal_embedded.jobs if page.hal_embedded else UNSET, response, url=str(response.request.url)
    )
