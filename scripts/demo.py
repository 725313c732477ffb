"""Run an example against a sandbox of its own, or against the real API if VBC_* variables say who you are.

With the sandbox, it ends with a small archive of the last days' calls, which `vbc-recordings` makes, and with
the page that shows it.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vbc_call_recording_sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ("quickstart", "async_quickstart")
ARCHIVE = Path("demo-output", "archive")
COMMANDS = ("sync", "status", "verify", "report")
DAYS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "example", nargs="?", default=EXAMPLES[0], choices=EXAMPLES, help="%(default)s if left out"
    )
    example = str(ROOT / "examples" / f"{parser.parse_args().example}.py")
    if any(name.startswith("VBC_") for name in os.environ):
        return run({}, example)
    with Sandbox() as sandbox:
        sandbox.quirks.exports.statuses = ("in_progress", "complete")  # one wait is enough to see it
        return run(sandbox.environment, example, "--delete") or archive(sandbox)


def archive(sandbox: Sandbox) -> int:
    """A small archive, anew each time: the sandbox's calls are as old as the day is."""
    make_recent(sandbox)
    shutil.rmtree(ARCHIVE, ignore_errors=True)
    for command in COMMANDS:
        print(f"\n$ vbc-recordings {command} {ARCHIVE}", flush=True)
        status = run(sandbox.environment, "-m", "vbc_call_recording_archive", command, str(ARCHIVE))
        if status:
            return status
    print(f"\nto look at it: {(ARCHIVE / 'report.html').resolve().as_uri()}", flush=True)
    return 0


def make_recent(sandbox: Sandbox) -> None:
    """Have the calls of the sandbox's last days be of the last days before today, and exports be quick."""
    calls = sandbox.store.company()
    last = max(call.start for call in calls)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    later = timedelta(days=(midnight - last).days)
    recent = [call for call in calls if call.start > last - timedelta(days=DAYS)]
    sandbox.store.replace(replace(call, start=call.start + later) for call in recent)
    sandbox.quirks.exports.statuses = ("complete",)


def run(variables: Mapping[str, str], *arguments: str) -> int:
    # What it says on the way belongs to what it shows.
    command, merged = [sys.executable, *arguments], subprocess.STDOUT if "-m" in arguments else None
    return subprocess.run(command, env={**os.environ, **variables}, stderr=merged, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
