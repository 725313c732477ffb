"""Archives in buckets, as they are typed: what the command says, and how it ends."""

import json
import signal
import subprocess
import time
from pathlib import Path
from threading import Event

import pytest

from tests.archive.store import Store
from vbc_call_recording_sandbox import Recording, Sandbox

from .conftest import COMMAND, Run
from .test_keeping import NOON

BUCKET = "s3://bucket/calls"


@pytest.fixture
def folder(account: Sandbox, store: Store, tmp_path: Path) -> Path:
    """An archive in the folder and in a bucket, with two recordings to come."""
    account.store.replace([Recording(id=each, start=NOON.replace(hour=each), size=500) for each in (1, 2)])
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive/archive.toml").write_text(
        f'[archive]\nmin_free = 0\ndestinations = ["local", "{BUCKET}"]\n'
    )
    return tmp_path / "archive"


def test_a_night_in_which_everything_comes_everywhere(folder: Path, run: Run) -> None:
    assert run("sync", folder).code == 0
    shown = run("status", folder).out
    assert f"destination\tlocal: 2 files, 1.0 kB\ndestination\t{BUCKET}: 2 files, 1.0 kB\n" in shown
    assert run("verify", folder).code == 0


def test_a_destination_that_lacks_files_is_told_and_the_code_is_1(
    folder: Path, run: Run, store: Store
) -> None:
    store.refuse = lambda method, path: 500 if method == "PUT" and "data/" in path else None
    ended = run("sync", folder)
    assert ended.code == 1
    assert f"did not get to {BUCKET}: {BUCKET} failed at data/" in ended.err
    # Two recordings, the day's manifest, the bag's three files, and the ledger.
    assert "7 not at every destination yet" in ended.err
    shown = run("status", folder)
    assert shown.code == 1
    assert f"{BUCKET}: 0 files, 0 B; LACKS 2 files, 1.0 kB" in shown.out
    told = json.loads(run("status", folder, "--json").out)
    assert (told["complete"], told["destinations"][1]["lacking"]) == (False, 2)
    store.heal()
    ended = run("sync", folder)
    assert (ended.code, "2 copied to where they were lacking" in ended.err) == (0, True)
    assert run("status", folder).code == 0


def test_the_event_is_a_line_of_the_log(folder: Path, run: Run, store: Store) -> None:
    store.refuse = lambda method, path: 500 if method == "PUT" and "data/" in path else None
    events = [json.loads(line) for line in run("sync", folder, "--log-json").err.splitlines()]
    failed = [event for event in events if event.get("event") == "copy_failed"]
    assert len(failed) >= 2
    assert failed[0]["destination"] == BUCKET


def test_if_no_destination_takes_files_the_code_is_5(folder: Path, run: Run, store: Store) -> None:
    (folder / "archive.toml").write_text(f'[archive]\nmin_free = 0\ndestinations = ["{BUCKET}"]\n')
    store.refuse = lambda method, path: 403 if method == "PUT" else None
    ended = run("sync", folder)
    assert ended.code == 5
    assert "no destination takes files any more" in ended.err
    assert "Unwell: for a test" in ended.err


def test_verify_names_what_differs_at_a_destination(folder: Path, run: Run, store: Store) -> None:
    run("sync", folder)
    key = next(path for path in store.objects if "/data/" in path)
    del store.objects[key]
    ended = run("verify", folder)
    assert ended.code == 1
    assert f"{key.replace('bucket/calls', BUCKET)}" in ended.out
    ended = run("verify", folder, "--repair")
    assert ended.code == 0
    assert "copied from local" in ended.out


def checked(run: Run, folder: Path) -> tuple[int, dict[str, str]]:
    ended = run("doctor", folder, "--json")
    checks = [json.loads(line) for line in ended.out.splitlines()]
    (found,) = (check for check in checks if check["check"] == "destination")
    return ended.code, found


def test_doctor_writes_reads_and_tries_to_replace(folder: Path, run: Run, store: Store) -> None:
    code, check = checked(run, folder)
    assert (code, check["state"]) == (0, "ok")
    assert check["said"] == f"{BUCKET} can be written and read, and keeps what it has"
    assert [*store.below("bucket/calls")] == ["create-only.txt"]
    assert checked(run, folder)[1]["state"] == "ok"  # again, with what it left there
    store.conditions = False
    code, check = checked(run, folder)
    assert (code, check["state"]) == (0, "warning")
    store.heal()
    store.stale = {"bucket/calls/create-only.txt": b"an old version"}
    code, check = checked(run, folder)
    assert (code, check["state"]) == (5, "failed")
    assert "gave back" in check["said"]
    store.heal()
    store.refuse = lambda method, path: 403
    code, check = checked(run, folder)
    assert (code, check["state"]) == (5, "failed")
    assert "Unwell: for a test" in check["said"]


def test_a_destination_that_cannot_be_is_a_matter_of_settings(folder: Path, run: Run) -> None:
    (folder / "archive.toml").write_text('[archive]\ndestinations = ["ftp://host/calls"]\n')
    assert run("sync", folder).code == 2
    code, check = checked(run, folder)
    assert (code, check["state"]) == (2, "failed")
    assert "accepted: local, s3://, gs://, az://" in check["said"]


@pytest.mark.slow
def test_ctrl_c_need_not_wait_for_a_store_that_does_not_answer(folder: Path, run: Run, store: Store) -> None:
    stuck, go_on = Event(), Event()

    def hang(method: str, path: str) -> int | None:
        if "data/" in path:
            stuck.set()
            go_on.wait(30)
        return None

    store.refuse = hang
    with subprocess.Popen([*COMMAND, "sync", folder], stderr=subprocess.PIPE, text=True) as process:
        assert stuck.wait(30)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert time.monotonic() - began < 10, "it waited for the store"
    go_on.set()
    assert process.returncode == 130
    assert said.splitlines()[-1] == f"warning: stopped; to go on: vbc-recordings sync {folder}"
    store.heal()
    assert run("sync", folder).code == 0
    assert run("verify", folder).code == 0


def test_reading_the_catalogue_needs_no_login_to_a_bucket(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("sync", folder)
    settings = folder / "archive.toml"
    settings.write_text(settings.read_text() + f'[destinations."{BUCKET}"]\nprofile = "nobody"\n')
    assert run("status", folder).code == 0
    assert run("ls", folder).code == 0
    assert run("verify", folder).code == 2
    ended = run("sync", folder)
    assert (ended.code, "ProfileNotFound" in ended.err) == (2, True)
