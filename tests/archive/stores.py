"""Object stores on this machine, by other people: moto's server speaks S3, azurite is Microsoft's own."""

import base64
import hashlib
import hmac
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import httpx
from filelock import FileLock

# As Microsoft documents them for its emulator: no secret.
AZURE_ACCOUNT = "devstoreaccount1"
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
AZURITE = Path(__file__).resolve().parents[2] / ".venv/azurite"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(command: list[str], port: int) -> Generator[str]:
    """A server in a process of its own, for as long as the block runs. Gives its address."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        until = time.monotonic() + 60
        while not _listens(port):
            assert process.poll() is None, f"{command} ended with {process.returncode}"
            assert time.monotonic() < until, f"{command} does not listen"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def moto() -> Generator[dict[str, str]]:
    """S3. Gives the variables that lead to it, and to no other account of this machine."""
    port = free_port()
    with served([sys.executable, "-m", "moto.server", "-p", str(port)], port) as origin:
        yield {
            "AWS_ENDPOINT_URL_S3": origin,
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "hush-aws-secret",
            "AWS_REGION": "us-east-1",
        }


def make_bucket(variables: Mapping[str, str], name: str) -> None:
    httpx.put(f"{variables['AWS_ENDPOINT_URL_S3']}/{name}").raise_for_status()


def missing_azurite() -> str:
    """Why azurite cannot be run; empty if it can. It is installed once, below .venv."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "azurite needs Node.js and npm, which are not installed"
    AZURITE.mkdir(parents=True, exist_ok=True)
    with FileLock(AZURITE / ".lock"):  # of several test processes, one installs it
        if (AZURITE / "node_modules/.bin/azurite-blob").exists():
            return ""
        install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(AZURITE), "azurite@3.35.0"]
        tried = subprocess.run(install, capture_output=True, text=True, check=False)
    if tried.returncode and os.environ.get("CI"):
        raise RuntimeError(tried.stderr)  # where it has to run
    return f"npm could not install azurite: {tried.stderr[-300:]}" if tried.returncode else ""


@contextmanager
def azurite() -> Generator[dict[str, str]]:
    """Azure Blob Storage. Gives the variables that lead to it."""
    port = free_port()
    program = str(AZURITE / "node_modules/.bin/azurite-blob")
    options = ["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"]
    with served([program, *options, "--blobPort", str(port)], port) as origin:
        yield {
            "AZURE_STORAGE_ENDPOINT": f"{origin}/{AZURE_ACCOUNT}",
            "AZURE_STORAGE_ACCOUNT_NAME": AZURE_ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": AZURE_KEY,
        }


def make_container(variables: Mapping[str, str], name: str) -> None:
    date, version = formatdate(usegmt=True), "2021-08-06"
    signed = (
        f"PUT{chr(10) * 12}x-ms-date:{date}\nx-ms-version:{version}\n"
        f"/{AZURE_ACCOUNT}/{AZURE_ACCOUNT}/{name}\nrestype:container"
    )
    mark = hmac.new(base64.b64decode(AZURE_KEY), signed.encode(), hashlib.sha256).digest()
    headers = {
        "x-ms-date": date,
        "x-ms-version": version,
        "Authorization": f"SharedKey {AZURE_ACCOUNT}:{base64.b64encode(mark).decode()}",
    }
    place = f"{variables['AZURE_STORAGE_ENDPOINT']}/{name}?restype=container"
    httpx.put(place, headers=headers).raise_for_status()
