"""`vbc-recordings list`: recordings at the vendor, the latest first."""

from typing import Any

import click

from vbc_call_recording import CallRecordingClient, Paginator, Recording

from . import options, words
from .account import opened
from .endings import ExitCode
from .group import Command, Common
from .screen import Column

COLUMNS = (
    Column("id", 10),
    Column("start (UTC)", 19),
    Column("length", 7, rank=1, right=True),
    Column("direction", 9, rank=3),
    Column("from", 15),
    Column("name", 0, rank=2, most=30),
    Column("to", 15, rank=4),
    Column("size", 8, rank=5, right=True),
    Column("extensions", 11, rank=6),
)


@click.command(
    "list",
    cls=Command,
    example="vbc-recordings list --since 7d --direction inbound --min-length 5m\n"
    "vbc-recordings list --all --json | jq .id",
)
@options.filters
@options.whose()
@options.limit("So many at most. Default: 30.", 30)
@click.option("--all", "everything", is_flag=True, help="All that match.")
@options.mask
@options.as_json
@click.pass_obj
def command(
    common: Common,
    /,
    user: str | None,
    limit: int,
    everything: bool,
    mask: bool,
    as_json: bool,
    **filters: Any,
) -> ExitCode:
    """List recordings at the vendor, the latest first."""
    chosen = options.client_filters(filters) | {"limit": None if everything else limit}
    with opened(common) as client:
        found = listing(client, user, chosen)
        rows = common.screen.rows(COLUMNS, json=as_json)
        for recording in found:
            entry = shown(recording, mask=mask)
            rows.add(cells(recording, entry), entry)
    if found.complete is False and found.outcome is not None:
        common.screen.warn(f"the listing is not complete: {found.outcome.reason}")
        return ExitCode.INCOMPLETE
    total = found.total_items
    if total is not None and rows.count < total:
        common.screen.note(f"{rows.count:,} of {total:,}; --limit or --all for more")
    elif not rows.count:
        common.screen.note("no recording matches")
    return ExitCode.DONE


def listing(client: CallRecordingClient, user: str | None, options: dict[str, Any]) -> Paginator[Recording]:
    """Recordings of the company, or of one user."""
    if user:
        return client.on_demand_recordings.list(user_id=user, **options)
    return client.company_recordings.list(**options)


def shown(recording: Recording, *, mask: bool = False) -> dict[str, Any]:
    """The recording as JSON, by the API's own names, without links."""
    entry = {name: value for name, value in recording.to_dict().items() if not name.startswith("_")}
    return masked(entry) if mask else entry


def masked(entry: dict[str, Any]) -> dict[str, Any]:
    """With only the last digits of numbers, wherever they stand."""
    numbers = [value for name in ("caller_id", "dnis") if isinstance(value := entry.get(name), str)]
    hidden = dict(entry)
    for name, value in entry.items():
        if name in ("caller_id", "dnis", "cnam", "excerpt", "text") and isinstance(value, str):
            hidden[name] = words.masked(value)
        elif name in ("file_name", "path") and isinstance(value, str):
            hidden[name] = words.masked_in(value, numbers)
    return hidden


def cells(recording: Recording, entry: dict[str, Any]) -> list[object]:
    """As in `COLUMNS`."""
    return [
        entry.get("id"),
        words.instant(recording.start or None),
        words.length(recording.duration / 1000 if isinstance(recording.duration, int) else None),
        entry.get("call_direction"),
        entry.get("caller_id"),
        entry.get("cnam"),
        entry.get("dnis"),
        words.size(recording.file_size_in_bytes or None),
        " ".join(str(each) for each in recording.extensions or ()),
    ]
