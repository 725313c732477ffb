"""A run of sync: every window that is due, of every source."""

import shutil
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from attrs import evolve, frozen

from vbc_call_recording import (
    CallRecordingClient,
    InputError,
    NotFoundError,
    PermissionDeniedError,
    PollSchedule,
)

from ..archive import Archive
from ..errors import ArchiveError
from ..instants import now, to_text
from ..windows import Span, Window, stretches
from .copying import copy_what_lacks
from .due import begin_of, count_of, plan_of
from .events import Event, PlanMade, Trouble
from .listing import Listed
from .plan import close_ones, windows_together
from .quota import hearing
from .stretch import rehearse_stretch, sync_stretch, sync_transcripts
from .work import OnEvent, Stopped, Work

_MOST_WINDOWS = 31  # listed together at the beginning, where it is known how much they hold

Step = Callable[[Work, str, Sequence[Window], int], Listed]


@frozen
class SyncResult:
    """How a run ended.

    Attributes:
        result: `ok`: every window looked at is proven, complete as far as the server says, or not over yet,
            and nothing of these sources is known to be missing; `incomplete`: something is missing, and the
            next run tries again; `stopped`: the caller asked to.
        files: Recordings fetched, of `bytes` bytes.
        transcripts: Transcripts fetched.
        failed: Recordings that could not be fetched.
        vanished: Recordings that the server no longer names. They stay here.
        lost: Catalogued files that were not on the disk as they should be.
        windows: How many windows have got how far, by state.
        troubles: What did not work as a whole, such as the recordings of a user.
        copied: Files that came to a destination from another one, after it had lacked them.
        uncopied: Files and papers that a destination of the settings lacks, summed over destinations.
        missing: Recordings of these sources that are known not to be here, whenever that was found out: those
            that a listing names, and those that vanished before they came.
    """

    result: str
    files: int
    bytes: int
    transcripts: int
    failed: int
    vanished: int
    lost: int
    windows: dict[str, int]
    troubles: tuple[str, ...] = ()
    copied: int = 0
    uncopied: int = 0
    missing: int = 0


def sync(
    archive: Archive,
    client: CallRecordingClient,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    sources: Sequence[str] | None = None,
    dry_run: bool = False,
    on_event: OnEvent | None = None,
    stop: threading.Event | None = None,
    poll: PollSchedule | None = None,
) -> SyncResult:
    """Bring everything that is new into an archive; the repair after a crash is the same call.

    Args:
        archive: Open for writing.
        client: Logged in to the archive's account. Sync client, as its downloads run in threads of their own.
            Meanwhile its hooks are not called: `on_event` is.
        since: Look at windows from this instant on, aware; None: from the settings' `since` on, or from the
            oldest recording.
        until: Look at windows up to this instant; None: up to now.
        sources: `"company"`, `"user:<id>"`; None: those of the settings.
        dry_run: List, tell what would be fetched, and write nothing.
        on_event: Called with each event, from this thread, and with `Progress` and `QuotaWait` from others.
        stop: Set it to end the run at the next file, byte or page, or before the next wait of a request.
            KeyboardInterrupt ends it within two seconds, whatever it waits for. Nothing is lost either way,
            and the next run goes on.
        poll: When to look at an export; None: as `Export.wait` does.

    Raises:
        ApiError: The server cannot be reached or refused. What was brought is kept.
        NoSpaceError, DestinationError: The disk is full, nearly full, or cannot be written.
        ArchiveError: The archive is open for reading only, or belongs to another account.
        InputError: An argument is not valid.
    """
    check_owner(archive, client, since, until)
    tell, stop = on_event or ignore, stop or threading.Event()
    work = Work(archive, hearing(client, tell, stop), tell, stop, poll or PollSchedule())
    chosen = archive.config.sources if sources is None else tuple(sources)
    run = partial(_run, work, chosen, since, until)
    return _rehearsed(work, run) if dry_run else recorded(work, "sync", chosen, partial(run, sync_stretch))


def _rehearsed(work: Work, run: Callable[[Step], SyncResult]) -> SyncResult:
    with work.archive.catalogue.rehearsal():
        return run(rehearse_stretch)


def recorded(work: Work, command: str, sources: Sequence[str], run: Callable[[], SyncResult]) -> SyncResult:
    """Keep in the catalogue that it ran, and how it ended. Bring up to date what is made of all windows."""
    catalogue = work.archive.catalogue
    with catalogue.recorded(command, lambda: dict(work.counts)) as results:
        catalogue.reopen(to_text(now()))
        result = run()
        work.archive.write_bag()
        result = _judged(work, sources, _copied(work, result))
        results.append(result.result)
    return result


