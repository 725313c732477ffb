"""Instants in answers: read against the answer's own clock, nonsense left out."""

from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording._http.dates import header_date, next_access_time, retry_after

DATE = "Wed, 25 Nov 2026 05:33:20 GMT"


def waits(value: str, date: str | None = DATE) -> float | None:
    headers = {"Retry-After": value} | ({"Date": date} if date else {})
    return retry_after(httpx.Response(429, headers=headers))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("40", 40.0),
        ("0", None),
        ("-5", None),
        ("1.5e3", None),
        ("9" * 400, None),
        ("soon", None),
        ("", None),
        ("Wed, 25 Nov 2026 05:34:00 GMT", 40.0),
        ("Wed, 25 Nov 2026 05:33:20 GMT", None),
        ("Mon, 01 Jan 2001 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("Fri, 31 Dec 99999 23:59:59 +9999", None),
    ],
)
def test_how_long_a_server_asks_to_wait(value: str, seconds: float | None) -> None:
    assert waits(value) == seconds


def test_a_server_whose_clock_is_wrong_is_wrong_in_both() -> None:
    assert waits("Sat, 01 Jan 2000 00:00:40 GMT", "Sat, 01 Jan 2000 00:00:00 GMT") == 40.0


def test_without_a_date_of_its_own_the_time_here_counts() -> None:
    assert waits("Sat, 01 Jan 2000 00:00:40 GMT", None) is None


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-Nov-25 05:34:00+0000 UTC", datetime(2026, 11, 25, 5, 34, tzinfo=UTC)),
        ("2026-NOV-25 05:34:00+0000", datetime(2026, 11, 25, 5, 34, tzinfo=UTC)),
        ("2026-Feb-31 05:34:00+0000 UTC", None),
        ("2026-Nov-25 25:34:00+0000 UTC", None),
        ("2026-Xyz-25 05:34:00+0000 UTC", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_the_gateways_own_way_to_write_an_instant(text: str, instant: datetime | None) -> None:
    assert next_access_time(text) == instant


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_no_header_makes_the_reader_fail(value: str) -> None:
    response = httpx.Response(
        200, headers=[(b"Date", value.encode("latin-1")), (b"Retry-After", value.encode("latin-1"))]
    )
    assert header_date(response) is None or header_date(response)
    assert retry_after(response) is None or retry_after(response)
