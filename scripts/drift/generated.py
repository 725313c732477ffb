"""The first comparison: is what is committed what the generators write today?"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.spec import NotUnderstood

ROOT = Path(__file__).resolve().parents[2]
CHECKS = (("scripts.generate", "--check"), ("scripts.mirror", "--check"))


def stale_files(checks: Sequence[Sequence[str]] = CHECKS) -> list[str]:
    """What the checks say of files that are not fresh. Raises NotUnderstood if a check could not be made."""
    stale: list[str] = []
    for module, *arguments in checks:
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        named = [line for line in done.stdout.splitlines() if line.startswith("stale")]
        # Python itself exits with 1 if a program crashes; then there is no file named.
        if done.returncode != 0 and not (done.returncode == 1 and named):
            raise NotUnderstood(f"{' '.join([module, *arguments])} failed: {done.stderr.strip()}")
        stale += named
    return stale
