"""Client for the Vonage Business Communications (VBC) Call Recording API.

    from vbc_call_recording import CallRecordingClient, PasswordGrant

    with CallRecordingClient(auth=PasswordGrant(...)) as client:
        for recording in client.company_recordings.list(call_direction="INBOUND"):
            ...

`AsyncCallRecordingClient` offers the same, awaited. What the API did not send is `UNSET`, which is falsy.
"""

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
from ._version import __version__

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
