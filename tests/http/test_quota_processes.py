"""Two processes over one access token: each brings its share, and few requests are refused."""

import multiprocessing
from pathlib import Path

import pytest

from vbc_call_recording import CallRecordingClient
from vbc_call_recording_sandbox import Sandbox

pytestmark = pytest.mark.slow

EACH = 100


def download_share(environment: dict[str, str], folder: str, ids: list[int]) -> None:
    with CallRecordingClient.from_env(environment) as client:
        for result in client.company_recordings.download_many(ids, folder):
            if result.error:
                raise result.error


def test_two_processes_on_one_token_bring_everything(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.quirks.quota.requests = 20
    sandbox.quirks.quota.window = 1
    sandbox.quirks.tokens.again = "always"
    recordings = sandbox.store.company()[: 2 * EACH]
    ids = [recording.id for recording in recordings]
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=download_share, args=(sandbox.environment, str(tmp_path), share))
        for share in (ids[:EACH], ids[EACH:])
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(240)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(sandbox.quota.usage) == 1, "both were given the same access token"
    sizes = sorted(path.stat().st_size for path in tmp_path.iterdir())
    assert sizes == sorted(recording.size for recording in recordings)
    accepted, refused = sandbox.quota.accepted, sandbox.quota.refused
    assert accepted >= 4 * EACH, "each is asked for, and then downloaded"
    assert refused <= 0.1 * (accepted + refused)
