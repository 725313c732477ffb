"""What each operation does."""

import copy
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from .._content import Content, audio, transcript
from .._data import USER_ID, USER_IDS, Recording, Store
from .._gateway.tokens import Tokens
from .._quirks.panel import Quirks
from .exports import Exports, Job, Kind
from .numbers import integer
from .operations import Operation
from .paging import Json, PageRequest, page_of
from .query import Catalogue, Selection, from_body, from_query
from .refusals import not_found
from .transfer import send_file
from .writer import Writer


@dataclass(frozen=True, slots=True)
class Call:
    """A request for an operation.

    Attributes:
        parameters: Of the query.
        ids: Of the path.
        body: Decoded, where the operation takes JSON.
        write: Writes answers with the URLs of the address that was asked.
    """

    request: Request
    operation: Operation
    parameters: dict[str, str]
    ids: dict[str, str]
    body: Any
    write: Writer


Handler = Callable[[Call], Awaitable[Json | Response | None]]


@dataclass(slots=True)
class Handlers:
    """The methods are named like the operations: they give the JSON to answer with, None for no content, or a
    response."""

    store: Store
    tokens: Tokens
    exports: Exports
    quirks: Quirks
    now: Callable[[], Any]
    """The time that the server shows."""
    _catalogue: Catalogue = field(init=False)
    _turns: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self._catalogue = Catalogue(self.store)

    def of(self, operation: Operation) -> Handler:
        """What serves this operation."""
        handler: Handler = getattr(self, operation.id) if operation.is_modelled else _made_up
        return handler

    # -- company recordings

    async def list_company_recordings(self, call: Call) -> Json:
        return self._page(call, self._asked(call, None), "recordings", "company_call_recordings")

    async def list_company_transcriptions(self, call: Call) -> Json:
        selection = self._asked(call, None, transcribed=True)
        return self._page(call, selection, "transcriptions", "company_call_recordings/transcriptions")

    async def get_company_recording(self, call: Call) -> Json:
        return call.write.recording(self._recording(call, owner=None))

    async def delete_company_recording(self, call: Call) -> None:
        self.store.delete(self._recording(call, owner=None).id)

    async def create_company_recording_export(self, call: Call) -> Json:
        return self._export(call, None, "recordings", USER_ID)

    async def create_company_recording_transcription_export(self, call: Call) -> Json:
        return self._export(call, None, "recordings_transcriptions", USER_ID)

    # -- on-demand recordings

    async def list_on_demand_recordings(self, call: Call) -> Json:
        user_id = _user(call)
        return self._page(call, self._asked(call, user_id), "recordings", f"users/{user_id}/call_recordings")

    async def get_on_demand_recording(self, call: Call) -> Json:
        return call.write.recording(self._recording(call, owner=_user(call)))

    async def delete_on_demand_recording(self, call: Call) -> None:
        self.store.delete(self._recording(call, owner=_user(call)).id)

    async def create_on_demand_recording_export(self, call: Call) -> Json:
        user_id = _user(call)
        return self._export(call, user_id, "recordings", user_id)

    # -- export jobs

    async def list_export_jobs(self, call: Call) -> Json:
        return self._job_page(call, "recordings", "jobs")

    async def get_export_job(self, call: Call) -> Json:
        return self._job(call, "recordings")

    async def list_recording_transcription_export_jobs(self, call: Call) -> Json:
        return self._job_page(call, "recordings_transcriptions", "recordings_transcriptions/jobs")

    async def get_recording_transcription_export_job(self, call: Call) -> Json:
        return self._job(call, "recordings_transcriptions")

    # -- files

    async def download_recording(self, call: Call) -> Response:
        recording = self.store.get(_recording_id(call))
        if recording is None:
            raise not_found("such recording")
        return self._file(call, audio(recording))

    async def download_transcript(self, call: Call) -> Response:
        recording = self.store.get(_recording_id(call))
        if recording is None or recording.transcript != "ready":
            raise not_found("transcript of that recording")
        return self._file(call, transcript(recording))

    async def download_archive(self, call: Call) -> Response:
        kind: Kind = (
            "recordings_transcriptions" if "transcriptions" in call.operation.template else "recordings"
        )
        job_id = call.parameters.get("jobId") or call.parameters.get("job_id", "")
        job = self.exports.jobs.get(job_id)
        if job is None or job.kind != kind or not job.is_complete:
            raise not_found("archive of that job")
        if job.valid_until <= self.now():
            raise HTTPException(410, "The archive has expired.")
        content = await anyio.to_thread.run_sync(self.exports.archive, job)
        return self._file(call, content)

    # -- logins

    async def token(self, call: Call) -> Response:
        form = dict(parse_qsl((await call.request.body()).decode(errors="replace"), keep_blank_values=True))
        tokens = self.tokens.grant(form, call.request.headers.get("authorization"))
        return JSONResponse(tokens, headers={"Cache-Control": "no-store"})

    async def authorize(self, call: Call) -> Response:
        code = self.tokens.authorize(call.parameters)
        redirect_uri = call.parameters["redirect_uri"]
        answer = {"code": code}
        if "state" in call.parameters:
            answer["state"] = call.parameters["state"]
        return RedirectResponse(
            f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}", 302
        )

    # -- what several of them do

    def _asked(self, call: Call, owner: str | None, *, transcribed: bool = False) -> Selection:
        parameters = {name: value for name, value in call.parameters.items() if name in call.operation.query}
        return from_query(parameters, owner, self.quirks, transcribed=transcribed)

    def _page(
        self, call: Call, selection: Selection, key: Literal["recordings", "transcriptions"], path: str
    ) -> Json:
        render = call.write.recording if key == "recordings" else call.write.transcription
        return self._cut(call, self._catalogue.select(selection), key, render, path)

    def _cut(self, call: Call, items: list[Any], key: str, render: Callable[[Any], Json], path: str) -> Json:
        quirks = self.quirks.paging
        is_lenient = self.quirks.requests.lenient
        page = PageRequest.read(call.write.url(path), call.parameters, quirks, is_lenient=is_lenient)
        return page_of(items, key, render, page, quirks, next(self._turns))

    def _recording(self, call: Call, owner: str | None) -> Recording:
        recording = self.store.get(_recording_id(call))
        if recording is None or recording.owner != owner:
            raise not_found("such recording")
        return recording

    def _export(self, call: Call, owner: str | None, kind: Kind, user_id: str) -> Json:
        recordings = self._catalogue.select(from_body(call.body, owner, self.quirks))
        rules = self.quirks.exports
        owners = frozenset({USER_ID, user_id})
        return call.write.job_ids(
            self.exports.start(recordings, kind, owners, rules, self.now() + rules.lifetime)
        )

    def _job_page(self, call: Call, kind: Kind, path: str) -> Json:
        user_id = _user(call)
        mine = [job for job in self.exports.all() if job.kind == kind and user_id in job.owners]
        seen = [job for job in mine if job.look()]
        status = call.parameters.get("status")
        kept = [job for job in seen if status is None or job.status == status]

        def render(job: Job) -> Json:
            return call.write.job(job, user_id)

        return self._cut(call, kept, "jobs", render, f"users/{user_id}/call_recordings/{path}")

    def _job(self, call: Call, kind: Kind) -> Json:
        user_id = _user(call)
        job = self.exports.jobs.get(call.ids["job_id"])
        if job is None or job.kind != kind or user_id not in job.owners or not job.look():
            raise not_found("such export job")
        return call.write.job(job, user_id)

    def _file(self, call: Call, content: Content) -> Response:
        return send_file(content, call.request.headers, self.quirks.files)


async def _made_up(call: Call) -> Any:
    return copy.deepcopy(call.operation.described.answer)


def _user(call: Call) -> str:
    user_id = call.ids["user_id"]
    if user_id == "self":
        return USER_ID
    if user_id not in USER_IDS:
        raise not_found("such user")
    return user_id


def _recording_id(call: Call) -> int:
    try:
        return integer(call.ids["recording_id"], at_least=0)
    except ValueError as error:
        raise not_found("such recording") from error
