"""Checked by mypy and pyright, never run: what errors carry, and how they are related."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from pathlib import Path
from typing import assert_type

from vbc_call_recording import (
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    AuthenticationError,
    BadRequestError,
    CallRecordingError,
    ConfigurationError,
    ConflictError,
    DestinationError,
    DownloadError,
    ExportError,
    ExportExpiredError,
    ExportFailedError,
    ExportTimeoutError,
    IncompleteDownloadError,
    IncompleteListingError,
    IncompleteListingWarning,
    InputError,
    MalformedResponseError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    StatusError,
    UnprocessableEntityError,
    UnsafeArchiveError,
    UntrustedUrlError,
    VerificationError,
)

STATUS_ERRORS: list[type[StatusError]] = [
    BadRequestError,
    AuthenticationError,
    PermissionDeniedError,
    NotFoundError,
    ConflictError,
    UnprocessableEntityError,
    RateLimitError,
    ServerError,
]
API_ERRORS: list[type[ApiError]] = [
    *STATUS_ERRORS,
    StatusError,
    ApiConnectionError,
    ApiTimeoutError,
    MalformedResponseError,
    UntrustedUrlError,
]
CONNECTION_ERRORS: list[type[ApiConnectionError]] = [ApiTimeoutError]
EXPORT_ERRORS: list[type[ExportError]] = [ExportExpiredError, ExportFailedError, ExportTimeoutError]
DOWNLOAD_ERRORS: list[type[DownloadError]] = [
    DestinationError,
    IncompleteDownloadError,
    VerificationError,
    UnsafeArchiveError,
]
ALL: list[type[CallRecordingError]] = [
    *API_ERRORS,
    *EXPORT_ERRORS,
    *DOWNLOAD_ERRORS,
    IncompleteListingError,
    InputError,
    ConfigurationError,
]
VALUE_ERRORS: list[type[ValueError]] = [InputError, ConfigurationError]
WARNING: type[UserWarning] = IncompleteListingWarning
NO_STATUS: type[StatusError] = ApiTimeoutError  # type: ignore[assignment]
NO_ERROR: type[CallRecordingError] = IncompleteListingWarning  # type: ignore[assignment]


def what_api_errors_carry(error: ApiError, limit: RateLimitError, server: ServerError) -> None:
    assert_type(error.operation, str | None)
    assert_type(error.method, str | None)
    assert_type(error.url, str | None)
    assert_type(error.status_code, int | None)
    assert_type(error.request_id, str | None)
    assert_type(error.body_excerpt, str)
    assert_type(limit.retry_after, float | None)
    assert_type(server.retry_after, float | None)
    _ = error.retry_after  # type: ignore[attr-defined]
    _ = error.response  # type: ignore[attr-defined]


def what_other_errors_carry(
    malformed: MalformedResponseError,
    listing: IncompleteListingError,
    export: ExportError,
    download: DownloadError,
    archive: UnsafeArchiveError,
) -> None:
    assert_type(malformed.field, str | None)
    assert_type((listing.expected, listing.received), tuple[int | None, int])
    assert_type(export.token, str)
    assert_type(export.jobs, dict[str, str | None])
    assert_type(download.path, Path | None)
    assert_type(download.source, str | None)
    assert_type(archive.entry, str | None)
    _ = download.status_code  # type: ignore[attr-defined]


def raised_by_users_tests() -> None:
    raise NotFoundError("none", operation="get_company_recording", status_code=404)
