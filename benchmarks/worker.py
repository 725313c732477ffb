"""One way in a process of its own: `python -m benchmarks.worker SUBJECT ROW WAY URL`.

Each line on its standard input is a turn. Each line on its standard output is a sample, as JSON. The first
says whether the way is there at all: what it needs may not be installed.
"""

import gc
import importlib
import json
import resource
import sys
import time
from dataclasses import asdict, replace

from benchmarks.rows import Row, Sample, Turn, pin

MIB = 2**20 if sys.platform == "darwin" else 2**10  # what ru_maxrss counts in


def main() -> None:
    subject, name, way, url = sys.argv[1:]
    pin("client")
    rows: list[Row] = importlib.import_module(f"benchmarks.subjects.{subject}").ROWS
    row = next(row for row in rows if row.name == name)
    try:
        set_up = row.ways[way](url)
        with set_up as turn:
            say({"absent": None})
            for _ in sys.stdin:
                gc.collect()  # what the turn before left behind is not this one's
                say(asdict(measured(turn)))
    except (ImportError, FileNotFoundError) as error:
        say({"absent": str(error)})


def measured(turn: Turn) -> Sample:
    wall, cpu = time.perf_counter(), processor_time()
    done = turn()
    cpu, wall = processor_time() - cpu, time.perf_counter() - wall
    sample = done if isinstance(done, Sample) else Sample(done)
    return replace(
        sample,
        cpu=cpu if sample.cpu is None else sample.cpu,
        wall=wall if sample.wall is None else sample.wall,
        peak=peak() if sample.peak is None else sample.peak,
    )


def processor_time() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


def say(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
