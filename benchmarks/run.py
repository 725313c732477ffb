"""Runs a row: all ways take turns, so that whatever else the machine does hits all of them alike."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.rows import Figures, Row, Sample

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Result:
    """A row with what was measured. `absent` are the ways that could not be, and why."""

    subject: str
    row: Row
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def figures(self, measure: str | None = None) -> Figures:
        """The median of each way."""
        by = measure or self.row.by
        columns = {way: [getattr(each, by) for each in samples] for way, samples in self.samples.items()}
        return {way: median(column) for way, column in columns.items() if None not in column}


class Worker:
    """A process that does one way's turns when it is told to."""

    def __init__(self, subject: str, row: Row, way: str, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", subject, row.name, way, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.absent: str | None = self._answer()["absent"]

    def turn(self) -> Sample:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Sample(**self._answer())

    def close(self) -> None:
        self._process.communicate()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(map(str, self._process.args))} ended")  # type: ignore[arg-type]
        return json.loads(line)


def run(subject: str, row: Row, *, turns: int, only: Sequence[str] = ()) -> Result:
    """Measure a row, or some ways of it. The first turn of each is a rehearsal."""
    result = Result(subject, row)
    with ExitStack() as stack:
        url = stack.enter_context(row.server()) + row.path
        names = [way for way in row.ways if not only or way in only]
        workers: Mapping[str, Worker] = {} if row.fresh else begin(subject, row, names, url, result, stack)
        for turn in range(turns + (0 if row.fresh else 1)):
            for way in names:
                if way in result.absent:
                    continue
                sample = workers[way].turn() if way in workers else once(subject, row, way, url, result)
                if sample is None:
                    continue
                if row.expects is not None and sample.done != row.expects:
                    raise SystemExit(f"{row.name}, {way}: {sample.done} done instead of {row.expects}")
                if row.fresh or turn:
                    result.samples.setdefault(way, []).append(sample)
    return result


def begin(
    subject: str, row: Row, names: Sequence[str], url: str, result: Result, stack: ExitStack
) -> dict[str, Worker]:
    workers = {}
    for way in names:
        worker = Worker(subject, row, way, url)
        stack.callback(worker.close)
        if worker.absent is None:
            workers[way] = worker
        else:
            result.absent[way] = worker.absent
    return workers


def once(subject: str, row: Row, way: str, url: str, result: Result) -> Sample | None:
    worker = Worker(subject, row, way, url)
    try:
        if worker.absent is None:
            return worker.turn()
        result.absent[way] = worker.absent
        return None
    finally:
        worker.close()
