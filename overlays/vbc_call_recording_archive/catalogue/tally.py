"""Counts of everything, for pictures: a page about two years of calls takes three queries."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from ..instants import to_text
from ..windows import Span

# One index look-up a day, whatever its bounds: the company's days are not those of UTC.
_DAYS = """
    SELECT d.key, r.direction, count(*),
        coalesce(sum((SELECT sum(f.size) FROM files f WHERE f.recording = r.key)), 0)
    FROM json_each(?) d CROSS JOIN recordings r
        ON r.start >= json_extract(d.value, '$[0]') AND r.start < json_extract(d.value, '$[1]')
    GROUP BY d.key, r.direction ORDER BY d.key, r.direction
"""
_CHECKED = """
    SELECT count(*), count(*) FILTER (WHERE verified_how <> 'fetched'),
        count(*) FILTER (WHERE verified_how <> 'fetched' AND verified_at >= ?), coalesce(min(verified_at), '')
    FROM files
"""
_DELETED = """
    SELECT count(*), coalesce(sum(f.size), 0), coalesce(max(r.deleted_at), '')
    FROM recordings r LEFT JOIN files f ON f.recording = r.key AND f.kind = 'audio' WHERE r.deleted_at <> ''
"""


@frozen
class SpanTally:
    """The recordings of one direction that started in one span.

    Attributes:
        span: Its place among those asked for.
        bytes: Of their files that are here, transcripts too.
    """

    span: int
    direction: str
    recordings: int
    bytes: int


@frozen
class CheckTally:
    """When files were last held against their SHA-256.

    Attributes:
        read_again: Files that were since they came.
        lately: Those of them that were since the instant asked for.
        oldest: When the one that was longest ago was; `""` without files.
    """

    files: int
    read_again: int
    lately: int
    oldest: str


@frozen
class DeletionTally:
    """What this archive deleted at the vendor: bytes of audio kept here, and when the last one was."""

    recordings: int
    bytes: int
    last: str


def tally_spans(connection: sqlite3.Connection, spans: Sequence[Span]) -> list[SpanTally]:
    bounds = json.dumps([[to_text(span.start), to_text(span.end)] for span in spans])
    return [SpanTally(*row) for row in connection.execute(_DAYS, [bounds])]


def tally_checks(connection: sqlite3.Connection, since: datetime) -> CheckTally:
    return CheckTally(*connection.execute(_CHECKED, [to_text(since)]).fetchone())


def tally_deletions(connection: sqlite3.Connection) -> DeletionTally:
    return DeletionTally(*connection.execute(_DELETED).fetchone())
