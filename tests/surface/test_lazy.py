"""Attributes that are made when they are first read."""

import threading

import pytest

from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient
from vbc_call_recording._lazy import copied, once

Client = type[CallRecordingClient] | type[AsyncCallRecordingClient]
both = pytest.mark.parametrize("kind", [CallRecordingClient, AsyncCallRecordingClient])


class Thing:
    def __init__(self) -> None:
        self.begun = threading.Barrier(8)

    @once
    def made(self) -> object:
        """Something."""
        self.begun.wait(10)
        return object()


def test_threads_that_come_at_the_same_time_get_the_same_object() -> None:
    thing, seen = Thing(), list[object]()
    threads = [threading.Thread(target=lambda: seen.append(thing.made)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert thing.made is seen[0]
    assert Thing.made.__doc__ == "Something."


def test_a_copy_makes_its_own() -> None:
    thing = Thing()
    thing.begun = threading.Barrier(1)
    assert copied(thing).made is not thing.made
    assert copied(thing).begun is thing.begun


@both
def test_a_resource_stays_the_same_and_may_be_replaced(kind: Client) -> None:
    client = kind(auth="t")
    assert client.company_recordings is client.company_recordings
    vars(client)["export_jobs"] = "a stand-in"
    assert client.export_jobs == "a stand-in"


@both
def test_a_clone_has_resources_with_its_own_settings_over_the_same_connections(kind: Client) -> None:
    client = kind(auth="t")
    assert client.company_recordings is not None
    clone = client.with_options(timeout=7)
    again = clone.with_options(retries=0)

    assert clone.company_recordings is not client.company_recordings
    assert clone.company_recordings._session.wire.timeout.read == 7
    assert again.company_recordings._session.wire.timeout.read == 7
    assert client.company_recordings._session.wire.timeout.read == 60
    assert clone._session.wire._connections is client._session.wire._connections
