"""Settings from VBC_* variables."""

import inspect
import logging
import pydoc
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.auth.support import TOKEN_URL, TokenServer, send_sync
from tests.auth.tracker import seen_of
from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient
from vbc_call_recording._auth.access import AccessToken, Auth
from vbc_call_recording._auth.environment import CREDENTIALS, KNOWN, settings_from_env
from vbc_call_recording._auth.grants import AuthorizationCode, PasswordGrant, RefreshToken
from vbc_call_recording._errors import ConfigurationError
from vbc_call_recording._http.quota import Gate, Rate
from vbc_call_recording_sandbox import Sandbox

CLIENT = {"VBC_CLIENT_ID": "client", "VBC_CLIENT_SECRET": "s3cret-client"}
PASSWORD = {"VBC_USERNAME": "joe", "VBC_PASSWORD": "s3cret-password", **CLIENT}
REFRESH = {"VBC_REFRESH_TOKEN": "s3cret-refresh", **CLIENT}
TOKEN = {"VBC_ACCESS_TOKEN": "s3cret-access"}

CLIENTS = pytest.mark.parametrize("kind", [CallRecordingClient, AsyncCallRecordingClient])
AnyClient = CallRecordingClient | AsyncCallRecordingClient


@pytest.mark.parametrize(
    ("environ", "kind"), [(TOKEN, AccessToken), (PASSWORD, PasswordGrant), (REFRESH, RefreshToken)]
)
def test_each_way_to_authenticate_is_recognised(environ: dict[str, str], kind: type[Auth]) -> None:
    settings = settings_from_env(environ)
    assert type(settings.pop("auth")) is kind
    assert settings == {}


def test_a_stored_login_is_a_way_too(tmp_path: Path) -> None:
    settings = settings_from_env({"VBC_TOKEN_STORE": str(tmp_path / "tokens"), **CLIENT})
    assert type(settings["auth"]) is RefreshToken


def test_the_credentials_arrive_where_they_belong(tmp_path: Path, server: TokenServer) -> None:
    store = tmp_path / "tokens"
    settings = settings_from_env({**PASSWORD, "VBC_TOKEN_URL": TOKEN_URL, "VBC_TOKEN_STORE": str(store)})
    assert send_sync(settings["auth"], server) == 200
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


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\n\n"])
def test_a_line_end_after_a_value_does_not_belong_to_it(
    line_end: str, tmp_path: Path, server: TokenServer
) -> None:
    store = tmp_path / "tokens"
    environ = {**PASSWORD, "VBC_TOKEN_URL": TOKEN_URL, "VBC_TOKEN_STORE": str(store)}
    environ |= {"VBC_BASE_URL": "https://a.test", "VBC_ACCOUNT_ID": "549825"}
    settings = settings_from_env({name: value + line_end for name, value in environ.items()})
    assert send_sync(settings["auth"], server) == 200
    form = server.forms[0]
    assert [form[name] for name in ("username", "password", "client_id", "client_secret")] == [
        "joe@vbc.prod",
        "s3cret-password",
        "client",
        "s3cret-client",
    ]
    assert store.exists()
    assert (settings["base_url"], settings["account_id"]) == ("https://a.test", "549825")


def test_spaces_around_a_password_belong_to_it(server: TokenServer) -> None:
    environ = {**PASSWORD, "VBC_TOKEN_URL": TOKEN_URL, "VBC_PASSWORD": " s3cret\tpassword "}
    send_sync(settings_from_env(environ)["auth"], server)
    assert server.forms[0]["password"] == " s3cret\tpassword "


def test_address_account_and_rate_are_handed_on() -> None:
    more = {"base_url": "https://a.test/x", "account_id": "549825", "rate_limit": "10/min"}
    settings = settings_from_env({**TOKEN, **{f"VBC_{name.upper()}": text for name, text in more.items()}})
    del settings["auth"]
    assert settings == more


