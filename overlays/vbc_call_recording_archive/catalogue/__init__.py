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

__all__ = [
    "SCHEMA_VERSION",
    "Catalogue",
    "FileKind",
    "RecordingFilters",
    "Run",
    "StoredFile",
    "StoredRecording",
    "StoredTranscript",
    "StoredWindow",
    "Totals",
    "TranscriptState",
    "WindowState",
    "network_filesystem",
]
