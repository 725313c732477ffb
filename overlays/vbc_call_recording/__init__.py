"""Client for the Vonage Business Communications (VBC) Call Recording API.

    from vbc_call_recording import CallRecordingClient, PasswordGrant

    with CallRecordingClient(auth=PasswordGrant(...)) as client:
        for recording in client.company_recordings.list(call_direction="INBOUND"):
            ...

`AsyncCallRecordingClient` offers the same, awaited. What the API did not send is `UNSET`, which is falsy.
"""

from typing import TYPE_CHECKING

from ._lazy import names_of
from ._version import __version__

if TYPE_CHECKING:
    from vbc_call_recording_generated.models import (
        CallDirection,
        ExportJob,
        Recording,
        Transcription,
    )
    from vbc_call_recording_generated.types import UNSET, Unset, or_none

    from ._async.client import AsyncCallRecordingClient, AsyncClientOptions
    from ._async.export import AsyncExport
    from ._async.export_jobs import AsyncExportJobs
    from ._async.paginator import AsyncPage, AsyncPaginator
    from ._async.recordings import AsyncCompanyRecordings, AsyncOnDemandRecordings
    from ._async.transcriptions import AsyncTranscriptions
    from ._auth.access import AccessToken, Auth
    from ._auth.grants import AuthorizationCode, PasswordGrant, RefreshToken
    from ._auth.store import FileTokenStore
    from ._errors import (
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
    from ._exports.jobs import ExportDownload, ExportProgress, PollSchedule
    from ._exports.ticket import ExportKind
    from ._files.progress import OnProgress
    from ._files.sources import DownloadResult
    from ._http.answers import ApiResponse, ResponseInfo
    from ._http.api_client import ApiClient
    from ._http.retries import RetryPolicy
    from ._http.settings import Hook, WaitEvent
    from ._http.urls import BASE_URL, BASE_URL_INDIA
    from ._listing.filters import ExportFilters, JobFilters, ListFilters, TranscriptionFilters
    from ._listing.pages import IncompleteListingWarning, ListingOutcome
    from ._options import (
        CallOptions,
        DownloadManyOptions,
        DownloadOptions,
        ExportOptions,
        JobListOptions,
        ListOptions,
        PagingOptions,
        TranscriptionListOptions,
    )
    from ._sync.client import CallRecordingClient, ClientOptions
    from ._sync.export import Export
    from ._sync.export_jobs import ExportJobs
    from ._sync.paginator import Page, Paginator
    from ._sync.recordings import CompanyRecordings, OnDemandRecordings
    from ._sync.transcriptions import Transcriptions

# Each module is imported when one of its names is first used. A test compares this with the imports above.
__getattr__, __dir__ = names_of(
    __name__,
    {
        "vbc_call_recording_generated.models": "CallDirection ExportJob Recording Transcription",
        "vbc_call_recording_generated.types": "UNSET Unset or_none",
        "._async.client": "AsyncCallRecordingClient AsyncClientOptions",
        "._async.export": "AsyncExport",
        "._async.export_jobs": "AsyncExportJobs",
        "._async.paginator": "AsyncPage AsyncPaginator",
        "._async.recordings": "AsyncCompanyRecordings AsyncOnDemandRecordings",
        "._async.transcriptions": "AsyncTranscriptions",
        "._auth.access": "AccessToken Auth",
        "._auth.grants": "AuthorizationCode PasswordGrant RefreshToken",
        "._auth.store": "FileTokenStore",
        "._errors": (
            "ApiConnectionError ApiError ApiTimeoutError AuthenticationError BadRequestError "
            "CallRecordingError ConfigurationError ConflictError DestinationError DownloadError "
            "ExportError ExportExpiredError ExportFailedError ExportTimeoutError IncompleteDownloadError "
            "IncompleteListingError InputError MalformedResponseError NotFoundError PermissionDeniedError "
            "RateLimitError ServerError StatusError UnprocessableEntityError UnsafeArchiveError "
            "UntrustedUrlError VerificationError"
        ),
        "._exports.jobs": "ExportDownload ExportProgress PollSchedule",
        "._exports.ticket": "ExportKind",
        "._files.progress": "OnProgress",
        "._files.sources": "DownloadResult",
        "._http.answers": "ApiResponse ResponseInfo",
        "._http.api_client": "ApiClient",
        "._http.retries": "RetryPolicy",
        "._http.settings": "Hook WaitEvent",
        "._http.urls": "BASE_URL BASE_URL_INDIA",
        "._listing.filters": "ExportFilters JobFilters ListFilters TranscriptionFilters",
        "._listing.pages": "IncompleteListingWarning ListingOutcome",
        "._options": (
            "CallOptions DownloadManyOptions DownloadOptions ExportOptions JobListOptions ListOptions "
            "PagingOptions TranscriptionListOptions"
        ),
        "._sync.client": "CallRecordingClient ClientOptions",
        "._sync.export": "Export",
        "._sync.export_jobs": "ExportJobs",
        "._sync.paginator": "Page Paginator",
        "._sync.recordings": "CompanyRecordings OnDemandRecordings",
        "._sync.transcriptions": "Transcriptions",
    },
)

__all__ = [
    "BASE_URL",
    "BASE_URL_INDIA",
    "UNSET",
    "AccessToken",
    "ApiClient",
    "ApiConnectionError",
    "ApiError",
    "ApiResponse",
    "ApiTimeoutError",
    "AsyncCallRecordingClient",
    "AsyncClientOptions",
    "AsyncCompanyRecordings",
    "AsyncExport",
    "AsyncExportJobs",
    "AsyncOnDemandRecordings",
    "AsyncPage",
    "AsyncPaginator",
    "AsyncTranscriptions",
    "Auth",
    "AuthenticationError",
    "AuthorizationCode",
    "BadRequestError",
    "CallDirection",
    "CallOptions",
    "CallRecordingClient",
    "CallRecordingError",
    "ClientOptions",
    "CompanyRecordings",
    "ConfigurationError",
    "ConflictError",
    "DestinationError",
    "DownloadError",
    "DownloadManyOptions",
    "DownloadOptions",
    "DownloadResult",
    "Export",
    "ExportDownload",
    "ExportError",
    "ExportExpiredError",
    "ExportFailedError",
    "ExportFilters",
    "ExportJob",
    "ExportJobs",
    "ExportKind",
    "ExportOptions",
    "ExportProgress",
    "ExportTimeoutError",
    "FileTokenStore",
    "Hook",
    "IncompleteDownloadError",
    "IncompleteListingError",
    "IncompleteListingWarning",
    "InputError",
    "JobFilters",
    "JobListOptions",
    "ListFilters",
    "ListOptions",
    "ListingOutcome",
    "MalformedResponseError",
    "NotFoundError",
    "OnDemandRecordings",
    "OnProgress",
    "Page",
    "Paginator",
    "PagingOptions",
    "PasswordGrant",
    "PermissionDeniedError",
    "PollSchedule",
    "RateLimitError",
    "Recording",
    "RefreshToken",
    "ResponseInfo",
    "RetryPolicy",
    "ServerError",
    "StatusError",
    "Transcription",
    "TranscriptionFilters",
    "TranscriptionListOptions",
    "Transcriptions",
    "UnprocessableEntityError",
    "UnsafeArchiveError",
    "Unset",
    "UntrustedUrlError",
    "VerificationError",
    "WaitEvent",
    "__version__",
    "or_none",
]
