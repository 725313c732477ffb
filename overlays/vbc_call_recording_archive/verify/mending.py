"""Putting files right: brought again, proven, and only then put in the place of what is broken.

They come from another destination that has them as they should be, and else from the vendor. What is broken
is never thrown away: it is moved to `set-aside/`, after its successor was proven; in a bucket it is copied
there. A kill between any two steps leaves the catalogue's entry as it was, and the next run goes on:

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
from ..custody import Digest, hash_file, move_into_place, sync_folder, write_pieces, write_whole
from ..destinations import LOCAL, Destination, replace
from ..places import Outgoing, said
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

    def mend(self, destination: Destination, file: StoredFile, sign: Sign) -> str:
        """Put a file right at a destination, and say how.

        Raises:
            Unmended: It could not be. What is there is as it was.
            DestinationError: The disk is full, or cannot be written.
        """
        folder = self.archive.incoming / "repair"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            fetched, told = self._fetched(destination, file, folder)
            if destination.name == LOCAL:
                return self._replace(file, fetched, told, missing=sign == "+")
            if sign == "!":
                raise Unmended("what cannot be read there is not replaced")
            return self._replace_there(destination, file, fetched, told, missing=sign == "+")
        except OSError as error:
            raise Unmended(said(error)) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _fetched(self, destination: Destination, file: StoredFile, folder: Path) -> tuple[Path, str]:
        """The file on this machine, and how it came."""
        target = folder / Path(file.path).name
        if holder := self.archive.places.bring(file, target, but=destination.name):
            return target, f"copied from {holder}"
        if file.kind == "metadata":
            wire = self._row(file).wire
            if wire == "{}":
                raise Unmended("the catalogue was made anew and lacks its fields; sync lists them again")
            write_whole(target, [metadata_text(wire)])
            return target, "written again"
        if file.kind == "audio" or not self._kept_text(file, target):
            self._download(file, target)
        return target, "fetched again"

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

    def _replace_there(
        self, destination: Destination, file: StoredFile, fetched: Path, told: str, *, missing: bool
    ) -> str:
        """Only what is known to be the file takes its place there: nothing else was hashed when it came."""
        digest = hash_file(fetched)
        if digest != file.digest:
            raise Unmended(f"what there is has other bytes: {digest.size} of them, SHA-256 {digest.sha256}")
        aside = "" if missing else self._set_aside_there(destination, file)
        if missing:
            self._put_there(destination, Outgoing(file.path, fetched, digest))
        else:
            replace(destination, file.path, fetched)
        self.archive.note("copied", destination=destination.name, paths=[file.path])
        return f"{told}; what was there is in {aside}" if aside else told

    def _put_there(self, destination: Destination, file: Outgoing) -> None:
        if not self.archive.places.meets(destination):
            raise Unmended(self.archive.places.down[destination.name])
        if failure := self.archive.places.put(destination, file):
            raise Unmended(failure.reason)

    def _set_aside_there(self, destination: Destination, file: StoredFile) -> str:
        """Copy what is there, and is not the file. Where it is kept now."""
        broken = self.archive.incoming / "repair" / "broken"
        digest = write_pieces(destination.read(file.path), broken)
        aside = f"set-aside/{uuid4().hex[:8]}/{Path(file.path).name}"
        self._put_there(destination, Outgoing(aside, broken, digest))
        self.archive.note(
            "repairing", path=file.path, to=aside, sha256=file.sha256, destination=destination.name
        )
        return aside

    def _replace(self, file: StoredFile, fetched: Path, told: str, *, missing: bool) -> str:
        digest = hash_file(fetched)
        is_same = digest.sha256 == file.sha256
        if not (is_same or missing or file.kind == "metadata"):
            raise Unmended(f"the vendor has other bytes: {digest.size} of them, SHA-256 {digest.sha256}")
        aside = self._put(file, fetched, digest)
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
        known = self.archive.catalogue.file(file.path)
        held = {LOCAL, *(known.holders if known and known.digest == digest else ())}
        self.archive.note_all([added(self._row(file), file.kind, file.path, digest, "repaired", [*held])])
        return aside

    def _row(self, file: StoredFile) -> StoredRecording:
        row = self.archive.catalogue.get(file.source, file.id)
        assert row is not None, "a file belongs to a recording"
        return row
