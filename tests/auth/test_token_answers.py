"""What the token endpoint's answers mean. Pure."""

import json
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbc_call_recording._auth.tokens import TokenSet, password_grant, read_token_answer
from vbc_call_recording._errors import (
    ApiError,
    AuthenticationError,
    MalformedResponseError,
    RateLimitError,
    ServerError,
    StatusError,
)

REQUEST = httpx.Request("POST", "https://auth.test/token", extensions={"operation": "token"})
NOW = 1_700_000_000.0


def read(response: httpx.Response) -> TokenSet:
    grant = password_grant("joe@vbc.prod", "hunter2hunter2")
    response.request = REQUEST
    return read_token_answer(grant, response, NOW, {"hunter2hunter2"})


def answer(**fields: Any) -> httpx.Response:
    return httpx.Response(200, json={"access_token": "a1", "refresh_token": "r1", **fields})


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [(3600, 3600), (3600.5, 3600.5), ("3600", 3600), (" 3600 ", 3600), (None, 86_400), (0, 0), ("0", 0)],
)
def test_the_lifetime_is_read_from_numbers_and_digits(expires_in: object, lifetime: float) -> None:
    assert read(answer(expires_in=expires_in)).expires_at == NOW + lifetime


def test_a_token_without_a_lifetime_is_taken_to_live_a_day() -> None:
    assert read(answer()).expires_at == NOW + 86_400


@pytest.mark.parametrize("expires_in", [-1, "", "soon", True, [], {}, "nan", "inf", 1e300, 10**400])
def test_a_lifetime_that_cannot_be_is_an_error_naming_the_field(expires_in: object) -> None:
    with pytest.raises(MalformedResponseError, match="expires_in") as caught:
        read(answer(expires_in=expires_in))
    assert caught.value.field == "expires_in"


def test_a_lifetime_that_is_no_json_number_either_is_an_error() -> None:
    with pytest.raises(MalformedResponseError, match="expires_in"):
        read(httpx.Response(200, content=b'{"access_token": "a1", "expires_in": NaN}'))


@pytest.mark.parametrize("token", [7, ["a"], "\ud800"])
def test_a_refresh_token_that_cannot_be_sent_is_an_error_naming_the_field(token: object) -> None:
    with pytest.raises(MalformedResponseError) as caught:
        read(httpx.Response(200, content=json.dumps({"access_token": "a1", "refresh_token": token})))
    assert caught.value.field == "refresh_token"


@pytest.mark.parametrize("token", [None, "", 7, ["a"], "two words", "a\r\nX-Injected: 1", "naïve"])
def test_an_access_token_that_fits_no_header_is_an_error_naming_the_field(token: object) -> None:
    with pytest.raises(MalformedResponseError) as caught:
        read(answer(access_token=token))
    assert (caught.value.field, caught.value.operation, caught.value.status_code) == (
        "access_token",
        "token",
        200,
    )


@pytest.mark.parametrize("token", [None, ""])
def test_an_answer_may_come_without_a_refresh_token(token: object) -> None:
    assert read(answer(refresh_token=token)).refresh_token is None


def test_a_refresh_token_must_be_text() -> None:
    with pytest.raises(MalformedResponseError) as caught:
        read(answer(refresh_token=7))
    assert caught.value.field == "refresh_token"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>sign in</html>", b'{"access_', b"[]", b'"a1"', b"\xff\xfe\xfd", b"[" * 200_000],
    ids=lambda body: repr(body[:8]),
)
def test_a_success_that_is_no_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedResponseError, match=r"not a JSON object; check token_url") as caught:
        read(httpx.Response(200, content=body))
    assert caught.value.body_excerpt == ""


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, AuthenticationError),
        (401, AuthenticationError),
        (403, AuthenticationError),
        (404, AuthenticationError),
        (429, RateLimitError),
        (500, ServerError),
        (503, ServerError),
        (520, ServerError),
        (302, StatusError),
        (600, StatusError),
    ],
)
def test_a_refusal_becomes_an_error_of_its_family(status: int, kind: type[ApiError]) -> None:
    with pytest.raises(StatusError) as caught:
        read(httpx.Response(status, json={"error": "nope"}, headers={"Retry-After": "7"}))
    assert type(caught.value) is kind
    assert (caught.value.status_code, caught.value.operation) == (status, "token")
    if isinstance(caught.value, RateLimitError | ServerError):
        assert caught.value.retry_after == 7


@pytest.mark.parametrize("status", [301, 404, 405, 410, 415, 418])
def test_what_takes_no_token_requests_points_at_the_url_and_not_at_the_password(status: int) -> None:
    with pytest.raises(StatusError, match="check token_url") as caught:
        read(httpx.Response(status, text="<html>nothing here</html>"))
    assert "password" not in str(caught.value)
    assert f"answered {status}" in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(
    ("username", "hint"), [("joe", "not by single sign-on"), ("acme.api", "login of the developer portal")]
)
def test_a_refused_password_says_what_the_vendor_demands_of_the_user(
    username: str, hint: str, status: int
) -> None:
    grant = password_grant(f"{username}@vbc.prod", "hunter2")
    with pytest.raises(AuthenticationError, match=hint) as caught:
        read_token_answer(grant, httpx.Response(status, request=REQUEST), NOW, set())
    assert "token_url" not in str(caught.value)


def test_a_success_that_holds_an_error_is_a_refusal() -> None:
    with pytest.raises(AuthenticationError, match="invalid_grant"):
        read(httpx.Response(200, json={"error": "invalid_grant"}))


def test_of_a_refusal_only_the_two_oauth_fields_are_quoted_and_they_are_redacted() -> None:
    body = {
        "error": "invalid_grant",
        "error_description": "no user with password hunter2hunter2",
        "debug": "leaked-elsewhere",
    }
    with pytest.raises(AuthenticationError) as caught:
        read(httpx.Response(400, json=body))
    shown = str(caught.value) + repr(vars(caught.value))
    assert "invalid_grant" in shown
    assert "hunter2" not in shown
    assert "leaked-elsewhere" not in shown


@settings(deadline=None)  # a busy machine is no bug
@given(st.floats(min_value=0.01, max_value=1e7), st.floats(min_value=1, max_value=2e9))
def test_tokens_are_renewed_ahead_by_a_minute_or_half_their_life(lifetime: float, issued_at: float) -> None:
    tokens = TokenSet(
        access_token="a",
        refresh_token=None,
        issued_at=issued_at,
        expires_at=issued_at + lifetime,
        origin=None,
    )
    ahead = tokens.expires_at - tokens.renew_at
    assert ahead == pytest.approx(min(60, lifetime / 2), abs=1e-5)


def test_token_sets_compare_by_value_and_evolve() -> None:
    tokens = read(answer(expires_in=60))
    assert attrs.evolve(tokens, origin=None) == tokens
