"""Archives that are only catalogued: what a page is drawn from, quickly, for as many calls as one likes."""

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.config import ArchiveConfig, config_from, config_text

FIRST = datetime(2024, 11, 25, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 21, 40, tzinfo=UTC)
DIRECTIONS = ("INBOUND", "OUTBOUND", "INTRA_PBX")


def empty(folder: Path, **settings: Any) -> Path:
    """An archive that nothing ever came to."""
    folder.mkdir(parents=True)
    config = config_from({"timezone": "Europe/Berlin", **settings}) if settings else ArchiveConfig()
    (folder / "archive.toml").write_text(config_text(config))
    Archive(folder, writable=True).close()
    return folder


def two_years(folder: Path, *, a_day: int = 6, bad: bool = True) -> Path:
    """Two years of calls with a working week, a year's growth, and, if `bad`, gaps and incomplete days."""
    empty(folder, since=f"{FIRST:%Y-%m-%d}")
    draw = random.Random(7)
    recordings, files, transcripts, windows = [], [], [], []
    key = 0
    for number in range((NOW - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        missed = bad and (200 <= number < 203 or number == 611)
        short = bad and number in (430, 728)
        if missed:
            continue
        count = round(
            a_day * (1 + number / 700) * (1.3 if day.weekday() < 5 else 0.2) * draw.uniform(0.7, 1.2)
        )
        for _ in range(count):
            key += 1
            start = text(day + timedelta(seconds=draw.gauss(12 * 3600, 2.5 * 3600) % 86_000))
            kind = draw.choices(DIRECTIONS, (5, 3, 1))[0]
            recordings.append(
                (key, "company", str(100_000 + key), start, kind, "17325550100", "ACME", 60_000)
            )
            if not (short and key % 5 == 0):
                size, at = draw.randrange(200_000, 900_000), text(day + timedelta(days=1, hours=2))
                again = day > NOW - timedelta(days=150)
                files.append(
                    (
                        f"data/{key}.mp3",
                        key,
                        size,
                        at if not again else text(NOW),
                        "verify" if again else "fetched",
                    )
                )
            if key % 3 == 0:
                transcripts.append((key, draw.choices(("ready", "pending", "failed"), (95, 3, 2))[0]))
        state = (
            "incomplete" if short else "complete" if number < 90 else "open" if number == 730 else "proven"
        )
        start, end = (midnight(day + timedelta(days=more)) for more in (0, 1))
        windows.append(
            (
                text(start),
                text(end),
                f"{day:%Y-%m-%d}",
                state,
                count,
                "12 recordings are missing" if short else "",
            )
        )
    write(folder, recordings, files, transcripts, windows)
    return folder


def midnight(day: datetime) -> datetime:
    return day.replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def write(folder: Path, recordings: Any, files: Any, transcripts: Any, windows: Any) -> None:
    db = sqlite3.connect(folder / "catalogue.sqlite3")
    with db:
        db.executemany(
            "INSERT INTO recordings (key, source, id, start, direction, caller_id, cnam, duration) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            recordings,
        )
        db.executemany(
            "INSERT INTO files (path, recording, kind, size, sha256, how, added_at, "
            "verified_at, verified_how) VALUES (?, ?, 'audio', ?, '', 'single', ?4, ?4, ?5)",
            files,
        )
        db.executemany("INSERT INTO transcripts (recording, state, asked_at) VALUES (?, ?, '')", transcripts)
        db.executemany(
            "INSERT INTO windows VALUES ('company', ?1, ?2, ?3, ?4, ?5, ?5, ?5, 0, ?6, ?2)", windows
        )
        for command, result, counts in (
            ("verify", "ok", '{"troubles": 0}'),
            ("sync", "ok", '{"files": 312, "bytes": 181234567, "proven": 3}'),
            ("sync", "incomplete", '{"files": 290, "bytes": 171234567, "proven": 2, "incomplete": 1}'),
        ):
            db.execute(
                "INSERT INTO runs (command, started_at, ended_at, result, counts) VALUES (?, ?, ?, ?, ?)",
                (command, text(NOW - timedelta(hours=20)), text(NOW - timedelta(hours=19.8)), result, counts),
            )
    db.close()


def text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
