"""A service over the recordings: it lists them, hands out their audio, and exports in the background.

uvicorn service:app
"""

import asyncio
import io
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from vbc_call_recording import (
    AsyncCallRecordingClient,
    CallRecordingError,
    InputError,
    NotFoundError,
    RateLimitError,
)

EXPORTS = Path("exports")
STATUSES = {InputError: 400, NotFoundError: 404, RateLimitError: 503}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """One client for the whole life of the service. Exports that an earlier run began go on."""
    EXPORTS.mkdir(exist_ok=True)
    async with AsyncCallRecordingClient.from_env() as client:
        app.state.client = client.with_options(quota_wait=5)  # people wait for these answers
        app.state.tasks = {
            ticket.stem: asyncio.create_task(fetch(client, ticket)) for ticket in EXPORTS.glob("*.token")
        }
        yield
        for task in app.state.tasks.values():
            task.cancel()
        await asyncio.gather(*app.state.tasks.values(), return_exceptions=True)


async def fetch(client: AsyncCallRecordingClient, ticket: Path) -> None:
    export = client.export_jobs.resume(ticket.read_text())
    await export.wait(timeout=3600)
    await export.download(ticket.with_suffix(""))
    ticket.unlink()


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
    client = request.app.state.client
    export = await client.company_recordings.export(start_gte=since)
    ticket = EXPORTS / f"{secrets.token_hex(8)}.token"
    ticket.write_text(export.token)  # with it, the next run of the service goes on
    request.app.state.tasks[ticket.stem] = asyncio.create_task(fetch(client, ticket))
    return {"export": ticket.stem}


@app.get("/exports/{name}")
async def export_state(request: Request, name: str) -> dict[str, Any]:
    task = request.app.state.tasks[name]
    error = task.exception() if task.done() else None
    files = sorted(path.name for path in (EXPORTS / name).glob("*.zip"))
    return {"done": task.done() and not error, "error": str(error) if error else None, "files": files}


@app.exception_handler(CallRecordingError)
async def tell(_: Request, error: CallRecordingError) -> JSONResponse:
    """What went wrong behind this service, as a status that fits. No message holds a secret."""
    status = next((status for cls, status in STATUSES.items() if isinstance(error, cls)), 502)
    return JSONResponse({"error": type(error).__name__, "message": str(error)}, status)
