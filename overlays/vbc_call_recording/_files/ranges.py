"""What to ask for when a part of the bytes is here already, and what the answer means. Pure.

RFC 9110, sections 13.1.5 (If-Range), 14 (range requests) and 15.5.17 (416).
"""

import re
from collections.abc import Mapping
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

from attrs import frozen

from .._errors import VerificationError

MAX_BREAKS = 100
"""How often a broken download is taken up again within one call, each time only if it got further. Ours."""

# No file has more digits, and Python refuses to read thousands of them.
_NUMBER = r"[0-9]{1,18}"
_CONTENT_LENGTH = re.compile(_NUMBER)
_CONTENT_RANGE = re.compile(rf"bytes ({_NUMBER})-({_NUMBER})/({_NUMBER}|\*)")
_UNSATISFIED_RANGE = re.compile(rf"bytes \*/({_NUMBER})")
# A Last-Modified younger than this at the time of the answer may yet change within the same second.
_STRONG_AFTER = timedelta(seconds=60)


@frozen
class Have:
    """What earlier attempts left.

    Attributes:
        offset: Bytes that are here, from the beginning without a gap.
        total: Size of the whole in bytes, None if the server never said.
        validator: Entity tag or date that tells whether the server's copy is still the same; None without.
    """

    offset: int = 0
    total: int | None = None
    validator: str | None = None

    @property
    def is_resumable(self) -> bool:
        """Without a validator nobody can tell whether old and new bytes belong together."""
        return self.offset > 0 and self.validator is not None


@frozen
class Body:
    """A body worth reading.

    Attributes:
        start: Where its first byte belongs.
        end: Where its last byte ends, None if it ends where the server says so in the body's framing.
        total: Size of the whole in bytes, None if unknown.
        validator: As in `Have`.
    """

    start: int
    end: int | None
    total: int | None
    validator: str | None


class NothingLeft:
    """416, and the sizes say that everything is here."""


class StartOver:
    """What is here is no beginning of what the server has, or nobody can tell whether it is."""


def request_headers(have: Have) -> dict[str, str]:
    """Asks for the bytes as they are stored, and for the rest of them only if the copy is still the same."""
    headers = {"Accept-Encoding": "identity"}
    if have.is_resumable and have.validator is not None:
        headers |= {"Range": f"bytes={have.offset}-", "If-Range": have.validator}
    return headers


def read_answer(
    status: int, headers: Mapping[str, str], have: Have, expected: int | None
) -> Body | NothingLeft | StartOver:
    """What an answer to `request_headers(have)` means.

    Args:
        headers: Of the answer; the lookup ignores case.
        expected: Size in bytes that the API promised for the whole, None if it did not.

    Raises:
        VerificationError: Content-Range, Content-Encoding or size are not what was asked for or promised.
    """
    if status == 416:
        return _settle(headers, have, expected)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise VerificationError(f"the bytes came {encoding}-encoded although they were asked for as stored")
    if status == 206 and _is_of_another_copy(headers, have):
        return StartOver()
    body = _rest(headers, have, expected) if status == 206 else _whole(status, headers)
    if isinstance(body, Body) and expected is not None and body.total not in (None, expected):
        raise VerificationError(f"the server has {body.total} bytes; the API had promised {expected}")
    return body


def is_self_delimiting(http_version: str, headers: Mapping[str, str]) -> bool:
    """Whether a body cut short can be told from a whole one. One that ends with the connection cannot."""
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    return "content-length" in headers or chunked or not http_version.startswith("HTTP/1")


def pause_after(breaks: int) -> float | None:
    """Seconds before a download that broke so many times is taken up again; None if it has been enough."""
    return min(5.0, 0.1 * 2.0 ** min(breaks, 10)) if breaks <= MAX_BREAKS else None


def _whole(status: int, headers: Mapping[str, str]) -> Body:
    if status != 200:
        raise VerificationError(f"the server answered {status}, which is no file")
    total = _content_length(headers)
    return Body(start=0, end=total, total=total, validator=validator(headers))


def _is_of_another_copy(headers: Mapping[str, str], have: Have) -> bool:
    """Whether a server that ignores If-Range sends the rest of something else, as far as it says so."""
    if not have.is_resumable or have.validator is None:
        return False
    stated = headers.get("etag" if have.validator.startswith('"') else "last-modified")
    return stated not in (None, have.validator)


def _rest(headers: Mapping[str, str], have: Have, expected: int | None) -> Body | StartOver:
    stated = headers.get("content-range", "").strip()
    found = _CONTENT_RANGE.fullmatch(stated)
    if found is None:
        raise VerificationError(
            f"cannot read Content-Range {stated[:100]!r}; expected bytes {have.offset}-…/…"
        )
    start, end = int(found[1]), int(found[2]) + 1
    total = have.total if found[3] == "*" else int(found[3])
    asked = have.offset if have.is_resumable else 0
    fits = start == asked < end and (total is None or end <= total)
    agrees = have.total in (None, total)
    length = _content_length(headers)
    if not fits or not agrees or length not in (None, end - start):
        raise VerificationError(
            f"Content-Range {stated!r} with Content-Length {length} does not answer a request for the bytes "
            f"from {asked} on, of {have.total or 'an unknown number'}"
        )
    if total is None and expected is None:
        if have.is_resumable:
            return StartOver()
        raise VerificationError(f"Content-Range {stated!r} is a part of nobody knows how many bytes")
    return Body(start=start, end=end, total=total, validator=validator(headers) or have.validator)


def _settle(headers: Mapping[str, str], have: Have, expected: int | None) -> NothingLeft | StartOver:
    found = _UNSATISFIED_RANGE.fullmatch(headers.get("content-range", "").strip())
    total = int(found[1]) if found else have.total
    agrees = expected in (None, total)
    return NothingLeft() if total == have.offset and agrees else StartOver()


def _content_length(headers: Mapping[str, str]) -> int | None:
    stated = headers.get("content-length")
    if stated is None:
        return None
    if not _CONTENT_LENGTH.fullmatch(stated):
        raise VerificationError(f"cannot read Content-Length {stated[:100]!r}")
    return int(stated)


def validator(headers: Mapping[str, str]) -> str | None:
    """A strong validator: an entity tag that is not weak, or a Last-Modified that has settled."""
    tag = headers.get("etag", "")
    if tag:
        return tag if tag.startswith('"') else None
    modified = headers.get("last-modified", "")
    return modified if _is_settled(modified, headers.get("date", "")) else None


def _is_settled(modified: str, now: str) -> bool:
    try:
        age = parsedate_to_datetime(now).astimezone(UTC) - parsedate_to_datetime(modified).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return age >= _STRONG_AFTER
