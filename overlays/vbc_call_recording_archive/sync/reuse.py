"""Ids that the vendor gave to another recording. The first one keeps what is here, under a name of its own.

Otherwise the first one's file would pass for the second one's audio, and the second one would never come.
"""

import json
import shutil
from collections.abc import Iterable

from vbc_call_recording import Recording

from ..archive import Event
from ..catalogue import StoredRecording
from ..catalogue.fields import start_of
from ..instants import to_text
from .work import Work


def make_room(work: Work, source: str, told: Iterable[Recording]) -> None:
    """Before recordings are catalogued: find those whose ids were another recording's until now."""
    catalogue = work.archive.catalogue
    rows = ((catalogue.get(source, str(recording.id)), recording) for recording in told)
    others = [row for row, recording in rows if row is not None and is_another(row, recording)]
    if others and not catalogue.is_rehearsal:
        # What a kill left there is of an id, and would pass for the one that has it now.
        shutil.rmtree(work.incoming(source, ""), ignore_errors=True)
    work.archive.note_all(_superseded(row) for row in others if _leaves_traces(row))


def _superseded(row: StoredRecording) -> Event:
    name = f"{row.id}~{row.sha256[:8] or row.start}"
    return "superseded", {"source": row.source, "id": row.id, "to": name, "start": row.start}


def is_another(row: StoredRecording, told: Recording) -> bool:
    """Whether a recording is of another call than the one here: by its start, or the call's id."""
    start, call = start_of(told), str(told.call_id or "")
    is_known = json.loads(row.wire).get("start") or row.wire == "{}"  # else it is that of a window
    return bool(
        (start is not None and is_known and to_text(start) != row.start)
        or (call and row.call_id and call != row.call_id)
    )


def _leaves_traces(row: StoredRecording) -> bool:
    return bool(row.path or row.deleted_at or row.transcript != "none")
