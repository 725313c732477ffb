"""The API itself: which operation answers which request."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl, urlencode

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from ._content import audio, transcript
from ._contract import MadeUp, follow
from ._data import ACCOUNT_ID, USER_ID, USER_IDS, Recording, Store
from ._exports import ExportDesk, Kind
from ._faults import Faults, Json
from ._numbers import integer
from ._paging import PageRequest, page_of
from ._query import Catalogue, Selection, from_body, from_query
from ._refusals import bad_request, not_found
from ._tokens import OAuthError, TokenDesk
from ._transfer import send_file
from ._wire import Wire

API_PATH = "/t/vbc.prod/call_recording"

Endpoint = Callable[[Request], Awaitable[Response]]


class Operation(Protocol):
    """One operation of openapi.yaml: gives the JSON to answer with, or None for no content."""

    __name__: str

    def __call__(self, request: Request, /) -> Awaitable[Json | None]: ...


@dataclass(slots=True)
class Api:
    """Everything the API serves. The methods named like an operationId are that operation."""

    store: Store
    tokens: TokenDesk
    exports: ExportDesk
    faults: Faults
    wire: Wire
    catalogue: Catalogue = field(init=False)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.store)

    def app(self) -> Starlette:
        """The API and its token endpoint as an ASGI application."""
        return Starlette(
            routes=[
                Route("/token", self.token, methods=["POST"]),
                Route("/authorize", self.authorize, methods=["GET"]),
                Mount(API_PATH, routes=[*self._operations(), *self._files()]),
            ],
            exception_handlers={HTTPException: _http_error, OAuthError: _oauth_error},
        )

    def _operations(self) -> list[BaseRoute]:
        company = "/api/accounts/{account_id}/company_call_recordings"
        personal = "/api/accounts/{account_id}/users/{user_id}/call_recordings"
        both = "recordings_transcriptions"
        # The first route that fits serves the request: fixed words come before ids.
        operations: list[tuple[str, str, Operation]] = [
            ("GET", company, self.list_company_recordings),
            ("GET", f"{company}/transcriptions", self.list_company_transcriptions),
            ("POST", f"{company}/export", self.create_company_recording_export),
            ("POST", f"{company}/{both}/export", self.create_company_recording_transcription_export),
            ("GET", f"{company}/{{recording_id}}", self.get_company_recording),
            ("DELETE", f"{company}/{{recording_id}}", self.delete_company_recording),
            ("GET", personal, self.list_on_demand_recordings),
            ("POST", f"{personal}/export", self.create_on_demand_recording_export),
            ("GET", f"{personal}/jobs", self.list_export_jobs),
            ("GET", f"{personal}/jobs/{{job_id}}", self.get_export_job),
            ("GET", f"{personal}/{both}/jobs", self.list_recording_transcription_export_jobs),
            ("GET", f"{personal}/{both}/jobs/{{job_id}}", self.get_recording_transcription_export_job),
            ("GET", f"{personal}/{{recording_id}}", self.get_on_demand_recording),
            ("DELETE", f"{personal}/{{recording_id}}", self.delete_on_demand_recording),
        ]
        return [
            Route(path, self._authorized(self._answering(operation)), methods=[method])
            for method, path, operation in follow(operations)
        ]

    def _files(self) -> list[BaseRoute]:
        # The documentation shows both prefixes.
        return [
            Route(prefix + path, self._authorized(endpoint), methods=["GET"])
            for prefix in ("/api", "/v1/api")
            for path, endpoint in (
                ("/audio/recording/{recording_id}", self.audio),
                ("/transcription/{recording_id}", self.transcript),
                ("/bulkDownload/retrieve", self.archive),
                ("/bulkDownload/recordings_transcriptions/retrieve", self.archive_with_transcripts),
            )
        ]

    def _authorized(self, endpoint: Endpoint) -> Endpoint:
        async def serve(request: Request) -> Response:
            self.tokens.require(request.headers.get("authorization"))
            return await endpoint(request)

        return serve

    def _answering(self, operation: Operation) -> Endpoint:
        async def answer(request: Request) -> Response:
            if request.path_params.get("account_id", "self") not in ("self", ACCOUNT_ID):
                raise not_found("such account")
            body = await operation(request)
            if body is None:
                return Response(status_code=operation.status if isinstance(operation, MadeUp) else 204)
            if self.faults.reshape is not None:
                body = self.faults.reshape(operation.__name__, body)
            if isinstance(operation, MadeUp):
                return JSONResponse(body, operation.status)
            # What else is posted are exports.
            return JSONResponse(body, self.faults.exports.success_status if request.method == "POST" else 200)

        return answer

    # -- company recordings

    async def list_company_recordings(self, request: Request) -> Json:
        selection = from_query(request.query_params, owner=None)
        return self._page(request, selection, "recordings", "company_call_recordings")

    async def list_company_transcriptions(self, request: Request) -> Json:
        selection = from_query(request.query_params, owner=None, transcribed=True)
        return self._page(request, selection, "transcriptions", "company_call_recordings/transcriptions")

    async def get_company_recording(self, request: Request) -> Json:
        return self.wire.recording(self._recording(request, owner=None))

    async def delete_company_recording(self, request: Request) -> None:
        self.store.delete(self._recording(request, owner=None).id)

    async def create_company_recording_export(self, request: Request) -> Json:
        return self._export(from_body(await _json(request), owner=None), "recordings", USER_ID)

    async def create_company_recording_transcription_export(self, request: Request) -> Json:
        selection = from_body(await _json(request), owner=None)
        return self._export(selection, "recordings_transcriptions", USER_ID)

    # -- on-demand recordings

    async def list_on_demand_recordings(self, request: Request) -> Json:
        user_id = _user(request)
        selection = from_query(request.query_params, owner=user_id)
        return self._page(request, selection, "recordings", f"users/{user_id}/call_recordings")

    async def get_on_demand_recording(self, request: Request) -> Json:
        return self.wire.recording(self._recording(request, owner=_user(request)))

    async def delete_on_demand_recording(self, request: Request) -> None:
        self.store.delete(self._recording(request, owner=_user(request)).id)

    async def create_on_demand_recording_export(self, request: Request) -> Json:
        user_id = _user(request)
        return self._export(from_body(await _json(request), owner=user_id), "recordings", user_id)

    # -- export jobs

    async def list_export_jobs(self, request: Request) -> Json:
        return self._job_page(request, "recordings", "jobs")

    async def get_export_job(self, request: Request) -> Json:
        return self._job(request, "recordings")

    async def list_recording_transcription_export_jobs(self, request: Request) -> Json:
        return self._job_page(request, "recordings_transcriptions", "recordings_transcriptions/jobs")

    async def get_recording_transcription_export_job(self, request: Request) -> Json:
        return self._job(request, "recordings_transcriptions")

    # -- files

    async def audio(self, request: Request) -> Response:
        recording = self.store.get(_recording_id(request))
        if recording is None:
            raise not_found("such recording")
        return send_file(audio(recording), request.headers)

    async def transcript(self, request: Request) -> Response:
        recording = self.store.get(_recording_id(request))
        if recording is None or recording.transcript != "ready":
            raise not_found("transcript of that recording")
        return send_file(transcript(recording), request.headers)

    async def archive(self, request: Request) -> Response:
        return await self._archive(request, "recordings")

    async def archive_with_transcripts(self, request: Request) -> Response:
        return await self._archive(request, "recordings_transcriptions")

    # -- tokens

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
        tokens = self.tokens.grant(form, request.headers.get("authorization"))
        return JSONResponse(tokens, headers={"Cache-Control": "no-store"})

    async def authorize(self, request: Request) -> Response:
        code = self.tokens.authorize(request.query_params)
        redirect_uri = request.query_params["redirect_uri"]
        answer = {"code": code}
        if "state" in request.query_params:
            answer["state"] = request.query_params["state"]
        return RedirectResponse(
            f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}", 302
        )

    # -- what several of them do

    def _page(
        self,
        request: Request,
        selection: Selection,
        key: Literal["recordings", "transcriptions"],
        path: str,
    ) -> Json:
        page = PageRequest.read(self.wire.url(path), request.query_params, self.faults.paging)
        render = self.wire.recording if key == "recordings" else self.wire.transcription
        return page_of(self.catalogue.select(selection), key, render, page, self.faults.paging)

    def _recording(self, request: Request, owner: str | None) -> Recording:
        recording = self.store.get(_recording_id(request))
        if recording is None or recording.owner != owner:
            raise not_found("such recording")
        return recording

    def _export(self, selection: Selection, kind: Kind, user_id: str) -> Json:
        recordings = self.catalogue.select(selection)
        owners = frozenset({USER_ID, user_id})
        jobs = self.exports.start(recordings, kind, owners, self.faults.exports, self.faults.now())
        return {"job_ids": [job.id for job in jobs]}

    def _job_page(self, request: Request, kind: Kind, path: str) -> Json:
        user_id = _user(request)
        quirks = self.faults.paging
        url = self.wire.url(f"users/{user_id}/call_recordings/{path}")
        page = PageRequest.read(url, request.query_params, quirks)
        mine = [job for job in self.exports.jobs.values() if job.kind == kind and user_id in job.owners]
        seen = [job for job in mine if job.look()]
        status = request.query_params.get("status")
        kept = [job for job in seen if status is None or job.status == status]
        return page_of(kept, "jobs", lambda job: self.wire.job(job, user_id), page, quirks)

    def _job(self, request: Request, kind: Kind) -> Json:
        user_id = _user(request)
        job = self.exports.jobs.get(request.path_params["job_id"])
        if job is None or job.kind != kind or user_id not in job.owners or not job.look():
            raise not_found("such export job")
        return self.wire.job(job, user_id)

    async def _archive(self, request: Request, kind: Kind) -> Response:
        job = self.exports.jobs.get(request.query_params.get("jobId", ""))
        if job is None or job.kind != kind or not job.is_complete:
            raise not_found("archive of that job")
        if job.valid_until <= self.faults.now():
            raise HTTPException(410, "The archive has expired.")
        content = await anyio.to_thread.run_sync(self.exports.archive, job)
        return send_file(content, request.headers)


def _user(request: Request) -> str:
    user_id: str = request.path_params["user_id"]
    if user_id == "self":
        return USER_ID
    if user_id not in USER_IDS:
        raise not_found("such user")
    return user_id


def _recording_id(request: Request) -> int:
    try:
        return integer(request.path_params["recording_id"], at_least=0)
    except ValueError as error:
        raise not_found("such recording") from error


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise bad_request("The body is not JSON, or too deep.") from error


def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    body: Json = {"status": error.status_code, "message": error.detail}
    return JSONResponse(body, error.status_code, headers=error.headers)


def _oauth_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, OAuthError)
    return JSONResponse(error.body, error.status)
