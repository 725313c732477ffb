"""Both quickstarts: everything they say they did is true, and they delete nothing outside a sandbox."""

import importlib.util
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from vbc_call_recording import BASE_URL, BASE_URL_INDIA, AsyncCallRecordingClient, CallRecordingClient
from vbc_call_recording_sandbox import Sandbox

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
BOTH = pytest.mark.parametrize("name", ["quickstart", "async_quickstart"])
MACHINE = {name: value for name, value in os.environ.items() if not name.startswith("VBC_")}
NOTHING_DELETED = "deleted   nothing: that takes --delete and a sandbox\n"


@BOTH
def test_it_does_the_main_job_and_says_so(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.faults.exports.job_size = 50
    sandbox.faults.exports.statuses = ("in_progress", "complete")
    before = {recording.id for recording in sandbox.store.on_demand()}

    done = run(name, sandbox.environment, "--output", str(tmp_path), "--delete")

    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout
    assert f"API       {sandbox.base_url}" in said
    walked, promised = numbers(r"walked    (\d+) of (\d+) inbound calls", said)
    assert walked == promised > 25, "it is to walk over several pages"
    check_saved_files(said, sandbox)
    check_archives(said, tmp_path)
    assert re.search(r"waiting   \d+ of \d+ files\n(.*\n)*waiting   (\d+) of \2 files", said), "the end shows"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    assert f"{len(files)} files, {size} bytes, in {tmp_path}" in said
    (deleted,) = numbers(r"deleted   on-demand recording (\d+)", said)
    assert before - {recording.id for recording in sandbox.store.on_demand()} == {deleted}
    deletions = [request.path for request in sandbox.requests if request.method == "DELETE"]
    assert [path.rsplit("/", 1)[1] for path in deletions] == [str(deleted)]


def check_saved_files(said: str, sandbox: Sandbox) -> None:
    saved = [Path(path) for path in re.findall(r"saved     (\S+?\.(?:mp3|txt))", said)]
    kinds = {path.suffix for path in saved}
    assert kinds == {".mp3", ".txt"}
    for fetched in re.findall(r"fetched   recording (\d+)", said):
        recording = sandbox.store.get(int(fetched))
        (path,) = [path for path in saved if path.suffix == ".mp3" and f".{fetched}." in path.name]
        assert recording is not None
        assert (path.stat().st_size, path.read_bytes()[:3]) == (recording.size, b"ID3")
        assert f"{path} ({path.stat().st_size} bytes)" in said
    assert all(path.read_text("utf-8") for path in saved if path.suffix == ".txt")


def check_archives(said: str, folder: Path) -> None:
    (jobs,) = numbers(r"export    (\d+) jobs", said)
    archives = sorted(folder.glob("export-*.zip"))
    assert jobs == len(archives) > 1
    entries = unpacked = 0
    for archive in archives:
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.namelist():
                assert (archive.with_suffix("") / entry).read_bytes() == opened.read(entry)
            entries += len(opened.namelist())
        unpacked += sum(path.is_file() for path in archive.with_suffix("").rglob("*"))
    assert entries == unpacked
    assert f"unpacked  {entries} files from {len(archives)} archives" in said


@BOTH
def test_running_it_twice_into_one_folder_is_fine(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.faults.exports.statuses = ("complete",)

    for _ in range(2):
        done = run(name, sandbox.environment, "--output", str(tmp_path))

        assert (done.returncode, done.stderr) == (0, "")


@BOTH
def test_without_variables_it_fails_and_names_them(name: str, tmp_path: Path) -> None:
    done = run(name, {}, "--output", str(tmp_path))

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("ConfigurationError: ")
    for variable in ("VBC_USERNAME", "VBC_PASSWORD", "VBC_CLIENT_ID", "VBC_CLIENT_SECRET"):
        assert variable in done.stderr


@BOTH
def test_what_the_server_refuses_is_one_line_and_exit_1(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.faults.next("GET .*/transcriptions", status=403)

    done = run(name, sandbox.environment, "--output", str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.startswith("PermissionDeniedError: ")
    assert done.stderr.count("\n") == 1


@BOTH
def test_an_account_without_recordings_is_no_failure(name: str, tmp_path: Path) -> None:
    with Sandbox(recordings=0, on_demand=0) as sandbox:
        done = run(name, sandbox.environment, "--output", str(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert "there are no company recordings" in done.stdout


@BOTH
def test_deleting_has_to_be_asked_for(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """A tunnel to the real API begins at 127.0.0.1, too."""
    sandbox.quirks.exports.statuses = ("complete",)
    done = run(name, sandbox.environment, "--output", str(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert NOTHING_DELETED in done.stdout
    assert "DELETE" not in {request.method for request in sandbox.requests}


def test_the_demo_deletes_in_the_sandbox_it_has_started(tmp_path: Path) -> None:
    done = demo({}, tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"deleted   on-demand recording \d+\n", done.stdout)
    assert re.search(r"\n\d+ recordings fetched .*\n\n\$ vbc-recordings status", done.stdout)
    assert "company\tnothing is known to be missing\n" in done.stdout
    page = tmp_path / "demo-output" / "archive" / "report.html"
    assert done.stdout.endswith(f"\nto look at it: {page.as_uri()}\n")
    assert "<strong>Complete up to " in page.read_text("utf-8")


def test_the_demo_deletes_nothing_where_variables_lead(sandbox: Sandbox, tmp_path: Path) -> None:
    done = demo(sandbox.environment, tmp_path, "async_quickstart")

    assert (done.returncode, done.stderr) == (0, "")
    assert NOTHING_DELETED in done.stdout
    assert "DELETE" not in {request.method for request in sandbox.requests}


def test_the_demo_names_the_examples_there_are(tmp_path: Path) -> None:
    refused = demo({}, tmp_path, "nope")

    assert refused.returncode == 2
    assert "async_quickstart" in refused.stderr.splitlines()[-1]


ELSEWHERE = pytest.mark.parametrize(
    "base_url",
    [BASE_URL, BASE_URL_INDIA, "https://127.0.0.1.example.com/api", "http://localhost:8000/api"],
)


@ELSEWHERE
def test_outside_a_sandbox_nothing_is_deleted(base_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with httpx.Client(transport=httpx.MockTransport(refuse)) as http:
        client = CallRecordingClient(auth="t", base_url=base_url, http_client=http)

        load("quickstart").delete_one(client, asked=True)

    assert capsys.readouterr().out == NOTHING_DELETED


@ELSEWHERE
@pytest.mark.anyio
async def test_outside_a_sandbox_nothing_is_deleted_async(
    base_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as http:
        client = AsyncCallRecordingClient(auth="t", base_url=base_url, http_client=http)

        await load("async_quickstart").delete_one(client, asked=True)

    assert capsys.readouterr().out == NOTHING_DELETED


def refuse(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"no request was to be made, and there is {request.method} {request.url}")


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(name: str, variables: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """As a user would run it, with warnings as errors."""
    command = [sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py"), *arguments]
    return subprocess.run(command, env={**MACHINE, **variables}, capture_output=True, text=True, check=False)


def demo(variables: Mapping[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.demo", *arguments]
    environment = {**MACHINE, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def numbers(pattern: str, text: str) -> list[int]:
    found = re.search(pattern, text)
    assert found is not None, f"nothing like {pattern!r} in what it said:\n{text}"
    return [int(group) for group in found.groups()]
