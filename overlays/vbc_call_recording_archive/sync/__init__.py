"""Bringing what is new into an archive: `sync(archive, client)`."""

from .events import (
    CopyFailed,
    Event,
    ExportGivenUp,
    ExportProgressed,
    FetchBegan,
    FileDone,
    FileFailed,
    FileLost,
    ListingProgress,
    PlanMade,
    Progress,
    QuotaWait,
    StretchBegan,
    TranscriptDone,
    Trouble,
    WindowDone,
)
from .run import SyncResult, sync

__all__ = [
    "CopyFailed",
    "Event",
    "ExportGivenUp",
    "ExportProgressed",
    "FetchBegan",
    "FileDone",
    "FileFailed",
    "FileLost",
    "ListingProgress",
    "PlanMade",
    "Progress",
    "QuotaWait",
    "StretchBegan",
    "SyncResult",
    "TranscriptDone",
    "Trouble",
    "WindowDone",
    "sync",
]
