"""The benchmarks of listings and parsing still run. How fast anything is, no test says."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def run(name: str, *options: str) -> str:
    command = [sys.executable, str(BENCHMARKS / name), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_way_lists_everything_and_ours_asks_for_no_page_twice() -> None:
    rows = re.findall(r"^\| (.+?) \| (\d+) \| \d", run("bench_listing.py", "--quick"), re.MULTILINE)

    assert len(rows) == 10
    assert dict(rows) == dict.fromkeys(dict(rows), "5")


def test_our_models_say_the_same_as_the_generators_own() -> None:
    assert "| our from_dict |" in run("bench_parsing.py", "--quick")


def test_the_documented_cost_in_requests_is_what_is_counted() -> None:
    counted = re.findall(r"^(\S.*?)  +([\d,]+)  +[\d.]+$", run("bench_requests.py"), re.MULTILINE)
    documented = re.findall(
        r"^\| (.+?) \| ([\d,]+) \| [\d.]+ \|$", (BENCHMARKS / "README.md").read_text("utf-8"), re.MULTILINE
    )

    def names(rows: list[tuple[str, str]]) -> dict[str, str]:
        return {re.sub(r"`| \(.*\)", "", name): number for name, number in rows}

    assert len(counted) == 6
    # Waiting for the jobs takes a look more or less, as fast as the machine is.
    assert names(counted) | {"export, waited for and downloaded": "8"} == {
        name: number for name, number in names(documented).items() if name in names(counted)
    }


def test_the_page_on_scaling_has_the_figures_of_the_simulation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench_scaling.py", "--quick"])
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    assert runpy.run_path(str(BENCHMARKS / "bench_scaling.py"))["main"]() == 0
    printed = re.findall(r"^\|.*$", capsys.readouterr().out, re.MULTILINE)
    page = (BENCHMARKS.parent / "docs" / "scaling.md").read_text("utf-8").splitlines()

    *reckoned, counted = printed
    assert len(reckoned) == 21
    assert [line for line in reckoned if line not in page] == []
    cells = (cell.strip() for cell in counted.split("|")[1:-1])
    recordings, requests, simulated, listing, listing_simulated = cells
    assert (recordings, listing) == ("20", listing_simulated)
    # How often an export is looked at depends on the machine.
    assert abs(int(requests) - int(simulated)) <= 10
