"""Reads instants in headers and bodies. Future ones are compared with the answer's own `Date`. Pure."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# As the gateway writes it: `2026-Nov-25 05:34:00+0000 UTC`. strptime's months are in the user's language.
_NEXT_ACCESS = re.compile(r"(\d{4})-([A-Za-z]{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2})\s*\+0000( UTC)?")
_PLAUSIBLE_YEARS = range(1990, 2500)  # other dates are ignored
_LONGEST_WAIT = 366 * 86_400.0  # seconds; longer waits are ignored


def header_date(response: httpx.Response, name: str = "Date") -> datetime | None:
    """A header that holds a date, in UTC; None if it is missing or something else."""
    try:
        date = parsedate_to_datetime(response.headers[name])
        date = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    return date if date.year in _PLAUSIBLE_YEARS else None


def next_access_time(text: str) -> datetime | None:
    """The gateway's `nextAccessTime`, in UTC; None if it is something else."""
    found = _NEXT_ACCESS.fullmatch(text.strip())
    if found is None or found[2].lower() not in _MONTHS:
        return None
    year, day, hour, minute, second = (int(found[group]) for group in (1, 3, 4, 5, 6))
    try:
        return datetime(year, _MONTHS.index(found[2].lower()) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def opens_again(
    response: httpx.Response, next_access: datetime | None = None, now: datetime | None = None
) -> datetime | None:
    """When the server may be asked again, by its own clock; None if neither a header nor the body says.

    `next_access` is from the body, and `now` counts if the answer does not tell the time.
    """
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal() and len(value) < 9:
        now = header_date(response) or now or datetime.now(UTC)
        return now + timedelta(seconds=int(value))
    return header_date(response, "Retry-After") or next_access


def retry_after(response: httpx.Response, next_access: datetime | None = None) -> float | None:
    """Seconds the server asks to wait; None if it does not say, or nothing that makes sense."""
    now = header_date(response) or datetime.now(UTC)
    until = opens_again(response, next_access, now)
    if until is None:
        return None
    # If the server's clock is wrong, it is wrong in both.
    wait = (until - now).total_seconds()
    return wait if 0 < wait <= _LONGEST_WAIT else None
