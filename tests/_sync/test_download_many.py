# Written by scripts/mirror from tests/_async/test_download_many.py.
# Change that file and run `make generate`.
"""Many downloads at a time: each is reported, and none stops the others."""

import dataclasses
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from tests.files.serving import AUDIO, SIZE, Steps, bytes_of, names, ranges_asked
from vbc_call_recording import (
    CallRecordingClient,
    DestinationError,
    DownloadError,
    DownloadResult,
    InputError,
    NotFoundError,
    PasswordGrant,
    StatusError,
)
from vbc_call_recording._concurrency import Pool, sleep
from vbc_call_recording._files import part_file
from vbc_call_recording._files.verification import Findings
from vbc_call_recording_generated.models import Recording
from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth
from vbc_call_recording_sandbox._data import Recording as Stored


def test_many_arrive_and_one_that_fails_stops_no_other(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    recordings = [recording for recording in client.company_recordings.list(limit=40)]
    sandbox.store.delete(cast(int, recordings[7].id))
    recordings[9].download_url = ""  # it is asked for again, and comes with its URL
    results = [result for result in client.company_recordings.download_many(recordings, tmp_path / "new")]
    assert {cast(Recording, result.recording).id for result in results} == {item.id for item in recordings}
    failed = {cast(Recording, result.recording).id: result.error for result in results if result.error}
    assert set(failed) == {recordings[7].id}
    assert isinstance(failed[recordings[7].id], NotFoundError)
    for result in results:
        if not result.error:
            there = sandbox.store.get(cast(int, cast(Recording, result.recording).id))
            assert there is not None
            assert cast(Path, result.path).read_bytes() == bytes_of(truth.audio(there))
    assert len(names(tmp_path / "new")) == 39


def test_many_take_a_listing_as_it_comes_and_skip_what_is_there(
    client: CallRecordingClient, tmp_path: Path
) -> None:
    for skipped in (False, True):
        listing = client.company_recordings.list(limit=25, page_size=10)
        results = [result for result in client.company_recordings.download_many(listing, tmp_path)]
        assert [result.skipped for result in results] == [skipped] * 25


def test_many_take_ids_too_and_tell_which_there_are_none_for(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    there = sandbox.store.company()[0]
    given: list[int | str] = [there.id, 10**12, "../1"]
    results = [result for result in client.company_recordings.download_many(given, tmp_path)]
    assert sorted(type(result.error).__name__ for result in results) == [
        "InputError",
        "NoneType",
        "NotFoundError",
    ]
    (fine,) = (result for result in results if not result.error)
    assert cast(Recording, fine.recording).id == there.id
    own = sandbox.store.on_demand()[0]
    results = [result for result in client.on_demand_recordings.download_many([own.id], tmp_path)]
    assert [result.error for result in results] == [None]
    assert len(names(tmp_path)) == 2


class NoText:
    def __str__(self) -> str:
        raise LookupError("no text")


@pytest.mark.parametrize("odd", [10**5_000, Recording(id=10**5_000), NoText(), None, b"5"], ids=type)
def test_what_cannot_be_an_id_is_reported_and_ends_no_other_download(
    odd: Any, client: CallRecordingClient, stored: Stored, tmp_path: Path
) -> None:
    many = client.company_recordings.download_many([odd, stored.id], tmp_path)
    assert sorted([type(result.error) for result in many], key=str) == [type(None), InputError]


def test_one_that_is_listed_more_than_once_waits_for_itself(
    client: CallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    recording = client.company_recordings.get(stored.id)
    sandbox.faults.next(AUDIO, delay=0.3)
    given = [recording, recording, stored.id, str(stored.id)]
    results = [result for result in client.company_recordings.download_many(given, tmp_path)]
    assert [(result.skipped, result.error) for result in results] == [(False, None), *[(True, None)] * 3]


def test_an_error_nobody_foresaw_is_reported_and_ends_no_other_download(
    client: CallRecordingClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recordings = [recording for recording in client.company_recordings.list(limit=3)]
    really_open = part_file.PartFile.open

    def fail(part: part_file.PartFile, findings: Findings) -> bool:
        if f"-{recordings[0].id}." in part.path.name:
            raise LookupError("a bug")
        return really_open(part, findings)

    monkeypatch.setattr(part_file.PartFile, "open", fail)
    results = [result for result in client.company_recordings.download_many(recordings, tmp_path)]
    errors = {cast(Recording, result.recording).id: result.error for result in results}
    assert list(filter(None, errors.values())) == [errors[recordings[0].id]]
    assert isinstance(errors[recordings[0].id], DownloadError)
    assert isinstance(cast(DownloadError, errors[recordings[0].id]).__cause__, LookupError)


def test_leaving_the_loop_early_ends_what_is_under_way_and_keeps_what_came(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    small, *large = sandbox.store.company()[:3]
    for stored in large:
        sandbox.store.put(dataclasses.replace(stored, size=400 * 2**20, duration=2**40))
    ids = [small.id, *(stored.id for stored in large)]
    results = client.company_recordings.download_many(ids, tmp_path, concurrency=3)
    for result in results:
        assert cast(Recording, result.recording).id == small.id
        while not any(path.stat().st_size for path in tmp_path.glob("*.part")):
            sleep(0.01)
        break
    results.close()
    assert len(list(tmp_path.glob("*.mp3"))) == 1
    assert list(tmp_path.glob("*.part"))


def test_many_are_under_way_at_a_time_and_the_first_to_finish_comes_first(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    recordings = [recording for recording in client.company_recordings.list(limit=4)]
    sandbox.faults.next(f"{AUDIO}{recordings[0].id}", delay=0.5)
    results = [
        result for result in client.company_recordings.download_many(recordings, tmp_path, concurrency=2)
    ]
    assert cast(Recording, results[-1].recording).id == recordings[0].id


def test_leaving_the_loop_early_leaves_nothing_half_published(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, stall=1_000, times=3)
    recordings = [recording for recording in client.company_recordings.list(limit=30)]
    results = client.company_recordings.download_many(recordings, tmp_path, concurrency=4, stall_timeout=0.2)
    for _ in results:
        break
    results.close()
    for path in tmp_path.glob("*.mp3"):
        there = sandbox.store.get(int(path.stem.rpartition("-")[2]))
        assert there is not None
        assert path.read_bytes() == bytes_of(truth.audio(there))
    assert not list(tmp_path.glob("*.lock"))


@pytest.mark.parametrize("concurrency", [0, -1, True, 2.5, "8", math.nan])
def test_a_concurrency_that_cannot_be_right_is_refused_at_once(
    concurrency: int, client: CallRecordingClient, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="concurrency"):
        client.company_recordings.download_many([], tmp_path, concurrency=concurrency)


@pytest.mark.parametrize("recordings", ["193", b"193", 193, None, Recording(id=5)], ids=repr)
def test_what_is_not_many_is_refused_at_once(
    recordings: Any, client: CallRecordingClient, tmp_path: Path
) -> None:
    """Text, too: it would be the recordings 1, 9 and 3."""
    with pytest.raises(InputError, match="recordings is"):
        client.company_recordings.download_many(recordings, tmp_path)


@pytest.mark.parametrize("directory", [None, "", "a\0b", 5])
def test_a_directory_that_cannot_be_one_is_refused_at_once(
    directory: Any, client: CallRecordingClient
) -> None:
    with pytest.raises(InputError, match="directory is"):
        client.company_recordings.download_many([], directory)


def test_progress_is_that_of_all_files_and_ends_at_their_total(
    client: CallRecordingClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    recordings = [recording for recording in client.company_recordings.list(limit=12)]
    sizes = [cast(int, recording.file_size_in_bytes) for recording in recordings]
    sandbox.store.delete(cast(int, recordings[3].id))
    wanted = sum(sizes) - sizes[3]
    for already_there in (False, True):
        steps = Steps()
        many = client.company_recordings.download_many(recordings, tmp_path, on_progress=steps)
        results = [result for result in many]
        assert sum(result.bytes for result in results) == wanted
        assert steps.seen[-1] == (wanted, wanted)
        assert [result.skipped for result in results].count(True) == (11 if already_there else 0)
        assert all(total is None or total >= done for done, total in steps.seen)
        assert any(0 < done < wanted for done, _ in steps.seen)


def test_progress_falls_only_by_what_a_failed_file_had_got(
    client: CallRecordingClient, sandbox: Sandbox, stored: Stored, tmp_path: Path
) -> None:
    sandbox.faults.next(AUDIO, truncate=70_000)
    sandbox.faults.next(AUDIO, status=410)
    steps = Steps()
    many = client.company_recordings.download_many([stored.id], tmp_path, on_progress=steps)
    assert [type(result.error) for result in many] == [StatusError]
    assert max(done for done, _ in steps.seen) == 70_000
    assert steps.seen[-1] == (0, 0)


@pytest.mark.parametrize(
    "raised", [LookupError("no more"), httpx.ReadError("no more"), NotFoundError("no more", operation="mine")]
)
def test_a_callback_that_raises_ends_the_batch_and_keeps_what_came(
    raised: Exception, client: CallRecordingClient, tmp_path: Path
) -> None:
    def stop(done: int, total: int | None) -> None:
        if done:
            raise raised

    listing = client.company_recordings.list(limit=30)
    many = client.company_recordings.download_many(listing, tmp_path, concurrency=2, on_progress=stop)
    with pytest.raises(type(raised)) as caught:
        assert [result for result in many] == []
    assert caught.value is raised
    assert len(list(tmp_path.glob("*.mp3"))) < 30
    assert not list(tmp_path.glob("*.lock"))


def test_a_small_pool_of_connections_is_waited_for_as_long_as_it_takes(
    sandbox: Sandbox, grant: PasswordGrant, tmp_path: Path
) -> None:
    """Eight at a time over two connections: six wait longer than a single request would."""
    sandbox.faults.next(AUDIO, delay=0.3, times=math.inf)
    timeout = httpx.Timeout(20, pool=0.1)
    connections = httpx.Client(limits=httpx.Limits(max_connections=2))
    with (
        connections as http_client,
        CallRecordingClient(
            auth=grant, base_url=sandbox.base_url, http_client=http_client, timeout=timeout, retries=0
        ) as client,
    ):
        recordings = [recording for recording in client.company_recordings.list(limit=16)]
        # The second half has to be asked for first.
        given = [*recordings[:8], *(cast(int, recording.id) for recording in recordings[8:])]
        many = client.company_recordings.download_many(given, tmp_path, concurrency=8)
        assert [result.error for result in many] == [None] * 16


def test_no_more_are_under_way_than_leave_connections_for_others(
    client: CallRecordingClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection more than there are would be waited for, and in the end be an error."""
    limits: list[int] = []

    class Watched(Pool):
        def __init__(self, limit: int, **options: Any) -> None:
            limits.append(limit)
            super().__init__(limit, **options)

    module = sys.modules[type(client).__module__.replace(".client", ".batch")]
    monkeypatch.setattr(module, Pool.__name__, Watched)
    many = client.company_recordings.download_many([1], tmp_path, concurrency=5_000)
    assert len([result for result in many]) == 1
    assert limits == [80]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if sys.platform != "linux" or mount is None or os.geteuid() != 0:
        pytest.skip("needs to mount a small file system")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip(f"cannot mount a small file system: {done.stderr.decode()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.slow
def test_a_full_disk_ends_the_batch_instead_of_failing_every_file_after_it(
    client: CallRecordingClient, sandbox: Sandbox, small_disk: Path
) -> None:
    many = [dataclasses.replace(stored, size=SIZE) for stored in sandbox.store.company()[:20]]
    for stored in many:
        sandbox.store.put(stored)
    results: list[DownloadResult] = []

    def download() -> None:
        ids = [stored.id for stored in many]
        for result in client.company_recordings.download_many(ids, small_disk, concurrency=2):
            results.append(result)
            assert len(results) <= 6, "files were begun after the disk was full"

    with pytest.raises(DestinationError, match="the disk is full") as caught:
        download()
    assert [result.error for result in results].count(None) >= 1
    assert caught.value in [result.error for result in results], "it is reported like any other, too"
    assert len(ranges_asked(sandbox)) == len(results)
    assert not list(small_disk.glob("*.lock"))
    for path in small_disk.glob("*.mp3"):
        assert path.stat().st_size == SIZE
