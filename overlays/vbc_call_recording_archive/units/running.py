"""Doing a unit: on a worker, which has a login and its own disk, and writes to the archive's destinations."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from vbc_call_recording import CallRecordingClient, CallRecordingError, PollSchedule

from ..archive import Archive
from ..config import ArchiveConfig
from ..destinations import Destination
from ..errors import ArchiveError
from ..profiles import client_environment, profile_files
from ..sync.listing import Listed
from ..sync.quota import hearing
from ..sync.run import ignore
from ..sync.stretch import Brought, bring, bring_transcripts
from ..sync.work import OnEvent, Stopped, Work
from .checking import check_unit, windows_of
from .delivering import Delivered, Delivery
from .scratch import scratch_archive
from .shapes import SCRATCH, VERSION, File, Receipt, Transcript, Unit, plain, require_version


def run(
    unit: Unit,
    *,
    client: CallRecordingClient | None = None,
    folder: Path | str | None = None,
    destinations: Sequence[Destination] | None = None,
    scratch: Path | str | None = None,
    on_event: OnEvent | None = None,
    stop: threading.Event | None = None,
    poll: PollSchedule | None = None,
) -> Receipt:
    """Bring a unit's recordings to the destinations of its archive. Its catalogue and ledger are left alone.

    Idempotent: files are created and never replaced, and one that is there already with the same bytes is as
    good as new. So a unit may be done again, or twice at a time.

    Args:
        unit: As `plan` gives it.
        client: Logged in to the unit's account. None makes one from this process's VBC_* variables and
            profiles, by the profile that the archive's settings name.
        folder: The archive's folder as this machine has it. None: as on the coordinator's.
        destinations: In place of those of the settings, as for `Archive`.
        scratch: A folder on a local disk with room for the unit. What a killed worker leaves there is used by
            the next one that does the unit. None: a temporary folder.
        on_event: Called as by `sync`.
        stop: Set it to end at the next file, byte, page or wait.
        poll: When to look at an export; None: as `Export.wait` does.

    Returns:
        What was done, and what was not and why, as plain JSON for `absorb`.

    Raises:
        ApiError: The listing could not be had. What fails after that is in the receipt.
        ArchiveError: The unit is not valid, or of another account or version; its archive is not there; or it
            was stopped.
        ArchiveBusyError: Another process does the unit in the same scratch folder.
        NoSpaceError, DestinationError: The disk of the scratch folder is full, or nearly.
    """
    require_version(unit, "unit")
    try:
        check_unit(unit)
    except (LookupError, TypeError, ValueError) as error:
        raise ArchiveError(f"the unit is not valid: {type(error).__name__}: {error}") from None
    with ExitStack() as held:
        place = None if scratch is None else Path(scratch)
        archive, settings = held.enter_context(scratch_archive(unit, place))
        delivery = Delivery(archive, unit, settings, Path(folder or unit["folder"]), destinations)
        client = client or held.enter_context(_client(settings))
        _require_account(client, unit)
        tell, stop = on_event or ignore, stop or threading.Event()
        work = Work(archive, hearing(client, tell, stop), tell, stop, poll or PollSchedule())
        return _receipt(work, unit, _brought(work, unit), delivery)


def _client(settings: ArchiveConfig) -> CallRecordingClient:
    variables = client_environment(
        os.environ, profile=settings.profile, files=profile_files(None, os.environ)
    )
    return CallRecordingClient.from_env(variables)


def _require_account(client: CallRecordingClient, unit: Unit) -> None:
    if client.account_id != unit["account"]:
        raise ArchiveError(
            f"the unit is of account {unit['account']!r}, and the login of {client.account_id!r}; "
            "accepted: a login for the unit's account"
        )


def _brought(work: Work, unit: Unit) -> Brought:
    windows, nothing = windows_of(unit), Listed(0, None, "", 0)
    try:
        if not unit["only_transcripts"]:
            return bring(work, unit["source"], windows, unit["expected"], look=False)
        bring_transcripts(work, unit["source"], windows)
    except Stopped:
        raise ArchiveError(f"unit {unit['id']} was stopped") from None
    except CallRecordingError as error:
        if not unit["only_transcripts"]:
            raise  # nothing was listed
        return Brought(nothing, f"{type(error).__name__}: {error.args[0]}", error)
    return Brought(nothing)


def _receipt(work: Work, unit: Unit, brought: Brought, delivery: Delivery) -> Receipt:
    archive, source, listed = work.archive, unit["source"], brought.listed
    files = [file for file in archive.catalogue.files(source=source) if file.how != SCRATCH]
    held, reasons = delivered = delivery.put(files)
    failed = {recording: reason for (_, recording), reason in work.failures.items()}
    failed |= {file.id: reasons[file.path] for file in files if file.kind == "audio" and not held[file.path]}
    named = archive.catalogue.recordings(source=source, listing=listed.number) if listed.number else ()
    said: list[dict[str, Any]] = [json.loads(row.wire) for row in named]
    receipt = Receipt(
        version=VERSION,
        unit={**unit, "settings": "", "folder": "", "here": []},
        recordings=sorted(said, key=lambda wire: (str(wire.get("start")), str(wire.get("id")))),
        complete=listed.complete,
        doubt=listed.doubt,
        received=listed.received,
        files=[
            File(
                id=file.id,
                kind=file.kind,
                path=file.path,
                size=file.size,
                sha256=file.sha256,
                how=file.how,
                held=sorted(held[file.path]),
            )
            for file in files
            if held[file.path]
        ],
        transcripts=list(_transcripts(archive, unit, delivered)),
        failed=failed,
        trouble=brought.doubt,
    )
    return plain(receipt)  # type: ignore[no-any-return]


def _transcripts(archive: Archive, unit: Unit, delivered: Delivered) -> Iterator[Transcript]:
    """What is new of transcripts. One that no destination has taken is asked for again."""
    held, reasons = delivered
    ready = {known["id"] for known in unit["here"] if known["transcript"] == "ready"}
    for row in archive.catalogue.recordings(order="start:ASC", source=unit["source"]):
        if row.transcript == "none" or row.id in ready:
            continue
        found = archive.catalogue.transcript(row.source, row.id)
        state, reason = found.state, found.reason
        file = archive.catalogue.file_of(row.source, row.id, "transcript")
        if file is not None and not held.get(file.path, True):
            state, reason = "pending", reasons.get(file.path, "")
        yield Transcript(
            id=row.id,
            state=state,
            reason=reason,
            text=found.text if state == "ready" else "",
            wire=json.loads(found.wire),
        )
