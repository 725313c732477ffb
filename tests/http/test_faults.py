"""What refusals say is read in every form gateways and APIs write it, and nothing makes the reader fail."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording._http.faults import Fault, read_fault

NAMED = "2026-Nov-25 05:34:00+0000 UTC"
INSTANT = datetime(2026, 11, 25, 5, 34, tzinfo=UTC)
QUOTA = {"code": 900803, "message": "Message throttled out", "description": "You have exceeded your quota"}


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"fault": QUOTA | {"nextAccessTime": NAMED}}),
        json.dumps({"fault": QUOTA | {"nextAccessTime": NAMED, "code": "900803"}}),
        json.dumps(QUOTA | {"nextAccessTime": NAMED}),
        "<am:fault xmlns:am='http://wso2.org/apimanager/throttling'><am:code>900803</am:code>"
        "<am:message>Message throttled out</am:message><am:description>You have exceeded your quota"
        f"</am:description><am:nextAccessTime>{NAMED}</am:nextAccessTime></am:fault>",
        f"<fault><code>900803</code><description>You have exceeded your quota</description>"
        f"<nextAccessTime>{NAMED}</nextAccessTime></fault>",
    ],
)
def test_the_gateways_refusal_is_read_in_all_its_forms(body: str) -> None:
    fault = read_fault(body.encode())
    assert (fault.code, fault.message) == ("900803", "You have exceeded your quota")
    assert fault.next_access == INSTANT
    assert "Per Token Quota" in str(fault.hint)


def test_the_form_of_sister_apis_names_the_parameters() -> None:
    body = {
        "status": 400,
        "title": "Bad Request",
        "instance": "/x",
        "invalid_parameters": [{"name": "page_size", "reason": "at most 100"}, "odd", {"name": 3}],
    }
    fault = read_fault(json.dumps(body).encode())
    assert fault.message == "Bad Request"
    assert fault.invalid_parameters == (("page_size", "at most 100"),)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"msg": "no", "status": 500}, None, "no"),
        ({"error": "invalid_grant", "error_description": "bad password"}, "invalid_grant", "bad password"),
        ({"error": "not_found"}, None, "not_found"),
        ({"error": {"code": 7, "message": "seven"}}, "7", "seven"),
        ({"code": True, "message": ["x"]}, None, None),
        ([1, 2], None, None),
    ],
)
def test_other_forms(body: object, code: str | None, message: str | None) -> None:
    fault = read_fault(json.dumps(body).encode())
    assert (fault.code, fault.message) == (code, message)


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({"fault": {"code": 900908, "message": "Resource forbidden"}}, "not subscribed"),
        ({"fault": {"code": 900901, "message": "Invalid Credentials"}}, "access token"),
        (
            {"message": "User is not authorized to search CCR recordings for this account"},
            "Company Call Recording",
        ),
        ({"error": "x", "error_description": "SSO users are not supported"}, "single sign-on"),
        ({"message": "no such thing"}, None),
    ],
)
def test_hints_say_what_to_do(body: object, hint: str | None) -> None:
    found = read_fault(json.dumps(body).encode()).hint
    assert found is None if hint is None else hint in str(found)


NAMES = st.sampled_from(["fault", "error", "code", "message", "nextAccessTime", "invalid_parameters"])
JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)
)


@pytest.mark.slow
@given(st.one_of(st.binary(), JSON.map(lambda value: json.dumps(value).encode())))
def test_whatever_a_server_sends_is_read_or_left_out(body: bytes) -> None:
    assert isinstance(read_fault(body), Fault)


@pytest.mark.parametrize("body", [b"[" * 4_000, b"{" * 4_000, b"<code>" * 700, b"\xff\xfe", b""])
def test_bodies_made_to_break_readers(body: bytes) -> None:
    assert read_fault(body) == Fault()
