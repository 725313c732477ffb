"""`vbc-recordings show`: all that an archive knows of one recording."""

from pathlib import Path
from typing import Any, cast

import click

from ..archive import Archive
from ..catalogue import StoredRecording
from . import archives, options, words
from .endings import CommandError, ExitCode
from .group import Command, Common
from .list import masked
from .screen import Cell

_INSTANTS = ("verified_at", "first_seen", "last_seen", "vanished_at", "deleted_at")


@click.command(
    "show",
    cls=Command,
    example="vbc-recordings show /srv/recordings 193228 --text\n"
    "vbc-recordings show /srv/recordings 193228 --json | jq -r .path",
)
@archives.folder
@click.argument("recording_id", metavar="ID")
@click.option("--text", is_flag=True, help="With its transcript.")
@options.mask
@archives.catalogue
@options.as_json
@click.pass_obj
def command(
    common: Common,
    /,
    folder: Path,
    recording_id: str,
    text: bool,
    mask: bool,
    catalogue: Path | None,
    as_json: bool,
) -> ExitCode:
    """Show all that the archive knows of one recording."""
    with Archive(folder, catalogue=catalogue) as archive:
        found = archive.catalogue.find(recording_id)
        if not found:
            raise CommandError(
                f"the archive knows no recording {recording_id}",
                f"vbc-recordings ls {folder} lists those it knows",
                ExitCode.INCOMPLETE,
            )
        for recording in found:
            entry = _entry(archive, recording, with_text=text)
            entry = masked(entry) if mask else entry
            if as_json:
                common.screen.document(entry)
            else:
                _tell(common, archive, recording, entry)
    return ExitCode.DONE


def _entry(archive: Archive, recording: StoredRecording, *, with_text: bool) -> dict[str, Any]:
    entry = archives.entry(recording)
    transcript = archive.catalogue.transcript(recording.source, recording.id)
    entry["transcript_reason"] = transcript.reason or None
    if with_text:
        entry["text"] = transcript.text
    return entry


def _tell(common: Common, archive: Archive, recording: StoredRecording, entry: dict[str, Any]) -> None:
    readable = {
        "start": archives.local(archive, recording.start),
        "end": archives.local(archive, recording.end),
        "duration": words.length(None if recording.duration is None else recording.duration / 1000),
        "path": archive.path(entry["path"]) if entry.get("path") else archives.state(recording),
        **{name: archives.local(archive, str(entry.get(name) or "")) for name in _INSTANTS},
    }
    for name, value in {**entry, **readable}.items():
        shown = " ".join(map(str, cast("list[object]", value))) if isinstance(value, list) else value
        if name != "text" and words.clean(shown):
            common.screen.entry(Cell(name.replace("_", " "), 18, "bold"), Cell(words.clean(shown)))
    for line in str(entry.get("text", "")).splitlines():
        common.screen.line(f"  {words.clean(line)}")
