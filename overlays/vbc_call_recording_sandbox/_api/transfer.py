"""Serving a file over HTTP: whole, or the range that was asked for (RFC 9110, section 14)."""

import re
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from urllib.parse import quote

import anyio.lowlevel
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from .._content import Content
from .._quirks.files import FileQuirks


def send_file(content: Content, request_headers: Mapping[str, str], quirks: FileQuirks) -> Response:
    """The answer to a GET of this file: 200, 206 or 416."""
    headers = {
        "Accept-Ranges": "bytes" if quirks.ranges == "served" else "none",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(content.file_name, safe='')}",
        **_validator(content, quirks),
    }
    media_type = quirks.media_type or content.media_type
    wanted = _wanted_range(content, request_headers, headers.get("ETag"), quirks)
    if wanted is None:
        headers["Content-Length"] = str(content.size)
        return _streamed(content, 0, content.size, 200, headers, media_type)
    start, stop = wanted
    if start >= stop:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{content.size}"})
    return _part(content, start, stop, headers, media_type, quirks)


def _streamed(
    content: Content, start: int, stop: int, status: int, headers: dict[str, str], media_type: str
) -> Response:
    chunks = _yielding(content.chunks(start, stop))
    return StreamingResponse(chunks, status, headers=headers, media_type=media_type)


def _part(
    content: Content, start: int, stop: int, headers: dict[str, str], media_type: str, quirks: FileQuirks
) -> Response:
    """A 206, as it should be or one of the odd ones."""
    told_range = f"bytes {start}-{stop - 1}/{content.size}"
    if quirks.partial == "multipart":
        return _multipart(content, start, stop, headers, told_range, media_type)
    if quirks.partial == "wrong-start":
        told_range = f"bytes {start + 1}-{stop}/{content.size}"
    if quirks.partial == "no-total":
        told_range = f"bytes {start}-{stop - 1}/*"
    if quirks.partial != "no-range":
        headers["Content-Range"] = told_range
    if quirks.partial == "whole":
        start, stop = 0, content.size
    if quirks.partial == "short":
        stop -= 1
    headers["Content-Length"] = str(stop - start)
    return _streamed(content, start, stop, 206, headers, media_type)


def _multipart(
    content: Content, start: int, stop: int, headers: dict[str, str], told_range: str, media_type: str
) -> Response:
    head = f"--part\r\nContent-Type: {media_type}\r\nContent-Range: {told_range}\r\n\r\n".encode()
    body = head + b"".join(content.chunks(start, stop)) + b"\r\n--part--\r\n"
    return Response(body, 206, headers, "multipart/byteranges; boundary=part")


def _validator(content: Content, quirks: FileQuirks) -> dict[str, str]:
    if quirks.validator == "missing":
        return {}
    tags = {
        "strong": content.etag,
        "weak": f"W/{content.etag}",
        "non-ascii": content.etag[:-1] + 'é"',
        "changing": f'"{uuid.uuid4()}"',
    }
    return {"ETag": tags[quirks.validator]}


def _wanted_range(
    content: Content, headers: Mapping[str, str], etag: str | None, quirks: FileQuirks
) -> tuple[int, int] | None:
    """Start and stop of the single range to serve, empty if out of reach; None to serve everything."""
    if "range" in headers and quirks.ranges == "refused":
        raise HTTPException(400, "Range is not supported.")
    if_range = headers.get("if-range")
    if quirks.ranges == "ignored" or (
        if_range is not None and (if_range != etag or if_range.startswith("W/"))
    ):
        return None
    # A number longer than any file is not treated as a range. A server may then send the whole file.
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
