"""The service of the tutorial, run against the sandbox as its page says."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from vbc_call_recording_sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "examples" / "service.py"
SINCE = "2024-12-20T00:00:00Z"
pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def service() -> ModuleType:
    spec = importlib.util.spec_from_file_location("service", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def account(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.chdir(tmp_path)
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    sandbox.quirks.exports.statuses = ("complete",)
    return sandbox


@asynccontextmanager
async def running(service: ModuleType) -> AsyncIterator[httpx.AsyncClient]:
    """From start to shutdown, as a server does it."""
    app = service.app
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as browser,
    ):
        yield browser


async def finished(browser: httpx.AsyncClient, name: str) -> dict[str, object]:
    while True:
        told = (await browser.get(f"/exports/{name}")).json()
        if told["done"] or told["error"]:
            return told
        await asyncio.sleep(0.02)


async def test_it_lists_plays_and_exports(service: ModuleType, account: Sandbox) -> None:
    async with running(service) as browser:
        listed = (await browser.get("/recordings", params={"since": SINCE, "limit": 3})).json()
        recording = account.store.get(listed[0]["id"])
        played = await browser.get(f"/recordings/{listed[0]['id']}/audio")
        began = await browser.post("/exports", params={"since": SINCE})
        told = await finished(browser, began.json()["export"])

    assert recording
    assert (len(listed), listed[0]["cnam"]) == (3, recording.cnam)
    assert (played.headers["content-type"], len(played.content)) == ("audio/mpeg", recording.size)
    assert (began.status_code, told["error"]) == (202, None)
    assert told["files"]
    assert not list(Path("exports").glob("*.token")), "nothing is left to go on with"
    async with running(service) as browser:
        assert await finished(browser, began.json()["export"]) == told, "the next run knows it, too"


async def test_an_export_of_an_earlier_run_goes_on(service: ModuleType, account: Sandbox) -> None:
    account.quirks.exports.statuses = ("queued",)
    async with running(service) as browser:
        began = (await browser.post("/exports", params={"since": SINCE})).json()["export"]
        assert (await browser.get(f"/exports/{began}")).json() == {"done": False, "error": None, "files": []}

    for job in account.exports.jobs.values():
        job.statuses = ("complete",)
    async with running(service) as browser:
        assert (await finished(browser, began))["files"]
    assert len(account.exports.jobs) == len(list(Path("exports", began).glob("*.zip"))), "it began no other"


@pytest.mark.parametrize(
    ("path", "fault", "status", "error"),
    [
        ("/recordings?since=yesterday", {}, 400, "InputError"),
        ("/recordings/1/audio", {}, 404, "NotFoundError"),
        (f"/recordings?since={SINCE}", {"status": 403}, 502, "PermissionDeniedError"),
    ],
)
async def test_what_goes_wrong_behind_it_is_told(
    service: ModuleType, account: Sandbox, path: str, fault: dict[str, int], status: int, error: str
) -> None:
    if fault:
        account.faults.next("GET", **fault)
    async with running(service) as browser:
        answer = await browser.get(path)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_an_export_that_it_did_not_begin_is_not_found(service: ModuleType, account: Sandbox) -> None:
    async with running(service) as browser:
        unknown = await browser.get("/exports/0b5d3f2e-8c1f-4b0e-9d8c-5a3e0b7f6c1d")
        elsewhere = await browser.get("/exports/%2e%2e")

    assert (unknown.status_code, unknown.json()["detail"]) == (404, "there is no such export")
    assert elsewhere.status_code == 422