def _judged(work: Work, sources: Sequence[str], result: SyncResult) -> SyncResult:
    """As `status` judges: whatever is known to be missing counts, whenever it was found out."""
    totals = (each for each in work.archive.catalogue.totals() if each.source in sources)
    missing = sum(each.missing + each.never_came for each in totals)
    ended = "incomplete" if missing and result.result == "ok" else result.result
    return evolve(result, result=ended, missing=missing)


def _copied(work: Work, result: SyncResult) -> SyncResult:
    """Bring to each destination what it lacks. What it still lacks makes the run incomplete."""
    try:
        lacking = copy_what_lacks(work)
    except Stopped:
        return evolve(result, result="stopped")
    ended = "incomplete" if lacking and result.result == "ok" else result.result
    return evolve(result, result=ended, copied=work.counts["copied"], uncopied=lacking)


def _run(
    work: Work, sources: Sequence[str], since: datetime | None, until: datetime | None, step: Step
) -> SyncResult:
    troubles: list[str] = []
    stopped = False
    try:
        for source in sources:
            try:
                _sync_source(work, source, since, until or now(), step)
            except (PermissionDeniedError, NotFoundError) as error:
                # A user who is not there any more must not keep the recordings of the others back.
                if len(sources) == 1:
                    raise
                troubles.append(f"{source}: {type(error).__name__}: {error.args[0]}")
                work.tell(Trouble(source, troubles[-1]))
    except Stopped:
        stopped = True
    return result_of(work, troubles, stopped=stopped)


def result_of(work: Work, troubles: Sequence[str], *, stopped: bool = False) -> SyncResult:
    """How a run ended, by what was counted and by what did not work as a whole."""
    counts = work.counts
    incomplete = counts["incomplete"] or troubles
    return SyncResult(
        result="stopped" if stopped else "incomplete" if incomplete else "ok",
        files=counts["files"],
        bytes=counts["bytes"],
        transcripts=counts["transcripts"],
        failed=counts["failed"],
        vanished=counts["vanished"],
        lost=counts["lost"],
        windows={state: counts[state] for state in ("proven", "complete", "incomplete", "open")},
        troubles=tuple(troubles),
    )


def _sync_source(work: Work, source: str, since: datetime | None, until: datetime, step: Step) -> None:
    begin = since or begin_of(work, source)
    if begin is None:
        work.tell(PlanMade(source, ()))
        return
    plan = plan_of(work, source, Span(begin, until))
    work.tell(PlanMade(source, *(tuple(w.name for w in each) for each in (plan.full, plan.only_transcripts))))
    failed = work.counts["failed"]
    _go_through(work, source, plan.full, step)
    if step is sync_stretch:
        for together in close_ones(plan.only_transcripts, partial(count_of, work, source)):
            sync_transcripts(work, source, together)
        if work.counts["failed"] == failed:
            shutil.rmtree(work.incoming(source, ""), ignore_errors=True)


def _go_through(work: Work, source: str, windows: Sequence[Window], step: Step) -> None:
    catalogue = work.archive.catalogue
    bounds = [(to_text(window.start), to_text(window.end)) for window in windows]
    known = [each for each in bounds if catalogue.window(source, *each)]
    recordings = sum(catalogue.count_between(source, *each) for each in known)
    count, together = len(known), _MOST_WINDOWS if known else 1
    at = 0
    while at < len(windows):
        together = windows_together(recordings, count, together)
        stretch = next(stretches(windows[at:], together))
        expected = recordings * len(stretch) // count if count else 0
        listed = step(work, source, stretch, expected)
        recordings, count, together = listed.received, len(stretch), len(stretch)
        at += len(stretch)


def check_owner(
    archive: Archive,
    client: CallRecordingClient,
    since: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Raise unless the archive can be written with that client, and the bounds are valid."""
    if not archive.writable:
        raise ArchiveError("the archive is open for reading; accepted: Archive(…, writable=True)")
    for name, instant in (("since", since), ("until", until)):
        if instant is not None and instant.tzinfo is None:
            raise InputError(f"{name} is {instant!r}; accepted: a datetime with a time zone")
    account = archive.catalogue.meta("account")
    if account and account != client.account_id:
        raise ArchiveError(
            f"the archive belongs to account {account!r}, and the client is for {client.account_id!r}; "
            "accepted: a folder for each account"
        )
    archive.catalogue.set_meta("account", client.account_id)
    archive.catalogue.set_meta("base_url", client.base_url)


def ignore(event: Event) -> None:
    """Nobody wants to know."""
