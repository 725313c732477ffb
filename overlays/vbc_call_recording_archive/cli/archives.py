"""What the commands that read an archive share: opening it, its filters, its recordings as rows."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, TypeVar

import click

from ..archive import Archive
from ..catalogue import StoredRecording
from ..instants import from_text
from . import options, words
from .screen import Column

F = TypeVar("F", bound=Callable[..., Any])

COLUMNS = (
    Column("id", 10),
    Column("start", 19),
    Column("length", 7, rank=2, right=True),
    Column("direction", 9, rank=4),
    Column("from", 15),
    Column("name", 0, rank=1, most=30),
    Column("to", 15, rank=5),
    Column("size", 7, rank=6, right=True),
    Column("transcript", 10, rank=7, styles={"ready": "green", "failed": "red", "pending": "yellow"}),
    Column("state", 8, rank=3, styles={"here": "green", "missing": "bold red", "vanished": "yellow"}),
)


def folder(function: F) -> F:
    """`DIR`."""
    return click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")(function)


def catalogue(function: F) -> F:
    """`--catalogue`."""
    text = "The catalogue, if it is not in DIR."
    return click.option("--catalogue", type=click.Path(path_type=Path), metavar="FILE", help=text)(function)


_OF_AN_ARCHIVE = (
    click.option("--missing", is_flag=True, help="Only those whose audio is not here."),
    click.option("--vanished", is_flag=True, help="Only those that the vendor no longer lists."),
    click.option("--deleted", is_flag=True, help="Only those deleted at the vendor from here."),
    click.option(
        "--transcript",
        metavar="STATE",
        type=click.Choice(["none", "pending", "ready", "failed"]),
        help="Only those whose transcript is none, pending, ready or failed.",
    ),
)


def filters(function: F) -> F:
    """The client's filters, the user, and what only an archive knows."""
    for option in reversed(_OF_AN_ARCHIVE):
        function = option(function)
    return options.filters(options.whose("Only on-demand recordings of this user.")(function))


def chosen(given: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """What the options above mean to the catalogue."""
    wanted = options.client_filters(given, zone)
    if user := given["user"]:
        wanted["source"] = f"user:{user}"
    if given["missing"]:
        wanted |= {"on_disk": False, "deleted": False}
    wanted |= {name: True for name in ("vanished", "deleted") if given[name]}
    wanted |= {"transcript": given["transcript"]} if given["transcript"] else {}
    return wanted


def entry(recording: StoredRecording) -> dict[str, Any]:
    """A recording for programs: what the API said of it, and what the archive knows."""
    told = {name: value for name, value in json.loads(recording.wire).items() if not name.startswith("_")}
    known = {
        name: getattr(recording, name) or None
        for name in (
            "path",
            "size",
            "sha256",
            "verified_at",
            "verified_how",
            "first_seen",
            "last_seen",
            "vanished_at",
            "deleted_at",
        )
    }
    return {"source": recording.source, **told, **known, "transcript": recording.transcript}


def cells(archive: Archive, recording: StoredRecording, shown: Mapping[str, Any]) -> list[object]:
    """As in `COLUMNS`. What may be masked comes from `shown`."""
    return [
        recording.id,
        local(archive, recording.start),
        words.length(None if recording.duration is None else recording.duration / 1000),
        recording.direction,
        shown.get("caller_id"),
        shown.get("cnam"),
        shown.get("dnis"),
        words.size(recording.size or recording.promised_size),
        "" if recording.transcript == "none" else recording.transcript,
        state(recording),
    ]


def state(recording: StoredRecording) -> str:
    """Where its audio is, in a word."""
    if recording.path:
        return "here"
    if recording.deleted_at:
        return "deleted"
    return "vanished" if recording.vanished_at else "missing"


def local(archive: Archive, text: str) -> str:
    """An instant of the catalogue, in the archive's time zone."""
    return words.instant(instant(text), archive.config.timezone)


def instant(text: str) -> datetime | None:
    return from_text(text) if text else None
