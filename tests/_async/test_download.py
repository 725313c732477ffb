"""Downloads over real sockets: whole files or typed errors, whatever the connection and the server do."""

import dataclasses
import errno
import io
import math
from hashlib import sha256
from pathlib import Path
from typing import cast

import httpx
import pytest

from tests.files.serving import AUDIO, SIZE, Steps, bytes_of, names, ranges_asked
from vbc_call_recording import (
    ApiConnectionError,
    AsyncCallRecordingClient,
    DestinationError,
    DownloadResult,
    InputError,
    NotFoundError,
    ServerError,
    UntrustedUrlError,
    VerificationError,
)
from vbc_call_recording._files import part_file
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth
from vbc_call_recording_sandbox._data import Recording as Stored


@pytest.mark.anyio
async def test_a_recording_arrives_byte_for_byte_under_its_own_name(
    client: AsyncCallRecordingClient, stored: Stored, tmp_path: Path
) -> None:
    steps = Steps()
    result = await client.company_recordings.download(stored.id, tmp_path, on_progress=steps)
    assert result.path == tmp_path / stored.file_name.replace(".mp3", f"-company-{stored.id}.mp3")
    assert result.path.read_bytes() == bytes_of(truth.audio(stored))
    assert result == DownloadResult(
        path=result.path, bytes=SIZE, sha256=sha256(bytes_of(truth.audio(stored))).hexdigest()
    )
    assert names(tmp_path) == [result.path.name]
    assert steps.seen[0] == (0, SIZE)
    assert steps.seen[-1] == (SIZE, SIZE)
    assert steps.seen == sorted(steps.seen)


