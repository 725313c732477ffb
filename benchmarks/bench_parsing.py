"""What it costs to make objects of a page of recordings: our templates against the generator's own.

    python benchmarks/bench_parsing.py            a few seconds
    python benchmarks/bench_parsing.py --quick    fewer rounds, to see that it works

The stock models are generated into a temporary folder, and must say the same as ours of every page.
"""

import argparse
import gc
import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from timeit import repeat
from typing import Any

from canned_server import page

from vbc_call_recording_generated.models import RecordingPage

ROOT = Path(__file__).resolve().parent.parent
SIZE = 100


def stock_models(folder: str) -> Any:
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    # As scripts.generate does it: the generator makes a datetime of date-time only.
    spec = Path(folder) / "openapi.yaml"
    text = (ROOT / "openapi.yaml").read_text("utf-8")
    spec.write_text(text.replace("format: instant", "format: date-time"), "utf-8")
    paths = {
        "--path": spec,
        "--config": ROOT / "generator-config.yaml",
        "--output-path": Path(folder) / "stock",
    }
    for option, path in paths.items():
        command += [option, str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    sys.path.insert(0, folder)
    return importlib.import_module("stock.models")


def microseconds(function: Callable[[], object], rounds: int) -> float:
    """For one recording, at best, with the garbage collector on, as it is in programs."""
    times = repeat(function, gc.enable, number=20, repeat=rounds)
    return min(times) / 20 / SIZE * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rounds")
    rounds = 5 if parser.parse_args().quick else 50
    text = page(total=10_000, first=1, size=SIZE, number=1)
    answer = json.loads(text)
    with tempfile.TemporaryDirectory() as folder:
        stock = stock_models(folder).RecordingPage
        if stock.from_dict(answer).to_dict() != RecordingPage.from_dict(answer).to_dict():
            raise SystemExit("the two disagree")
        spent = {
            "json.loads": microseconds(lambda: json.loads(text), rounds),
            "stock from_dict": microseconds(lambda: stock.from_dict(answer), rounds),
            "our from_dict": microseconds(lambda: RecordingPage.from_dict(answer), rounds),
        }
    print("| step | µs for one recording |\n|---|--:|")
    for name, each in spent.items():
        print(f"| {name} | {each:.1f} |")


if __name__ == "__main__":
    main()
