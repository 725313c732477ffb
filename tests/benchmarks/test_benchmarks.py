"""The benchmarks of listings and parsing still run. How fast anything is, no test says."""

import re
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def run(name: str) -> str:
    command = [sys.executable, str(BENCHMARKS / name), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_way_lists_everything_and_ours_asks_for_no_page_twice() -> None:
    rows = re.findall(r"^\| (.+?) \| (\d+) \| \d", run("bench_listing.py"), re.MULTILINE)

    assert len(rows) == 10
    assert dict(rows) == dict.fromkeys(dict(rows), "5")


def test_our_models_say_the_same_as_the_generators_own() -> None:
    assert "| our from_dict |" in run("bench_parsing.py")
