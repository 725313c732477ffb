"""The benchmarks still run, and their table says what was measured. How fast anything is, no test says."""

import os
import re
import runpy
import sys
from pathlib import Path

import pytest

from benchmarks import file_server
from benchmarks.__main__ import chosen
from benchmarks.report import goals, table
from benchmarks.rows import Goal, Row, Sample, beyond, no_server, times
from benchmarks.run import Result, run
from benchmarks.subjects import files, listing, requests

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def result(**seconds: float) -> Result:
    row = Row(
        "walk",
        ways={},
        goals=[
            Goal("≤ 0.5 × theirs", times("ours", "theirs"), most=0.5),
            Goal("≥ 2 over theirs", beyond("ours", "theirs"), least=2, unit="s"),
            Goal("≤ 1 × nobody's", times("ours", "nobody's"), most=1),
        ],
    )
    samples = {
        way: [Sample(1, cpu=each), Sample(1, cpu=99.0), Sample(1, cpu=0.0)] for way, each in seconds.items()
    }
    return Result("subject", row, samples, absent={"nobody's": "no module named 'nobody'"})


def test_goals_are_judged_by_medians_and_say_who_was_absent() -> None:
    lines = goals([result(theirs=4.0, ours=2.5)])

    assert lines[2:] == [
        "| walk | ≤ 0.5 × theirs | 0.62 × | **not met** |",
        "| walk | ≥ 2 over theirs | -1.50 s | **not met** |",
        "| walk | ≤ 1 × nobody's | | no nobody's |",
    ]
    assert [line.split("|")[4] for line in goals([result(theirs=4.0, ours=2.0)])[2:3]] == [" met "]


def test_ratios_are_those_to_the_first_way_and_absent_ways_have_a_line() -> None:
    lines = table(result(theirs=4.0, ours=2.0))

    assert "| theirs | 1.00 | 4 |" in lines
    assert "| ours | 0.50 | 2 |" in lines
    assert "| nobody's | absent: no module named 'nobody' | |" in lines


def test_ways_take_turns_in_processes_of_their_own() -> None:
    [(subject, row)] = list(chosen("overhead", quick=True))

    measured = run(subject, row, turns=2, only=row.quick)

    assert [len(measured.samples[way]) for way in row.quick] == [2, 2]
    assert all(each > 0 for measure in ("cpu", "wall", "peak") for each in measured.figures(measure).values())


def test_a_peer_that_is_not_installed_is_reported_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    row = next(row for row in listing.ROWS if "openapi-generator" in row.ways)

    measured = run("listing", row, turns=1, only=["openapi-generator"])

    assert measured.absent == {"openapi-generator": "No module named 'openapi_generator'"}


def test_a_way_that_does_something_else_ends_the_program() -> None:
    row = Row(
        "page bytes → models, 20,000", ways={"ours, without orjson": no_server}, server=no_server, expects=7
    )

    with pytest.raises(SystemExit, match="20000 done instead of 7"):
        run("parsing", row, turns=1)


def documented_requests() -> dict[str, int]:
    text = (BENCHMARKS / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| ([\d,]+) \| [\d.]+ \|$", text, re.MULTILINE)
    return {re.sub(r"`| \(.*\)", "", way): int(number.replace(",", "")) for way, number in rows}


@pytest.mark.parametrize("way", [way for way in requests.WAYS if way.startswith("listing")])
def test_the_documented_cost_in_requests_is_what_is_counted(way: str) -> None:
    with requests.WAYS[way]("") as turn:
        assert turn().requests == documented_requests()[way]


def test_every_way_has_its_cost_in_requests_documented() -> None:
    assert list(requests.WAYS) == list(documented_requests())


@pytest.mark.parametrize(
    ("way", "each"), [("download_many over a listing", 1), ("download_many over ids", 2)]
)
def test_the_documented_cost_of_downloads_is_what_is_counted_for_fewer(way: str, each: int) -> None:
    few = 30
    with requests.WAYS[way]("", recordings=few) as turn:  # type: ignore[call-arg]
        assert turn().requests == 1 + each * few

    assert documented_requests()[way] == requests.RECORDINGS // 100 + each * requests.RECORDINGS


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


def test_ours_and_its_peers_bring_every_byte_of_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sync", lambda: None)
    ways = ["ours", "ours async", "httpx, 8 threads", "async httpx, 8 tasks"]
    with file_server.running() as url:
        for way in ways:
            with (files.PARALLEL | files.OURS)[way](f"{url}/0/70000/9") as turn:
                assert turn().done == 9 * 70_000, way  # type: ignore[union-attr]
