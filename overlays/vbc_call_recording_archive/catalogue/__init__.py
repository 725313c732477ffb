"""The catalogue: what an archive knows, in SQLite. One process writes it, any number read it meanwhile."""

from .catalogue import Catalogue
from .database import SCHEMA_VERSION, network_filesystem
from .rows import (
    FileKind,
    Run,
    StoredFile,
    StoredRecording,
    StoredTranscript,
    StoredWindow,
    Totals,
    TranscriptState,
    WindowState,
)
from .search import RecordingFilters
from .tally import CheckTally, DeletionTally, SpanTally

__all__ = [
    "SCHEMA_VERSION",
    "Catalogue",
    "CheckTally",
    "DeletionTally",
    "FileKind",
    "RecordingFilters",
    "Run",
    "SpanTally",
    "StoredFile",
    "StoredRecording",
    "StoredTranscript",
    "StoredWindow",
    "Totals",
    "TranscriptState",
    "WindowState",
    "network_filesystem",
]