@pytest.mark.anyio
async def test_the_bytes_are_asked_for_uncompressed(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert sandbox.requests[-1].headers["accept-encoding"] == "identity"


@pytest.mark.anyio
async def test_an_on_demand_recording_and_a_transcript_arrive_too(
    client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    own = sandbox.store.on_demand()[0]
    result = await client.on_demand_recordings.download(own.id, tmp_path)
    assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(own))
    async for transcription in client.transcriptions.list(transcription_ready=True, limit=1):
        text = await client.transcriptions.download(transcription, tmp_path)
        there = sandbox.store.get(cast(int, transcription.recording_id))
        assert there is not None
        assert cast(Path, text.path).read_bytes() == bytes_of(truth.transcript(there))


@pytest.mark.anyio
@pytest.mark.parametrize("prefix", ["/api/", "/v1/api/"])
async def test_both_forms_of_the_url_work(
    prefix: str, client: AsyncCallRecordingClient, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    recording.download_url = f"{client.base_url}{prefix}audio/recording/{stored.id}"
    assert (await client.company_recordings.download(recording, tmp_path)).bytes == SIZE


@pytest.mark.anyio
async def test_a_foreign_url_is_refused_before_any_request(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    before = len(sandbox.requests)
    for url in ("https://elsewhere.example/5.mp3", "//elsewhere.example/5.mp3", "https://127.0.0.1/5.mp3"):
        recording.download_url = url
        with pytest.raises(UntrustedUrlError):
            await client.company_recordings.download(recording, tmp_path)
    assert len(sandbox.requests) == before
    assert names(tmp_path) == []


@pytest.mark.anyio
async def test_a_file_object_gets_the_same_bytes(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored
) -> None:
    sandbox.faults.next(AUDIO, truncate=100_000)
    file = io.BytesIO()
    result = await client.company_recordings.download(stored.id, file)
    assert file.getvalue() == bytes_of(truth.audio(stored))
    assert result.path is None
    assert result.sha256 == sha256(file.getvalue()).hexdigest()


@pytest.mark.anyio
async def test_an_error_names_the_file_and_where_it_was_to_come_from_and_no_secret(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    recording.download_url = f"{recording.download_url}?Signature=presigned"
    sandbox.faults.next(AUDIO, body=bytes(SIZE), headers={"Content-Type": "audio/mpeg"})
    with pytest.raises(VerificationError) as caught:
        await client.company_recordings.download(recording, tmp_path / "a.mp3")
    error = caught.value
    assert error.source is not None
    assert f"/audio/recording/{stored.id}" in error.source
    assert str(error).count(str(tmp_path / "a.mp3")) == 1
    assert str(error).endswith(f"from: {error.source}")
    assert "presigned" not in f"{error} {error!r} {vars(error)}"


@pytest.mark.anyio
async def test_a_server_that_cannot_be_reached_is_an_api_error_and_leaves_nothing(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    sandbox.faults.next(AUDIO, drop=True, times=math.inf)
    with pytest.raises(ApiConnectionError):
        await client.company_recordings.download(recording, tmp_path)
    sandbox.faults.reset()
    sandbox.faults.next(AUDIO, status=500)
    with pytest.raises(ServerError):
        await client.company_recordings.download(recording, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.anyio
async def test_a_recording_that_is_gone_is_not_found(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    sandbox.store.delete(stored.id)
    with pytest.raises(NotFoundError):
        await client.company_recordings.download(recording, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.anyio
async def test_what_is_there_already_is_not_transferred_again(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    first = await client.company_recordings.download(stored.id, tmp_path)
    again = await client.company_recordings.download(stored.id, tmp_path)
    assert again == DownloadResult(path=first.path, bytes=SIZE, skipped=True)
    assert len(ranges_asked(sandbox)) == 1, "the name made of kind and id tells"
    await client.company_recordings.download(stored.id, tmp_path, overwrite=True)
    assert len(ranges_asked(sandbox)) == 2


@pytest.mark.anyio
async def test_something_else_in_its_place_is_refused_before_the_bytes_are_asked_for(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    (tmp_path / "a.mp3").write_bytes(b"mine")
    (tmp_path / "folder" / f"{stored.file_name[:-4]}-company-{stored.id}.mp3").mkdir(parents=True)
    for to in (tmp_path / "a.mp3", tmp_path / "folder", tmp_path / "nowhere" / "a.mp3"):
        with pytest.raises(DestinationError):
            await client.company_recordings.download(stored.id, to)
    assert ranges_asked(sandbox) == []
    assert (tmp_path / "a.mp3").read_bytes() == b"mine"


@pytest.mark.anyio
async def test_a_disk_that_fills_up_keeps_what_came_and_the_next_run_goes_on(
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    stored: Stored,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_all = part_file.write_all

    def fill_up(file: io.FileIO, chunk: bytes) -> None:
        room = max(0, 100_000 - file.tell())
        write_all(file, chunk[:room])
        if len(chunk) > room:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(part_file, "write_all", fill_up)
        with pytest.raises(DestinationError, match="the disk is full"):
            await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert names(tmp_path) == ["a.mp3.part", "a.mp3.part.json"]
    assert (await client.company_recordings.download(stored.id, tmp_path / "a.mp3")).bytes == SIZE
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox)[-1] is not None


@pytest.mark.anyio
@pytest.mark.parametrize("stall_timeout", [0, -1, True, "60", math.inf, math.nan, None])
async def test_a_stall_timeout_that_cannot_be_right_is_refused(
    stall_timeout: float, client: AsyncCallRecordingClient, stored: Stored, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="stall_timeout"):
        await client.company_recordings.download(stored.id, tmp_path, stall_timeout=stall_timeout)
    with pytest.raises(InputError, match="stall_timeout"):
        client.company_recordings.download_many([stored.id], tmp_path, stall_timeout=stall_timeout)


@pytest.mark.anyio
async def test_a_callback_that_raises_stops_the_download_and_keeps_what_came(
    client: AsyncCallRecordingClient, stored: Stored, tmp_path: Path
) -> None:
    def stop(done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3", on_progress=stop)
    assert names(tmp_path) == ["a.mp3.part", "a.mp3.part.json"]
    assert (await client.company_recordings.download(stored.id, tmp_path / "a.mp3")).bytes == SIZE


CALLBACK_ERRORS = [
    httpx.ConnectError("mine"),
    ApiConnectionError("mine", operation="mine"),
    VerificationError("mine"),
    OSError(errno.ENOSPC, "mine"),
]


@pytest.mark.anyio
@pytest.mark.parametrize("raised", CALLBACK_ERRORS, ids=lambda error: type(error).__name__)
async def test_what_a_callback_raises_is_not_taken_for_what_became_of_the_transfer(
    raised: Exception, client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    """As one that tells another server of the progress, or asks this client for something."""

    def stop(done: int, total: int | None) -> None:
        if done > 70_000:
            raise raised

    sandbox.faults.next(AUDIO, truncate=70_000)
    with pytest.raises(type(raised)) as caught:
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3", on_progress=stop)
    assert caught.value is raised
    assert len(ranges_asked(sandbox)) == 2, "it was tried again, as if the transfer had failed"
    assert (tmp_path / "a.mp3.part").stat().st_size > 70_000, "what came was dropped"


@pytest.mark.anyio
async def test_at_a_path_of_the_callers_another_recording_of_equal_size_is_not_taken_for_this_one(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    other = sandbox.store.put(dataclasses.replace(sandbox.store.company()[1], size=SIZE))
    first = await client.company_recordings.download(stored.id, tmp_path / "x.mp3")
    with pytest.raises(DestinationError, match="exists and is something else"):
        await client.company_recordings.download(other.id, tmp_path / "x.mp3")
    again = await client.company_recordings.download(stored.id, tmp_path / "x.mp3")
    assert again == DownloadResult(path=first.path, bytes=SIZE, skipped=True, sha256=first.sha256)
    assert (tmp_path / "x.mp3").read_bytes() == bytes_of(truth.audio(stored))
    assert len(ranges_asked(sandbox)) == 3, "only the bytes tell"
    assert names(tmp_path) == ["x.mp3"]


@pytest.mark.anyio
async def test_recordings_of_one_id_without_file_names_do_not_meet_in_a_directory(tmp_path: Path) -> None:
    audio = {"/audio/company/5": b"ID3 of the company", "/audio/on_demand/5": b"ID3 made on demand"}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path in audio:
            return httpx.Response(200, content=audio[request.url.path])
        kind = "on_demand" if "/users/" in request.url.path else "company"
        return httpx.Response(200, json={"id": 5, "download_url": f"/audio/{kind}/5"})

    transport = httpx.MockTransport(answer)
    async with AsyncCallRecordingClient(auth="token", transport=transport) as client:
        one = await client.company_recordings.download(5, tmp_path)
        other = await client.on_demand_recordings.download(5, tmp_path)
        assert (one.skipped, other.skipped) == (False, False)
        assert cast(Path, one.path).read_bytes() == b"ID3 of the company"
        assert cast(Path, other.path).read_bytes() == b"ID3 made on demand"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "option",
    [
        {"overwrite": 1},
        {"resume": None},
        {"on_progress": 5},
        {"verify": "sha256"},
        {"verify": None},
        {"foo": 1},
    ],
    ids=str,
)
async def test_an_option_that_cannot_be_right_is_refused_before_the_bytes_are_asked_for(
    option: dict[str, object],
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    stored: Stored,
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match=next(iter(option))):
        await client.company_recordings.download(stored.id, tmp_path, **option)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=next(iter(option))):
        client.company_recordings.download_many([], tmp_path, **option)  # type: ignore[arg-type]
    assert ranges_asked(sandbox) == []


@pytest.mark.anyio
async def test_a_file_object_that_is_closed_halfway_is_an_error_of_ours(
    client: AsyncCallRecordingClient, stored: Stored
) -> None:
    file = io.BytesIO()

    def close(done: int, total: int | None) -> None:
        if done:
            file.close()

    with pytest.raises(DestinationError, match="closed"):
        await client.company_recordings.download(stored.id, file, on_progress=close)
    with pytest.raises(InputError, match="closed"):
        await client.company_recordings.download(stored.id, file)
