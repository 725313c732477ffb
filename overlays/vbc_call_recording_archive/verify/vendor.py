"""The archive held against the vendor's listing: what it names and is not here, and the other way round.

A listing is walked as `sync` does it, into the catalogue, and all of that is taken back afterwards.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from attrs import define, frozen

from vbc_call_recording import CallRecordingClient, PollSchedule

from ..catalogue import RecordingFilters, StoredRecording
from ..instants import from_text, to_text
from ..sync.listing import Listed, list_stretch
from ..sync.plan import STRETCH
from ..sync.stretch import sync_stretch
from ..sync.work import Work
from ..windows import Span, Window, merged, windows_between
from .check import Check, Unmended
from .findings import Sign

_MOST_WINDOWS = 31


@frozen
class _Difference:
    sign: Sign
    row: StoredRecording
    reason: str = ""


def check_listing(check: Check, client: CallRecordingClient, source: str) -> None:
    """Compare a source's recordings, in all the time that its windows cover, with what the vendor lists.

    Raises:
        ApiError: The server cannot be reached or refused.
    """
    work = Work(check.archive, client, _ignore, check.stop, PollSchedule())
    for windows, count in _stretches(check, source):
        check.checkpoint()
        start, end = to_text(windows[0].start), to_text(windows[-1].end)
        with check.archive.catalogue.rehearsal():
            listed = list_stretch(work, source, start, end, count)
            differences = list(_differences(check, source, start, end, listed))
        _doubt(check, source, windows, listed)
        brought = _Brought(check, work, source, windows, count)
        for each in differences:
            name = f"{source} {each.row.id}"
            if each.sign == "=":
                check.fine("recording", name)
            else:
                mend = partial(brought.fetch, each.row.id) if each.sign == "+" else None
                check.found(each.sign, "recording", name, each.reason, mend)


@define
class _Brought:
    """Windows that lack recordings are brought as `sync` brings them, once."""

    check: Check
    work: Work
    source: str
    windows: list[Window]
    expected: int
    is_done: bool = False

    def fetch(self, recording_id: str) -> str:
        archive = self.check.archive
        if not self.is_done:
            sync_stretch(self.work, self.source, self.windows, self.expected, look=False)
            self.is_done = True
        row = archive.catalogue.get(self.source, recording_id)
        if row is None or not row.path:
            raise Unmended(self.work.failures.get((self.source, recording_id), "it did not come"))
        return "fetched"


def _differences(check: Check, source: str, start: str, end: str, listed: Listed) -> Iterator[_Difference]:
    catalogue = check.archive.catalogue
    for row in catalogue.lacking(source, start, end, listed.number):
        if row.deleted_at:
            yield _Difference("!", row, f"it was deleted from here at {row.deleted_at}, and is listed again")
        else:
            yield _Difference("+", row, "it is listed, and is not here")
    period: RecordingFilters = {
        "source": source,
        "start_gte": from_text(start),
        "start_lte": from_text(end) - timedelta(seconds=1),
        "on_disk": True,
    }
    named: RecordingFilters = {**period, "listing": listed.number}
    for row in catalogue.recordings(order="start:ASC", **named):
        yield _named(row)
    if listed.complete:
        catalogue.note_vanished(source, start, end, listed.number)
        gone: RecordingFilters = {**period, "vanished": True, "deleted": False}
        for row in catalogue.recordings(order="start:ASC", **gone):
            yield _Difference("-", row, f"it is here, and not listed any more since {row.vanished_at}")


def _named(row: StoredRecording) -> _Difference:
    if row.deleted_at:
        return _Difference("!", row, f"it was deleted from here at {row.deleted_at}, and is listed again")
    if row.promised_size not in (None, row.size):
        return _Difference("*", row, f"the vendor's has {row.promised_size} bytes, and ours {row.size}")
    return _Difference("=", row)


def _doubt(check: Check, source: str, windows: list[Window], listed: Listed) -> None:
    """A listing that is not known to be complete says so, and no gap is made of it."""
    if listed.complete:
        return
    names = windows[0].name if len(windows) == 1 else f"{windows[0].name} to {windows[-1].name}"
    if listed.complete is None:
        check.doubts[source] = f"{names}: {listed.doubt}"
    else:
        reason = f"what it does not name was not looked at: {listed.doubt or 'not complete'}"
        check.found("!", "recording", f"{source} {names}", reason)


def _stretches(check: Check, source: str) -> Iterator[tuple[list[Window], int]]:
    """The time that was looked at, in windows of today's settings, and how many recordings they hold."""
    config, catalogue = check.archive.config, check.archive.catalogue
    looked_at = [Span(from_text(each.start), from_text(each.end)) for each in catalogue.windows(source)]
    for span in merged(looked_at):
        together: list[Window] = []
        held = 0
        for window in windows_between(span.start, span.end, config.window, config.timezone):
            count = catalogue.count_between(source, to_text(window.start), to_text(window.end))
            if together and (held + count > STRETCH or len(together) >= _MOST_WINDOWS):
                yield together, held
                together, held = [], 0
            together.append(window)
            held += count
        if together:
            yield together, held


def _ignore(event: object) -> None:
    """What is fetched shows in the findings."""
