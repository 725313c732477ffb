"""Nothing secret is left of a text, wherever it was cut and however the secret is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording._http.redaction import EXCERPT_LENGTH, excerpt, redact, shown_url

SECRET = 's3cr3t/with + "quotes" and ünïcode'


@given(st.binary(max_size=30), st.integers(0, 5000), st.integers(1, 40))
def test_a_secret_cut_in_its_middle_is_masked(before: bytes, blanks: int, kept: int) -> None:
    token = "T0ken" * 10
    body = before + b" " * blanks + b"Bearer: " + token[: 3 + kept].encode()

    shown = excerpt(body, {token})

    assert token[:8] not in shown
    assert len(shown) <= EXCERPT_LENGTH + 1


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        "s3cr3t%2Fwith%20%2B%20%22quotes%22%20and%20%C3%BCn%C3%AFcode",
        "s3cr3t%2Fwith+%2B+%22quotes%22+and+%C3%BCn%C3%AFcode",
        's3cr3t/with + \\"quotes\\" and ünïcode',
        's3cr3t/with + \\"quotes\\" and \\u00fcn\\u00efcode',
        "czNjcjN0L3dpdGggKyAicXVvdGVzIiBhbmQgw7xuw69jb2Rl",
    ],
)
def test_a_secret_is_masked_in_every_form(written: str) -> None:
    assert redact(f"<{written}>", {SECRET}) == "<***>"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abc.DEF-123",
        '{"access_token": "abc.DEF-123"}',
        "{'refresh_token':'abc.DEF-123'}",
        "grant_type=password&password=abc.DEF-123&scope=openid",
        '{"client_secret": "abc.DEF-123',
    ],
)
def test_what_looks_like_a_credential_is_masked_unknown_as_it_is(text: str) -> None:
    assert "abc" not in redact(text)


def test_the_signature_of_a_url_is_masked_and_the_rest_of_it_shown() -> None:
    url = "https://user:pw@bucket.example/a.mp3?X-Amz-Signature=SIG&X-Amz-Credential=CRED&sig=AZ&part=7"

    assert shown_url(url) == (
        "https://bucket.example/a.mp3?X-Amz-Signature=***&X-Amz-Credential=***&sig=***&part=7"
    )
