"""Downloads over real sockets: whole files or typed errors, whatever the connection and the server do."""

import dataclasses
import errno
import gzip
import io
import math
from pathlib import Path
from typing import cast

import pytest

from vbc_call_recording import (
    ApiConnectionError,
    AsyncCallRecordingClient,
    DestinationError,
    DownloadError,
    DownloadResult,
    IncompleteDownloadError,
    InputError,
    NotFoundError,
    ServerError,
    UntrustedUrlError,
    VerificationError,
)
from vbc_call_recording._concurrency import async_sleep
from vbc_call_recording._files import ranges, targets
from vbc_call_recording_generated.models import Recording
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth
from vbc_call_recording_sandbox._data import Recording as Stored

AUDIO = r"/audio/recording/"
SIZE = 300_000


def bytes_of(content: truth.Content) -> bytes:
    return b"".join(content.chunks(0, content.size))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def ranges_asked(sandbox: Sandbox) -> list[str | None]:
    """The Range header of every request for audio so far, in order."""
    return [request.headers.get("range") for request in sandbox.requests if AUDIO in request.path]


@pytest.fixture
def stored(sandbox: Sandbox) -> Stored:
    """A company recording of a size that takes several reads."""
    return sandbox.store.put(dataclasses.replace(sandbox.store.company()[0], size=SIZE))


