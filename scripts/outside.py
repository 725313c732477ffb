"""Tries a wheel or an sdist as users get it: in an environment of its own, away from the checkout.

It installs the file with the extras `archive` and `sandbox`, imports everything, lists the recordings of a
sandbox, asks `vbc-recordings` for its version, and compares that with the file's name. Further arguments are
installed beside it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PROGRAM = """
import vbc_call_recording, vbc_call_recording_archive, vbc_call_recording_generated, vbc_call_recording_pytest
from vbc_call_recording import CallRecordingClient
from vbc_call_recording_sandbox import Sandbox

with Sandbox(recordings=20) as sandbox, CallRecordingClient.from_env(sandbox.environment) as client:
    assert len(list(client.company_recordings.list())) == 20
print(vbc_call_recording.__version__)
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="a wheel or an sdist")
    parser.add_argument("beside", nargs="*", help="what is installed beside it: starlette==0.40.0")
    options = parser.parse_args()
    file = options.file.resolve(strict=True)
    with tempfile.TemporaryDirectory() as folder:
        versions = tried(file, options.beside, Path(folder))
    expected = file.name.removesuffix(".tar.gz").split("-")[1]
    if versions != {expected}:
        print(f"outside: {file.name} says {sorted(versions)} is its version", file=sys.stderr)
        return 1
    print(f"{file.name} works with Python {sys.version.split()[0]}")
    return 0


def tried(file: Path, beside: list[str], folder: Path) -> set[str]:
    """The versions that the package and its command tell, from an environment in this folder."""
    venv.create(folder / "venv", with_pip=True)
    places = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = str(places / "python")
    quiet = ["--quiet", "--disable-pip-version-check"]
    wanted = [f"vbc-call-recording[archive,sandbox] @ {file.as_uri()}", "pytest", *beside]
    subprocess.run([python, "-m", "pip", "install", *quiet, *wanted], check=True)
    commands = ([python, "-W", "error", "-c", PROGRAM], [str(places / "vbc-recordings"), "--version"])
    return {
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]
        for command in commands
    }


if __name__ == "__main__":
    sys.exit(main())
