"""What to ask for when a part of the bytes is here already, and what the answer means. Pure.

RFC 9110, sections 13.1.5 (If-Range), 14 (range requests) and 15.5.17 (416).
"""

import re
from collections.abc import Mapping
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeGuard

from attrs import frozen

from .._errors import VerificationError

MAX_BREAKS = 100
"""How often a broken download is taken up again within one call, each time only if it got further. Ours."""

# No file has more digits, and Python refuses to read thousands of them.
_NUMBER = r"[0-9]{1,18}"
_CONTENT_RANGE = re.compile(rf"bytes ({_NUMBER})-({_NUMBER})/({_NUMBER}|\*)")
_UNSATISFIED_RANGE = re.compile(rf"bytes \*/({_NUMBER})")
# A Last-Modified younger than this at the time of the answer may yet change within the same second.
_STRONG_AFTER = timedelta(seconds=60)
# What fits into a header of ours. Some servers put other characters into theirs, and some write novels.
_VISIBLE = re.compile(r"[\x20-\x7e]{1,1000}")

SETTLED_HERE = frozenset(range(400, 500)) - {401, 403, 404, 407, 408, 410, 429, 451} | {304, 501}
"""Answers that, to a request for the rest, may mean nothing but that a rest cannot be had here.

To those left out asking for the whole would bring the same.
"""


@frozen
class Received:
    """What is here of a file.

    Attributes:
        offset: Bytes that are here, from the beginning without a gap.
        total: Size of the whole in bytes, None if the server never said.
        validator: Entity tag or date that tells whether the server's copy is still the same; None without.
    """

    offset: int = 0
    total: int | None = None
    validator: str | None = None

    @property
    def resumable(self) -> int:
        """Bytes to go on from. Without a validator nothing tells whether old and new ones belong together."""
        return self.offset if self.validator else 0


@frozen
class Body:
    """A body worth reading.

    Attributes:
        start: Where its first byte belongs.
        end: Where its last byte ends, None if it ends where the server says so in the body's framing.
        total, validator: As in `Received`.
    """

    start: int
    end: int | None
    total: int | None
    validator: str | None


class NothingLeft:
    """416, and the sizes say that everything is here."""


class StartOver:
    """What is here cannot be gone on from: the whole must be asked for."""


def request_headers(received: Received) -> dict[str, str]:
    """Asks for the bytes as they are stored, and for the rest of them only if the copy is still the same."""
    headers = {"Accept-Encoding": "identity"}
    if received.validator and received.resumable:
        headers |= {"Range": f"bytes={received.offset}-", "If-Range": received.validator}
    return headers


def read_answer(
    status: int, headers: Mapping[str, str], received: Received, expected: int | None
) -> Body | NothingLeft | StartOver:
    """What an answer to `request_headers(received)` means.

    Whatever is odd about an answer to a request for the rest means `StartOver`: servers get ranges wrong in
    many ways, and one that cannot continue a file can often still send the whole of it. An odd answer to a
    request for the whole, which must have `expected` bytes if that is known, is a VerificationError.
    """
    if not received.resumable:
        return _body(status, headers, received, expected)
    if status == 416:
        found = _UNSATISFIED_RANGE.fullmatch(headers.get("content-range", "").strip())
        total = int(found[1]) if found else received.total
        return NothingLeft() if total == received.offset and expected in (None, total) else StartOver()
    if status == 206 and _is_of_another_copy(headers, received):
        return StartOver()
    try:
        return _body(status, headers, received, expected)
    except VerificationError:
        return StartOver()


def is_self_delimiting(http_version: str, headers: Mapping[str, str]) -> bool:
    """Whether a body cut short can be told from a whole one. One that ends with the connection cannot."""
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    return "content-length" in headers or chunked or not http_version.startswith("HTTP/1")


def pause_after(breaks: int) -> float | None:
    """Seconds before a download that broke so many times is taken up again; None if it has been enough."""
    return min(5.0, 0.1 * 2.0 ** min(breaks, 10)) if breaks <= MAX_BREAKS else None


def _body(status: int, headers: Mapping[str, str], received: Received, expected: int | None) -> Body:
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise VerificationError(
            f"the bytes came {encoding[:100]}-encoded, although they were requested as stored"
        )
    if status not in (200, 206):
        raise VerificationError(f"the server answered {status} instead of sending the file")
    length = headers.get("content-length")
    if length is not None and not re.fullmatch(_NUMBER, length):
        raise VerificationError(f"cannot read Content-Length {length[:100]!r}")
    size = int(length) if length is not None else None
    body = Body(0, size, size, validator(headers))
    if status == 206:
        body = _rest(headers.get("content-range", "").strip(), body, received)
        if body.total is None and expected is None:
            raise VerificationError("the server sent a part of a file of unknown size")
    if expected is not None and body.total not in (None, expected):
        raise VerificationError(f"the server has {body.total} bytes; the API had promised {expected}")
    return body


def _is_of_another_copy(headers: Mapping[str, str], received: Received) -> bool:
    """Whether a server that ignores If-Range sends the rest of something else, as far as it says so."""
    is_tag = received.validator is not None and received.validator.startswith('"')
    return headers.get("etag" if is_tag else "last-modified") not in (None, received.validator)


def _rest(stated: str, body: Body, received: Received) -> Body:
    """`body`, which the Content-Range `stated` places. It must begin where the bytes that are here end."""
    found = _CONTENT_RANGE.fullmatch(stated)
    if found is None:
        raise VerificationError(
            f"cannot read Content-Range {stated[:100]!r}; expected bytes {received.offset}-…/…"
        )
    start, end = int(found[1]), int(found[2]) + 1
    total = received.total if found[3] == "*" else int(found[3])
    fits = start == received.resumable < end and (total is None or end <= total)
    if not fits or received.total not in (None, total) or body.end not in (None, end - start):
        raise VerificationError(
            f"Content-Range {stated!r} with Content-Length {body.end} does not answer a request for the "
            f"bytes from {received.resumable} on (total: {received.total or 'unknown'})"
        )
    return Body(start, end, total, body.validator or received.validator)


def validator(headers: Mapping[str, str]) -> str | None:
    """A strong validator: an entity tag that is not weak, or a Last-Modified that has settled."""
    tag, modified = headers.get("etag"), headers.get("last-modified")
    if tag:
        return tag if tag.startswith('"') and is_validator(tag) else None
    return modified if is_validator(modified) and _is_settled(modified, headers.get("date", "")) else None


def is_validator(value: object) -> TypeGuard[str]:
    """Whether this can be sent in a header."""
    return isinstance(value, str) and _VISIBLE.fullmatch(value) is not None


def _is_settled(modified: str, now: str) -> bool:
    # Dates of the first and the last year leave the calendar when they are moved to UTC, and what is almost
    # a date makes the standard library raise whatever its parser stumbles over.
    try:
        age = parsedate_to_datetime(now).astimezone(UTC) - parsedate_to_datetime(modified).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return False
    return age >= _STRONG_AFTER
