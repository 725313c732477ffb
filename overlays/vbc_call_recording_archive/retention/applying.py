"""Applying a plan: deletes at the vendor, one recording after the other, what is safe at that very moment.

Each deletion leaves three traces, in this order: the ledger's entry `deleting`, the vendor's answer, and the
ledger's entry `deleted`, `not_deleted` or `delete_unknown`, which puts the tombstone into the catalogue. A
kill between any two is settled by the next run with the same plan:

| killed | what the next run finds | and does |
|---|---|---|
| before `deleting` | nothing | begins |
| before the request | `deleting`, and the vendor has it | checks it again and deletes it |
| after it | `deleting`, and the vendor has it not | writes `deleted` |
| after `deleted` | the tombstone, from the ledger | leaves it alone |

Local files are only read.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from attrs import define, field, frozen

from vbc_call_recording import (
    ApiError,
    AuthenticationError,
    CallRecordingClient,
    RateLimitError,
    Recording,
    Transcription,
)

from ..archive import Archive
from ..catalogue import StoredRecording
from ..sync.quota import hearing
from ..sync.work import Stopped
from .beforehand import asked_before, require_fitting
from .hold import read_hold
from .judging import Judge, require_same, require_unchanged
from .outcomes import Event, Keep, Outcome, OutcomeKind
from .planned import Plan, PlannedRecording
from .vendor import REFUSALS, Vendor, neighbours

MAX_COUNT = 500
"""Deletions that one run asks for at most, unless the caller says otherwise: 50 minutes at 10 a minute."""

_PATIENCE = 3  # answers lost, or refusals, in a row, after which the others would be the same
_OTHERS_WOULD_BE_REFUSED = (RateLimitError, AuthenticationError)

OnEvent = Callable[[Event], object]


@frozen
class ApplyResult:
    """How a run ended.

    Attributes:
        result: `ok`: nothing of the plan is left at the vendor; `capped`: `max_count` ended the run;
            `incomplete`: something was not deleted, see `counts`; `stopped`: the caller asked to.
        counts: Recordings by `OutcomeKind`.
        bytes: Of the audio deleted at the vendor.
        left: Recordings of the plan that were not come to.
    """

    result: str
    counts: dict[OutcomeKind, int]
    bytes: int
    left: int


def apply(
    archive: Archive,
    client: CallRecordingClient,
    plan: Plan,
    *,
    max_count: int = MAX_COUNT,
    holds: Sequence[Path] = (),
    on_event: OnEvent | None = None,
    stop: threading.Event | None = None,
) -> ApplyResult:
    """Delete at the vendor what a plan names, as far as it is safe now. The same plan again goes on.

    A recording is deleted only if no hold names it; the catalogue still has the file of the plan; that file,
    and the transcript's, have just been read and match their SHA-256; its window is proven or complete; the
    vendor lists no transcript of it that is not here; and the vendor's recording with this id is the same by
    start, size, length and call.

    Args:
        archive: Open for writing.
        client: Logged in where the archive's recordings come from.
        plan: As `read_plan` gives it.
        max_count: Ask for no more deletions than this.
        holds: Further hold files. That of the plan is read again in any case.
        on_event: Called with each `Outcome`.
        stop: Set it to end the run before the next deletion.

    Raises:
        InputError: The plan is of another archive or account, or a hold file cannot be read.
        LedgerError: The archive's ledger was tampered with. Nothing is deleted.
        ApiError: The server cannot be reached or refused. The outcome of what was asked is written down.
    """
    require_fitting(archive, client, plan, max_count)
    paths = [*([Path(plan.hold)] if plan.hold else []), *holds]
    judge = Judge(archive, read_hold(paths, archive.config.timezone), plan.give_up_transcripts)
    tell = on_event or _ignore
    return _Run(
        archive,
        hearing(client, tell),
        plan,
        judge,
        max_count,
        tell,
        stop or threading.Event(),
        asked_before(archive),
    ).recorded()


@define
class _Run:
    archive: Archive
    client: CallRecordingClient
    plan: Plan
    judge: Judge
    max_count: int
    on_event: OnEvent
    stop: threading.Event
    asked: set[tuple[str, str]]  # what the vendor was asked to delete, and its answer was lost
    counts: Counter[OutcomeKind] = field(factory=Counter[OutcomeKind])
    bytes: int = 0
    requests: int = 0
    failed_in_a_row: int = 0

    def recorded(self) -> ApplyResult:
        """Go through the plan. The catalogue keeps the run."""
        with self.archive.catalogue.recorded("retention", self._counted) as results:
            result = self.result(self.through())
            results.append(result.result)
        return result

    def _counted(self) -> dict[str, int]:
        return {str(kind): count for kind, count in self.counts.items()}

    def through(self) -> str:
        """Go through the plan, and say why that ended early; empty if it did not."""
        try:
            for source, group in groupby(self.plan.recordings, key=lambda each: each.source):
                vendor = Vendor(self.client, source)
                for rows in neighbours(self.archive.catalogue, self._left(group)):
                    self._through_neighbours(vendor, rows)
        except Stopped:
            return "stopped"
        except _Capped:
            return "capped"
        return ""

    def result(self, early: str) -> ApplyResult:
        left = self.plan.count - self.counts.total()
        unsafe = self.counts["kept"] + self.counts["refused"] + self.counts["unknown"]
        result = early or ("incomplete" if unsafe or left else "ok")
        return ApplyResult(result, dict(self.counts), self.bytes, left)

    def _left(self, planned: Iterable[PlannedRecording]) -> Iterator[StoredRecording]:
        """What is not deleted yet, and not to be kept by what is known here."""
        for each in planned:
            row = self.archive.catalogue.get(each.source, each.id)
            if row is not None and row.deleted_at:
                self._tell(row, "already")
                continue
            try:
                known = require_unchanged(each, row)
                if (each.source, each.id) not in self.asked:  # else the vendor is asked what became of it
                    self.judge.judge(known)
                yield known
            except Keep as keep:
                self._keep(row or each, keep)

    def _through_neighbours(self, vendor: Vendor, rows: Sequence[StoredRecording]) -> None:
        self._checkpoint()
        named = vendor.named(rows)
        transcripts: dict[str, Transcription] | Keep = {}
        try:
            transcripts = vendor.transcripts(rows) if named else {}
        except Keep as keep:
            transcripts = {} if self.plan.give_up_transcripts else keep
        for row in rows:
            self._checkpoint()
            if row.id not in named:
                self._not_there(row)
                continue
            try:
                paths = self._judged(row, named[row.id], transcripts)
            except Keep as keep:
                self._keep(row, keep)
            else:
                self._delete(vendor, row, paths)

    def _judged(
        self, row: StoredRecording, told: Recording, transcripts: dict[str, Transcription] | Keep
    ) -> list[str]:
        """The paths that were read. Raise Keep if it must not be deleted."""
        self.judge.judge(row)
        self.judge.judge_hold_there(row, told)
        require_same(row, told)
        if isinstance(transcripts, Keep):
            raise transcripts
        if row.id in transcripts:
            self.judge.judge_transcript_there(row, transcripts[row.id])
        return self.judge.rehash(row)

    def _not_there(self, row: StoredRecording) -> None:
        """The vendor does not know it: after our asking that is a success, else somebody else's doing."""
        if (row.source, row.id) in self.asked:
            self._deleted(row, "asked again: not found")
        else:
            self._tell(row, "gone", text="the vendor does not know it")

    def _delete(self, vendor: Vendor, row: StoredRecording, paths: list[str]) -> None:
        if self.requests >= self.max_count:
            raise _Capped
        self.requests += 1
        verified = "verified", {"how": "retention", "paths": paths}
        self.archive.note_all([verified, ("deleting", self._facts(row))])
        try:
            how = vendor.delete(row.id)
        except ApiError as error:
            self._failed(row, error)
        else:
            self.failed_in_a_row = 0
            self._deleted(row, how)

    def _failed(self, row: StoredRecording, error: ApiError) -> None:
        is_refusal = isinstance(error, REFUSALS)
        said = f"{type(error).__name__}: {error.args[0]}"
        what = "not_deleted" if is_refusal else "delete_unknown"
        self.archive.note(what, **self._facts(row), reason=said)
        self._tell(row, "refused" if is_refusal else "unknown", text=said)
        self.failed_in_a_row += 1
        if self.failed_in_a_row >= _PATIENCE or isinstance(error, _OTHERS_WOULD_BE_REFUSED):
            raise error

    def _deleted(self, row: StoredRecording, how: str) -> None:
        self.archive.note("deleted", **self._facts(row), how=how)
        self.bytes += row.size
        self._tell(row, "deleted", text=how, size=row.size)

    def _facts(self, row: StoredRecording) -> dict[str, object]:
        names = ("source", "id", "start", "path", "size", "sha256")
        return {**{name: getattr(row, name) for name in names}, "plan": self.plan.digest}

    def _keep(self, row: StoredRecording | PlannedRecording, keep: Keep) -> None:
        self.counts["kept"] += 1
        outcome = Outcome("kept", row.source, row.id, row.start, row.path, 0, keep.reason, keep.text)
        self.on_event(outcome)

    def _tell(self, row: StoredRecording, kind: OutcomeKind, *, text: str = "", size: int = 0) -> None:
        self.counts[kind] += 1
        self.on_event(Outcome(kind, row.source, row.id, row.start, row.path, size, text=text))

    def _checkpoint(self) -> None:
        if self.stop.is_set():
            raise Stopped


class _Capped(Exception):  # noqa: N818 - it is a limit, and no error
    """So many deletions were asked for as one run may."""


def _ignore(event: Event) -> None:
    """Nobody wants to know."""
