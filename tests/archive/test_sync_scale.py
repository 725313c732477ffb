"""100,000 catalogued recordings: questions of every day read few rows, a run with nothing new asks little.

How long it takes is never asserted: the query plans are, and the number of requests. See docs/archive.md for
figures.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.archive.world import World
from vbc_call_recording_archive.catalogue import Catalogue

pytestmark = pytest.mark.slow

MANY = 100_000
FILL = f"""
DROP TRIGGER recordings_added;  -- the index of words, which takes longest to make
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY - 1})
INSERT INTO recordings (source, id, start, cnam, caller_id, listing)
SELECT 'company', 1000000 + i, strftime('%Y-%m-%dT%H:%M:%SZ', '2023-01-05', '+' || (i * 15) || ' minutes'),
    'NAME ' || i, '1732' || i, 1 FROM n;
INSERT INTO files SELECT 'data/' || id || '.mp3', key, 'audio', 100, hex(zeroblob(32)), 'single',
    '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'fetched', 'local' FROM recordings;
INSERT INTO windows SELECT 'company', date(start) || 'T00:00:00Z', date(start, '+1 day') || 'T00:00:00Z',
    date(start), 'proven', 96, 96, 96, 0, '', '2026-01-01T00:00:00Z' FROM recordings GROUP BY date(start);
"""


@pytest.fixture
def full(world: World) -> World:
    """Three years of recordings up to the end of 2025, and nine in the days that are looked at again."""
    with world.archive(writable=True) as archive:
        connection = sqlite3.connect(archive.catalogue_path)
        connection.executescript(FILL)
        connection.close()
    world.sync(since=None)
    return world


def test_a_run_with_nothing_new_asks_a_handful_of_requests(full: World) -> None:
    with full.archive() as archive:
        assert archive.catalogue.totals()[0].recordings == MANY + 9
    full.sync(since=None)
    assert full.asked.total() <= 3


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "c.sqlite3", writable=True) as catalogue:
        yield catalogue


QUESTIONS: dict[str, Callable[[Catalogue], object]] = {
    "ls": lambda catalogue: list(catalogue.recordings(limit=50)),
    "ls of a caller": lambda catalogue: list(catalogue.recordings(caller_id="17325550100")),
    "show": lambda catalogue: catalogue.find(5),
    "search": lambda catalogue: catalogue.search("refund"),
    "one": lambda catalogue: catalogue.get("company", 5),
    "a window": lambda catalogue: catalogue.numbers("company", "2026-01-05", "2026-01-06", 1),
    "lacking": lambda catalogue: list(catalogue.lacking("company", "2026-01-05", "2026-01-06", 1)),
    "manifest": lambda catalogue: list(
        catalogue.files(source="company", start="2026-01-05", end="2026-01-06")
    ),
    "pending": lambda catalogue: catalogue.pending("company"),
    "sample": lambda catalogue: catalogue.sample(10),
    "transcript": lambda catalogue: catalogue.transcript("company", 5),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_asked_often_reads_no_whole_table(catalogue: Catalogue, name: str) -> None:
    asked: list[str] = []
    connection = catalogue._db
    connection.set_trace_callback(lambda sql: sql.startswith("--") or asked.append(sql))
    QUESTIONS[name](catalogue)
    connection.set_trace_callback(None)
    assert asked
    for sql in asked:
        if sql == "SELECT k, v FROM 'main'.'search_config'":
            continue  # of the index of words itself: one row
        plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
        # Along an index is well if only the first rows are wanted. Words have an index of their own.
        walks = [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE INDEX" not in step]
        assert not [step for step in walks if "LIMIT" not in sql or "USING INDEX" not in step], (sql, plan)
