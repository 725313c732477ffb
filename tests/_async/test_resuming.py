"""What breaks off is taken up again, within one call and by the next, or started over."""

import dataclasses
import json
import math
from pathlib import Path
from typing import Any, cast

import pytest

from tests.files.serving import AUDIO, SIZE, Steps, bytes_of, names, ranges_asked
from vbc_call_recording import (
    ApiConnectionError,
    AsyncCallRecordingClient,
    BadRequestError,
    IncompleteDownloadError,
    ServerError,
    VerificationError,
)
from vbc_call_recording._files import ranges
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth
from vbc_call_recording_sandbox._data import Recording as Stored


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
    with pytest.raises(VerificationError, match="unknown size"):
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


ODD_RESTS: dict[str, dict[str, Any]] = {
    "from the start": {"headers": {"Content-Range": "bytes 0-299999/300000"}},
    "from a byte on": {"headers": {"Content-Range": "bytes 70001-299999/300000"}},
    "of another size": {"headers": {"Content-Range": "bytes 70000-299999/300001"}},
    "unreadable": {"headers": {"Content-Range": "nonsense"}},
    "without a range": {"headers": {"Content-Range": None}},
    "compressed": {"headers": {"Content-Encoding": "gzip"}},
    "a page": {"headers": {"Content-Type": "text/html"}},
    "several parts": {"headers": {"Content-Range": None, "Content-Type": "multipart/byteranges; boundary=x"}},
    "204": {"status": 204, "body": ""},
    "400": {"status": 400},
    "412": {"status": 412},
    "417": {"status": 417},
    "302": {"status": 302},
    "500": {"status": 500},
    "501": {"status": 501},
}


@pytest.mark.anyio
@pytest.mark.parametrize("rest", ODD_RESTS.values(), ids=ODD_RESTS)
@pytest.mark.parametrize("in_another_call", [False, True])
async def test_whatever_is_odd_about_the_rest_means_one_fresh_start(
    in_another_call: bool,
    rest: dict[str, Any],
    client: AsyncCallRecordingClient,
    sandbox: Sandbox,
    stored: Stored,
    tmp_path: Path,
) -> None:
    """And never an error that is the same at the next call, and the one after."""
    if in_another_call:
        await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    else:
        sandbox.faults.next(AUDIO, truncate=70_000)
    sandbox.faults.next(AUDIO, **rest)
    result = await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(stored))
    assert result.unproven == ()
    assert ranges_asked(sandbox)[-2:] == ["bytes=70000-", None]
    assert names(tmp_path) == ["a.mp3"]


UNUSABLE: dict[str, dict[str, Any]] = {
    "no answer": {"drop": True},
    "an answer without a byte": {"truncate": 0},
    "an answer that stalls at once": {"stall": 0},
    "503 after 503": {"status": 503},
}


@pytest.mark.anyio
@pytest.mark.parametrize("rest", UNUSABLE.values(), ids=UNUSABLE)
async def test_where_no_request_for_the_rest_of_an_earlier_run_brings_a_byte_the_whole_is_asked_for(
    rest: dict[str, Any], client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    """Or it would be the same error at every call, while the whole can be had."""
    await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    sandbox.faults.next(lambda request: "range" in request.headers, times=math.inf, **rest)
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3", stall_timeout=0.2)
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox)[-1] is None
    assert names(tmp_path) == ["a.mp3"]


@pytest.mark.anyio
@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 503}], ids=["no answer", "503"])
async def test_what_an_earlier_run_brought_is_kept_while_the_server_is_down(
    fault: dict[str, Any], client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    sandbox.faults.next(AUDIO, times=math.inf, **fault)
    with pytest.raises((ApiConnectionError, ServerError)):
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    sandbox.faults.forget()
    sandbox.requests.clear()
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert ranges_asked(sandbox) == ["bytes=70000-"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "fault",
    [{"truncate": 0}, {"truncate": 70_000, "headers": {"ETag": None}}],
    ids=["not a byte", "nothing tells whether the rest belongs to it"],
)
async def test_what_nobody_could_go_on_from_is_not_kept(
    fault: dict[str, Any], client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, times=math.inf, **fault)
    with pytest.raises(IncompleteDownloadError) as caught:
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert "kept" not in str(caught.value)
    assert names(tmp_path) == []


@pytest.mark.anyio
async def test_an_error_that_the_whole_meets_as_well_is_raised_after_that_one_fresh_start(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    sandbox.faults.next(AUDIO, status=400, times=math.inf)
    with pytest.raises(BadRequestError):
        await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert ranges_asked(sandbox) == ["bytes=70000-", None]


@pytest.mark.anyio
async def test_a_part_that_does_not_belong_to_the_rest_is_dropped_and_the_whole_asked_for(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    """As after a disk lost what it had promised to keep: the number of bytes is right."""
    await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    (tmp_path / "a.mp3.part").write_bytes(bytes(70_000))
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == ["bytes=70000-", None]
    assert names(tmp_path) == ["a.mp3"]


@pytest.mark.anyio
@pytest.mark.parametrize("validator", ['"caf\u00e9"', '"a"\r\nX-Injected: 1', 5, ["x"]])
async def test_a_damaged_validator_is_never_sent(
    validator: object, client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    await left_behind(client, sandbox, stored, tmp_path / "a.mp3")
    sidecar = tmp_path / "a.mp3.part.json"
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | {"validator": validator}))
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == [None]


@pytest.mark.anyio
async def test_an_entity_tag_that_cannot_be_sent_is_not_kept(
    client: AsyncCallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, truncate=70_000, headers={"ETag": '"caf\u00e9"'})
    await client.company_recordings.download(stored.id, tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == bytes_of(truth.audio(stored))
    assert ranges_asked(sandbox) == [None, None]


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
