"""`python -m vbc_call_recording_sandbox`: run a sandbox until interrupted."""

import argparse
import shlex
import signal
import sys
import threading
from types import FrameType

from ._server import Sandbox


def main() -> None:
    """Run a sandbox, tell how to reach it, and stop on Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m vbc_call_recording_sandbox", description="A Call Recording API of your own."
    )
    parser.add_argument("--port", type=int, default=0, help="where to listen (default: a free port)")
    parser.add_argument("--seed", type=int, default=0, help="decides about all data (default: 0)")
    parser.add_argument("--recordings", type=int, default=3_000, help="company recordings (default: 3000)")
    arguments = parser.parse_args()
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        with Sandbox(seed=arguments.seed, recordings=arguments.recordings, port=arguments.port) as sandbox:
            sys.stdout.write(_greeting(sandbox))
            sys.stdout.flush()
            stopped.wait()
    except (ValueError, OverflowError, OSError) as error:
        parser.error(f"cannot start with these arguments: {error}")


def _greeting(sandbox: Sandbox) -> str:
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sandbox.environment.items())
    return (
        f"The sandbox is up, {len(sandbox.store.recordings())} recordings in it. Ctrl-C stops it.\n\n"
        f"URL            {sandbox.base_url}\n"
        f"Token URL      {sandbox.token_url}\n"
        f"Client id      {sandbox.credentials.client_id}\n"
        f"Client secret  {sandbox.credentials.client_secret}\n"
        f"User name      {sandbox.credentials.username}\n"
        f"Password       {sandbox.credentials.password}\n\n"
        f"To point a client at it:\n\n{exports}"
    )


if __name__ == "__main__":
    main()
