"""Checked by mypy and pyright, never run: filters, listings, single recordings, and what is not there."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from datetime import UTC, date, datetime, timedelta
from typing import assert_type

from vbc_call_recording import (
    UNSET,
    AsyncCallRecordingClient,
    AsyncPage,
    AsyncPaginator,
    CallDirection,
    CallRecordingClient,
    ExportFilters,
    ExportJob,
    JobListOptions,
    ListFilters,
    ListingOutcome,
    ListOptions,
    Page,
    Paginator,
    PagingOptions,
    Recording,
    Transcription,
    TranscriptionFilters,
    TranscriptionListOptions,
    Unset,
    or_none,
)

SINCE = datetime(2024, 1, 1, tzinfo=UTC)


def every_filter(client: CallRecordingClient) -> None:
    calls = client.company_recordings.list(
        call_direction="INBOUND",
        call_id="c",
        caller_id="1",
        cnam="JOHN SMITH",
        dnis="2",
        duration_gte=timedelta(minutes=1),
        duration_lte=60_000,
        extension=999,
        order="start:DESC",
        start_gte=SINCE,
        start_lte="2024-02-01T00:00:00Z",
    )
    assert_type(calls, Paginator[Recording])
    client.on_demand_recordings.list(user_id=5, call_direction=CallDirection.OUTBOUND, extension="999")
    client.transcriptions.list(transcription_ready=True, start_gte=SINCE)
    client.export_jobs.list(status="complete", kind="recordings_transcriptions", user_id="self")
    client.company_recordings.list(call_direction="outbound", call_id=None, start_gte=None, order=None)
    client.transcriptions.list(transcription_ready=None, extension=None, duration_lte=None)
    client.export_jobs.list(status=None)


def wrong_filters(client: CallRecordingClient) -> None:
    client.company_recordings.list(start=SINCE)  # type: ignore[call-arg]
    client.company_recordings.list(start_gte=date(2024, 1, 1))  # type: ignore[arg-type]
    client.company_recordings.list(start_gte=0)  # type: ignore[arg-type]
    client.company_recordings.list(duration_gte=1.5)  # type: ignore[arg-type]
    client.company_recordings.list(call_direction="SIDEWAYS")  # type: ignore[arg-type]
    client.company_recordings.list(transcription_ready=True)  # type: ignore[call-arg]
    client.company_recordings.list(user_id="self")  # type: ignore[call-arg]
    client.company_recordings.list(b"INBOUND")  # type: ignore[call-arg, arg-type]
    client.on_demand_recordings.list(user_id=None)  # type: ignore[arg-type]
    client.transcriptions.list(transcription_ready="yes")  # type: ignore[arg-type]
    client.export_jobs.list(kind="transcriptions")  # type: ignore[arg-type]
    client.export_jobs.list(start_gte=SINCE)  # type: ignore[call-arg]
    client.export_jobs.list(page_size=5)  # type: ignore[call-arg]


def filters_kept_apart(client: CallRecordingClient) -> None:
    exported: ExportFilters = {"start_gte": SINCE, "call_direction": "INTRA_PBX"}
    listed: ListFilters = {**exported, "order": "start:ASC"}
    transcribed: TranscriptionFilters = {**listed, "transcription_ready": True}
    client.company_recordings.list(**exported, page_size=50)
    client.company_recordings.list(**listed)
    client.transcriptions.list(**transcribed)
    wrong: ExportFilters = {"order": "start:ASC"}  # type: ignore[typeddict-unknown-key]
    wrong["start_gte"] = 5  # type: ignore[typeddict-item]


def options_kept_apart(client: CallRecordingClient) -> None:
    paging: PagingOptions = {"limit": 5, "prefetch": 0}
    listed: ListOptions = {"start_gte": SINCE, "limit": 5}
    transcribed: TranscriptionListOptions = {"transcription_ready": True, "strict": True}
    jobs: JobListOptions = {"status": "complete", "strict": True}
    client.company_recordings.list(**paging)
    client.on_demand_recordings.list(**listed)
    client.transcriptions.list(**transcribed)
    client.export_jobs.list(**jobs)
    wrong: PagingOptions = {"page": 2}  # type: ignore[typeddict-unknown-key]
    client.company_recordings.list(**wrong)


def paging(client: CallRecordingClient, token: str) -> None:
    calls = client.company_recordings.list(
        limit=5, page_size=50, prefetch=0, strict=True, stable=True, resume=token
    )
    assert_type(iter(calls), Generator[Recording, None, None])
    with closing(calls.pages()) as pages:
        assert_type(next(pages), Page[Recording])
    for call in calls:
        assert_type(call, Recording)
    for page in calls.pages():
        assert_type(page, Page[Recording])
        assert_type(page.items, list[Recording])
        assert_type(page[0], Recording)
        assert_type(page.next_page(), Page[Recording] | None)
        assert_type((page.has_next_page, page.total_items, page.token), tuple[bool, int | None, str])
    assert_type(calls.first(), Recording | None)
    assert_type(calls.first_page(), Page[Recording] | None)
    assert_type(calls.total_items, int | None)
    assert_type(calls.complete, bool | None)
    assert_type(calls.outcome, ListingOutcome | None)
    if calls.outcome is not None:
        assert_type((calls.outcome.complete, calls.outcome.reason), tuple[bool | None, str])
        assert_type((calls.outcome.received, calls.outcome.expected), tuple[int, int | None])
    assert_type(calls.token, str)
    assert_type(list(client.transcriptions.list()), list[Transcription])
    assert_type(client.export_jobs.list(limit=3, strict=False, resume=token), Paginator[ExportJob])
    client.company_recordings.list(limit=None, resume=None)


def wrong_paging(client: CallRecordingClient) -> None:
    calls = client.company_recordings.list()
    client.company_recordings.list(page=2)  # type: ignore[call-arg]
    client.company_recordings.list(limit="5")  # type: ignore[arg-type]
    client.company_recordings.list(prefetch=None)  # type: ignore[arg-type]
    len(calls)  # type: ignore[arg-type]
    _ = calls[0]  # type: ignore[index]
    next(calls)  # type: ignore[call-overload]
    calls.token = "t"  # type: ignore[misc]


async def paging_async(client: AsyncCallRecordingClient) -> None:
    calls = client.company_recordings.list(start_gte=SINCE, limit=5, prefetch=8)
    assert_type(calls, AsyncPaginator[Recording])
    assert_type(aiter(calls), AsyncGenerator[Recording, None])
    async with aclosing(aiter(calls)) as walk:
        assert_type(await anext(walk), Recording)
    async for call in calls:
        assert_type(call, Recording)
    async for page in calls.pages():
        assert_type(page, AsyncPage[Recording])
        assert_type(await page.next_page(), AsyncPage[Recording] | None)
    assert_type(await calls.first(), Recording | None)
    assert_type(await calls.first_page(), AsyncPage[Recording] | None)
    assert_type([one async for one in client.transcriptions.list()], list[Transcription])
    assert_type(client.on_demand_recordings.list(user_id="7"), AsyncPaginator[Recording])
    assert_type(client.export_jobs.list(status="complete"), AsyncPaginator[ExportJob])


async def wrong_paging_async(client: AsyncCallRecordingClient) -> None:
    await client.company_recordings.list()  # type: ignore[misc]
    for _ in client.company_recordings.list():  # type: ignore[attr-defined]
        pass
    client.company_recordings.list(start_gt=SINCE)  # type: ignore[call-arg]


def single_recordings(client: CallRecordingClient) -> None:
    assert_type(client.company_recordings.get(5), Recording)
    assert_type(client.on_demand_recordings.get("5", user_id=7), Recording)
    assert_type(client.export_jobs.get("id", kind="recordings"), ExportJob)
    client.company_recordings.delete(5)
    client.on_demand_recordings.delete("5", user_id="self")
    client.company_recordings.get(5, user_id=7)  # type: ignore[call-arg]
    client.company_recordings.get(None)  # type: ignore[arg-type]
    client.on_demand_recordings.get("5", 7)  # type: ignore[call-arg]
    _ = client.company_recordings.delete(5).id  # type: ignore[attr-defined]
    client.export_jobs.get(5)  # type: ignore[arg-type]


async def single_recordings_async(client: AsyncCallRecordingClient) -> None:
    assert_type(await client.company_recordings.get(5), Recording)
    assert_type(await client.on_demand_recordings.get("5", user_id=7), Recording)
    assert_type(await client.export_jobs.get("id", user_id=7), ExportJob)
    await client.company_recordings.delete(5)
    await client.on_demand_recordings.delete(5)
    _ = client.company_recordings.get(5).id  # type: ignore[attr-defined]


def what_may_be_missing(client: CallRecordingClient, recording: Recording, transcript: Transcription) -> None:
    """Every property is optional: telling UNSET from a value is the type checker's business, too."""
    assert_type(recording.start, datetime | Unset)
    if recording.start:
        assert_type(recording.start, datetime)
    if not isinstance(recording.duration, Unset):
        assert_type(recording.duration, int)
    assert_type(recording.duration or 0, int)
    assert_type(recording.call_direction or "unknown", str)
    assert_type(transcript.transcription_ready or False, bool)
    nothing: Unset = UNSET
    assert not nothing
    if recording.start is not UNSET:
        assert_type(recording.start, datetime)
    if recording.duration is UNSET:
        pass
    else:
        assert_type(recording.duration, int)
    assert_type(or_none(recording.start), datetime | None)
    assert_type(recording.duration_time, timedelta | Unset)
    assert_type(or_none(recording.duration_time), timedelta | None)
    Recording(id=5, start=SINCE, duration=UNSET)

    recording.start.isoformat()  # type: ignore[union-attr]
    _ = recording.duration + 1  # type: ignore[operator]
    client.company_recordings.get(recording.id)  # type: ignore[arg-type]
    Recording(duration=None)  # type: ignore[arg-type]
    _ = transcript.duration_ms  # type: ignore[attr-defined]
