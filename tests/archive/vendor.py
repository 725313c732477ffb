"""A vendor that shares nothing with the sandbox: it says what a test tells it to, right or wrong."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
ROOT = "/t/vbc.prod/call_recording"


class Vendor(ThreadingHTTPServer):
    """Lists `recordings`, gives `audio`, and deletes. `account` is whose recordings its links say they are.

    Attributes:
        lists: Which recordings a listing from one instant to another names.
        deleted: Ids that it was asked to delete.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.recordings: list[Json] = []
        self.audio: dict[int, bytes] = {}
        self.account = "549825"
        self.deleted: list[int] = []
        self.lists: Callable[[str, str], list[Json]] = self._between

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "VBC_BASE_URL": self.origin + ROOT,
            "VBC_TOKEN_URL": self.origin + "/token",
            "VBC_CLIENT_ID": "client",
            "VBC_CLIENT_SECRET": "hush-secret",
            "VBC_USERNAME": "jane",
            "VBC_PASSWORD": "hush-password",
        }

    def add(self, number: int, start: str, content: bytes, **changes: Any) -> None:
        """A recording, in the place of the one that has its id."""
        self.remove(number)
        self.audio[number] = content
        recording = {
            "id": number,
            "start": start,
            "end": start,
            "call_direction": "INBOUND",
            "caller_id": "17325550100",
            "call_id": sha256(f"{number} {start}".encode()).hexdigest(),
            "duration": 60000,
            "file_name": f"{number}.mp3",
            "file_size_in_bytes": len(content),
            "download_url": f"{self.origin}{ROOT}/api/audio/recording/{number}",
        }
        self.recordings.append(recording | changes)

    def remove(self, number: int) -> None:
        self.recordings = [each for each in self.recordings if each["id"] != number]
        self.audio.pop(number, None)

    def _between(self, first: str, last: str) -> list[Json]:
        return [each for each in self.recordings if first <= each["start"] <= (last or "9")]


def sound(mark: bytes, size: int = 400) -> bytes:
    """Something that passes for MP3."""
    return (b"ID3" + mark).ljust(size, b"\0")


@contextmanager
def vending() -> Iterator[Vendor]:
    vendor = Vendor()
    thread = Thread(target=vendor.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        vendor.shutdown()
        vendor.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Vendor

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/token":
            self._json(200, {"access_token": "hush-token", "token_type": "Bearer", "expires_in": 3600})
        else:
            self._json(400, {"title": "no exports here"})

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        last = parts.path.rpartition("/")[2]
        if last == "company_call_recordings":
            self._page(
                "recordings", self.server.lists(query.get("start:gte", ""), query.get("start:lte", "")), query
            )
        elif last == "transcriptions":
            self._page("transcriptions", [], query)
        elif "/audio/" in parts.path:
            self._audio(int(last))
        else:
            found = [each for each in self.server.recordings if str(each["id"]) == last]
            self._json(200 if found else 404, self._linked(found[0]) if found else {"title": "none"})

    def do_DELETE(self) -> None:
        number = int(self.path.rpartition("/")[2])
        self.server.deleted.append(number)
        self.server.remove(number)
        self._send(204, b"", "application/json")

    def _page(self, name: str, items: list[Json], query: dict[str, str]) -> None:
        newest_first = query.get("order", "start:DESC").endswith("DESC")
        items = sorted(items, key=lambda each: str(each["start"]), reverse=newest_first)
        size, page = int(query.get("page_size", 10)), int(query.get("page", 0))
        shown = items[page * size : (page + 1) * size]
        numbers = {
            "page": page,
            "page_size": size,
            "total_items": len(items),
            "total_pages": -(-len(items) // size),
        }
        self._json(
            200, {"_embedded": {name: [self._linked(each) for each in shown]}, "_links": {}, **numbers}
        )

    def _linked(self, recording: Json) -> Json:
        place = f"{self.server.origin}{ROOT}/api/accounts/{self.server.account}/company_call_recordings"
        return {**recording, "_links": {"self": {"href": f"{place}/{recording['id']}"}}}

    def _audio(self, number: int) -> None:
        content = self.server.audio.get(number)
        if content is None:
            self._json(404, {"title": "none"})
        else:
            self._send(200, content, "audio/mpeg")

    def _json(self, status: int, body: Json) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
