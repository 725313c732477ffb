"""An object store of our own, for what real ones do on bad days. It speaks as S3 and GCS do to obstore."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

_META = re.compile(r"x-(amz|goog)-meta-(.+)", re.IGNORECASE)
_NEVER = 10**12
MODIFIED = "Mon, 05 Jan 2026 00:00:00 GMT"


class Store(ThreadingHTTPServer):
    """Keeps objects of every bucket, by `bucket/key`.

    Attributes:
        objects: What is kept: bytes and metadata.
        asked: How often each method was asked for, and how often a listing.
        conditions: Whether it honours that nothing is to be replaced.
        refuse: What it answers to a method and a path, in place of doing it; None does it.
        room: Bytes that it takes in all; then it is full.
        cut: After so many bytes of an upload, it closes the connection.
        stale: What reading gives for these paths, whatever is kept.
        unlisted: Paths that its listings leave out.
        answer: Status and body of every answer, if it is to give no other.
    """

    daemon_threads = True
    request_queue_size = 50

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.asked = Counter[str]()
        self.lock = Lock()
        self.heal()

    def heal(self) -> None:
        """No faults any more."""
        self.conditions = True
        self.refuse: Callable[[str, str], int | None] = lambda method, path: None
        self.room = self.cut = _NEVER
        self.stale: dict[str, bytes | None] = {}
        self.unlisted: set[str] = set()
        self.answer: tuple[int, str] | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def point(self, monkeypatch: pytest.MonkeyPatch) -> "Store":
        """Make `s3://` and `gs://` lead here."""
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", self.origin)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-aws-secret")
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", self.origin)
        return self

    def below(self, prefix: str) -> dict[str, bytes]:
        """What is kept below `bucket/prefix/`, by the rest of its key."""
        with self.lock:
            kept = {path: content for path, (content, _) in self.objects.items()}
        start = f"{prefix}/"
        return {path[len(start) :]: content for path, content in kept.items() if path.startswith(start)}


@contextmanager
def storing() -> Iterator[Store]:
    store = Store()
    thread = Thread(target=store.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        store.shutdown()
        store.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body go together: the other end waits for neither
    server: Store

    def do_PUT(self) -> None:
        path, length = self._begin(), int(self.headers.get("Content-Length", 0))
        if length > self.server.cut:
            self.rfile.read(self.server.cut)
            self.close_connection = True
            self.connection.shutdown(2)
            return
        content = self.rfile.read(length)
        if self._is_refused(path):
            return
        asks = self.headers.get("If-None-Match") or self.headers.get("x-goog-if-generation-match")
        with self.server.lock:
            if asks and self.server.conditions and path in self.server.objects:
                self._fail(412, "PreconditionFailed")
                return
            kept = sum(len(each) for each, _ in self.server.objects.values())
            if kept + length > self.server.room:
                self._fail(507, "InsufficientStorage")
                return
            metadata = {
                found[2].lower(): value
                for name, value in self.headers.items()
                if (found := _META.match(name))
            }
            self.server.objects[path] = content, metadata
        self._send(200, b"", {"ETag": _etag(content)})

    def do_GET(self) -> None:
        path = self._begin()
        if "list-type" in (query := parse_qs(urlsplit(self.path).query)):
            self._list(path, query.get("prefix", [""])[0])
        elif not self._is_refused(path):
            content, metadata = self.server.objects.get(path, (None, {}))
            content = self.server.stale.get(path, content)
            if content is None:
                self._fail(404, "NoSuchKey")
            else:
                headers = {"ETag": _etag(content), "Last-Modified": MODIFIED}
                headers |= {
                    f"x-{kind}-meta-{key}": metadata[key] for key in metadata for kind in ("amz", "goog")
                }
                self._send(200, content, headers)

    do_HEAD = do_GET  # noqa: N815 - the standard library's name

    def _begin(self) -> str:
        self.server.asked[self.command] += 1
        return unquote(urlsplit(self.path).path).strip("/")

    def _is_refused(self, path: str) -> bool:
        if self.server.answer is not None:
            status, body = self.server.answer
            self._send(status, body.encode(), {"Content-Type": "application/xml"})
            return True
        status = self.server.refuse(self.command, path)
        if status is not None:
            self._fail(status, "Unwell")
        return status is not None

    def _list(self, bucket: str, prefix: str) -> None:
        self.server.asked["list"] += 1
        if self._is_refused(bucket):
            return
        with self.server.lock:
            kept = self.server.objects.keys() - self.server.unlisted
            found = sorted(path for path in kept if path.startswith(f"{bucket}/{prefix}"))
            entries = "".join(
                f"<Contents><Key>{escape(path[len(bucket) + 1 :])}</Key>"
                f"<Size>{len(self.server.objects[path][0])}</Size><LastModified>2026-01-05T00:00:00.000Z</LastModified><ETag>x</ETag></Contents>"
                for path in found
            )
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
        self._send(200, body.encode(), {"Content-Type": "application/xml"})

    def _fail(self, status: int, code: str) -> None:
        body = f"<Error><Code>{code}</Code><Message>for a test</Message></Error>"
        self._send(status, body.encode(), {"Content-Type": "application/xml"})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _etag(content: bytes) -> str:
    return f'"{md5(content).hexdigest()}"'
