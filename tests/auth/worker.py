"""Program run by tests: processes that share a login, on a clock that runs a thousand times too fast.

python -m tests.auth.worker renew SANDBOX_URL STORE COUNT
    Sends COUNT requests, each after the token has expired. Fails at the first not answered by 200.
python -m tests.auth.worker die SANDBOX_URL STORE COUNT
    Starts COUNT processes that renew without end, one after the other, and kills each soon with SIGKILL.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from vbc_call_recording import CallRecordingClient, FileTokenStore, PasswordGrant
from vbc_call_recording_sandbox import Credentials

SPEED = 1000
LIFETIME = 60  # seconds of the fast clock, which the sandbox is to hand out as `expires_in`


real_time = time.time


def fast_time() -> float:
    return real_time() * SPEED


def client(base_url: str, store: str) -> CallRecordingClient:
    credentials = Credentials()
    auth = PasswordGrant(
        credentials.username,
        credentials.password,
        credentials.client_id,
        credentials.client_secret,
        token_store=FileTokenStore(store),
        token_url=f"http://{urlsplit(base_url).netloc}/token",
    )
    return CallRecordingClient(base_url=base_url, auth=auth, timeout=20)


def renew(base_url: str, store: str, count: float, started: Callable[[], object] = lambda: None) -> None:
    with client(base_url, store) as api:
        while count > 0:
            assert len(list(api.company_recordings.list(page_size=1, limit=1))) == 1
            started()
            time.sleep(LIFETIME / 2 / SPEED)
            count -= 1


def die(base_url: str, store: str, count: int) -> None:
    chance = random.Random(7)
    for _ in range(count):
        live_and_die(base_url, store, chance.uniform(0, 3 * LIFETIME / 2 / SPEED))


def live_and_die(base_url: str, store: str, seconds: float) -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        renew(base_url, store, float("inf"), lambda: os.write(writing, b"."))
    os.close(writing)
    os.read(reading, 1)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), "it failed before it was killed"
    os.close(reading)


if __name__ == "__main__":
    time.time = fast_time
    command, base_url, store, count = sys.argv[1:]
    {"renew": renew, "die": die}[command](base_url, store, int(count))
