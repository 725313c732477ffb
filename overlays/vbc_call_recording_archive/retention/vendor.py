"""What is asked of the vendor before and after a deletion, for as few requests as possible.

Neighbours in time are looked up together: one listing of recordings and one of transcripts tell, for up to a
page of them, whether each id still is the recording that is here. That costs two requests for up to a hundred
deletions, where asking for each would double what a deletion costs.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from attrs import frozen

from vbc_call_recording import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    CallRecordingClient,
    ConflictError,
    IncompleteListingError,
    ListOptions,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    Recording,
    Transcription,
    UnprocessableEntityError,
)

from ..catalogue import Catalogue, StoredRecording
from ..sync.plan import PAGE
from ..sync.work import COMPANY, user_of
from .outcomes import Keep

REFUSALS = (
    BadRequestError,
    AuthenticationError,
    PermissionDeniedError,
    ConflictError,
    UnprocessableEntityError,
    RateLimitError,
)
"""Answers that say that nothing was deleted."""


@frozen
class Vendor:
    """The recordings of one source."""

    client: CallRecordingClient
    source: str

    def named(self, rows: Sequence[StoredRecording]) -> dict[str, Recording]:
        """What the vendor has under these ids now. What it has not is left out.

        Raises:
            ApiError: The server cannot be reached or refused.
        """
        wanted, found = {row.id for row in rows}, dict[str, Recording]()
        for recording in self._listed(rows) if len(rows) > 1 else ():
            if str(recording.id) in wanted:
                found[str(recording.id)] = recording
                if len(found) == len(wanted):
                    return found
        for row in rows:  # a listing proves only what it names
            if row.id not in found:
                with suppress(NotFoundError):
                    found[row.id] = self.get(row.id)
        return found

    def transcripts(self, rows: Sequence[StoredRecording]) -> dict[str, Transcription]:
        """The transcriptions that the vendor lists of these recordings. Not of users: the API has none there.

        Raises:
            Keep: They cannot be listed, or not to the end.
            ApiError: The server cannot be reached.
        """
        if self.source != COMPANY:
            return {}
        first, last = rows[0].start, rows[-1].start
        listing = self.client.transcriptions.list(start_gte=first, start_lte=last, strict=True)
        found: dict[str, Transcription] = {}
        try:
            for each in listing:
                found[str(each.recording_id)] = each
        except IncompleteListingError as error:
            if listing.complete is False:
                raise Keep("transcript", f"transcripts were not all listed: {error.args[0]}") from error
        except (PermissionDeniedError, NotFoundError) as error:
            raise Keep("transcript", f"transcripts cannot be listed: {error.args[0]}") from error
        return found

    def get(self, recording_id: str) -> Recording:
        """One recording. NotFoundError if there is none."""
        if self.source == COMPANY:
            return self.client.company_recordings.get(recording_id)
        return self.client.on_demand_recordings.get(recording_id, user_id=user_of(self.source))

    def delete(self, recording_id: str) -> str:
        """Delete a recording, and say how that is known.

        Raises:
            ApiError: One of `REFUSALS`: nothing was deleted. Any other: it is not known whether it was.
        """
        try:
            if self.source == COMPANY:
                self.client.company_recordings.delete(recording_id)
            else:
                self.client.on_demand_recordings.delete(recording_id, user_id=user_of(self.source))
        except REFUSALS:
            raise
        except ApiError as error:
            if self.is_gone(recording_id):
                return "asked again: not found"
            raise error
        return "confirmed"

    def is_gone(self, recording_id: str) -> bool:
        """Whether the vendor says that it does not have it. Any other answer leaves that open."""
        try:
            self.get(recording_id)
        except NotFoundError:
            return True
        except ApiError:
            pass
        return False

    def _listed(self, rows: Sequence[StoredRecording]) -> Iterator[Recording]:
        bounds: ListOptions = {"start_gte": rows[0].start, "start_lte": rows[-1].start, "prefetch": 0}
        if self.source == COMPANY:
            yield from self.client.company_recordings.list(**bounds)
        else:
            user = user_of(self.source)
            yield from self.client.on_demand_recordings.list(user_id=user, **bounds)


def neighbours(catalogue: Catalogue, rows: Iterable[StoredRecording]) -> Iterator[list[StoredRecording]]:
    """Recordings of one source, by start, in groups that one page of a listing holds."""
    group: list[StoredRecording] = []
    for row in rows:
        if group and catalogue.count_between(row.source, group[0].start, row.start) >= PAGE:
            yield group
            group = []
        group.append(row)
    if group:
        yield group
