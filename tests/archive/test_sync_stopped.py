"""Stopping: by the caller's event, and by Ctrl-C, whatever the run waits for. The next run goes on."""

import signal
import threading
import time

import pytest

from tests.archive.world import World, calls
from vbc_call_recording_archive.sync import FileDone, Progress, QuotaWait


def test_an_event_ends_the_run_at_the_next_file(world: World) -> None:
    world.configure(concurrency=1)
    stop = threading.Event()

    def after_two(event: object) -> None:
        if isinstance(event, FileDone) and len(world.of(FileDone)) == 2:
            stop.set()

    result = world.sync(after_two, stop=stop)
    assert result.result == "stopped"
    assert result.files == 2
    with world.archive() as archive:
        assert archive.catalogue.runs()[0].result == "stopped"
        assert archive.catalogue.count(on_disk=True) == 2
    assert world.sync().files == 7
    world.require_everything(world.sandbox.store.company())


def test_an_event_ends_the_run_in_the_middle_of_a_file(world: World) -> None:
    world.sandbox.store.replace(calls(1, size=5_000_000))
    stop = threading.Event()

    def at_the_first_bytes(event: object) -> None:
        if isinstance(event, Progress) and event.done:
            stop.set()

    assert world.sync(at_the_first_bytes, stop=stop).files == 0
    (part,) = (world.folder / ".incoming").rglob("*.part")
    assert 0 < part.stat().st_size < 5_000_000
    assert world.sync().result == "ok"
    world.require_everything(world.sandbox.store.company())


def test_an_event_ends_the_run_before_a_request_waits_for_the_quota(world: World) -> None:
    world.sandbox.quirks.set({"quota.requests": 2, "quota.window": 30})
    stop = threading.Event()
    began = time.monotonic()
    result = world.sync(lambda event: isinstance(event, QuotaWait) and stop.set(), stop=stop)
    assert result.result == "stopped"
    assert time.monotonic() - began < 20, "it waited"


@pytest.mark.parametrize("waits_for", ["audio/recording", "company_call_recordings\\?"])
def test_ctrl_c_ends_the_run_soon_while_the_server_says_nothing(world: World, waits_for: str) -> None:
    world.sandbox.faults.next(waits_for, stall=1, times=99)
    me = threading.main_thread().ident
    threading.Timer(0.5, signal.pthread_kill, [me, signal.SIGINT]).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        world.sync()
    assert time.monotonic() - began < 10  # two seconds, on a machine that has nothing else to do
    with world.archive() as archive:
        assert archive.catalogue.runs()[0].result == "stopped"
    world.sandbox.faults.reset()
    assert world.sync().result == "ok"
    world.require_everything(world.sandbox.store.company())
