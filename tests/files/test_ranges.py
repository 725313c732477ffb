"""What is asked for when bytes are here already, and what each possible answer means."""

import pytest
from httpx import Headers
from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording._errors import VerificationError
from vbc_call_recording._files.ranges import (
    MAX_BREAKS,
    SETTLED_HERE,
    Body,
    Received,
    is_self_delimiting,
    pause_after,
    read_answer,
    request_headers,
    validator,
)

HALF = Received(offset=50, total=100, validator='"v1"')


def test_without_bytes_the_whole_is_asked_for_and_never_compressed() -> None:
    assert request_headers(Received()) == {"Accept-Encoding": "identity"}


def test_the_rest_is_asked_for_only_on_condition_that_the_copy_is_the_same() -> None:
    asked = request_headers(HALF)
    assert asked["Range"] == "bytes=50-"
    assert asked["If-Range"] == '"v1"'


def test_without_a_validator_it_starts_over() -> None:
    assert "Range" not in request_headers(Received(offset=50, total=100))


def test_a_fitting_206_goes_on() -> None:
    headers = Headers({"Content-Range": "bytes 50-99/100", "Content-Length": "50", "ETag": '"v1"'})
    assert read_answer(206, headers, HALF, 100) == Body(start=50, end=100, total=100, validator='"v1"')


def test_a_200_to_a_range_request_restarts() -> None:
    headers = Headers({"Content-Length": "120", "ETag": '"v2"'})
    assert read_answer(200, headers, HALF, None) == Body(start=0, end=120, total=120, validator='"v2"')


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Range": "bytes 1-99/100"},
        {"Content-Range": "bytes 51-99/100"},
        {"Content-Range": "bytes 50-49/100"},
        {"Content-Range": "bytes 50-100/100"},
        {"Content-Range": "bytes 50-99/200"},
        {"Content-Range": "bytes 50-99/100", "Content-Length": "49"},
        {"Content-Range": "items 50-99/100"},
        {"Content-Range": "bytes */100"},
        {"Content-Range": f"bytes 50-{'9' * 5000}/100"},
        {"Content-Range": "bytes 50-100/*"},
        {"Content-Type": "multipart/byteranges; boundary=x"},
    ],
)
def test_a_wrong_content_range_is_an_error_or_for_the_rest_of_a_file_a_reason_to_start_over(
    headers: dict[str, str],
) -> None:
    assert read_answer(206, Headers(headers), HALF, None) is None
    with pytest.raises(VerificationError, match="Content-Range"):
        read_answer(206, Headers(headers), Received(), None)


@pytest.mark.slow
@given(
    status=st.integers(200, 599),
    headers=st.dictionaries(
        st.sampled_from(["Content-Range", "Content-Length", "Content-Encoding", "ETag", "Last-Modified"]),
        st.one_of(
            st.text(st.characters(max_codepoint=0xFF), max_size=20),
            st.sampled_from(["bytes 50-99/100", "bytes 0-99/100", "bytes */100", "gzip", "50", '"v1"']),
        ),
    ),
)
def test_no_answer_to_a_request_for_the_rest_is_an_error(status: int, headers: dict[str, str]) -> None:
    """Or it would be the same error at the next call, and the one after."""
    answer = read_answer(status, headers, HALF, 100)
    assert answer is None or answer.start in (0, 50)


def test_refusals_that_the_whole_would_meet_too_are_not_settled_here() -> None:
    assert {302, 400, 412, 416, 417, 500, 503} <= SETTLED_HERE
    assert SETTLED_HERE.isdisjoint({200, 206, 401, 403, 404, 410, 429})


SETTLED = "Tue, 01 Jan 2019 00:00:00 GMT"


@pytest.mark.parametrize(
    ("kept", "headers"),
    [
        ('"v1"', {"ETag": '"v2"'}),
        ('"v1"', {"ETag": 'W/"v1"'}),
        ('"v1"', {"ETag": '"v2"', "Content-Range": "bytes 50-199/200"}),
        (SETTLED, {"Last-Modified": "Wed, 02 Jan 2019 00:00:00 GMT"}),
    ],
)
def test_the_rest_of_another_copy_is_not_put_behind_the_beginning_of_this_one(
    kept: str, headers: dict[str, str]
) -> None:
    """As from a server that knows ranges and ignores If-Range."""
    have = Received(offset=50, total=100, validator=kept)
    assert read_answer(206, Headers({"Content-Range": "bytes 50-99/100"} | headers), have, 100) is None


@pytest.mark.parametrize(
    ("kept", "headers"),
    [
        ('"v1"', {}),
        ('"v1"', {"Last-Modified": SETTLED}),
        (SETTLED, {"Last-Modified": SETTLED, "ETag": '"a"'}),
    ],
)
def test_a_rest_that_says_nothing_else_is_of_the_same_copy(kept: str, headers: dict[str, str]) -> None:
    have = Received(offset=50, total=100, validator=kept)
    assert read_answer(206, Headers({"Content-Range": "bytes 50-99/100"} | headers), have, 100)


def test_a_part_of_a_file_of_unknown_size_is_not_taken_for_the_whole() -> None:
    headers = Headers({"Content-Range": "bytes 0-49/*", "Content-Length": "50"})
    with pytest.raises(VerificationError, match="unknown size"):
        read_answer(206, headers, Received(), None)
    body = Body(start=0, end=50, total=None, validator=None)
    assert read_answer(206, headers, Received(), 100) == body
    rest = Headers({"Content-Range": "bytes 50-99/*"})
    assert read_answer(206, rest, Received(offset=50, validator='"v"'), None) is None


