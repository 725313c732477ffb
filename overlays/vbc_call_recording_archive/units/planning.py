"""Cutting what is due into units: on the coordinator, which has the archive."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from threading import Event

from vbc_call_recording import CallRecordingClient, PollSchedule

from ..archive import Archive
from ..catalogue import StoredFile
from ..config import config_text
from ..instants import from_text, now, to_text
from ..places import LEDGER, first_line
from ..sync.due import begin_of, count_of, plan_of
from ..sync.owner import require_owner
from ..sync.plan import STRETCH, close_ones
from ..sync.run import check_owner, ignore
from ..sync.work import Work
from ..windows import Span, Window, stretches
from .shapes import VERSION, Known, Unit

_MOST_WINDOWS = 31


def plan(
    archive: Archive,
    client: CallRecordingClient,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    sources: Sequence[str] | None = None,
) -> list[Unit]:
    """Say what is due as units of about a thousand recordings, for `run` to do anywhere.

    Asks for two things at most, and only of a source that is new: when its oldest recording started, and
    how many recordings there are. Receipts are taken until anything lists the archive again: another plan,
    `sync`, or `verify` with the listing.

    Args:
        archive: Open for writing. Let nobody else write it until the receipts are absorbed.
        client: Logged in to the archive's account.
        since, until, sources: As for `sync`.

    Returns:
        The units, the earliest windows of each source first. All of it is plain JSON, without secrets.

    Raises:
        ApiError, ArchiveError, InputError: As `sync` does.
    """
    check_owner(archive, client, since, until)
    catalogue = archive.catalogue
    work = Work(archive, client, ignore, Event(), PollSchedule())
    catalogue.reopen(to_text(now()))
    for destination in archive.places.others:
        archive.places.meets(destination)  # so that workers find whose it is
    drafts = [
        draft
        for source in (archive.config.sources if sources is None else sources)
        for draft in _drafts(work, source, since, until or now())
    ]
    number = catalogue.next_listing()
    return [_unit(work, number, *draft) for draft in drafts]


def identity(archive: Archive) -> str:
    """Which archive it is: the first line of its ledger, which nothing ever changes."""
    return first_line(archive.places.local.read(LEDGER)).decode("utf-8", "replace")


_Draft = tuple[str, Sequence[Window], int, bool]  # source, windows, recordings expected, only transcripts


def _drafts(work: Work, source: str, since: datetime | None, until: datetime) -> Iterator[_Draft]:
    begin = since or begin_of(work, source)
    if begin is None:
        return
    due = plan_of(work, source, Span(begin, until))
    expected = _expected(work, source, due.full)
    for windows in stretches(due.full, len(due.full) or 1):
        for together in _close(windows, expected):
            yield source, together, round(sum(expected[window] for window in together)), False
    for waiting in close_ones(due.only_transcripts, partial(count_of, work, source)):
        yield source, waiting, 0, True


def _close(windows: Sequence[Window], expected: dict[Window, float]) -> Iterator[list[Window]]:
    """Windows that follow each other, together as long as they hold no more than a stretch."""
    together: list[Window] = []
    held = 0.0
    for window in windows:
        if together and (held + expected[window] > STRETCH or len(together) >= _MOST_WINDOWS):
            yield together
            together, held = [], 0.0
        together.append(window)
        held += expected[window]
    if together:
        yield together


def _expected(work: Work, source: str, windows: Sequence[Window]) -> dict[Window, float]:
    """How many recordings each window may hold: as many as are known, or as the others hold on average."""
    catalogue = work.archive.catalogue
    known = {
        window: float(count_of(work, source, window, window))
        for window in windows
        if catalogue.window(source, to_text(window.start), to_text(window.end))
    }
    unknown = [window for window in windows if window not in known]
    mean = sum(known.values()) / len(known) if known else float(STRETCH)
    if len(unknown) > 1 and not known:
        start, end = to_text(unknown[0].start), to_text(unknown[-1].end)
        listing = work.list(source, start, end, stable=False, limit=1)
        require_owner(work.archive, [*listing])  # so that workers know whose it is, if all say "self"
        if listing.total_items is not None:
            mean = listing.total_items / len(unknown)
    return known | dict.fromkeys(unknown, mean)


def _unit(
    work: Work, number: int, source: str, windows: Sequence[Window], expected: int, only_transcripts: bool
) -> Unit:
    archive, first, last = work.archive, windows[0], windows[-1]
    name = f"{source.replace(':', '-')}-{first.name}-{last.name}" + "-transcripts" * only_transcripts
    which = identity(archive)
    return Unit(
        version=VERSION,
        id=f"{sha256(which.encode()).hexdigest()[:8]}-{name}",
        archive=which,
        listing=number,
        account=work.client.account_id,
        owner=archive.catalogue.meta("vendor account"),
        source=source,
        windows=[(to_text(window.start), to_text(window.end), window.name) for window in windows],
        only_transcripts=only_transcripts,
        expected=expected,
        settings=config_text(archive.config),
        folder=str(archive.folder.resolve()),
        here=list(_here(archive, source, to_text(first.start), to_text(last.end))),
    )


def _here(archive: Archive, source: str, start: str, end: str) -> Iterator[Known]:
    catalogue = archive.catalogue
    files: dict[str, dict[str, StoredFile]] = {}
    for file in catalogue.files(start=start, end=end, source=source):
        files.setdefault(file.id, {})[file.kind] = file
    last = from_text(end) - timedelta(seconds=1)
    for row in catalogue.recordings(
        order="start:ASC", source=source, on_disk=True, start_gte=from_text(start), start_lte=last
    ):
        state = row.transcript
        if state == "ready" and archive.config.transcripts == "beside" and "transcript" not in files[row.id]:
            state = "none"  # it is in the catalogue only, from other settings, and is fetched again
        yield Known(id=row.id, start=row.start, path=row.path, size=row.size, transcript=state)
