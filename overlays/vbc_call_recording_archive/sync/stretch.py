"""One stretch: windows that follow each other are listed together, and what is missing is fetched."""

import shutil
from collections.abc import Sequence
from functools import partial

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
    start, end = _begin(work, source, windows)
    listed = list_stretch(work, source, start, end, expected)
    if look:
        find_lost(work, source, start, end, listed.number)
    if listed.complete:
        work.counts["vanished"] += work.archive.catalogue.note_vanished(source, start, end, listed.number)
    try:
        _fetch(work, source, start, end, listed)
        doubt = fetch_transcripts(work, source, start, end) if listed.received else ""
    except CallRecordingError as error:
        settle(work, source, windows, listed, f"{type(error).__name__}: {error.args[0]}")
        raise
    settle(work, source, windows, listed, doubt)
    return listed


def rehearse_stretch(work: Work, source: str, windows: Sequence[Window], expected: int) -> Listed:
    """List the windows and say what would be fetched. The caller takes back what it writes."""
    start, end = _begin(work, source, windows)
    listed = list_stretch(work, source, start, end, expected)
    _tell_fetch(work, source, start, end, listed)
    for window in windows:
        work.tell(WindowDone(assess(work, source, window, listed)))
    return listed


def sync_transcripts(work: Work, source: str, windows: Sequence[Window]) -> None:
    """Ask again for the transcripts of finished windows."""
    start, end = _begin(work, source, windows)
    fetch_transcripts(work, source, start, end)
    settle_transcripts(work, source, windows)


def _begin(work: Work, source: str, windows: Sequence[Window]) -> tuple[str, str]:
    work.checkpoint()
    start, end = to_text(windows[0].start), to_text(windows[-1].end)
    work.tell(StretchBegan(source, tuple(window.name for window in windows), start, end))
    return start, end


def _fetch(work: Work, source: str, start: str, end: str, listed: Listed) -> None:
    lacking, by_export = _tell_fetch(work, source, start, end, listed)
    rows = partial(work.archive.catalogue.lacking, source, start, end, listed.number)
    if by_export:
        fetch_by_export(work, source, start, end, listed.number, rows)
    if lacking:
        fetch_singly(work, source, rows())


def _tell_fetch(work: Work, source: str, start: str, end: str, listed: Listed) -> tuple[int, bool]:
    named, on_disk, size, _ = work.archive.catalogue.numbers(source, start, end, listed.number)
    lacking = named - on_disk
    by_export = export_is_cheaper(lacking, named)
    # An archive is on the disk together with what is unpacked from it.
    _require_space(work, 2 * size if by_export else size)
    if lacking:
        work.tell(FetchBegan(source, lacking, size, "export" if by_export else "single"))
    return lacking, by_export


def _require_space(work: Work, size: int) -> None:
    free, least = shutil.disk_usage(work.archive.folder).free, work.archive.config.min_free
    if free - size < least:
        raise NoSpaceError(
            f"{work.archive.folder} has {free} bytes free, and {size} are to come; min_free leaves {least}"
        )
