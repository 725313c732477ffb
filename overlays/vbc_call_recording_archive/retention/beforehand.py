"""What is looked at before a plan is applied: whose it is, and what earlier runs left open."""

from vbc_call_recording import CallRecordingClient, InputError

from ..archive import Archive
from ..errors import ArchiveError, LedgerError
from ..ledger import Head
from .making import identity
from .planned import Plan, PlannedRecording


def remaining(archive: Archive, plan: Plan) -> list[PlannedRecording]:
    """What of a plan this archive has not deleted yet."""
    rows = ((each, archive.catalogue.get(each.source, each.id)) for each in plan.recordings)
    return [each for each, row in rows if row is None or not row.deleted_at]


def asked_before(archive: Archive) -> set[tuple[str, str]]:
    """What the vendor was asked to delete, without an answer. Reads, and so checks, the whole ledger."""
    asked, head = set[tuple[str, str]](), Head()
    for entry in archive.ledger.entries():
        if entry.what in ("deleting", "delete_unknown"):
            asked.add((entry.data["source"], entry.data["id"]))
        elif entry.what in ("deleted", "not_deleted"):
            asked.discard((entry.data["source"], entry.data["id"]))
        head = entry.head
    if head != archive.catalogue.head:
        raise LedgerError("the ledger's end is not what the catalogue knows; accepted: see `verify`")
    return asked


def require_fitting(archive: Archive, client: CallRecordingClient, plan: Plan, max_count: int) -> None:
    """Refuse a plan of another archive or account, and an archive that cannot be written."""
    if not archive.writable:
        raise ArchiveError("the archive is open for reading; accepted: Archive(…, writable=True)")
    if max_count < 1:
        raise InputError(f"max_count is {max_count!r}; accepted: 1 or more")
    there = (
        ("archive", identity(archive), plan.archive),
        ("account", client.account_id, plan.account),
        ("base URL", client.base_url, plan.base_url),
    )
    for name, now, planned in there:
        if now != planned:
            raise InputError(f"the plan's {name} is {planned!r}; accepted here: {now!r}")
