"""Settings from VBC_* variables."""

import logging
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.auth.support import API_URL, TOKEN_URL, TokenServer
from vbc_call_recording._auth import AccessToken, Auth, PasswordGrant, RefreshToken
from vbc_call_recording._env import CREDENTIALS, KNOWN, settings_from_env
from vbc_call_recording._errors import ConfigurationError
from vbc_call_recording_sandbox import Sandbox

CLIENT = {"VBC_CLIENT_ID": "client", "VBC_CLIENT_SECRET": "s3cret-client"}
PASSWORD = {"VBC_USERNAME": "joe", "VBC_PASSWORD": "s3cret-password", **CLIENT}
REFRESH = {"VBC_REFRESH_TOKEN": "s3cret-refresh", **CLIENT}
TOKEN = {"VBC_ACCESS_TOKEN": "s3cret-access"}


@pytest.mark.parametrize(
    ("environ", "kind"), [(TOKEN, AccessToken), (PASSWORD, PasswordGrant), (REFRESH, RefreshToken)]
)
def test_each_way_to_authenticate_is_recognised(environ: dict[str, str], kind: type[Auth]) -> None:
    settings = settings_from_env(environ)
    assert type(settings.auth) is kind
    assert (settings.base_url, settings.account_id) == (None, None)


def test_a_stored_login_is_a_way_too(tmp_path: Path) -> None:
    settings = settings_from_env({"VBC_TOKEN_STORE": str(tmp_path / "tokens"), **CLIENT})
    assert type(settings.auth) is RefreshToken


def test_the_credentials_arrive_where_they_belong(tmp_path: Path, server: TokenServer) -> None:
    store = tmp_path / "tokens"
    settings = settings_from_env({**PASSWORD, "VBC_TOKEN_URL": TOKEN_URL, "VBC_TOKEN_STORE": str(store)})
    with httpx.Client(transport=server.transport(), auth=settings.auth) as client:
        assert client.get(API_URL).status_code == 200
    assert server.forms == [
        {
            "grant_type": "password",
            "scope": "openid",
            "username": "joe@vbc.prod",
            "password": "s3cret-password",
            "client_id": "client",
            "client_secret": "s3cret-client",
        }
    ]
    assert store.exists()


def test_addresses_and_account_are_handed_on() -> None:
    settings = settings_from_env({**TOKEN, "VBC_BASE_URL": "https://a.test/x", "VBC_ACCOUNT_ID": "549825"})
    assert (settings.base_url, settings.account_id) == ("https://a.test/x", "549825")


def test_what_the_sandbox_prints_is_enough(sandbox: Sandbox) -> None:
    settings = settings_from_env(sandbox.environment)
    url = f"{settings.base_url}/api/accounts/self/company_call_recordings"
    assert httpx.get(url, auth=settings.auth).status_code == 200


@pytest.mark.parametrize("environ", [{}, {"PATH": "/bin"}, {"VBC_CLIENT_ID": "client"}, {"VBC_USERNAME": ""}])
def test_without_credentials_all_ways_are_named(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings_from_env(environ)
    assert [name for name in CREDENTIALS if name not in str(caught.value)] == []


@pytest.mark.parametrize("environ", [PASSWORD, REFRESH])
@pytest.mark.parametrize("blank", [None, "", "  "])
def test_what_is_missing_is_named(environ: dict[str, str], blank: str | None) -> None:
    for name in environ.keys() - {"VBC_REFRESH_TOKEN"}:
        incomplete = {other: value for other, value in environ.items() if other != name}
        if blank is not None:
            incomplete[name] = blank
        with pytest.raises(ConfigurationError, match=f"not set: {name};"):
            settings_from_env(incomplete)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({**TOKEN, **CLIENT}, "VBC_CLIENT_ID, VBC_CLIENT_SECRET next to VBC_ACCESS_TOKEN"),
        ({**TOKEN, "VBC_TOKEN_STORE": "t"}, "VBC_TOKEN_STORE next to VBC_ACCESS_TOKEN"),
        ({**PASSWORD, **REFRESH}, "VBC_REFRESH_TOKEN next to VBC_USERNAME"),
    ],
)
def test_what_is_contradictory_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=f"contradictory: {named}"):
        settings_from_env(environ)


@pytest.mark.parametrize(
    ("name", "value"), [("VBC_TOKEN_URL", "http://api.vonage.com/token"), ("VBC_ACCESS_TOKEN", "Bearer x")]
)
def test_a_value_that_cannot_be_is_refused(name: str, value: str) -> None:
    environ = {name: value} if name == "VBC_ACCESS_TOKEN" else {**PASSWORD, name: value}
    with pytest.raises(ConfigurationError, match="from the VBC_"):
        settings_from_env(environ)


def test_a_misspelt_variable_is_pointed_out_and_others_are_ignored(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "vbc_call_recording"):
        settings_from_env({**TOKEN, "VBC_BASEURL": "x", "VBC_LOG_LEVEL": "debug", "VBX_TOKEN_URL": "x"})
    assert [record.getMessage() for record in caplog.records] == [
        "VBC_BASEURL is not a setting and is ignored; is VBC_BASE_URL meant?"
    ]


@settings(deadline=None)  # a busy machine is no bug
@given(st.dictionaries(st.sampled_from(KNOWN), st.sampled_from(["", "s3cret canary", "s3cret-canary"])))
def test_any_environment_gives_settings_or_an_error_that_quotes_no_credential(
    environ: dict[str, str],
) -> None:
    try:
        shown = repr(settings_from_env(environ).auth)
    except ConfigurationError as error:
        shown = str(error)
    if not {"VBC_TOKEN_STORE", "VBC_TOKEN_URL"} & environ.keys():
        assert "s3cret" not in shown
