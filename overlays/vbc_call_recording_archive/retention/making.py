"""Making a plan: what is old enough, and safe to delete by what is known now. Makes no requests."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from vbc_call_recording import InputError

from ..archive import Archive
from ..errors import ArchiveError
from ..instants import now, to_text
from .hold import read_hold
from .judging import Judge
from .outcomes import Keep
from .planned import Plan, PlannedRecording, sealed


def plan(
    archive: Archive, before: datetime, *, hold: Path | None = None, give_up_transcripts: bool = False
) -> Plan:
    """Say which recordings may be deleted at the vendor. Nothing is read from files, and nothing asked of it.

    Args:
        archive: Open for reading.
        before: Recordings that started before this; aware, and not in the future.
        hold: A file of legal holds. It is read again when the plan is applied.
        give_up_transcripts: Plan recordings, too, whose transcripts this archive does not keep.

    Raises:
        InputError: An argument, or a line of the hold file, is not valid.
        ArchiveError: The archive does not know yet where its recordings come from.
    """
    if before.tzinfo is None or before > now() + timedelta(seconds=1):
        raise InputError(f"before is {before!r}; accepted: an instant in the past, with a time zone")
    judge = Judge(archive, read_hold([hold] if hold else [], archive.config.timezone), give_up_transcripts)
    chosen, left_out = _chosen(archive, to_text(before), judge)
    return sealed(
        Plan(
            archive=identity(archive),
            folder=str(archive.folder.absolute()),
            catalogue=str(archive.catalogue_path.absolute()),
            account=_known(archive, "account"),
            base_url=_known(archive, "base_url"),
            created=to_text(now()),
            before=to_text(before),
            hold=str(hold.absolute()) if hold else "",
            give_up_transcripts=give_up_transcripts,
            count=len(chosen),
            bytes=sum(each.size for each in chosen),
            left_out=dict(sorted(left_out.items())),
            recordings=tuple(sorted(chosen, key=lambda each: (each.source, each.start, each.id))),
        )
    )


def identity(archive: Archive) -> str:
    """What the archive calls itself: its ledger's first entry says so."""
    first = next(archive.ledger.entries(), None)
    return str(first.data.get("archive", "")) if first is not None else ""


def _chosen(archive: Archive, before: str, judge: Judge) -> tuple[list[PlannedRecording], Counter[str]]:
    chosen: list[PlannedRecording] = []
    left_out = Counter[str]()
    for row in archive.catalogue.recordings(order="start:ASC", deleted=False):
        if row.start >= before:
            break
        try:
            judge.judge(row)
            if row.vanished_at:
                raise Keep("vanished", f"not listed any more since {row.vanished_at}")
        except Keep as keep:
            left_out[keep.reason] += 1
        else:
            chosen.append(PlannedRecording(row.source, row.id, row.start, row.path, row.size, row.sha256))
    return chosen, left_out


def _known(archive: Archive, name: str) -> str:
    found = archive.catalogue.meta(name)
    if not found:
        raise ArchiveError("the archive does not know where it comes from; `vbc-recordings sync` notes that")
    return found
