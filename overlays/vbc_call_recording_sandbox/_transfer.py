"""Serving a file over HTTP: whole, or the range that was asked for (RFC 9110, section 14)."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from urllib.parse import quote

import anyio.lowlevel
from starlette.responses import Response, StreamingResponse

from ._content import Content


def send_file(content: Content, request_headers: Mapping[str, str]) -> Response:
    """The answer to a GET of this file: 200, 206 or 416."""
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": content.etag,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(content.file_name, safe='')}",
    }
    wanted = _wanted_range(content, request_headers)
    if wanted is None:
        status, start, stop = 200, 0, content.size
    else:
        status, (start, stop) = 206, wanted
        if start >= stop:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{content.size}"})
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{content.size}"
    headers["Content-Length"] = str(stop - start)
    return StreamingResponse(
        _yielding(content.chunks(start, stop)), status, headers=headers, media_type=content.media_type
    )


def _wanted_range(content: Content, headers: Mapping[str, str]) -> tuple[int, int] | None:
    """Start and stop of the single range to serve, empty if out of reach; None to serve everything."""
    if_range = headers.get("if-range")
    if if_range is not None and if_range != content.etag:
        return None
    # A number longer than any file is no range to us, and a server may answer with everything to those.
    parts = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", headers.get("range", ""), re.ASCII)
    if parts is None or parts.group() == "bytes=-":
        return None
    first, last = parts.groups()
    if not first:
        return max(content.size - int(last), 0), content.size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, content.size) if last else content.size


async def _yielding(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
        # A reader fast enough never makes us wait for it; other requests want their turn all the same.
        await anyio.lowlevel.checkpoint()
