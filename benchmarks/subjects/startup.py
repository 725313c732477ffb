"""Importing and constructing a client, in a Python that has just started."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.rows import Goal, Row, Sample, Turn, Way, no_server, times

PROGRAM = """
import time
cpu, wall = time.process_time(), time.perf_counter()
{}
print(time.process_time() - cpu, time.perf_counter() - wall)
"""


@contextmanager
def started(_: str, statements: str) -> Iterator[Turn]:
    def turn() -> Sample:
        command = [sys.executable, "-c", PROGRAM.format(statements)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if "ModuleNotFoundError" in done.stderr:
            raise ImportError(done.stderr.splitlines()[-1])
        cpu, wall = map(float, done.stdout.split())
        return Sample(1, cpu=cpu, wall=wall)

    turn()
    yield turn


WAYS: dict[str, Way] = {
    "httpx": partial(started, statements="import httpx; httpx.Client()"),
    "stock generated": partial(
        started,
        statements="from stock.client import Client\n"
        "from stock.api.company_recordings import list_company_recordings\n"
        "Client(base_url='https://a.example').get_httpx_client()",
    ),
    "openapi-generator": partial(
        started,
        statements="from openapi_generator import ApiClient, CompanyRecordingsApi, Configuration\n"
        "CompanyRecordingsApi(ApiClient(Configuration()))",
    ),
    "ours": partial(
        started,
        statements="from vbc_call_recording import CallRecordingClient; CallRecordingClient(auth='t')",
    ),
    "ours async": partial(
        started,
        statements="from vbc_call_recording import AsyncCallRecordingClient as C; C(auth='t')",
    ),
}
ROWS = [
    Row(
        "import and construct",
        WAYS,
        server=no_server,
        turns=11,
        quick=("httpx", "ours"),
        goals=[
            Goal("≤ 1.1 × httpx", times("ours", "httpx"), most=1.1),
            Goal("async ≤ 1.1 × httpx", times("ours async", "httpx"), most=1.1),
        ],
    )
]
