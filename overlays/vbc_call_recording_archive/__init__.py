"""An application on top of `vbc_call_recording`: archives of recordings that prove themselves.

    from vbc_call_recording import CallRecordingClient
    from vbc_call_recording_archive import Archive, sync

    with Archive("/srv/recordings", writable=True) as archive, CallRecordingClient.from_env() as client:
        result = sync(archive, client)

`vbc_call_recording_archive.retention` deletes at the vendor what is safe here, and
`vbc_call_recording_archive.units` spreads the work over several machines.

`check_export` and `fetch_missing` compare a single export with the listing, without an archive.
"""

from .accounting import ExportReport, compare
from .archive import Archive
from .catalogue import Catalogue
from .config import ArchiveConfig, read_config
from .destinations import Destination, Seen
from .errors import (
    ArchiveBusyError,
    ArchiveError,
    CatalogueError,
    LedgerError,
    NoDestinationError,
    NoSpaceError,
)
from .reconcile import check_export, fetch_missing
from .sync import SyncResult, sync
from .verify import VerifyResult, verify

__all__ = [
    "Archive",
    "ArchiveBusyError",
    "ArchiveConfig",
    "ArchiveError",
    "Catalogue",
    "CatalogueError",
    "Destination",
    "ExportReport",
    "LedgerError",
    "NoDestinationError",
    "NoSpaceError",
    "Seen",
    "SyncResult",
    "VerifyResult",
    "check_export",
    "compare",
    "fetch_missing",
    "read_config",
    "sync",
    "verify",
]
