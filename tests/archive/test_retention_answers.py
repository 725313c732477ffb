"""Deleting at a little server of our own, which loses its answers, lies, and acts late."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from attrs import evolve

from tests.archive.test_retention import BEFORE, OLD, told
from tests.archive.world import World
from vbc_call_recording import CallRecordingClient
from vbc_call_recording_archive.retention import Plan, apply, plan
from vbc_call_recording_archive.retention.planned import sealed


class Vendor(ThreadingHTTPServer):
    """Recordings by id, and how a DELETE is answered: status, whether it `acts`, `drops`, or is `late`."""

    daemon_threads = True

    def __init__(self, recordings: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.recordings = recordings
        self.answers: dict[str, str] = {}
        self.late: list[str] = []
        self.deletes: list[str] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api"

    def catch_up(self) -> None:
        """What was late is done by now."""
        for number in self.late:
            self.recordings.pop(number, None)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Vendor

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        last = path.rpartition("/")[2]
        if last in self.server.recordings:
            self._answer(200, self.server.recordings[last])
        elif last.isdecimal():
            self._answer(404, {"status": 404})
        else:
            every = [] if "transcription" in path else [*self.server.recordings.values()]
            name = "transcriptions" if "transcription" in path else "recordings"
            self._answer(200, {"_embedded": {name: every}, "total_items": len(every), "total_pages": 1})

    def do_DELETE(self) -> None:
        number = self.path.rpartition("/")[2]
        self.server.deletes.append(number)
        how = self.server.answers.get(number, "204 acts").split()
        if "late" in how:
            self.server.late.append(number)
        if "acts" in how:
            self.server.recordings.pop(number, None)
        if "drops" in how:
            self.close_connection = True
            return
        self._answer(int(how[0]), None if how[0] == "204" else "<html>")

    def _answer(self, status: int, body: Any) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if body == "<html>" else "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def vendor(world: World) -> Iterator[Vendor]:
    """The recordings that the archive has, at a server of another kind."""
    assert world.sync().result == "ok"
    with world.archive() as archive:
        recordings = {row.id: json.loads(row.wire) for row in archive.catalogue.recordings()}
    with Vendor(recordings) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def applied(world: World, vendor: Vendor, made: Plan) -> dict[str, list[str]]:
    outcomes: dict[str, list[str]] = {}
    with (
        CallRecordingClient(auth="token", base_url=vendor.base_url, retries=0) as client,
        world.archive(writable=True) as archive,
    ):
        apply(
            archive, client, made, on_event=lambda event: outcomes.setdefault(event.kind, []).append(event.id)
        )
    assert not {entry["id"] for entry in told(world, "deleted")} & set(vendor.recordings)
    return outcomes


def test_only_what_is_gone_is_called_deleted_and_the_next_run_settles_the_rest(
    world: World, vendor: Vendor, tmp_path: Path
) -> None:
    with world.archive() as archive:
        made = sealed(evolve(plan(archive, BEFORE), base_url=vendor.base_url))
    vendor.answers = {
        "1000": "0 drops acts",
        "1001": "200 acts",  # and a page that says nothing
        "1002": "504 late",
        "1003": "404",  # and the recording is still there
        "1004": "500 acts",
    }
    outcomes = applied(world, vendor, made)
    assert outcomes == {"deleted": ["1000", "1001", "1004", "1005"], "unknown": ["1002", "1003"]}
    vendor.catch_up()
    vendor.answers.clear()
    vendor.deletes.clear()
    assert applied(world, vendor, made) == {
        "already": ["1000", "1001", "1004", "1005"],
        "deleted": ["1002", "1003"],
    }
    assert vendor.deletes == ["1003"], "what was late is not asked for again"
    assert sorted(vendor.recordings) == ["1006", "1007", "1008"]
    assert sorted(entry["id"] for entry in told(world, "deleted")) == OLD
