"""Checked by mypy and pyright, never run: exports, and files of all kinds."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

import io
from collections.abc import AsyncGenerator, Generator, Mapping
from pathlib import Path
from typing import Any, Literal, assert_type

from vbc_call_recording import (
    AsyncCallRecordingClient,
    AsyncExport,
    CallRecordingClient,
    CallRecordingError,
    DownloadManyOptions,
    DownloadOptions,
    DownloadResult,
    Export,
    ExportDownload,
    ExportJob,
    ExportProgress,
    PollSchedule,
    Recording,
    Transcription,
)


def show(progress: ExportProgress) -> None:
    assert_type(progress.files_completed, int)
    assert_type(progress.files_total, int)
    assert_type(progress.jobs_complete, int)
    assert_type(progress.jobs_total, int)
    assert_type(progress.partial, bool)
    assert_type(progress.fraction, float)
    progress.files_total = 0  # type: ignore[misc]


def count(done: int, total: int | None) -> None: ...


def starting_an_export(client: CallRecordingClient) -> None:
    export = client.company_recordings.export(start_gte="2024-01-01T00:00:00Z", include_transcriptions=True)
    assert_type(export, Export)
    assert_type(client.on_demand_recordings.export(user_id=5, extension=999), Export)
    assert_type(client.export_jobs.resume(export.token), Export)
    assert_type(client.export_jobs.adopt(["id"], kind="recordings", user_id="self"), Export)
    assert_type(export.reexport(), Export)
    client.company_recordings.export(order="start:ASC")  # type: ignore[call-arg]
    client.company_recordings.export(limit=5)  # type: ignore[call-arg]
    client.company_recordings.export(include_transcriptions="yes")  # type: ignore[arg-type]
    client.company_recordings.export(b"all")  # type: ignore[call-arg, arg-type]
    client.on_demand_recordings.export(include_transcriptions=True)  # type: ignore[call-arg]
    client.export_jobs.adopt([5])  # type: ignore[list-item]
    client.export_jobs.adopt(["id"], kind="everything")  # type: ignore[arg-type]


def following_an_export(export: Export) -> None:
    assert_type(export.wait(), ExportProgress)
    assert_type(export.wait(timeout=60, poll=2, on_progress=show), ExportProgress)
    export.wait(timeout=None, poll=PollSchedule(first=1, ceiling=10, growth=2, jitter=0), on_progress=print)
    assert_type(export.refresh(), ExportProgress)
    assert_type(export.job_ids, tuple[str, ...])
    assert_type(export.token, str)
    assert_type(export.progress, ExportProgress)
    assert_type(export.partial, bool)
    assert_type(export.filters, Mapping[str, Any] | None)
    assert_type(export.user_id, str | None)
    assert_type(export.jobs, Mapping[str, ExportJob | None])
    export.wait(timeout="60")  # type: ignore[arg-type]
    export.wait(60)  # type: ignore[call-arg]
    export.wait(on_progress=count)  # type: ignore[arg-type]
    export.jobs["id"] = None  # type: ignore[index]
    PollSchedule(every=5)  # type: ignore[call-arg]


def downloading_an_export(export: Export) -> None:
    downloaded = export.download(
        "folder",
        extract=True,
        allow_missing=True,
        on_progress=count,
        overwrite=True,
        resume=False,
        stall_timeout=5,
    )
    assert_type(downloaded, ExportDownload)
    assert_type(downloaded.archives, tuple[Path, ...])
    assert_type(downloaded.extracted, tuple[Path, ...])
    assert_type(downloaded.unavailable, tuple[str, ...])
    assert_type(downloaded.partial, bool)
    export.download()  # type: ignore[call-arg]
    export.download(io.BytesIO())  # type: ignore[arg-type]
    export.download(Path(), True)  # type: ignore[call-arg]
    export.download(Path(), on_progress=show)  # type: ignore[arg-type]


async def exporting_async(client: AsyncCallRecordingClient) -> None:
    export = await client.company_recordings.export(include_transcriptions=True, dnis="1")
    assert_type(export, AsyncExport)
    assert_type(await client.on_demand_recordings.export(user_id=5), AsyncExport)
    assert_type(client.export_jobs.resume("token"), AsyncExport)
    assert_type(client.export_jobs.adopt(("id",)), AsyncExport)
    assert_type(await export.reexport(), AsyncExport)
    assert_type(await export.wait(timeout=5, poll=PollSchedule(), on_progress=show), ExportProgress)
    assert_type(await export.refresh(), ExportProgress)
    assert_type(await export.download(Path("folder"), extract=True), ExportDownload)
    client.company_recordings.export().wait()  # type: ignore[attr-defined]
    _ = export.wait().partial  # type: ignore[attr-defined]


def downloading(client: CallRecordingClient, recording: Recording, transcript: Transcription) -> None:
    result = client.company_recordings.download(recording, Path("folder"))
    assert_type(result, DownloadResult)
    assert_type(result.path, Path | None)
    assert_type(result.bytes, int)
    assert_type(result.skipped, bool)
    assert_type(result.recording, Recording | None)
    assert_type(result.error, CallRecordingError | None)
    client.company_recordings.download(5, "folder", on_progress=count, overwrite=True, stall_timeout=2.5)
    client.company_recordings.download("5", io.BytesIO(), resume=False)
    with Path("call.mp3").open("wb") as file:
        client.on_demand_recordings.download(5, file, user_id=7, on_progress=lambda done, total: None)
    result = client.transcriptions.download(transcript, "folder", verify="size")
    assert_type(result, DownloadResult)
    assert_type(result.unproven, tuple[Literal["size", "type", "contents"], ...])


def wrong_downloads(client: CallRecordingClient, recording: Recording, transcript: Transcription) -> None:
    client.company_recordings.download(recording)  # type: ignore[call-arg]
    client.company_recordings.download(transcript, "folder")  # type: ignore[arg-type]
    client.company_recordings.download(recording, io.StringIO())  # type: ignore[arg-type]
    client.company_recordings.download(recording, "folder", on_progress=show)  # type: ignore[arg-type]
    client.company_recordings.download(recording, "folder", b"over")  # type: ignore[call-arg, arg-type]
    client.company_recordings.download(recording, "folder", concurrency=2)  # type: ignore[call-arg]
    client.company_recordings.download(recording, "folder", verify="sha")  # type: ignore[arg-type]
    client.transcriptions.download(5, "folder")  # type: ignore[arg-type]
    with Path("call.txt").open("w") as file:
        client.company_recordings.download(recording, file)  # type: ignore[arg-type]


def options_kept_apart(client: CallRecordingClient, recordings: list[Recording]) -> None:
    one: DownloadOptions = {"overwrite": True, "on_progress": print}
    many: DownloadManyOptions = {"concurrency": 2}
    client.company_recordings.download(5, "folder", **one)
    client.company_recordings.download_many(recordings, "folder", **many)


def downloading_many(client: CallRecordingClient, recordings: list[Recording]) -> None:
    results = client.company_recordings.download_many(
        client.company_recordings.list(),
        "folder",
        concurrency=2,
        overwrite=True,
        resume=True,
        stall_timeout=5,
        verify="none",
        on_progress=lambda done, total: None,
    )
    assert_type(results, Generator[DownloadResult, None, None])
    client.on_demand_recordings.download_many(recordings, Path("folder"))
    client.company_recordings.download_many([5, "6"], "folder")
    client.on_demand_recordings.download_many([5], "folder", user_id="self")
    client.company_recordings.download_many([5.0], "folder")  # type: ignore[list-item]
    client.company_recordings.download_many(recordings, "folder", threads=2)  # type: ignore[call-arg]
    client.company_recordings.download_many(recordings, io.BytesIO())  # type: ignore[arg-type]
    client.company_recordings.download_many(client.transcriptions.list(), "f")  # type: ignore[arg-type]


async def downloading_async(
    client: AsyncCallRecordingClient, recordings: list[Recording], transcript: Transcription
) -> None:
    assert_type(await client.company_recordings.download(5, Path("folder"), overwrite=True), DownloadResult)
    assert_type(await client.on_demand_recordings.download("5", "folder", user_id=7), DownloadResult)
    assert_type(await client.transcriptions.download(transcript, io.BytesIO()), DownloadResult)
    calls = client.company_recordings.list()
    results = client.company_recordings.download_many(calls, "folder")
    assert_type(results, AsyncGenerator[DownloadResult, None])
    client.on_demand_recordings.download_many(recordings, "folder", concurrency=2)
    await client.company_recordings.download_many(calls, "folder")  # type: ignore[misc]
    for _ in client.company_recordings.download_many(calls, "folder"):  # type: ignore[attr-defined]
        pass


def listings_of_the_other_kind(client: CallRecordingClient, other: AsyncCallRecordingClient) -> None:
    calls = other.company_recordings.list()
    client.company_recordings.download_many(calls, "folder")  # type: ignore[arg-type]
