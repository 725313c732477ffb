"""What becomes of a recording of a plan, and why it may not be deleted. Plain values."""

from typing import Literal, get_args

from attrs import frozen

from ..sync import QuotaWait

OutcomeKind = Literal["deleted", "already", "gone", "kept", "refused", "unknown"]
"""What became of a recording.

| outcome | meaning |
|---|---|
| deleted | the vendor confirmed that it is deleted, or no longer knows it after an answer was lost |
| already | this archive deleted it in an earlier run |
| gone | the vendor does not know it, and it was not deleted from here |
| kept | it is not safe to delete: nobody asked the vendor to |
| refused | the vendor refused to delete it |
| unknown | the vendor was asked to delete it, and its answer was lost. The next run asks again |
"""
KINDS: tuple[OutcomeKind, ...] = get_args(OutcomeKind)

Reason = Literal["", "held", "window", "transcript", "here", "changed", "other", "vanished"]
"""Why it was kept.

| reason | meaning |
|---|---|
| held | a legal hold |
| window | its window is neither proven nor complete |
| transcript | its transcript is not here, or may yet come |
| here | its file is not here, or does not match its SHA-256 |
| changed | the catalogue knows another file of it than the plan |
| other | the vendor has another recording under this id, by its start, size, length or call |
| vanished | the vendor's listings no longer name it: there is nothing to delete (in plans only) |
"""


@frozen
class Outcome:
    """What became of a recording.

    Attributes:
        bytes: Of its audio, if it was deleted.
        text: For people: why, in a few words.
    """

    kind: OutcomeKind
    source: str
    id: str
    start: str
    path: str
    bytes: int = 0
    reason: Reason = ""
    text: str = ""


class Keep(Exception):  # noqa: N818 - it is an answer, and no error
    """A recording must not be deleted, and this is why."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason: Reason = reason
        self.text = text


Event = Outcome | QuotaWait
