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

from ._async.client import AsyncCallRecordingClient
from ._async.export import AsyncExport
from ._async.paginator import AsyncPage, AsyncPaginator
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
from ._files.sources import DownloadResult
from ._http.api_client import ApiClient
from ._http.retries import RetryPolicy
from ._http.urls import BASE_URL, BASE_URL_INDIA
from ._listing.filters import ExportFilters, ListFilters, TranscriptionFilters
from ._listing.pages import IncompleteListingWarning, ListingOutcome
from ._options import (
    DownloadManyOptions,
    DownloadOptions,
    JobListOptions,
    ListOptions,
    PagingOptions,
    TranscriptionListOptions,
)
from ._sync.client import CallRecordingClient
from ._sync.export import Export
from ._sync.paginator import Page, Paginator
from ._version import __version__

__all__ = [
    "BASE_URL",
    "BASE_URL_INDIA",
    "UNSET",
    "AccessToken",
    "ApiClient",
    "ApiConnectionError",
    "ApiError",
    "ApiTimeoutError",
    "AsyncCallRecordingClient",
    "AsyncExport",
    "AsyncPage",
    "AsyncPaginator",
    "Auth",
    "AuthenticationError",
    "AuthorizationCode",
    "BadRequestError",
    "CallDirection",
    "CallRecordingClient",
    "CallRecordingError",
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
    "ExportProgress",
    "ExportTimeoutError",
    "FileTokenStore",
    "IncompleteDownloadError",
    "IncompleteListingError",
    "IncompleteListingWarning",
    "InputError",
    "JobListOptions",
    "ListFilters",
    "ListOptions",
    "ListingOutcome",
    "MalformedResponseError",
    "NotFoundError",
    "Page",
    "Paginator",
    "PagingOptions",
    "PasswordGrant",
    "PermissionDeniedError",
    "PollSchedule",
    "RateLimitError",
    "Recording",
    "RefreshToken",
    "RetryPolicy",
    "ServerError",
    "StatusError",
    "Transcription",
    "TranscriptionFilters",
    "TranscriptionListOptions",
    "UnprocessableEntityError",
    "UnsafeArchiveError",
    "Unset",
    "UntrustedUrlError",
    "VerificationError",
    "__version__",
    "or_none",
]
