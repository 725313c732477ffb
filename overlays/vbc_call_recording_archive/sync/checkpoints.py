"""When a window was looked at: how far it has got, its manifest, and both written down."""

from collections.abc import Sequence

from attrs import evolve

from ..catalogue import StoredWindow
from ..custody import hash_file, manifest_of_window
from ..instants import now, to_text
from ..windows import Window
from .events import WindowDone
from .listing import Listed
from .plan import judge
from .work import Work

_NAMED = 5  # recordings missing that a window's reason names


def settle(work: Work, source: str, windows: Sequence[Window], listed: Listed, doubt: str = "") -> None:
    """Say how far windows have got, by what the catalogue knows now, and keep that.

    Args:
        listed: The listing that the windows were in.
        doubt: Why something else than recordings may be missing: that makes them incomplete.
    """
    _keep(work, [assess(work, source, window, listed, doubt) for window in windows])


def settle_transcripts(work: Work, source: str, windows: Sequence[Window]) -> None:
    """Keep what became of the windows' transcripts; nothing else of them was looked at."""
    catalogue, result = work.archive.catalogue, list[StoredWindow]()
    for window in windows:
        start, end = to_text(window.start), to_text(window.end)
        before = catalogue.window(source, start, end)
        if before is not None:
            result.append(evolve(before, pending=catalogue.count_pending(source, start, end)))
    _keep(work, result)


def assess(work: Work, source: str, window: Window, listed: Listed, doubt: str = "") -> StoredWindow:
    """How far a window has got. Nothing is kept."""
    start, end = to_text(window.start), to_text(window.end)
    named, on_disk, _, pending = work.archive.catalogue.numbers(source, start, end, listed.number)
    differing = work.archive.catalogue.differing(source, start, end, listed.number)
    missing = [
        f"{row.id} (the vendor's has {row.promised_size} bytes, and ours {row.size})" for row in differing
    ]
    missing = missing[:_NAMED]
    on_disk -= len(differing)
    for row in work.archive.catalogue.lacking(source, start, end, listed.number):
        if len(missing) >= _NAMED:
            break
        missing.append(f"{row.id} ({work.failures.get((source, row.id), 'not fetched yet')})")
    gone = [why for row, why in work.irreplaceable if row.source == source and start <= row.start < end]
    state, reason = judge(
        over=window.end <= now(),
        complete=False if doubt or gone else listed.complete,
        doubt="; ".join(filter(None, (listed.doubt, doubt, *gone[:_NAMED]))),
        listed=named,
        on_disk=on_disk,
        missing=missing,
    )
    return StoredWindow(
        source=source,
        start=start,
        end=end,
        name=window.name,
        state=state,
        # If as many came as were promised for all windows of the listing, each got what is its own.
        promised=named if listed.complete else None,
        listed=named,
        on_disk=on_disk,
        pending=pending,
        reason=reason,
        checked_at=to_text(now()),
    )


def _keep(work: Work, windows: Sequence[StoredWindow]) -> None:
    """First the manifests, then the ledger, then the catalogue: what is kept there is true in any case."""
    entries = [_entry(work, window) for window in windows]
    work.archive.note_all([("checkpoint", entry) for entry in entries if entry])
    work.archive.catalogue.save_windows(windows)
    for window in windows:
        work.counts[window.state] += 1
        work.tell(WindowDone(window))


def _entry(work: Work, window: StoredWindow) -> dict[str, object]:
    """Write a window's manifest, and what the ledger is to say of it; nothing if that is nothing new."""
    path = manifest_of_window(window.source, window.name)
    changed = work.archive.write_manifest(window.source, window.start, window.end, path)
    before = work.archive.catalogue.window(window.source, window.start, window.end)
    if not changed and (before is None or before.state == window.state or not window.on_disk):
        return {}
    target = work.archive.path(path)
    return {
        "source": window.source,
        "window": window.name,
        "start": window.start,
        "end": window.end,
        "state": window.state,
        "listed": window.listed,
        "on_disk": window.on_disk,
        "manifest": path if target.exists() else "",
        "sha256": hash_file(target).sha256 if target.exists() else "",
    }
