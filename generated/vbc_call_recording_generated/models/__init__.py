"""Contains all the data models used in inputs/outputs"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .call_direction import CallDirection
    from .export_filter import ExportFilter
    from .export_job import ExportJob
    from .export_job_ids import ExportJobIds
    from .export_job_page import ExportJobPage
    from .export_job_page_embedded import ExportJobPageEmbedded
    from .item_links import ItemLinks
    from .link import Link
    from .page_links import PageLinks
    from .recording import Recording
    from .recording_page import RecordingPage
    from .recording_page_embedded import RecordingPageEmbedded
    from .transcription import Transcription
    from .transcription_page import TranscriptionPage
    from .transcription_page_embedded import TranscriptionPageEmbedded

_HOMES = {
    "CallDirection": ".call_direction",
    "ExportFilter": ".export_filter",
    "ExportJob": ".export_job",
    "ExportJobIds": ".export_job_ids",
    "ExportJobPage": ".export_job_page",
    "ExportJobPageEmbedded": ".export_job_page_embedded",
    "ItemLinks": ".item_links",
    "Link": ".link",
    "PageLinks": ".page_links",
    "Recording": ".recording",
    "RecordingPage": ".recording_page",
    "RecordingPageEmbedded": ".recording_page_embedded",
    "Transcription": ".transcription",
    "TranscriptionPage": ".transcription_page",
    "TranscriptionPageEmbedded": ".transcription_page_embedded",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


__all__ = (
    "CallDirection",
    "ExportFilter",
    "ExportJob",
    "ExportJobIds",
    "ExportJobPage",
    "ExportJobPageEmbedded",
    "ItemLinks",
    "Link",
    "PageLinks",
    "Recording",
    "RecordingPage",
    "RecordingPageEmbedded",
    "Transcription",
    "TranscriptionPage",
    "TranscriptionPageEmbedded",
)
