"""The JSON of single things, as openapi.yaml describes it, with the URLs the sandbox hands out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from .._data import ACCOUNT_ID, USERNAME, Recording
from .._quirks.panel import Quirks
from .exports import Job

Json = dict[str, Any]

_ENDINGS = {"offset": "+0000", "naive": "", "z": "Z", "colon": "+00:00"}
_ARCHIVE_QUERIES = {
    "jobId": "jobId={job}",
    "job_id+login_name": "job_id={job}&login_name={user}",
    "job_id+userName": "job_id={job}&userName={user}",
}


def instant(moment: datetime, form: Literal["offset", "naive", "z", "colon"] = "offset") -> str:
    """An instant as the API writes it, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}{_ENDINGS[form]}"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes things as JSON for an API at this base URL."""

    base_url: str
    quirks: Quirks

    def url(self, path: str) -> str:
        """The absolute URL of a path below the account."""
        return f"{self.base_url}/api/accounts/{ACCOUNT_ID}/{path}"

    def recording(self, recording: Recording) -> Json:
        """A `Recording`."""
        where = f"users/{recording.owner}/call_recordings" if recording.owner else "company_call_recordings"
        return self._finished(
            {
                "_links": {"self": {"href": self.url(f"{where}/{recording.id}")}},
                "call_direction": recording.call_direction,
                "call_id": recording.call_id,
                "caller_id": recording.caller_id,
                "cnam": recording.cnam,
                "dnis": recording.dnis,
                "download_url": self._file_url("/api", f"audio/recording/{recording.id}"),
                "duration": recording.duration,
                "end": self._instant(recording.end),
                "extensions": self._extensions(recording),
                "file_name": recording.file_name,
                "file_size_in_bytes": recording.size + self.quirks.answers.size_offset,
                "id": recording.id,
                "rule_ids": list(recording.rule_ids),
                "start": self._instant(recording.start),
            }
        )

    def transcription(self, recording: Recording) -> Json:
        """A `Transcription`."""
        transcription: Json = {
            "recording_id": recording.id,
            "call_id": recording.call_id,
            "caller_id": recording.caller_id,
            "call_date": self._instant(recording.start),
            "duration": recording.duration,
            "direction": recording.call_direction,
            "cnam": recording.cnam,
            "dnis": recording.dnis,
            "transcription_ready": recording.transcript == "ready",
        }
        if recording.transcript == "ready":
            transcription["transcription_url"] = self._file_url("/v1/api", f"transcription/{recording.id}")
        if recording.transcript == "failed":
            transcription["transcription_error"] = "Transcription job failed at AI"
        return self._finished(transcription)

    def job(self, job: Job, user_id: str) -> Json:
        """An `ExportJob`, as seen in this user's list."""
        rules = self.quirks.exports
        folder = "recordings_transcriptions/" if job.kind == "recordings_transcriptions" else ""
        seen: Json = {
            "_links": {"self": {"href": self.url(f"users/{user_id}/call_recordings/{folder}jobs/{job.id}")}},
            "files_total": job.files_total,
            "id": self._job_id(job),
            "status": job.status,
        }
        if rules.progress != "missing":
            done = job.files_completed
            is_shrinking = rules.progress == "backwards" and not job.is_complete
            seen["files_completed"] = job.files_total - done if is_shrinking else done
        if rules.valid_until != "missing":
            seen["valid_until"] = self._valid_until(job)
        if job.is_complete and rules.archive_url != "missing":
            query = _ARCHIVE_QUERIES[rules.archive_url].format(job=job.id, user=USERNAME)
            seen["download_url"] = f"{self.base_url}/api/bulkDownload/{folder}retrieve?{query}"
        return self._finished(seen)

    def job_ids(self, jobs: list[Job]) -> Json:
        """An `ExportJobIds`."""
        how = self.quirks.exports.job_ids
        if how in ("null", "missing"):
            return {"job_ids": None} if how == "null" else {}
        return {"job_ids": [self._job_id(job) for job in jobs]}

    def _job_id(self, job: Job) -> str | int:
        return int(job.id) if self.quirks.exports.job_ids == "numbers" and job.id.isdigit() else job.id

    def _valid_until(self, job: Job) -> str | None:
        how = self.quirks.exports.valid_until
        if how in ("null", "missing"):
            return None
        if how == "odd":
            return str(int(job.valid_until.timestamp()))
        if how == "unreadable":
            return "in 24 hours"
        form = how if how in ("z", "naive") else self.quirks.answers.instants
        return instant(job.valid_until, form)

    def _instant(self, moment: datetime) -> str:
        return instant(moment, self.quirks.answers.instants)

    def _file_url(self, prefix: str, path: str) -> str:
        urls = self.quirks.answers.urls
        return f"{self.base_url}{prefix if urls == 'page' else urls}/{path}"

    def _extensions(self, recording: Recording) -> list[int] | list[str]:
        numbers = list(recording.extensions)
        return numbers if self.quirks.answers.extensions == "numbers" else [str(each) for each in numbers]

    def _finished(self, thing: Json) -> Json:
        """What the quirks make of the properties, whatever they are."""
        answers = self.quirks.answers
        thing = {name: value for name, value in thing.items() if name not in answers.absent}
        thing.update(dict.fromkeys((name for name in answers.nulls if name in thing), None))
        if answers.unknown_fields:
            thing["x_undocumented"] = {"since": "2026", "values": [1, "two", None]}
        return thing