@CLIENTS
def test_a_rate_limit_of_the_environment_paces_the_client(
    kind: type[AnyClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[Rate] = []
    monkeypatch.setattr(Gate, "limit", lambda _, rate: rates.append(rate))
    kind.from_env({**TOKEN, "VBC_RATE_LIMIT": "10/min\n"})
    kind.from_env({**TOKEN, "VBC_RATE_LIMIT": "10/min"}, rate_limit="5/s")
    kind.from_env(TOKEN)
    assert rates == [Rate(10, 60), Rate(5, 1)]


def test_what_the_sandbox_prints_is_enough(sandbox: Sandbox) -> None:
    with CallRecordingClient.from_env(sandbox.environment) as client:
        assert len(list(client.company_recordings.list(limit=3))) == 3


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
        ({**TOKEN, "VBC_TOKEN_URL": TOKEN_URL}, "VBC_TOKEN_URL next to VBC_ACCESS_TOKEN"),
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VBC_BASE_URL", "http://a.test"),
        ("VBC_ACCOUNT_ID", ".."),
        ("VBC_ACCOUNT_ID", " 549825"),
        ("VBC_RATE_LIMIT", "ten/min"),
    ],
)
@CLIENTS
def test_a_base_url_account_or_rate_that_cannot_be_is_refused_by_the_name_of_its_variable(
    kind: type[AnyClient], name: str, value: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} .*{re.escape(value)}"):
        kind.from_env({**TOKEN, name: value})


@CLIENTS
def test_an_account_that_cannot_be_is_a_configuration_error_of_the_constructor_too(
    kind: type[AnyClient],
) -> None:
    with pytest.raises(ConfigurationError, match=r"^account_id is '\.\.'"):
        kind(auth="token", account_id="..")


@pytest.mark.parametrize(
    "environ", [{}, TOKEN, {"VBC_USERNAME": "joe"}, {**TOKEN, **CLIENT}, {"VBC_ACCESS_TOKEN": "Bearer x"}]
)
@CLIENTS
def test_an_auth_given_makes_variables_for_it_unnecessary(
    kind: type[AnyClient], environ: dict[str, str]
) -> None:
    auth = AccessToken("mine")
    client = kind.from_env({**environ, "VBC_ACCOUNT_ID": "549825"}, auth=auth)
    assert client._session.wire.credentials is auth
    assert client.account_id == "549825"


@CLIENTS
def test_options_given_are_used_and_not_the_variables_for_them(kind: type[AnyClient]) -> None:
    environ = {**TOKEN, "VBC_BASE_URL": "no URL", "VBC_ACCOUNT_ID": ".."}
    client = kind.from_env(environ, base_url="https://a.test", account_id=7)
    assert (client.base_url, client.account_id) == ("https://a.test", "7")


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
        shown = repr(settings_from_env(environ)["auth"])
    except ConfigurationError as error:
        shown = str(error)
    quoted = {"VBC_TOKEN_STORE", "VBC_TOKEN_URL", "VBC_BASE_URL", "VBC_ACCOUNT_ID", "VBC_RATE_LIMIT"}
    if not quoted & environ.keys():
        assert "s3cret" not in shown


@CLIENTS
def test_neither_help_nor_signature_shows_the_environment(
    kind: type[AnyClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VBC_PASSWORD", "s3cret-canary")
    shown = f"{inspect.signature(kind.from_env)} {pydoc.render_doc(kind)}"
    assert "environ: " in shown
    assert "s3cret-canary" not in shown


@pytest.mark.parametrize(
    "build",
    [
        lambda: settings_from_env({**PASSWORD, "VBC_TOKEN_URL": "http://evil.test"}),
        lambda: settings_from_env({**PASSWORD, **TOKEN}),
        lambda: CallRecordingClient.from_env({**PASSWORD, "VBC_ACCOUNT_ID": ".."}),
        lambda: CallRecordingClient(auth="s3cret-token", timeout=-1),
        lambda: PasswordGrant("joe", "s3cret-password", "", "s3cret-client"),
        lambda: PasswordGrant("joe", "s3cret-password", "s3cret-client"),  # type: ignore[call-arg]
        lambda: RefreshToken("s3cret-refresh", "client", " "),
        lambda: AccessToken("s3cret token"),
        lambda: AuthorizationCode("s3cret-code", "", "client", "s3cret-client"),
    ],
)
def test_what_an_error_tracker_sees_of_a_setting_refused_holds_no_secret(build: Callable[[], object]) -> None:
    with pytest.raises((ConfigurationError, TypeError)) as caught:
        build()
    assert "s3cret" not in seen_of(caught.value)
