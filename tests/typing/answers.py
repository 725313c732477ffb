"""Checked by mypy and pyright, never run: answers with more than their body, options of calls, hooks."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Sequence
from typing import Any, assert_type

import httpx

from vbc_call_recording import (
    ApiResponse,
    AsyncCallRecordingClient,
    AsyncClientOptions,
    AsyncCompanyRecordings,
    AsyncExport,
    AsyncExportJobs,
    AsyncOnDemandRecordings,
    AsyncTranscriptions,
    CallOptions,
    CallRecordingClient,
    ClientOptions,
    CompanyRecordings,
    Export,
    ExportJob,
    ExportJobs,
    ExportKind,
    ExportOptions,
    Hook,
    JobFilters,
    OnDemandRecordings,
    OnProgress,
    Recording,
    ResponseInfo,
    RetryPolicy,
    Transcriptions,
    WaitEvent,
)


def resources(client: CallRecordingClient) -> Sequence[object]:
    company: CompanyRecordings = client.company_recordings
    own: OnDemandRecordings = client.on_demand_recordings
    transcripts: Transcriptions = client.transcriptions
    jobs: ExportJobs = client.export_jobs
    return company, own, transcripts, jobs


def resources_async(client: AsyncCallRecordingClient) -> Sequence[object]:
    company: AsyncCompanyRecordings = client.company_recordings
    own: AsyncOnDemandRecordings = client.on_demand_recordings
    transcripts: AsyncTranscriptions = client.transcriptions
    jobs: AsyncExportJobs = client.export_jobs
    return company, own, transcripts, jobs


def answers(client: CallRecordingClient) -> None:
    raw = client.company_recordings.with_raw_response
    answer = raw.get(5, timeout=3, retries=0, extra_headers={"X": "1"}, extra_query={"n": 5})
    assert_type(answer, ApiResponse[Recording])
    assert_type(answer.parsed, Recording)
    assert_type(answer.parse(), Recording)
    info: ResponseInfo = answer
    assert_type(info.request_id, str | None)
    assert_type(info.headers, httpx.Headers)
    assert_type(info.elapsed, float)
    assert_type(raw.delete("5"), ApiResponse[None])
    assert_type(raw.export(extension=5).parsed, Export)
    assert_type(client.on_demand_recordings.with_raw_response.get(5, user_id=7), ApiResponse[Recording])
    assert_type(client.export_jobs.with_raw_response.get("j").parsed, ExportJob)
    assert_type(client.request("GET", "/api/x", params={"a": 1}, timeout=3), ApiResponse[Any])


async def answers_async(client: AsyncCallRecordingClient) -> None:
    raw = client.company_recordings.with_raw_response
    assert_type(await raw.get(5), ApiResponse[Recording])
    assert_type((await raw.export()).parsed, AsyncExport)
    assert_type(await client.request("POST", "/api/x", json={"a": 1}), ApiResponse[Any])


def wrong_answers(client: CallRecordingClient) -> None:
    client.company_recordings.with_raw_response.get()  # type: ignore[call-arg]
    client.company_recordings.with_raw_response.get(5, time_out=3)  # type: ignore[call-arg]
    client.company_recordings.with_raw_response.list()  # type: ignore[attr-defined]
    client.request("get", "/api/x")  # type: ignore[arg-type]
    client.company_recordings.get(5, extra_headers={"X": 1})  # type: ignore[dict-item]
    client.company_recordings.list(retries="3")  # type: ignore[arg-type]


def options(client: CallRecordingClient) -> None:
    once: CallOptions = {"timeout": 3.0, "retries": RetryPolicy(tries=1)}
    client.company_recordings.get(5, **once)
    chosen: ExportOptions = {"extension": 5, "timeout": 3}
    client.on_demand_recordings.export(**chosen)
    kind: ExportKind = "recordings"
    filters: JobFilters = {"status": "complete"}
    client.export_jobs.list(kind=kind, **filters)


def shown(done: int, total: int | None) -> None: ...


def told(event: WaitEvent) -> None:
    assert_type(event.wait, float)
    event.wait = 5  # type: ignore[misc]


def hooks(client: CallRecordingClient) -> None:
    progress: OnProgress = shown
    hook: Hook = told
    client.company_recordings.download(5, ".", on_progress=progress)
    client.with_options(on_retry=hook, on_quota_wait=print)
    client.with_options(on_retry=shown)  # type: ignore[arg-type]


def from_the_environment() -> None:
    settings: ClientOptions = {"timeout": 5, "on_retry": told}
    CallRecordingClient.from_env(**settings)
    CallRecordingClient.from_env(time_out=5)  # type: ignore[call-arg]
    CallRecordingClient.from_env(retries="5")  # type: ignore[arg-type]
    others: AsyncClientOptions = {"http_client": httpx.AsyncClient()}
    AsyncCallRecordingClient.from_env(**others)
    AsyncCallRecordingClient.from_env(http_client=httpx.Client())  # type: ignore[arg-type]