class Steps:
    """Collects progress."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int | None]] = []

    def __call__(self, done: int, total: int | None) -> None:
        self.seen.append((done, total))


@pytest.mark.anyio
async def test_a_recording_arrives_byte_for_byte_under_its_own_name(
    client: AsyncCallRecordingClient, stored: Stored, tmp_path: Path
) -> None:
    steps = Steps()
    result = await client.company_recordings.download(stored.id, tmp_path, on_progress=steps)
    assert result.path == tmp_path / stored.file_name.replace(".mp3", f"-{stored.id}.mp3")
    assert result.path.read_bytes() == bytes_of(truth.audio(stored))
    assert result == DownloadResult(path=result.path, bytes=SIZE)
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


@pytest.mark.anyio
async def test_a_break_resumes_where_it_was_on_condition_that_the_copy_is_the_same(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    for _ in range(3):
        sandbox.faults.next(AUDIO, truncate=70_000)
    result = await client.company_recordings.download(stored.id, tmp_path)
    assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == [None, "bytes=70000-", "bytes=140000-", "bytes=210000-"]
    conditions = {request.headers.get("if-range") for request in sandbox.requests if AUDIO in request.path}
    assert conditions == {None, truth.audio(stored).etag}


@pytest.mark.anyio
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
async def test_a_truncated_body_is_noticed_however_it_is_framed(
    framing: str, client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, truncate=70_000, framing=framing)  # type: ignore[arg-type]
    result = await client.company_recordings.download(stored.id, tmp_path)
    assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(stored))
    assert len(ranges_asked(sandbox)) == 2


@pytest.mark.anyio
async def test_a_stalled_transfer_is_a_break(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, stall=70_000)
    result = await client.company_recordings.download(stored.id, tmp_path, stall_timeout=0.3)
    assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == [None, "bytes=70000-"]


@pytest.mark.anyio
async def test_without_a_validator_it_starts_over_and_progress_says_so(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, truncate=70_000, headers={"ETag": None})
    steps = Steps()
    result = await client.company_recordings.download(stored.id, tmp_path, on_progress=steps)
    assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == [None, None]
    done = [done for done, _ in steps.seen]
    assert done.count(0) == 2, "progress did not go back to the start"
    assert done[-1] == SIZE


@pytest.mark.anyio
async def test_a_200_to_a_range_request_restarts(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, truncate=70_000)
    sandbox.faults.next(AUDIO, ignore_range=True)
    result = await client.company_recordings.download(stored.id, tmp_path)
    assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == [None, "bytes=70000-"]


@pytest.mark.anyio
async def test_a_copy_that_changes_midway_is_never_mixed(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    changed = dataclasses.replace(stored, revision=1)
    sandbox.faults.next(AUDIO, truncate=70_000)
    sandbox.faults.before(lambda request: "range" in request.headers, lambda store: store.put(changed))
    result = await client.company_recordings.download(recording, tmp_path)
    assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(changed))


@pytest.mark.anyio
async def test_a_server_that_ignores_if_range_makes_no_mixture_of_two_copies(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, truncate=70_000)
    sandbox.faults.next(
        AUDIO,
        status=206,
        body=bytes(SIZE - 70_000),
        headers={
            "Content-Type": "audio/mpeg",
            "Content-Range": f"bytes 70000-{SIZE - 1}/{SIZE}",
            "ETag": '"other"',
        },
    )
    result = await client.company_recordings.download(stored.id, tmp_path)
    assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == [None, "bytes=70000-", None]


def plan_a_part_of_unknown_size(sandbox: Sandbox, stored: Stored, start: int) -> None:
    sandbox.faults.next(
        AUDIO,
        status=206,
        body=bytes_of(truth.audio(stored))[start : start + 10_000],
        headers={
            "Content-Type": "audio/mpeg",
            "Content-Range": f"bytes {start}-{SIZE - 1}/*",
            "Content-Length": None,
        },
        framing="chunked",
    )


@pytest.mark.anyio
async def test_the_rest_of_a_file_of_unknown_size_is_not_believed_and_the_whole_asked_for(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    recording.file_size_in_bytes = 0
    sandbox.faults.next(AUDIO, truncate=70_000, framing="chunked")
    plan_a_part_of_unknown_size(sandbox, stored, 70_000)

    result = await client.company_recordings.download(recording, tmp_path)

    assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == [None, "bytes=70000-", None]


@pytest.mark.anyio
async def test_a_part_of_a_file_of_unknown_size_does_not_pass_for_the_whole(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    recording.file_size_in_bytes = 0
    plan_a_part_of_unknown_size(sandbox, stored, 0)
    with pytest.raises(VerificationError, match="nobody knows"):
        await client.company_recordings.download(recording, tmp_path / "a.mp3")
    assert not (tmp_path / "a.mp3").exists()


@pytest.mark.anyio
async def test_a_part_that_ends_before_the_whole_does_is_a_break(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    audio = truth.audio(stored)
    sandbox.faults.next(
        AUDIO,
        status=206,
        body=bytes_of(audio)[:50_000],
        headers={"Content-Type": "audio/mpeg", "Content-Range": "bytes 0-49999/*", "ETag": audio.etag},
    )
    result = await client.company_recordings.download(stored.id, tmp_path)
    assert cast(Path, result.path).read_bytes() == bytes_of(audio)
    assert ranges_asked(sandbox) == [None, "bytes=50000-"]


@pytest.mark.anyio
async def test_more_bytes_than_promised_are_not_waited_for(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(
        AUDIO,
        body=bytes_of(truth.audio(stored)) + b"more",
        headers={"Content-Type": "audio/mpeg", "Content-Length": None},
        framing="chunked",
    )
    with pytest.raises(VerificationError, match=f"more bytes came than the {SIZE} promised"):
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert not (tmp_path / "a.mp3").exists()


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
@pytest.mark.parametrize(
    "content_range",
    ["bytes 0-299999/300000", "bytes 70001-299999/300000", "bytes 70000-299999/300001", "nonsense"],
)
async def test_a_wrong_content_range_is_an_error_and_keeps_what_came(
    content_range: str,
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    stored: Stored,
    tmp_path: Path,
) -> None:
    sandbox.faults.next(AUDIO, truncate=70_000)
    sandbox.faults.next(AUDIO, headers={"Content-Range": content_range})
    with pytest.raises(VerificationError, match="Content-Range") as caught:
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert caught.value.path == tmp_path / "a.mp3"
    assert (tmp_path / "a.mp3.part").stat().st_size == 70_000
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(stored))


async def left_behind(client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, to: Path) -> None:
    """Leaves what a download leaves that broke off after 70,000 bytes and could not be resumed."""
    sandbox.faults.next(AUDIO, truncate=70_000)
    sandbox.faults.next(AUDIO, status=410)
    with pytest.raises(Exception, match="410"):
        await client.company_recordings.download(stored.id, to)
    sandbox.requests.clear()


@pytest.mark.anyio
async def test_another_run_goes_on_where_an_earlier_one_broke_off(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    assert names(tmp_path) == ["a.mp3.part", "a.mp3.part.json"]
    steps = Steps()
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3", on_progress=steps)
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == ["bytes=70000-"]
    assert steps.seen[0] == (70_000, SIZE)
    assert names(tmp_path) == ["a.mp3"]


@pytest.mark.anyio
async def test_a_new_copy_may_break_before_where_the_old_one_did(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    changed = sandbox.store.put(dataclasses.replace(stored, revision=1))
    sandbox.faults.next(AUDIO, truncate=50_000)
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(changed))
    assert ranges_asked(sandbox) == ["bytes=70000-", "bytes=50000-"]


@pytest.mark.anyio
async def test_resume_false_starts_afresh(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3", resume=False)
    assert ranges_asked(sandbox) == [None]


@pytest.mark.anyio
async def test_a_416_with_everything_here_is_the_end(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    """As after a kill between the last byte and the rename."""
    await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    (tmp_path / "a.mp3.part").write_bytes(bytes_of(truth.audio(stored)))
    steps = Steps()
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3", on_progress=steps)
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == [f"bytes={SIZE}-"]
    assert steps.seen == [(SIZE, SIZE)]


@pytest.mark.anyio
async def test_a_416_with_more_here_than_there_is_starts_over(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    (tmp_path / "a.mp3.part").write_bytes(bytes(SIZE + 1))
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == [f"bytes={SIZE + 1}-", None]


@pytest.mark.anyio
async def test_resuming_stops_when_no_more_progress_is_made(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, truncate=70_000)
    sandbox.faults.next(AUDIO, truncate=0, times=math.inf)
    with pytest.raises(IncompleteDownloadError, match="70000 of 300000") as caught:
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert isinstance(caught.value.__cause__, ApiConnectionError)
    assert caught.value.path == tmp_path / "a.mp3"
    assert len(ranges_asked(sandbox)) == 2
    assert (tmp_path / "a.mp3.part").stat().st_size == 70_000
    assert not (tmp_path / "a.mp3").exists()


@pytest.mark.anyio
async def test_resuming_is_bounded_even_while_progress_is_made(
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    stored: Stored,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ranges, "MAX_BREAKS", 2)
    sandbox.faults.next(AUDIO, truncate=10_000, times=math.inf)
    with pytest.raises(IncompleteDownloadError, match="broke off 3 times"):
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3.part").stat().st_size == 30_000


@pytest.mark.anyio
async def test_starting_over_again_and_again_is_no_progress(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, truncate=70_000, headers={"ETag": None}, times=math.inf)
    with pytest.raises(IncompleteDownloadError):
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert len(ranges_asked(sandbox)) == 2


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
@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        ("<html>Please log in</html>", {}, "Please log in"),
        ({"error": "no licence"}, {}, "no licence"),
        ("quota used up", {"Content-Type": "text/plain"}, "quota used up"),
    ],
)
async def test_words_in_place_of_audio_are_an_error_that_quotes_them(
    body: str | dict[str, str],
    headers: dict[str, str],
    said: str,
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    stored: Stored,
    tmp_path: Path,
) -> None:
    recording = await client.company_recordings.get(stored.id)
    recording.file_size_in_bytes = len(str(body))
    sandbox.faults.next(
        AUDIO, body=cast(str, body), headers=headers | {"Content-Length": None}, framing="chunked"
    )
    with pytest.raises(VerificationError, match=said):
        await client.company_recordings.download(recording, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.anyio
async def test_bytes_that_are_no_audio_are_not_published(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, body=bytes(SIZE), headers={"Content-Type": "audio/mpeg"})
    with pytest.raises(VerificationError, match="no audio"):
        await client.company_recordings.download(stored.id, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.anyio
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
async def test_a_size_other_than_the_listing_promised_is_not_published(
    framing: str, client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    for size in (SIZE - 1, SIZE + 1):
        recording.file_size_in_bytes = size
        sandbox.faults.next(AUDIO, framing=framing, times=2)  # type: ignore[arg-type]
        with pytest.raises((VerificationError, IncompleteDownloadError)):
            await client.company_recordings.download(recording, tmp_path / "a.mp3")
        assert not (tmp_path / "a.mp3").exists()


@pytest.mark.anyio
async def test_a_body_of_unknown_size_that_ends_with_the_connection_is_not_believed(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    recording.file_size_in_bytes = 0
    sandbox.faults.next(AUDIO, framing="close")
    with pytest.raises(VerificationError, match="unknown size"):
        await client.company_recordings.download(recording, tmp_path)
    sandbox.faults.next(AUDIO, framing="chunked")
    assert (await client.company_recordings.download(recording, tmp_path)).bytes == SIZE


@pytest.mark.anyio
@pytest.mark.parametrize("cut", [0, 20])
async def test_compressed_bytes_whole_or_truncated_are_not_taken_for_the_file(
    cut: int, client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    packed = gzip.compress(bytes_of(truth.audio(stored)))
    headers = {"Content-Encoding": "gzip", "Content-Type": "audio/mpeg"}
    sandbox.faults.next(AUDIO, body=packed[: len(packed) - cut], headers=headers)
    with pytest.raises(VerificationError, match="gzip"):
        await client.company_recordings.download(stored.id, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.anyio
async def test_what_is_there_already_is_not_transferred_again(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    first = await client.company_recordings.download(stored.id, tmp_path)
    again = await client.company_recordings.download(stored.id, tmp_path)
    assert again == DownloadResult(path=first.path, bytes=SIZE, skipped=True)
    assert len(ranges_asked(sandbox)) == 1
    await client.company_recordings.download(stored.id, tmp_path, overwrite=True)
    assert len(ranges_asked(sandbox)) == 2


@pytest.mark.anyio
async def test_something_else_in_its_place_is_refused_before_the_bytes_are_asked_for(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    (tmp_path / "a.mp3").write_bytes(b"mine")
    (tmp_path / "folder" / f"{stored.file_name[:-4]}-{stored.id}.mp3").mkdir(parents=True)
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
    write_all = targets._write_all

    def fill_up(file: io.FileIO, chunk: bytes) -> None:
        if file.tell() >= 100_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_all(file, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(targets, "_write_all", fill_up)
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


@pytest.mark.anyio
async def test_many_arrive_and_one_that_fails_stops_no_other(
    client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    recordings = [recording async for recording in client.company_recordings.list(limit=40)]
    sandbox.store.delete(cast(int, recordings[7].id))
    del recordings[9].download_url
    recordings[9].download_url = ""
    results = [
        result async for result in client.company_recordings.download_many(recordings, tmp_path / "new")
    ]
    assert {cast(Recording, result.recording).id for result in results} == {item.id for item in recordings}
    failed = {cast(Recording, result.recording).id: result.error for result in results if result.error}
    assert set(failed) == {recordings[7].id, recordings[9].id}
    assert isinstance(failed[recordings[7].id], NotFoundError)
    for result in results:
        if not result.error:
            there = sandbox.store.get(cast(int, cast(Recording, result.recording).id))
            assert there is not None
            assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(there))
    assert len(names(tmp_path / "new")) == 38


@pytest.mark.anyio
async def test_many_take_a_listing_as_it_comes_and_skip_what_is_there(
    client: AsyncCallRecordingClient, tmp_path: Path
) -> None:
    for skipped in (False, True):
        listing = client.company_recordings.list(limit=25, page_size=10)
        results = [result async for result in client.company_recordings.download_many(listing, tmp_path)]
        assert [result.skipped for result in results] == [skipped] * 25


@pytest.mark.anyio
async def test_many_take_ids_too_and_tell_which_there_are_none_for(
    client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    there = sandbox.store.company()[0]
    given: list[int | str] = [there.id, 10**12, "../1"]
    results = [result async for result in client.company_recordings.download_many(given, tmp_path)]
    assert sorted(type(result.error).__name__ for result in results) == [
        "InputError",
        "NoneType",
        "NotFoundError",
    ]
    (fine,) = (result for result in results if not result.error)
    assert cast(Recording, fine.recording).id == there.id
    own = sandbox.store.on_demand()[0]
    results = [result async for result in client.on_demand_recordings.download_many([own.id], tmp_path)]
    assert [result.error for result in results] == [None]
    assert len(names(tmp_path)) == 2


@pytest.mark.anyio
async def test_one_that_is_listed_more_than_once_waits_for_itself(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    sandbox.faults.next(AUDIO, delay=0.3)
    given = [recording, recording, stored.id, str(stored.id)]
    results = [result async for result in client.company_recordings.download_many(given, tmp_path)]
    assert [(result.skipped, result.error) for result in results] == [(False, None), *[(True, None)] * 3]


@pytest.mark.anyio
async def test_an_error_nobody_foresaw_is_reported_and_ends_no_other_download(
    client: AsyncCallRecordingClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recordings = [recording async for recording in client.company_recordings.list(limit=3)]
    really_open = targets.PartFile.open

    def fail(part: targets.PartFile) -> bool:
        if f"-{recordings[0].id}." in part.path.name:
            raise LookupError("a bug")
        return really_open(part)

    monkeypatch.setattr(targets.PartFile, "open", fail)
    results = [result async for result in client.company_recordings.download_many(recordings, tmp_path)]
    errors = {cast(Recording, result.recording).id: result.error for result in results}
    assert list(filter(None, errors.values())) == [errors[recordings[0].id]]
    assert isinstance(errors[recordings[0].id], DownloadError)
    assert isinstance(cast(DownloadError, errors[recordings[0].id]).__cause__, LookupError)


@pytest.mark.anyio
async def test_leaving_the_loop_early_ends_what_is_under_way_and_keeps_what_came(
    client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    small, *large = sandbox.store.company()[:3]
    for stored in large:
        sandbox.store.put(dataclasses.replace(stored, size=400 * 2**20, duration=2**40))
    ids = [small.id, *(stored.id for stored in large)]
    results = client.company_recordings.download_many(ids, tmp_path, concurrency=3)
    async for result in results:
        assert cast(Recording, result.recording).id == small.id
        while not list(tmp_path.glob("*.part")):
            await async_sleep(0.01)
        break
    await results.aclose()
    assert len(list(tmp_path.glob("*.mp3"))) == 1
    assert list(tmp_path.glob("*.part"))


@pytest.mark.anyio
async def test_many_are_under_way_at_a_time_and_the_first_to_finish_comes_first(
    client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    recordings = [recording async for recording in client.company_recordings.list(limit=4)]
    sandbox.faults.next(f"{AUDIO}{recordings[0].id}", delay=0.5)
    results = [
        result
        async for result in client.company_recordings.download_many(recordings, tmp_path, concurrency=2)
    ]
    assert cast(Recording, results[-1].recording).id == recordings[0].id


@pytest.mark.anyio
async def test_leaving_the_loop_early_leaves_nothing_half_published(
    client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, stall=1_000, times=3)
    recordings = [recording async for recording in client.company_recordings.list(limit=30)]
    results = client.company_recordings.download_many(recordings, tmp_path, concurrency=4, stall_timeout=0.2)
    async for _ in results:
        break
    await results.aclose()
    for path in tmp_path.glob("*.mp3"):
        there = sandbox.store.get(int(path.stem.rpartition("-")[2]))
        assert there is not None
        assert path.read_bytes() == bytes_of(truth.audio(there))
    assert not list(tmp_path.glob("*.lock"))


@pytest.mark.anyio
@pytest.mark.parametrize("concurrency", [0, -1, True, 2.5, "8", math.nan])
async def test_a_concurrency_that_cannot_be_right_is_refused_at_once(
    concurrency: int, client: AsyncCallRecordingClient, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="concurrency"):
        client.company_recordings.download_many([], tmp_path, concurrency=concurrency)


@pytest.mark.anyio
async def test_overwrite_replaces_an_unpacked_archive_that_is_something_else(
    client: AsyncCallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    newest = max(sandbox.store.company(), key=lambda recording: recording.start)
    export = await client.company_recordings.export(start_gte=newest.start)
    await export.wait(poll=0.01)
    (unpacked,) = (await export.download(tmp_path, extract=True)).extracted
    unpacked.write_bytes(b"spoilt")
    with pytest.raises(DestinationError, match="overwrite=True"):
        await export.download(tmp_path, extract=True)
    assert unpacked.read_bytes() == b"spoilt"
    await export.download(tmp_path, extract=True, overwrite=True)
    assert unpacked.read_bytes() == bytes_of(truth.audio(newest))
