"""One stretch: windows that follow each other are listed together, and what is missing is fetched."""

import shutil
from collections.abc import Sequence
from functools import partial

from attrs import frozen

from vbc_call_recording import CallRecordingError

from ..errors import NoSpaceError
from ..instants import to_text
from ..windows import Window
from .checkpoints import assess, settle, settle_transcripts
from .events import FetchBegan, StretchBegan, WindowDone
from .exporting import fetch_by_export
from .fetching import fetch_singly
from .listing import Listed, list_stretch
from .plan import export_is_cheaper
from .shelving import find_lost
from .transcripts import fetch_transcripts
from .work import Work


def sync_stretch(
    work: Work, source: str, windows: Sequence[Window], expected: int, *, look: bool = True
) -> Listed:
    """Bring what is new in the windows, and keep how far each has got.

    Args:
        expected: How many recordings they may hold.
        look: Whether to look for the files that should be here. `verify` has read them.

    Raises:
        ApiError: The login, the quota or the server is not there any more. What was brought is kept.
        NoSpaceError: There is less space on the disk than was to be left free.
    """
    brought = bring(work, source, windows, expected, look=look)
    settle(work, source, windows, brought.listed, brought.doubt)
    if brought.error is not None:
        raise brought.error
    return brought.listed


@frozen
class Brought:
    """What became of windows, before that is written down.

    Attributes:
        doubt: Why something else than recordings may be missing.
        error: What ended it early. Some of the doubt is its text.
    """

    listed: Listed
    doubt: str = ""
    error: CallRecordingError | None = None


def bring(work: Work, source: str, windows: Sequence[Window], expected: int, *, look: bool = True) -> Brought:
    """Bring what is new in the windows. Arguments as above.

    Raises:
        ApiError: The listing could not be walked to its end.
        NoSpaceError: There is less space on the disk than was to be left free.
    """
    start, end = _begin(work, source, windows)
    listed = list_stretch(work, source, start, end, expected)
    if look:
        find_lost(work, source, start, end, listed.number)
    if listed.complete:
        work.counts["vanished"] += work.archive.catalogue.note_vanished(source, start, end, listed.number)
    try:
        _fetch(work, source, windows, listed)
        return Brought(listed, fetch_transcripts(work, source, start, end) if listed.received else "")
    except CallRecordingError as error:
        return Brought(listed, f"{type(error).__name__}: {error.args[0]}", error)


def rehearse_stretch(work: Work, source: str, windows: Sequence[Window], expected: int) -> Listed:
    """List the windows and say what would be fetched. The caller takes back what it writes."""
    start, end = _begin(work, source, windows)
    listed = list_stretch(work, source, start, end, expected)
    _tell_fetch(work, source, windows, listed)
    for window in windows:
        work.tell(WindowDone(assess(work, source, window, listed)))
    return listed


def sync_transcripts(work: Work, source: str, windows: Sequence[Window]) -> None:
    """Ask again for the transcripts of finished windows, and keep what became of them."""
    bring_transcripts(work, source, windows)
    settle_transcripts(work, source, windows)


def bring_transcripts(work: Work, source: str, windows: Sequence[Window]) -> None:
    """Ask again for the transcripts of finished windows."""
    start, end = _begin(work, source, windows)
    fetch_transcripts(work, source, start, end)


def _begin(work: Work, source: str, windows: Sequence[Window]) -> tuple[str, str]:
    work.checkpoint()
    start, end = to_text(windows[0].start), to_text(windows[-1].end)
    work.tell(StretchBegan(source, tuple(window.name for window in windows), start, end))
    return start, end


def _fetch(work: Work, source: str, windows: Sequence[Window], listed: Listed) -> None:
    (start, end), lacking, by_export = _tell_fetch(work, source, windows, listed)
    rows = partial(work.archive.catalogue.lacking, source, start, end, listed.number)
    if by_export:
        fetch_by_export(work, source, start, end, listed.number, rows)
    if lacking:
        fetch_singly(work, source, rows())


def _tell_fetch(
    work: Work, source: str, windows: Sequence[Window], listed: Listed
) -> tuple[tuple[str, str], int, bool]:
    """From when to when something is lacking, how much, and whether an export is the way to get it."""
    start, end = _span_lacking(work, source, windows, listed.number)
    named, on_disk, size, _ = work.archive.catalogue.numbers(source, start, end, listed.number)
    lacking = named - on_disk
    by_export = export_is_cheaper(lacking, named)
    # An archive is on the disk together with what is unpacked from it.
    _require_space(work, 2 * size if by_export else size)
    if lacking:
        work.tell(FetchBegan(source, lacking, size, "export" if by_export else "single"))
    return (start, end), lacking, by_export


def _span_lacking(work: Work, source: str, windows: Sequence[Window], listing: int) -> tuple[str, str]:
    """From the first window that lacks a recording to the last: an export brings everything of its time."""
    bounds = [(to_text(window.start), to_text(window.end)) for window in windows]
    numbers = [work.archive.catalogue.numbers(source, *each, listing) for each in bounds]
    lacking = [each for each, (named, on_disk, _, _) in zip(bounds, numbers, strict=True) if on_disk < named]
    return (lacking or bounds)[0][0], (lacking or bounds)[-1][1]


def _require_space(work: Work, size: int) -> None:
    free, least = shutil.disk_usage(work.archive.folder).free, work.archive.config.min_free
    if free - size < least:
        raise NoSpaceError(
            f"{work.archive.folder} has {free} bytes free, and {size} are to come; min_free leaves {least}"
        )
