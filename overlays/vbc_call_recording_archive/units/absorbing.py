"""Taking receipts into the archive: the coordinator alone writes the catalogue and the ledger.

A worker's word is taken for the SHA-256 of a file, and for what the listing said. That a file is there, with
its size and where it belongs, is looked at; its bytes are read by `verify`. A kill between any two steps
leaves a window that is not settled: the same receipt may be taken again, and changes nothing twice.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from threading import Event as StopEvent

from vbc_call_recording import CallRecordingClient, PollSchedule, Recording

from ..archive import Archive, Event
from ..catalogue import StoredRecording
from ..custody import Digest, sync_folder
from ..errors import ArchiveError
from ..instants import to_text
from ..layout import beside
from ..sync.checkpoints import settle, settle_transcripts
from ..sync.events import FileDone, TranscriptDone, Trouble
from ..sync.listing import Listed, is_stray, take_page
from ..sync.run import SyncResult, check_owner, ignore, recorded, result_of
from ..sync.shelving import added, find_lost
from ..sync.work import OnEvent, Work
from .checking import check_receipt, require_windows, windows_of
from .planning import identity
from .shapes import File, Receipt, Unit, require_version

_PAGE = 500  # recordings, or files, that are written down together


def absorb(
    archive: Archive,
    client: CallRecordingClient,
    receipts: Iterable[Receipt],
    *,
    on_event: OnEvent | None = None,
) -> SyncResult:
    """Take what workers have done into the catalogue and the ledger, as the receipts come.

    A receipt that cannot be taken is one of the result's `troubles`, and the others are taken all the same:
    one of another archive or account, of an older plan, or of another version, and one that is not valid.

    Args:
        archive: The one that the plan is of, open for writing.
        client: Logged in to the archive's account. Nothing is asked for.
        receipts: As `run` gives them; an iterator may still be waiting for the last ones.
        on_event: Called as by `sync`.

    Returns:
        As `sync`: `ok` only if nothing is known to be missing.

    Raises:
        ArchiveError: The archive is open for reading only, or belongs to another account.
    """
    return absorb_outcomes(archive, client, receipts, on_event)


def absorb_outcomes(
    archive: Archive,
    client: CallRecordingClient,
    outcomes: Iterable[Receipt | str],
    on_event: OnEvent | None,
) -> SyncResult:
    """As `absorb`. A text in the place of a receipt says why there is none."""
    check_owner(archive, client)
    work = Work(archive, client, on_event or ignore, StopEvent(), PollSchedule())
    return recorded(work, "absorb", archive.config.sources, partial(_take_all, work, outcomes))


def _take_all(work: Work, outcomes: Iterable[Receipt | str]) -> SyncResult:
    troubles: list[str] = []
    for outcome in outcomes:
        trouble = outcome if isinstance(outcome, str) else _trouble_with(work, outcome)
        if trouble:
            troubles.append(trouble)
            work.tell(Trouble("units", trouble))
    return result_of(work, troubles)


def _trouble_with(work: Work, receipt: Receipt) -> str:
    """Take a receipt. Give why it could not be taken; empty if it was."""
    try:
        require_version(receipt, "receipt")
        check_receipt(receipt)
        _require_fitting(work.archive, client=work.client, unit=receipt["unit"])
        _take(work, receipt)
    except ArchiveError as error:
        return str(error)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return f"a receipt is not valid: {type(error).__name__}: {error}"
    return ""


def _require_fitting(archive: Archive, client: CallRecordingClient, unit: Unit) -> None:
    if unit["archive"] != identity(archive):
        raise ArchiveError(f"the receipt of unit {unit['id']} is of another archive")
    if unit["account"] != client.account_id:
        raise ArchiveError(f"the receipt of unit {unit['id']} is of account {unit['account']!r}")
    if str(unit["listing"]) != archive.catalogue.meta("listing"):
        raise ArchiveError(
            f"the receipt of unit {unit['id']} is of an older plan: the archive was listed since; "
            "what is missing is in the next plan"
        )
    require_windows(unit, archive.config)


def _take(work: Work, receipt: Receipt) -> None:
    unit, source, windows = receipt["unit"], receipt["unit"]["source"], windows_of(receipt["unit"])
    start, end, listed = to_text(windows[0].start), to_text(windows[-1].end), _listed(receipt)
    for recording, reason in receipt["failed"].items():
        work.fail(source, recording, reason)
    if not unit["only_transcripts"]:
        told = [Recording.from_dict(wire) for wire in receipt["recordings"]]
        for at in range(0, len(told), _PAGE):
            take_page(work, source, told[at : at + _PAGE], listed.number, start)
        if any(is_stray(recording, start, end) for recording in told):
            raise ArchiveError(f"the receipt of unit {unit['id']} names recordings of another time")
        find_lost(work, source, start, end, listed.number)
        if listed.complete:
            work.counts["vanished"] += work.archive.catalogue.note_vanished(source, start, end, listed.number)
    _take_files(work, source, receipt["files"])
    _take_transcripts(work, receipt)
    if unit["only_transcripts"]:
        settle_transcripts(work, source, windows)
    else:
        settle(work, source, windows, listed, receipt["trouble"])


def _listed(receipt: Receipt) -> Listed:
    return Listed(receipt["unit"]["listing"], receipt["complete"], receipt["doubt"], receipt["received"])


def _take_files(work: Work, source: str, files: Sequence[File]) -> None:
    """Write down the files that are where they belong. Audio comes first, as transcripts go beside it."""
    ordered = sorted(files, key=lambda file: file["kind"])
    for at in range(0, len(ordered), _PAGE):
        events: list[Event] = []
        done: list[FileDone] = []
        for file in ordered[at : at + _PAGE]:
            row = work.archive.catalogue.get(source, file["id"])
            if row is None or _is_known(work, file, source):
                continue  # deleted since, or this receipt was taken in part before
            held = _holders(work, file, row)
            if held:
                digest = Digest(file["sha256"], file["size"])
                events.append(added(row, file["kind"], file["path"], digest, file["how"], held))
                done += [FileDone(source, row.id, file["path"], file["size"], file["how"])]
        for folder in {work.archive.path(each.path).parent for each in done}:
            sync_folder(folder)
        work.archive.note_all(events)
        _count(work, [each for each, event in zip(done, events, strict=True) if event[1]["kind"] == "audio"])


def _count(work: Work, audio: Iterable[FileDone]) -> None:
    for each in audio:
        work.counts["files"] += 1
        work.counts["bytes"] += each.size
        work.tell(each)


def _is_known(work: Work, file: File, source: str) -> bool:
    known = work.archive.catalogue.file_of(source, file["id"], file["kind"])
    return known is not None and (known.path, known.sha256) == (file["path"], file["sha256"])


def _holders(work: Work, file: File, row: StoredRecording) -> list[str]:
    """The destinations that hold a file as the receipt says, as far as that shows without reading it."""
    if file["path"] != _place(work, file, row):
        work.fail(row.source, row.id, f"the receipt has it in the wrong place: {file['path']!r}")
        return []
    places = work.archive.places
    claimed = [each for each in places.all if each.name in file["held"] and each.name not in places.down]
    held: list[str] = []
    for destination in claimed:
        try:
            seen = destination.look(file["path"])
        except OSError:
            continue
        if seen and seen.size == file["size"] and seen.sha256 in ("", file["sha256"]):
            held.append(destination.name)
    if not held:
        work.fail(row.source, row.id, "no destination has it as the receipt says")
    return held


def _place(work: Work, file: File, row: StoredRecording) -> str:
    """Where a file belongs, whatever a receipt says."""
    audio = work.archive.layout.path(row.recording, row.source)
    if file["kind"] == "audio":
        return audio
    return beside(audio, ".json") if file["kind"] == "metadata" else beside(row.path or audio, ".txt")


def _take_transcripts(work: Work, receipt: Receipt) -> None:
    archive, source = work.archive, receipt["unit"]["source"]
    with archive.catalogue.transaction():
        for each in receipt["transcripts"]:
            row = archive.catalogue.get(source, each["id"])
            if row is None or each["state"] not in ("pending", "ready", "failed"):
                continue
            state = each["state"]
            is_beside = archive.config.transcripts == "beside"
            if state == "ready" and is_beside and not archive.catalogue.file_of(source, row.id, "transcript"):
                state = "pending"
            text = each["text"] if state == "ready" else None
            archive.catalogue.set_transcript(
                source, row.id, state, reason=each["reason"], wire=each["wire"], text=text
            )
            if state == "ready" and row.transcript != "ready":
                work.counts["transcripts"] += 1
                work.tell(TranscriptDone(source, row.id))
