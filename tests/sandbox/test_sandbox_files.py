"""The files the sandbox serves: what is in them, and how they come in ranges."""

import dataclasses
import tracemalloc

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbc_call_recording_sandbox import Sandbox

FRAME = 1_440


def _audio(sandbox: Sandbox, http: httpx.Client, recording_id: int, **headers: str) -> httpx.Response:
    return http.get(f"{sandbox.base_url}/api/audio/recording/{recording_id}", headers=headers)


def _mp3_frames(data: bytes) -> list[bytes]:
    """Read the file as a player would: the tag by its own size, then one 1,440 byte frame after the other."""
    assert data[:5] == b"ID3\x03\x00"
    tag_size = 0
    for byte in data[6:10]:
        assert byte < 0x80
        tag_size = tag_size << 7 | byte
    frames = data[10 + tag_size :]
    assert len(frames) % FRAME == 0
    return [frames[at : at + FRAME] for at in range(0, len(frames), FRAME)]


def test_audio_is_mp3_of_exactly_the_size_promised(sandbox: Sandbox, http: httpx.Client) -> None:
    for recording in sandbox.store.recordings()[::40]:
        answer = _audio(sandbox, http, recording.id)
        assert answer.headers["content-type"] == "audio/mpeg"
        assert len(answer.content) == recording.size
        frames = _mp3_frames(answer.content)
        # 0xFFFB: sync, MPEG-1, layer III; 0xE8C0: 320 kbit/s, 32 kHz, mono.
        assert frames
        assert all(frame[:4] == b"\xff\xfb\xe8\xc0" for frame in frames)
        assert len(set(frames)) == len(frames)


@pytest.mark.parametrize("size", [0, 1, 9, 10, 100, 1_439, 1_440, 1_500, 100_000])
def test_audio_of_any_size_can_be_had(size: int, sandbox: Sandbox, http: httpx.Client) -> None:
    recording = dataclasses.replace(sandbox.store.company()[0], size=size)
    sandbox.store.put(recording)
    assert len(_audio(sandbox, http, recording.id).content) == size


def test_audio_is_the_same_every_time_and_differs_between_recordings_and_revisions(
    sandbox: Sandbox, http: httpx.Client
) -> None:
    first, second = (dataclasses.replace(r, size=5_000) for r in sandbox.store.company()[:2])
    sandbox.store.put(first)
    sandbox.store.put(second)
    before = _audio(sandbox, http, first.id)
    assert _audio(sandbox, http, first.id).content == before.content
    assert _audio(sandbox, http, second.id).content != before.content
    sandbox.store.put(dataclasses.replace(first, revision=1))
    after = _audio(sandbox, http, first.id)
    assert len(after.content) == len(before.content)
    assert after.content != before.content
    assert after.headers["etag"] != before.headers["etag"]


@pytest.mark.parametrize("prefix", ["/api", "/v1/api"])
def test_files_are_found_under_both_prefixes(prefix: str, sandbox: Sandbox, http: httpx.Client) -> None:
    ready = next(r for r in sandbox.store.company() if r.transcript == "ready")
    assert http.get(f"{sandbox.base_url}{prefix}/audio/recording/{ready.id}").status_code == 200
    assert http.get(f"{sandbox.base_url}{prefix}/transcription/{ready.id}").status_code == 200


def test_a_transcript_is_text_with_a_speaker_a_line(sandbox: Sandbox, http: httpx.Client) -> None:
    item = http.get("/company_call_recordings/transcriptions?transcription_ready=true").json()
    answer = http.get(item["_embedded"]["transcriptions"][0]["transcription_url"])
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("[00:00] Agent: ")
    assert len(answer.text.splitlines()) >= 4


@pytest.mark.parametrize("state", ["pending", "failed", None])
def test_without_a_ready_transcript_there_is_none(
    state: str | None, sandbox: Sandbox, http: httpx.Client
) -> None:
    recording = next(r for r in sandbox.store.company() if r.transcript == state)
    assert http.get(f"{sandbox.base_url}/v1/api/transcription/{recording.id}").status_code == 404


@pytest.mark.slow
@given(first=st.integers(0, 9_000), length=st.integers(1, 9_000))
@settings(max_examples=60, deadline=None)
def test_any_range_is_that_part_of_the_whole(running_sandbox: Sandbox, first: int, length: int) -> None:
    running_sandbox.reset()
    recording = running_sandbox.store.put(dataclasses.replace(running_sandbox.store.company()[0], size=7_000))
    headers = {"Authorization": f"Bearer {running_sandbox.tokens.issue()['access_token']}"}
    url = f"{running_sandbox.base_url}/api/audio/recording/{recording.id}"
    with httpx.Client(headers=headers) as client:
        whole = client.get(url).content
        part = client.get(url, headers={"Range": f"bytes={first}-{first + length - 1}"})
    if first >= 7_000:
        assert (part.status_code, part.headers["content-range"]) == (416, "bytes */7000")
    else:
        assert part.status_code == 206
        assert part.content == whole[first : first + length]
        assert part.headers["content-range"] == f"bytes {first}-{first + len(part.content) - 1}/7000"


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [("bytes=100-", 100, 3_000), ("bytes=-100", 2_900, 3_000), ("bytes=-9999", 0, 3_000)],
)
def test_open_ended_and_final_ranges(
    wanted: str, start: int, stop: int, sandbox: Sandbox, http: httpx.Client
) -> None:
    recording = sandbox.store.put(dataclasses.replace(sandbox.store.company()[0], size=3_000))
    whole = _audio(sandbox, http, recording.id)
    part = _audio(sandbox, http, recording.id, Range=wanted)
    assert (part.status_code, part.content) == (206, whole.content[start:stop])
    assert part.headers["etag"] == whole.headers["etag"]


@pytest.mark.parametrize("wanted", ["bytes=5-6,8-9", "bytes=-", "lines=1-2", "bytes=x-y", "bytes=9-5"])
def test_what_is_not_one_range_of_bytes_is_not_half_understood(
    wanted: str, sandbox: Sandbox, http: httpx.Client
) -> None:
    recording = sandbox.store.company()[0]
    answer = _audio(sandbox, http, recording.id, Range=wanted)
    assert (answer.status_code, len(answer.content)) == (200, recording.size)


def test_if_range_gives_the_rest_only_of_the_same_file(sandbox: Sandbox, http: httpx.Client) -> None:
    recording = sandbox.store.company()[0]
    etag = _audio(sandbox, http, recording.id).headers["etag"]
    ask = {"Range": "bytes=1000-", "If-Range": etag}
    assert _audio(sandbox, http, recording.id, **ask).status_code == 206
    sandbox.store.put(dataclasses.replace(recording, revision=1))
    changed = _audio(sandbox, http, recording.id, **ask)
    assert (changed.status_code, len(changed.content)) == (200, recording.size)


def test_a_huge_recording_is_streamed_in_constant_memory(sandbox: Sandbox, http: httpx.Client) -> None:
    size = 128 * 1024 * 1024
    recording = sandbox.store.put(dataclasses.replace(sandbox.store.company()[0], size=size))
    received = 0
    tracemalloc.start()
    with http.stream("GET", f"{sandbox.base_url}/api/audio/recording/{recording.id}") as answer:
        for number, chunk in enumerate(answer.iter_raw()):
            received += len(chunk)
            if number == 200:
                # By now everything that is kept for good has been allocated; tracing further is only slow.
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
    assert received == size
    assert peak < 8 * 1024 * 1024
