"""Contains all the data models used in inputs/outputs"""

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
