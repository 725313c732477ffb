"""Comparing an export with the listing, and fetching what it lacks. Uses the public client only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Unpack
from zipfile import ZipFile

from attrs import evolve

from vbc_call_recording import (
    CallRecordingClient,
    DownloadManyOptions,
    Export,
    ExportDownload,
    InputError,
    Paginator,
    Recording,
)

from .accounting import ExportReport, compare


def check_export(client: CallRecordingClient, export: Export, brought: ExportDownload) -> ExportReport:
    """Compare the archives of an export with what the listing with the same filters names now.

    Args:
        client: Lists the recordings.
        export: The export.
        brought: What its `download()` gave.

    Raises:
        InputError: The export was adopted by job ids, so that its filters are not known.
        IncompleteListingError: The listing named fewer recordings than it had promised.
        ApiError: The server cannot be reached or refused.
    """
    lost = _files_lost(export, brought.unavailable)
    return compare(_listing(client, export), _entries(brought.archives), lost)


def fetch_missing(
    client: CallRecordingClient,
    report: ExportReport,
    directory: Path | str,
    **options: Unpack[DownloadManyOptions],
) -> ExportReport:
    """Download singly what the archives lack. The report says how that went for each recording.

    Args:
        client: Downloads the recordings.
        report: What `check_export` gave.
        directory: Where the recordings go; created if need be.
        **options: As for `company_recordings.download_many`.
    """
    # Each recording comes whole from the listing: company or on-demand makes no difference from here on.
    results = client.company_recordings.download_many(report.missing, directory, **options)
    return evolve(report, fetched=tuple(results))


def _listing(client: CallRecordingClient, export: Export) -> Paginator[Recording]:
    if export.filters is None:
        raise InputError("export was adopted by job ids; accepted: one whose filters are known")
    if export.user_id is not None:
        return client.on_demand_recordings.list(user_id=export.user_id, strict=True, **export.filters)
    return client.company_recordings.list(strict=True, **export.filters)


def _entries(archives: tuple[Path, ...]) -> Iterator[tuple[str, int]]:
    for path in archives:
        with ZipFile(path) as archive:
            files = (info for info in archive.infolist() if not info.is_dir())
            yield from ((info.orig_filename, info.file_size) for info in files)


def _files_lost(export: Export, unavailable: tuple[str, ...]) -> int:
    lost = 0
    for job_id, job in export.jobs.items():
        total = job.files_total if job and isinstance(job.files_total, int) else 0
        done = job.files_completed if job and isinstance(job.files_completed, int) else total
        lost += total if job_id in unavailable else max(total - done, 0)
    return lost
