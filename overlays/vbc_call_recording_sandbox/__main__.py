"""`python -m vbc_call_recording_sandbox`: run a sandbox until interrupted."""

import argparse
import json
import shlex
import signal
import sys
import threading
from types import FrameType
from typing import Any

from ._quirks.presets import PRESETS, RANDOM
from ._sandbox import Sandbox


def main() -> None:
    """Run a sandbox, tell how to reach it, and stop on Ctrl-C or SIGTERM."""
    parser = _parser()
    arguments = parser.parse_args()
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        with _sandbox(arguments) as sandbox:
            sys.stdout.write(_greeting(sandbox, arguments.admin))
            sys.stdout.flush()
            stopped.wait()
            # Whoever planned a wrong fault has been told already; it must not end the command.
            sandbox.errors.clear()
    except (ValueError, OverflowError, OSError) as error:
        parser.error(f"cannot start with these arguments: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m vbc_call_recording_sandbox", description="A Call Recording API of your own."
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="where to listen (default: this machine only)")
    add("--port", type=int, default=0, help="where to listen (default: a free port)")
    add("--public-url", help="origin of the URLs that are handed out (default: the one that was asked)")
    add("--seed", type=int, default=0, help="decides about all data (default: 0)")
    add("--recordings", type=int, default=3_000, help="company recordings (default: 3000)")
    add("--on-demand", type=int, default=300, help="on-demand recordings of all users (default: 300)")
    add("--scene", metavar="FILE", help="start with the state that was saved in this file")
    add("--quota", help="how many requests a token may make, such as 10/min")
    add("--quirks", default="", help=f"presets, separated by commas: {', '.join((*PRESETS, RANDOM))}")
    add(
        "--quirk",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        type=_switch,
        help="a single switch, such as paging.first_page=0; can be repeated",
    )
    add(
        "--admin",
        nargs="?",
        const="loopback",
        default="off",
        choices=("off", "loopback", "anywhere"),
        help="serve the admin API under /_sandbox/, to this machine unless told otherwise (default: off)",
    )
    return parser


def _switch(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r}; accepted: NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _sandbox(arguments: argparse.Namespace) -> Sandbox:
    sandbox = Sandbox(
        seed=arguments.seed,
        recordings=arguments.recordings,
        on_demand=arguments.on_demand,
        host=arguments.host,
        port=arguments.port,
        quota=arguments.quota,
        quirks=arguments.quirks,
        scene=arguments.scene,
        admin=arguments.admin,
        public_url=arguments.public_url,
    )
    if arguments.quirk:
        sandbox.quirks.set(dict(arguments.quirk))
        sandbox.snapshot()
    return sandbox


def _greeting(sandbox: Sandbox, admin: str) -> str:
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sandbox.environment.items())
    rows = {
        "URL": sandbox.base_url,
        "URL for India": sandbox.india_base_url,
        "Token URL": sandbox.token_url,
        "Admin API": "off" if admin == "off" else f"{sandbox.base_url.split('/t/')[0]}/_sandbox/openapi.yaml",
        "Client id": sandbox.credentials.client_id,
        "Client secret": sandbox.credentials.client_secret,
        "User name": sandbox.credentials.username,
        "Password": sandbox.credentials.password,
        "Quirks": ", ".join(
            f"{name}={json.dumps(value)}" for name, value in sandbox.quirks.changed().items()
        ),
    }
    table = "".join(f"{name:<15}{value}\n" for name, value in rows.items() if value)
    count = len(sandbox.store.recordings())
    return (
        f"The sandbox is up, {count} recordings in it. Ctrl-C stops it.\n\n{table}\n"
        f"To point a client at it:\n\n{exports}"
    )


if __name__ == "__main__":
    main()
