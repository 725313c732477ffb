"""Everything this package raises, in one tree.

    CallRecordingError
    ├── InputError (ValueError)            refused before any request was sent
    ├── ConfigurationError (ValueError)    the client was set up in a way that cannot work
    ├── ApiError                           something went wrong between us and the API
    │   ├── StatusError                    an answer other than success
    │   │   ├── BadRequestError            400
    │   │   ├── AuthenticationError        401, or the token endpoint refused
    │   │   ├── PermissionDeniedError      403
    │   │   ├── NotFoundError              404
    │   │   ├── ConflictError              409
    │   │   ├── UnprocessableEntityError   422
    │   │   ├── RateLimitError             429, carries `retry_after`
    │   │   └── ServerError                500 to 599
    │   ├── ApiConnectionError             no answer, or one that broke off
    │   │   └── ApiTimeoutError            no answer in time
    │   ├── MalformedResponseError         an answer that cannot be read, carries `field`
    │   └── UntrustedUrlError              a link or redirect that must not be followed
    ├── IncompleteListingError             strict=True, and the listing is not known to be complete
    ├── ExportError                        carries `token` and `jobs`, enough to go on later
    │   ├── ExportFailedError              a job ended without success
    │   ├── ExportTimeoutError             not complete before the caller's deadline
    │   └── ExportExpiredError             complete, but its archive is gone
    └── DownloadError                      carries `path`
        ├── DestinationError               the place to write to cannot be written to
        ├── IncompleteDownloadError        the bytes stopped before the end, and resuming did not help
        ├── VerificationError              all bytes came, and they are not what was promised
        └── UnsafeArchiveError             an archive entry that must not be unpacked, carries `entry`

Exceptions of httpx and json are chained as `__cause__`, and never raised themselves. No message, attribute or
repr holds a secret: URLs and body excerpts are redacted before they get here.
"""

from datetime import datetime
from pathlib import Path
from typing import Any


class CallRecordingError(Exception):
    """Root of everything this package raises on purpose."""

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        vars(self).update(data)


class InputError(CallRecordingError, ValueError):
    """An argument is invalid. The message names the value and what would be accepted."""


class ConfigurationError(CallRecordingError, ValueError):
    """Settings that are missing or contradict each other. The message names them."""


class ApiError(CallRecordingError):
    """Something went wrong with a request to the API.

    Attributes:
        operation: Operation id from openapi.yaml (`"get_company_recording"`), or what else was being done
            (`"download"`, `"token"`).
        method: HTTP method, None if no request was made.
        url: URL without secrets, None if no request was made.
        status_code: HTTP status, None if there was no answer.
        request_id: The server's id for the request, if it gave one.
        body_excerpt: The beginning of the answer's body, redacted; empty if there was none.
        code: The server's own code for what is wrong (`"900803"`), if it gave one.
        server_message: The server's own words, redacted, if it gave any.
        invalid_parameters: Names of parameters the server found wrong, each with its reason.
        hint: What to do about it, where the vendor's guides say so.
    """

    operation: str | None = None
    method: str | None = None
    url: str | None = None
    status_code: int | None = None
    request_id: str | None = None
    body_excerpt: str = ""
    code: str | None = None
    server_message: str | None = None
    invalid_parameters: tuple[tuple[str, str], ...] = ()
    hint: str | None = None

    def __str__(self) -> str:
        told = {
            "operation": self.operation,
            "request": f"{self.method} {self.url}" if self.method and self.url else None,
            "request id": self.request_id,
            "body": self.body_excerpt,
            "hint": self.hint,
        }
        return "; ".join([str(self.args[0]), *(f"{name}: {text}" for name, text in told.items() if text)])


class StatusError(ApiError):
    """The server answered with something other than success."""


class BadRequestError(StatusError):
    """400: the server did not accept the request's arguments."""


class AuthenticationError(StatusError):
    """401, even with a renewed token, or the token endpoint refused the credentials."""


class PermissionDeniedError(StatusError):
    """403: the user or the application may not do this."""


class NotFoundError(StatusError):
    """404: there is no such recording, job, user or account, or not for this user."""


class ConflictError(StatusError):
    """409: the request contradicts the state of what it addresses."""


class UnprocessableEntityError(StatusError):
    """422: the request was understood and cannot be carried out."""


class RateLimitError(StatusError):
    """429: too many requests, or the quota is known to be used up, and nothing was sent.

    Attributes:
        retry_after: Seconds until it is worth trying again, None if the server did not say.
        next_access: When the quota opens again, in UTC, by the server's clock; None if it did not say.
    """

    retry_after: float | None = None
    next_access: datetime | None = None


class ServerError(StatusError):
    """5xx: the server, or a proxy before it, failed.

    Attributes:
        retry_after: Seconds the server asks to wait, None if it did not say.
    """

    retry_after: float | None = None


class ApiConnectionError(ApiError):
    """The server could not be reached, or the connection broke before the answer was whole."""


class ApiTimeoutError(ApiConnectionError):
    """The server did not answer within the client's timeouts."""


class MalformedResponseError(ApiError):
    """An answer that is not JSON, or JSON of another shape than documented.

    Attributes:
        field: Path of the part that cannot be read (`_embedded.recordings[3].start`); None for the whole.
    """

    field: str | None = None


class UntrustedUrlError(ApiError):
    """A link or redirect to somewhere the access token must not be sent."""


class IncompleteListingError(CallRecordingError):
    """A listing with `strict=True` ended and is not known to be complete.

    Attributes:
        expected: How many items the server promised; None if it gave no number.
        received: How many different ones came.
    """

    expected: int | None = None
    received: int = 0


class ExportError(CallRecordingError):
    """An export did not succeed.

    Attributes:
        token: Pass to `export_jobs.resume()` to go on, in this process or another. Holds no secret.
        jobs: Last known state of each job, by job id; None for a job never seen.
    """

    token: str
    jobs: dict[str, str | None]

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message, **({"token": "", "jobs": {}} | data))


class ExportFailedError(ExportError):
    """At least one job of the export ended without success."""


class ExportTimeoutError(ExportError):
    """The export was not complete before the caller's deadline. Waiting can go on with `token`."""


class ExportExpiredError(ExportError):
    """The export's archive is past its `valid_until`. `reexport()` asks for it again."""


class DownloadError(CallRecordingError):
    """A download did not succeed. Nothing was published under the target's name.

    Attributes:
        path: Where the download was to go, None for a file object.
        source: URL without secrets, None if not known.
    """

    path: Path | None = None
    source: str | None = None

    def __str__(self) -> str:
        parts = [str(self.args[0])]
        if self.path and str(self.path) not in parts[0]:
            parts.append(f"file: {self.path}")
        if self.source:
            parts.append(f"from: {self.source}")
        return "; ".join(parts)


class DestinationError(DownloadError):
    """The target cannot be written: it exists, is a directory, is read-only, or the disk is full."""


class IncompleteDownloadError(DownloadError):
    """The bytes stopped before the end and resuming made no more progress. The `.part` file is kept."""


class VerificationError(DownloadError):
    """Everything arrived, but it is not what was promised: size, type, signature or checksum differ."""


class UnsafeArchiveError(DownloadError):
    """An archive holds an entry that must not be unpacked. Nothing was unpacked.

    Attributes:
        entry: Name of the entry as it stands in the archive.
    """

    entry: str | None = None
