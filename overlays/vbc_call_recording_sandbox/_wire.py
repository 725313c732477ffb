"""The JSON of single things, as openapi.yaml describes it, with the URLs the sandbox hands out."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ._data import ACCOUNT_ID, Recording
from ._exports import Job
from ._faults import Json


def instant(moment: datetime) -> str:
    """An instant as the API writes it, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}+0000"


@dataclass(frozen=True, slots=True)
class Wire:
    """Writes things as JSON for an API at this base URL."""

    base_url: str

    def url(self, path: str) -> str:
        """The absolute URL of a path below the account."""
        return f"{self.base_url}/api/accounts/{ACCOUNT_ID}/{path}"

    def recording(self, recording: Recording) -> Json:
        """A `Recording`."""
        where = f"users/{recording.owner}/call_recordings" if recording.owner else "company_call_recordings"
        return {
            "_links": {"self": {"href": self.url(f"{where}/{recording.id}")}},
            "call_direction": recording.call_direction,
            "call_id": recording.call_id,
            "caller_id": recording.caller_id,
            "cnam": recording.cnam,
            "dnis": recording.dnis,
            "download_url": f"{self.base_url}/api/audio/recording/{recording.id}",
            "duration": recording.duration,
            "end": instant(recording.end),
            "extensions": list(recording.extensions),
            "file_name": recording.file_name,
            "file_size_in_bytes": recording.size,
            "id": recording.id,
            "rule_ids": list(recording.rule_ids),
            "start": instant(recording.start),
        }

    def transcription(self, recording: Recording) -> Json:
        """A `Transcription`."""
        transcription: Json = {
            "recording_id": recording.id,
            "call_id": recording.call_id,
            "caller_id": recording.caller_id,
            "call_date": instant(recording.start),
            "duration": recording.duration,
            "direction": recording.call_direction,
            "cnam": recording.cnam,
            "dnis": recording.dnis,
            "transcription_ready": recording.transcript == "ready",
        }
        if recording.transcript == "ready":
            transcription["transcription_url"] = f"{self.base_url}/v1/api/transcription/{recording.id}"
        if recording.transcript == "failed":
            transcription["transcription_error"] = "Transcription job failed at AI"
        return transcription

    def job(self, job: Job, user_id: str) -> Json:
        """An `ExportJob`, as seen in this user's list."""
        folder = "recordings_transcriptions/" if job.kind == "recordings_transcriptions" else ""
        seen: Json = {
            "_links": {"self": {"href": self.url(f"users/{user_id}/call_recordings/{folder}jobs/{job.id}")}},
            "files_completed": job.files_completed,
            "files_total": job.files_total,
            "id": job.id,
            "status": job.status,
            "valid_until": instant(job.valid_until),
        }
        if job.is_complete:
            seen["download_url"] = f"{self.base_url}/api/bulkDownload/{folder}retrieve?jobId={job.id}"
        return seen
