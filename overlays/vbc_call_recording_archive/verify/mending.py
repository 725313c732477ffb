"""Putting files right: fetched again, proven, and only then put in the place of what is broken.

What is broken is never thrown away: it is moved to `set-aside/`, after its successor was proven. A kill
between any two steps leaves the catalogue's entry as it was, and the next run goes on:

| killed before | what is on the disk | and the next run |
|---|---|---|
| the ledger | the broken file, and the new one in `.incoming` | fetches it again |
| the broken file is moved | the same, and the ledger says what was meant to be done | fetches it again |
| the new one is moved | nothing in its place; the broken one in `set-aside` | fetches it again |
| the second entry | the new one in its place | finds it as it should be |
"""

import os
import shutil
from pathlib import Path
from uuid import uuid4

from attrs import define

from vbc_call_recording import (
    ApiConnectionError,
    AuthenticationError,
    CallRecordingClient,
    CallRecordingError,
    DestinationError,
    NotFoundError,
    RateLimitError,
    ServerError,
)

from ..archive import Archive
from ..catalogue import StoredFile, StoredRecording
from ..custody import Digest, hash_file, move_into_place, sync_folder, write_whole
from ..sync.shelving import added, metadata_text
from ..sync.work import COMPANY, user_of
from .check import Unmended
from .findings import Sign

_OTHERS_WOULD_FAIL = (ApiConnectionError, ServerError, RateLimitError, AuthenticationError)


@define
class Mender:
    """Fetches and replaces. Once the vendor cannot be reached, nobody asks again in this run.

    Attributes:
        unreachable: Why the vendor is not asked any more; empty as long as it is.
    """

    archive: Archive
    client: CallRecordingClient
    unreachable: str = ""

    def mend(self, file: StoredFile, sign: Sign) -> str:
        """Put a file right, and say how.

        Raises:
            Unmended: It could not be. What is there is as it was.
            DestinationError: The disk is full, or cannot be written.
        """
        folder = self.archive.incoming / "repair"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            fetched = self._fetched(file, folder)
            return self._replace(file, fetched, missing=sign == "+")
        except OSError as error:
            raise Unmended(error.strerror or str(error)) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _fetched(self, file: StoredFile, folder: Path) -> Path:
        target = folder / Path(file.path).name
        if file.kind == "metadata":
            wire = self._row(file).wire
            if wire == "{}":
                raise Unmended("the catalogue was made anew and lacks its fields; sync lists them again")
            write_whole(target, [metadata_text(wire)])
        elif file.kind == "audio" or not self._kept_text(file, target):
            self._download(file, target)
        return target

    def _kept_text(self, file: StoredFile, target: Path) -> bool:
        """Whether the catalogue holds the transcript as it was written: then it need not be fetched."""
        write_whole(target, [self.archive.catalogue.transcript(file.source, file.id).text])
        if hash_file(target).sha256 == file.sha256:
            return True
        target.unlink()
        return False

    def _download(self, file: StoredFile, target: Path) -> None:
        if self.unreachable:
            raise Unmended(self.unreachable)
        try:
            if file.kind == "transcript":
                self._download_transcript(file, target)
            elif file.source == COMPANY:
                self.client.company_recordings.download(file.id, target)
            else:
                self.client.on_demand_recordings.download(file.id, target, user_id=user_of(file.source))
        except NotFoundError:
            raise Unmended("the vendor has it no longer; a backup may") from None
        except _OTHERS_WOULD_FAIL as error:
            self.unreachable = f"{type(error).__name__}: {error.args[0]}"
            raise Unmended(self.unreachable) from error
        except DestinationError:
            raise
        except CallRecordingError as error:
            raise Unmended(f"{type(error).__name__}: {error.args[0]}") from error

    def _download_transcript(self, file: StoredFile, target: Path) -> None:
        call = self._row(file).call_id  # the API finds single transcripts by their call only
        for each in self.client.transcriptions.list(call_id=call) if call else ():
            if str(each.recording_id) == file.id and each.transcription_url:
                self.client.transcriptions.download(each, target)
                return
        raise Unmended("the vendor lists no transcript of it")

    def _replace(self, file: StoredFile, fetched: Path, *, missing: bool) -> str:
        digest = hash_file(fetched)
        is_same = digest.sha256 == file.sha256
        if not (is_same or missing or file.kind == "metadata"):
            raise Unmended(f"the vendor has other bytes: {digest.size} of them, SHA-256 {digest.sha256}")
        aside = self._put(file, fetched, digest)
        told = "written again" if file.kind == "metadata" else "fetched again"
        told += "" if is_same else ", and its bytes are others than before"
        return f"{told}; what was here is in {aside}" if aside else told

    def _put(self, file: StoredFile, fetched: Path, digest: Digest) -> str:
        """Where what was in its place is now; empty if nothing was."""
        place, aside = self.archive.path(file.path), ""
        if os.path.lexists(place):
            aside = f"set-aside/{uuid4().hex[:8]}/{place.name}"
            self.archive.path(aside).parent.mkdir(parents=True)
        self.archive.note("repairing", path=file.path, to=aside, sha256=file.sha256)
        if aside:
            place.rename(self.archive.path(aside))
            sync_folder(self.archive.path(aside).parent)
        move_into_place(fetched, place)
        sync_folder(place.parent)
        self.archive.note_all([added(self._row(file), file.kind, file.path, digest, "repaired")])
        return aside

    def _row(self, file: StoredFile) -> StoredRecording:
        row = self.archive.catalogue.get(file.source, file.id)
        assert row is not None, "a file belongs to a recording"
        return row