def test_a_content_length_nobody_can_read_is_an_error() -> None:
    for stated in ("9" * 5000, "-1", "1e3", "\u0665"):
        with pytest.raises(VerificationError, match="Content-Length"):
            read_answer(200, {"content-length": stated}, Received(), None)


@pytest.mark.parametrize(
    ("content_range", "have", "expected", "is_all_here"),
    [
        ("bytes */50", HALF, None, True),
        ("bytes */50", HALF, 50, True),
        ("bytes */50", HALF, 100, False),
        ("bytes */40", HALF, None, False),
        ("bytes */200", HALF, None, False),
        ("", HALF, None, False),
        (f"bytes */{'9' * 5000}", HALF, None, False),
        ("", Received(offset=100, total=100, validator='"v1"'), None, True),
    ],
)
def test_a_416_is_settled_by_comparing_sizes(
    content_range: str, have: Received, expected: int | None, is_all_here: bool
) -> None:
    headers = Headers({"Content-Range": content_range} if content_range else {})
    nothing_left = Body(have.offset, have.offset, have.offset, have.validator)
    assert read_answer(416, headers, have, expected) == (nothing_left if is_all_here else None)


def test_a_size_other_than_promised_is_an_error_before_a_byte_is_read() -> None:
    with pytest.raises(VerificationError, match=r"99 bytes.*promised 100"):
        read_answer(200, Headers({"Content-Length": "99"}), Received(), 100)


def test_compressed_bytes_are_an_error() -> None:
    with pytest.raises(VerificationError, match="gzip"):
        read_answer(200, Headers({"Content-Encoding": "gzip"}), Received(), None)


@pytest.mark.parametrize("status", [201, 202, 204])
def test_other_successes_are_no_file(status: int) -> None:
    with pytest.raises(VerificationError, match=str(status)):
        read_answer(status, Headers(), Received(), None)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"ETag": '"a"'}, '"a"'),
        ({"ETag": 'W/"a"'}, None),
        (
            {"Last-Modified": "Tue, 01 Jan 2019 00:00:00 GMT", "Date": "Tue, 01 Jan 2019 00:01:00 GMT"},
            "Tue, 01 Jan 2019 00:00:00 GMT",
        ),
        ({"Last-Modified": "Tue, 01 Jan 2019 00:00:00 GMT", "Date": "Tue, 01 Jan 2019 00:00:59 GMT"}, None),
        ({"Last-Modified": "Tue, 01 Jan 2019 00:00:00 GMT"}, None),
        ({"Last-Modified": "yesterday", "Date": "today"}, None),
        ({"ETag": 'W/"a"', "Last-Modified": "Tue, 01 Jan 2019 00:00:00 GMT"}, None),
        ({"ETag": '"caf\u00e9"'}, None),
        ({"ETag": '"a\tb"'}, None),
        ({"ETag": f'"{"a" * 5000}"'}, None),
        ({"Last-Modified": "Fri, 31 Dec 9999 23:59:59 -2359", "Date": "Tue, 01 Jan 2019 00:00:00 GMT"}, None),
        ({"Last-Modified": "Tue, 01 Jan 2019 00:00:00 GMT", "Date": "Fri, 31 Dec 9999 23:59:59 -2359"}, None),
        ({"Last-Modified": "Tue, 01 Jan 99999 00:00:00 GMT", "Date": "Tue, 01 Jan 2019 00:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_only_a_strong_validator_counts(headers: dict[str, str], found: str | None) -> None:
    assert validator(Headers(headers, encoding="utf-8")) == found


@pytest.mark.slow
@given(
    modified=st.one_of(st.text(max_size=40), st.from_regex(r"\A\w{3}, \d+ \w{3} \d+ [\d:]+ [+-]?\d+\Z")),
    now=st.one_of(st.text(max_size=40), st.from_regex(r"\A\w{3}, \d+ \w{3} \d+ [\d:]+ [+-]?\d+\Z")),
)
def test_no_date_is_too_odd_to_be_looked_at(modified: str, now: str) -> None:
    assert validator({"last-modified": modified, "date": now}) in (None, modified)


def test_pauses_between_tries_grow_to_five_seconds_and_end() -> None:
    pauses = [pause_after(breaks) for breaks in range(1, MAX_BREAKS + 2)]
    assert pauses[0] == 0.2
    assert pauses[-2] == 5.0
    assert pauses[-1] is None


def test_only_a_framed_body_can_be_told_from_a_truncated_one() -> None:
    assert is_self_delimiting("HTTP/1.1", Headers({"Content-Length": "5"}))
    assert is_self_delimiting("HTTP/1.1", Headers({"Transfer-Encoding": "chunked"}))
    assert is_self_delimiting("HTTP/2", Headers())
    assert not is_self_delimiting("HTTP/1.1", Headers())


@given(start=st.integers(0, 200), stop=st.integers(0, 200), total=st.one_of(st.none(), st.integers(0, 200)))
def test_no_206_is_accepted_that_would_leave_a_gap_or_go_past_the_end(
    start: int, stop: int, total: int | None
) -> None:
    stated = f"bytes {start}-{stop}/{'*' if total is None else total}"
    body = read_answer(206, Headers({"Content-Range": stated}), HALF, None)
    if body is None:
        return
    assert body.start == HALF.offset
    assert body.end is not None
    assert body.start < body.end <= 200
    assert body.total in (None, 100)
