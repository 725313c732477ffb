"""What is not what was promised is not published, unless the caller says that it may be."""

import gzip
import math
from pathlib import Path
from typing import cast

import pytest

from tests.files.serving import AUDIO, SIZE, bytes_of, names, ranges_asked
from vbc_call_recording import (
    AsyncCallRecordingClient,
    IncompleteDownloadError,
    VerificationError,
)
from vbc_call_recording._files.verification import Verify
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth
from vbc_call_recording_sandbox._data import Recording as Stored


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
    with pytest.raises(VerificationError, match="does not begin like audio"):
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
@pytest.mark.parametrize(
    ("content_type", "size", "audio", "least", "unproven"),
    [
        ("audio/mpeg", SIZE + 1, True, "none", ("size",)),
        ("text/plain", SIZE, True, "size", ("type",)),
        ("application/json", SIZE, True, "size", ("type",)),
        ("audio/x-speex", SIZE, False, "size", ("contents",)),
        ("text/plain", SIZE - 1, False, "none", ("size", "type", "contents")),
        ("audio/mpeg", 0, True, "strict", ()),
    ],
)
async def test_what_cannot_be_proven_passes_only_if_the_caller_says_so_and_the_result_tells_what_it_was(
    content_type: str,
    size: int,
    audio: bool,
    least: Verify,
    unproven: tuple[str, ...],
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    stored: Stored,
    tmp_path: Path,
) -> None:
    recording = await client.company_recordings.get(stored.id)
    recording.file_size_in_bytes = size
    content = bytes_of(truth.audio(stored)) if audio else bytes(SIZE)
    levels: list[Verify] = ["strict", "size", "none"]
    for verify in levels:
        sandbox.faults.next(AUDIO, body=content, headers={"Content-Type": content_type})
        to = tmp_path / f"{verify}.mp3"
        if levels.index(verify) < levels.index(least):
            with pytest.raises(VerificationError):
                await client.company_recordings.download(recording, to, verify=verify)
            assert not to.exists()
        else:
            result = await client.company_recordings.download(recording, to, verify=verify)
            assert result.unproven == unproven
            assert to.read_bytes() == content
        sandbox.faults.reset()


@pytest.mark.anyio
async def test_a_body_that_breaks_off_is_never_published_whatever_the_caller_says(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, truncate=70_000, headers={"ETag": None}, times=math.inf)
    with pytest.raises(IncompleteDownloadError):
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3", verify="none")
    assert not (tmp_path / "a.mp3").exists()


@pytest.mark.anyio
@pytest.mark.parametrize("verify", ["strict", "size"])
async def test_the_text_of_an_error_page_is_shown_even_when_the_size_is_wrong(
    verify: Verify, client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, body="<html>Licence expired</html>")
    with pytest.raises(VerificationError, match="Licence expired"):
        await client.company_recordings.download(stored.id, tmp_path, verify=verify)
    assert names(tmp_path) == []


@pytest.mark.anyio
async def test_a_transcripts_contents_are_not_known_and_the_result_says_so(
    client: AsyncCallRecordingClient, tmp_path: Path
) -> None:
    async for transcription in client.transcriptions.list(transcription_ready=True, limit=1):
        for skipped in (False, True):
            result = await client.transcriptions.download(transcription, tmp_path)
            assert result.skipped is skipped
            assert "contents" in result.unproven
        break
    else:
        pytest.fail("the sandbox has no transcription that is ready")


@pytest.mark.anyio
async def test_a_name_of_ours_is_enough_with_verify_none_though_the_apis_size_is_wrong(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = await client.company_recordings.get(stored.id)
    recording.file_size_in_bytes = SIZE + 1
    for skipped in (False, True):
        result = await client.company_recordings.download(recording, tmp_path, verify="none")
        assert (result.skipped, result.unproven) == (skipped, ("size",))
    assert len(ranges_asked(sandbox)) == 1
