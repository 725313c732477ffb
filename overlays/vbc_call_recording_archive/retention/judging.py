"""Whether a recording may be deleted at the vendor, by what is known here. Nothing is asked of the vendor."""

from attrs import evolve, frozen

from vbc_call_recording import Recording, Transcription

from ..archive import Archive
from ..catalogue import StoredRecording
from ..catalogue.fields import start_of
from ..instants import to_text
from ..sync.work import COMPANY
from ..verify.elsewhere import compare_at
from .hold import Hold
from .outcomes import Keep
from .planned import PlannedRecording

_SETTLED = ("proven", "complete")
_REMEDY = "`vbc-recordings verify --repair` fetches it"


@frozen
class Judge:
    """What a judgement needs.

    Attributes:
        give_up_transcripts: Whether recordings may go whose transcripts are not kept here.
    """

    archive: Archive
    hold: Hold
    give_up_transcripts: bool

    def judge(self, row: StoredRecording) -> None:
        """Raise Keep if the recording must not be deleted, by hold, catalogue and window."""
        if where := self.hold.why(row):
            raise Keep("held", f"held by {where}")
        if not row.path:
            raise Keep("here", "its audio is not here")
        window = self.archive.catalogue.window_at(row.source, row.start)
        if window is None or window.state not in _SETTLED:
            state = "was never looked at" if window is None else f"{window.name} is {window.state}"
            raise Keep("window", f"its window {state}")
        self._judge_transcript(row)

    def judge_hold_there(self, row: StoredRecording, told: Recording) -> None:
        """Raise Keep if a hold names it by the numbers that the vendor gives it now."""
        extensions = tuple(str(each) for each in told.extensions or ())
        now = evolve(
            row, caller_id=str(told.caller_id or ""), dnis=str(told.dnis or ""), extensions=extensions
        )
        if where := self.hold.why(now):
            raise Keep("held", f"held by {where}, by what the vendor says of it now")

    def judge_transcript_there(self, row: StoredRecording, told: Transcription) -> None:
        """Raise Keep if the vendor has a transcript that is not here, or will have."""
        if row.transcript == "ready" or (told.transcription_error and not told.transcription_url):
            return
        if told.transcription_url and self.give_up_transcripts:
            return
        state = "has a transcript that is not here" if told.transcription_url else "makes its transcript"
        raise Keep("transcript", f"the vendor {state}")

    def rehash(self, row: StoredRecording) -> list[str]:
        """Read its audio and its transcript, and give their paths.

        Raises:
            Keep: They are not right at one of the destinations that the settings name.
        """
        paths: list[str] = []
        for kind in ("audio", "transcript"):
            file = self.archive.catalogue.file_of(row.source, row.id, kind)
            if file is None:
                continue
            for destination in self.archive.places.all:
                sign, reason = compare_at(self.archive.places, destination, file)
                if sign != "=":
                    place = f" at {destination.name}" if len(self.archive.places.all) > 1 else ""
                    remedy = "" if sign == "!" else f"; {_REMEDY}"
                    raise Keep("here", f"its {kind}{place}: {reason}{remedy}")
            paths.append(file.path)
        return paths

    def _judge_transcript(self, row: StoredRecording) -> None:
        if row.source != COMPANY or row.transcript in ("ready", "failed"):
            return  # the API has transcripts of company recordings only
        if row.transcript == "pending":
            raise Keep("transcript", "its transcript is still in the making")
        if self.archive.config.transcripts == "none" and not self.give_up_transcripts:
            raise Keep("transcript", "this archive keeps no transcripts, so nobody asked whether it has one")


def require_unchanged(planned: PlannedRecording, row: StoredRecording | None) -> StoredRecording:
    """The catalogue's row. Raise Keep if it does not know the file of the plan."""
    if row is None:
        raise Keep("changed", "the catalogue does not know it any more")
    facts = ("start", "path", "size", "sha256")
    if row.path and any(getattr(row, name) != getattr(planned, name) for name in facts):
        raise Keep("changed", "the catalogue has another recording or file under this id than the plan")
    return row


def require_same(row: StoredRecording, told: Recording) -> None:
    """Raise Keep if what the vendor has under this id is not the recording that is here."""
    start = start_of(told)
    if start is None:
        raise Keep("other", "the vendor does not say when it started, so it may be another one")
    facts = (
        ("started at", to_text(start), row.start),
        ("has bytes", told.file_size_in_bytes or None, row.size),
        ("has milliseconds", told.duration or None, row.duration),
        ("is of call", told.call_id or None, row.call_id or None),
    )
    for name, there, here in facts:
        if there is not None and here is not None and there != here:
            raise Keep("other", f"the vendor's recording with this id {name} {there}, and ours {here}")
