"""What all parts of a verification share: the archive, who is told, whether to stop, and what is counted."""

import threading
from collections import Counter
from collections.abc import Callable

from attrs import define, evolve, field

from ..archive import Archive
from ..sync.work import Stopped
from .findings import Event, Finding, Sign, Subject

OnEvent = Callable[[Event], object]
Mending = Callable[[], str]
"""Puts something right, and says what it did. `Unmended` says why it could not."""


class Unmended(Exception):  # noqa: N818 - it is an answer, and no error
    """It cannot be put right, and this is why."""


@define
class Check:
    """A verification under way.

    Attributes:
        tell: Called with each event.
        stop: Set by the caller to end it.
        repair: Whether to put right what is wrong.
        signs: How many findings there were of each sign.
        troubles: How many of them were not as they should be, `repaired` of which are now.
        given_up: Destinations that are not asked any more.
        doubts: Why a listing is not known to be complete, by source.
    """

    archive: Archive
    tell: OnEvent
    stop: threading.Event
    repair: bool
    signs: Counter[Sign] = field(factory=Counter[Sign])
    troubles: int = 0
    repaired: int = 0
    given_up: set[str] = field(factory=set[str])
    doubts: dict[str, str] = field(factory=dict[str, str])

    def checkpoint(self) -> None:
        """Raise Stopped if the caller asked to stop."""
        if self.stop.is_set():
            raise Stopped

    def fine(self, subject: Subject, name: str) -> None:
        """It is as it should be."""
        self._keep(Finding("=", subject, name))

    def found(
        self, sign: Sign, subject: Subject, name: str, reason: str, mend: Mending | None = None
    ) -> bool:
        """It is not. With `repair`, `mend` puts it right, if there is a way. Say whether it is right now."""
        finding = Finding(sign, subject, name, reason)
        if self.repair:
            try:
                done = mend() if mend is not None else ""
                finding = evolve(finding, repair=done or "left as it is", is_repaired=bool(done))
            except Unmended as why:
                finding = evolve(finding, repair=f"not repaired: {why}")
        self._keep(finding)
        return finding.is_repaired

    def give_up(self, name: str, reason: str = "") -> None:
        """A destination cannot be used, or failed too often: that is said once, and not for each file."""
        if name not in self.given_up:
            self.given_up.add(name)
            down = self.archive.places.down.get(name, "")
            self.found("!", "destination", name, reason or f"it is left alone from here on: {down}")

    def _keep(self, finding: Finding) -> None:
        self.signs[finding.sign] += 1
        self.troubles += finding.is_trouble
        self.repaired += finding.is_trouble and finding.is_repaired
        self.tell(finding)
