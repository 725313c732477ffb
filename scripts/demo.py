"""Run an example against a sandbox of its own, or against the real API if VBC_* variables say who you are."""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from vbc_call_recording_sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ("quickstart", "async_quickstart")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "example", nargs="?", default=EXAMPLES[0], choices=EXAMPLES, help="%(default)s if left out"
    )
    example = ROOT / "examples" / f"{parser.parse_args().example}.py"
    if any(name.startswith("VBC_") for name in os.environ):
        return run(example, {})
    with Sandbox() as sandbox:
        return run(example, sandbox.environment, "--delete")


def run(example: Path, variables: Mapping[str, str], *arguments: str) -> int:
    command = [sys.executable, str(example), *arguments]
    return subprocess.run(command, env={**os.environ, **variables}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
