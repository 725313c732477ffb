"""Writes the generated clients that ours is compared with into a folder: `python -m benchmarks.peers FOLDER`.

`stock` is what openapi-python-client makes of openapi.yaml with its own templates, `openapi_generator` what
openapi-generator's Python generator does, which needs Java. What is there already stays.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.generate import ROOT, with_dates, write_package

SPEC = ROOT / "openapi.yaml"


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "stock").exists():
        write_package(SPEC, folder / "stock")
    if not (folder / "openapi_generator").exists():
        write_openapi_generator(folder / "openapi_generator")


def write_openapi_generator(target: Path) -> None:
    program = Path(sys.executable).with_name("openapi-generator-cli")
    options = ["--package-name", target.name, "--skip-validate-spec"]
    with tempfile.TemporaryDirectory() as name:
        command = [program, "generate", "-g", "python", "-i", with_dates(SPEC, Path(name)), "-o", name]
        try:
            done = subprocess.run(
                [*map(str, command), *options], capture_output=True, text=True, check=False, timeout=300
            )
        except OSError as error:
            print(f"absent: openapi-generator's client: {error}")
            return
        if done.returncode:
            print(f"absent: openapi-generator's client:\n{done.stderr[-1000:]}")
            return
        shutil.move(Path(name) / target.name, target)


if __name__ == "__main__":
    main()
