"""Builds the documentation site: `make docs` runs it in an environment of its own.

The pages are those of the repository. They are laid out in a folder of their own, with the reference made
from docstrings, and Sphinx reads that folder. Warnings are errors: a link or an anchor that leads nowhere, a
docstring that cannot be read, a page that the navigation does not name.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .reference import reference
from .stage import ROOT, stage
from .visit import loaded_from_elsewhere


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.site",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "site", help="where the site goes")
    output = parser.parse_args().output
    shutil.rmtree(output, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder), reference())
        sphinx = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--quiet", "-j", "2"]
        command = [*sphinx, "-c", str(ROOT / "docs"), folder, str(output)]
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
    foreign = list(loaded_from_elsewhere(output))
    for finding in foreign:
        print(f"site: loaded from elsewhere: {finding}", file=sys.stderr)
    if not status:
        print(output / "index.html")
    return int(bool(status or foreign))


if __name__ == "__main__":
    sys.exit(main())
