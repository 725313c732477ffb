"""A random server behind a real socket, for clients of either kind."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.listing.random_server import Server
from vbc_call_recording._errors import StatusError
from vbc_call_recording._listing.pages import PageReply, PageRequest

NAMES = {"start:gte": "startgte", "start:lte": "startlte", "order": "order"}


class Front(ThreadingHTTPServer):
    """Answers every list of the API from one `Server`. Links are written as `link` says, given the query."""

    daemon_threads = True

    def __init__(self, behind: Server, link: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind, self.link, self.lock = behind, link, Lock()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/t/vbc.prod/call_recording"

    def written(self, href: str | None, path: str) -> str | None:
        if href is None:
            return None
        query = urlsplit(href).query
        last = path.rpartition("/")[2]
        return {
            "absolute": f"http://127.0.0.1:{self.server_address[1]}{path}?{query}",
            "path": f"{path}?{query}",
            "relative": f"{last}?{query}",
            "query": f"?{query}",
        }[self.link]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Front

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        is_job_list = parts.path.endswith("/jobs")
        number = int(query["page"]) if "page" in query else None
        request = PageRequest(
            filters={NAMES[name]: value for name, value in query.items() if name in NAMES},
            page=None if is_job_list else number,
            page_size=int(query.get("page_size", 10)),
            url=self.path if is_job_list and number is not None else None,
        )
        with self.server.lock:
            try:
                status, body = 200, self._page(self.server.behind.answer(request), parts.path)
            except StatusError as error:
                status, body = error.status_code or 500, {"status": error.status_code}
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _page(self, reply: PageReply[Any], path: str) -> dict[str, Any]:
        if path.endswith("/jobs"):
            items: Any = {"jobs": [{"id": f"job-{call.id}"} for call in reply.items]}
        else:
            items = {"recordings": [{"id": call.id, "start": call.start.isoformat()} for call in reply.items]}
        links = {
            "first": reply.first_url,
            "prev": reply.prev_url,
            "self": reply.self_url,
            "next": reply.next_url,
        }
        written = {name: {"href": self.server.written(href, path)} for name, href in links.items() if href}
        numbers = {
            "page": reply.page,
            "page_size": reply.page_size,
            "total_items": reply.total_items,
            "total_pages": reply.total_pages,
        }
        told = {name: number for name, number in numbers.items() if number is not None}
        return {"_embedded": items, "_links": written, **told}

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def serving(behind: Server, link: str = "absolute") -> Iterator[str]:
    """The base URL of a server in front of `behind`."""
    assert re.fullmatch("absolute|path|relative|query", link)
    front = Front(behind, link)
    thread = Thread(target=front.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield front.base_url
    finally:
        front.shutdown()
        front.server_close()
