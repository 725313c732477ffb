"""A service over the recordings: it lists them, hands out their audio, and exports in the background.

uvicorn service:app
"""

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

import vbc_call_recording as vbc

EXPORTS = Path("exports")
STATUSES = {vbc.InputError: 400, vbc.NotFoundError: 404, vbc.RateLimitError: 503}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """One client for the whole life of the service. Exports that an earlier run began go on."""
    EXPORTS.mkdir(exist_ok=True)
    async with vbc.AsyncCallRecordingClient.from_env() as app.state.patient:
        app.state.client = app.state.patient.with_options(quota_wait=5)  # people wait for these answers
        app.state.tasks = dict[str, asyncio.Task[None]]()
        for ticket in EXPORTS.glob("*.token"):
            fetch_in_the_background(app, ticket)
        yield
        for task in app.state.tasks.values():
            task.cancel()
        await asyncio.gather(*app.state.tasks.values(), return_exceptions=True)


def fetch_in_the_background(app: FastAPI, ticket: Path) -> None:
    async def fetch() -> None:
        export = app.state.patient.export_jobs.resume(ticket.read_text())
        await export.wait(timeout=3600)
        await export.download(ticket.with_suffix(""))
        ticket.unlink()

    app.state.tasks[ticket.stem] = asyncio.create_task(fetch())


app = FastAPI(lifespan=lifespan)


@app.get("/recordings")
async def recordings(request: Request, since: str, limit: int = 20) -> list[dict[str, Any]]:
    calls = request.app.state.client.company_recordings.list(start_gte=since, limit=limit)
    return [call.to_dict() async for call in calls]


@app.get("/recordings/{recording_id}/audio")
async def audio(request: Request, recording_id: int) -> Response:
    memory = io.BytesIO()
    await request.app.state.client.company_recordings.download(recording_id, memory)
    return Response(memory.getvalue(), media_type="audio/mpeg")


@app.post("/exports", status_code=202)
async def start_export(request: Request, since: str) -> dict[str, str]:
    export = await request.app.state.client.company_recordings.export(start_gte=since)
    ticket = EXPORTS / f"{uuid4()}.token"
    ticket.write_text(export.token)  # with it, the next run of the service goes on
    fetch_in_the_background(request.app, ticket)
    return {"export": ticket.stem}


@app.get("/exports/{name}")
async def export_state(request: Request, name: UUID) -> dict[str, Any]:
    folder, task = EXPORTS / str(name), request.app.state.tasks.get(str(name))
    if not task and not folder.exists():
        raise HTTPException(404, "there is no such export")
    error = task.exception() if task and task.done() else None
    files = sorted(path.name for path in folder.glob("*.zip"))
    return {"done": not (error or (task and not task.done())), "error": error and str(error), "files": files}


@app.exception_handler(vbc.CallRecordingError)
async def tell(_: Request, error: vbc.CallRecordingError) -> JSONResponse:
    """What went wrong behind this service, as a status that fits. No message holds a secret."""
    status = next((status for cls, status in STATUSES.items() if isinstance(error, cls)), 502)
    return JSONResponse({"error": type(error).__name__, "message": str(error)}, status)
