"""What goes over the wire, and when, with plain httpx clients of both kinds."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.auth.support import TOKEN_URL, Clock, Send, TokenServer, send_async, send_sync, tokens
from vbc_call_recording._auth.access import AccessToken
from vbc_call_recording._auth.grants import AuthorizationCode, PasswordGrant, RefreshToken
from vbc_call_recording._auth.store import FileTokenStore
from vbc_call_recording._errors import (
    ApiConnectionError,
    AuthenticationError,
    ConfigurationError,
    InputError,
    ServerError,
    StatusError,
)


def password_grant(username: str = "joe", **more: Any) -> PasswordGrant:
    return PasswordGrant(username, "pass word&", "client", "client secret", token_url=TOKEN_URL, **more)


def refresh_token(token: str | None = "seed", **more: Any) -> RefreshToken:
    return RefreshToken(token, "client", "client secret", token_url=TOKEN_URL, **more)


@pytest.mark.parametrize("username", ["joe", "joe@vbc.prod", "joe@VBC.PROD", "joe@Vbc.prod"])
def test_the_password_grant_sends_what_the_guide_says(username: str, send: Send, server: TokenServer) -> None:
    assert send(password_grant(username)) == 200
    assert server.forms == [
        {
            "grant_type": "password",
            "scope": "openid",
            "username": "joe@vbc.prod",
            "password": "pass word&",
            "client_id": "client",
            "client_secret": "client secret",
        }
    ]
    (request,) = server.token_requests
    assert request.method == "POST"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in request.headers
    assert server.api_requests == ["access-1"]


def test_the_refresh_grant_sends_what_the_guide_says(send: Send, server: TokenServer) -> None:
    server.refreshable = {"seed"}
    assert send(refresh_token()) == 200
    assert server.forms == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "seed",
            "client_id": "client",
            "client_secret": "client secret",
        }
    ]


def test_a_code_is_exchanged_with_http_basic_and_then_refreshed(
    send: Send, server: TokenServer, clock: Clock
) -> None:
    auth = AuthorizationCode("c0de", "https://app.test/back", "client", "client secret", token_url=TOKEN_URL)
    send(auth)
    clock.now += 3600
    send(auth)
    code, refresh = server.forms
    assert code == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": "https://app.test/back",
    }
    basic = base64.b64encode(b"client:client secret").decode()
    assert server.token_requests[0].headers["Authorization"] == f"Basic {basic}"
    assert (refresh["grant_type"], refresh["refresh_token"]) == ("refresh_token", "refresh-1")


def test_token_requests_have_the_timeouts_and_the_name_of_the_client(send: Send, server: TokenServer) -> None:
    timeout = httpx.Timeout(3, pool=7)
    send(password_grant(), timeout=timeout)
    (request,) = server.token_requests
    assert request.extensions["timeout"] == timeout.as_dict()
    assert request.headers["User-Agent"].startswith("vbc-call-recording/")


@pytest.mark.parametrize(("lifetime", "leeway"), [(3600, 60), (60, 30)])
def test_a_token_is_renewed_ahead_of_its_expiry_and_not_before(
    lifetime: int, leeway: int, send: Send, server: TokenServer, clock: Clock
) -> None:
    server.lifetime = lifetime
    auth = password_grant()
    send(auth)
    clock.now += lifetime - leeway - 1
    send(auth)
    assert server.grants == ["password"]
    clock.now += 1
    send(auth)
    assert server.grants == ["password", "refresh_token"]
    assert server.api_requests == ["access-1", "access-1", "access-2"]


def test_a_401_renews_once_and_replays_that_request(send: Send, server: TokenServer) -> None:
    auth = password_grant()
    send(auth)
    server.accepted.clear()
    assert send(auth) == 200
    assert server.api_requests == ["access-1", "access-1", "access-2"]
    assert server.grants == ["password", "refresh_token"]


def test_a_second_401_stands(send: Send, server: TokenServer) -> None:
    server.scripted = [httpx.Response(200, json={"access_token": f"unwanted-{n}"}) for n in range(2)]
    assert send(password_grant()) == 401
    assert server.api_requests == ["unwanted-0", "unwanted-1"]


def test_after_a_401_a_token_renewed_by_somebody_else_meanwhile_is_used(server: TokenServer) -> None:
    auth = password_grant()
    renewed = []

    def serve(request: httpx.Request) -> httpx.Response:
        response = server(request)
        if server.api_requests == ["access-1"] and not renewed:
            renewed.append(True)
            server.accepted.clear()
            assert send_sync(auth, server) == 200
            return httpx.Response(401)
        return response

    assert send_sync(auth, serve) == 200
    assert server.grants == ["password", "refresh_token"]
    assert server.api_requests == ["access-1", "access-1", "access-2", "access-2"]


def test_a_refused_refresh_token_leads_to_the_password(send: Send, server: TokenServer, clock: Clock) -> None:
    auth = password_grant()
    send(auth)
    server.refreshable.clear()
    clock.now += 3600
    assert send(auth) == 200
    assert server.grants == ["password", "refresh_token", "password"]


def test_a_login_without_a_refresh_token_is_made_again(send: Send, server: TokenServer, clock: Clock) -> None:
    server.scripted = [httpx.Response(200, json={"access_token": "lonely", "expires_in": 60})]
    auth = password_grant()
    send(auth)
    assert server.grants == ["password", "password"], "the 401 for `lonely` asks for another token"


def test_a_refresh_token_without_successor_is_kept(send: Send, server: TokenServer, clock: Clock) -> None:
    server.refreshable = {"seed"}
    server.scripted = [httpx.Response(200, json={"access_token": "once", "expires_in": 60})]
    server.accepted = {"once"}
    auth = refresh_token()
    send(auth)
    clock.now += 60
    assert send(auth) == 200
    assert [form["refresh_token"] for form in server.forms] == ["seed", "seed"]


def test_a_refused_refresh_token_without_a_password_is_a_clear_error(
    send: Send, server: TokenServer, clock: Clock
) -> None:
    server.refreshable = {"seed"}
    auth = refresh_token()
    send(auth)
    server.refreshable = {"seed"}
    clock.now += 3600
    server.refreshable.clear()
    with pytest.raises(AuthenticationError, match="sign in again") as caught:
        send(auth)
    assert caught.value.status_code == 400
    assert [form["refresh_token"] for form in server.forms] == ["seed", "refresh-1"], (
        "a used-up token was shown again"
    )


def test_an_error_of_the_server_is_no_refusal(send: Send, server: TokenServer, clock: Clock) -> None:
    """The refresh token may still be good: the password is not tried, and the next request tries again."""
    auth = password_grant()
    send(auth)
    clock.now += 3600
    server.scripted = [httpx.Response(503)]
    with pytest.raises(ServerError):
        send(auth)
    assert send(auth) == 200
    assert server.grants == ["password", "refresh_token", "refresh_token"]


FAILURES: dict[str, Callable[[], httpx.Response | Exception]] = {
    "503": lambda: httpx.Response(503, headers={"Retry-After": "1"}),
    "504": lambda: httpx.Response(504),
    "429": lambda: httpx.Response(429),
    "404": lambda: httpx.Response(404),
    "refused": lambda: httpx.Response(400, json={"error": "invalid_grant"}),
    "not JSON": lambda: httpx.Response(200, text="<html>maintenance</html>"),
    "timeout": lambda: httpx.ReadTimeout("slow"),
    "no connection": lambda: httpx.ConnectError("unreachable"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_while_the_old_token_is_good_a_failing_renewal_fails_no_request(
    failure: str, send: Send, server: TokenServer, clock: Clock
) -> None:
    auth = AuthorizationCode("c0de", "https://app.test", "client", "secret", token_url=TOKEN_URL)
    send(auth)
    clock.now += 3600 - 45
    server.scripted = [FAILURES[failure]()]
    assert send(auth) == 200
    assert server.grants == ["authorization_code", "refresh_token"]
    assert send(auth) == 200
    assert len(server.grants) == 2, "the next request must not wait for the same failure again"
    clock.now += 15
    assert send(auth) == 200
    assert server.api_requests == ["access-1", "access-1", "access-1", "access-3"]


@pytest.mark.parametrize("failure", ["503", "504", "429"])
def test_after_the_old_token_has_ended_a_failing_renewal_fails_the_request(
    failure: str, send: Send, server: TokenServer, clock: Clock
) -> None:
    auth = password_grant()
    send(auth)
    clock.now += 3600 - 45
    server.scripted = [FAILURES[failure]()]
    send(auth)
    clock.now += 45
    server.scripted = [FAILURES[failure]()]
    with pytest.raises(StatusError) as caught:
        send(auth)
    assert str(caught.value.status_code) == failure
    assert server.api_requests == ["access-1", "access-1"]


def test_after_a_401_the_old_token_is_not_good(send: Send, server: TokenServer) -> None:
    auth = password_grant()
    send(auth)
    server.accepted.clear()
    server.scripted = [httpx.Response(503)]
    with pytest.raises(ServerError):
        send(auth)


def test_a_renewal_that_brings_the_refused_token_again_is_an_authentication_error(
    send: Send, server: TokenServer
) -> None:
    server.scripted = [httpx.Response(200, json=tokens(1)) for _ in range(3)]
    auth = password_grant()
    assert send(auth) == 401
    assert server.api_requests == ["access-1"], "a token that was refused is not sent again"
    assert server.grants == ["password", "refresh_token"]


def test_a_server_that_gives_the_same_token_while_it_lives_is_asked_again_only_when_it_has_ended(
    send: Send, server: TokenServer, clock: Clock
) -> None:
    """WSO2 does: what is left of the lifetime halves each time, and so would the pauses between renewals."""
    server.accepted = {"access-1"}
    server.scripted = [httpx.Response(200, json=tokens(1, expires_in=left)) for left in (3600, 50)]
    server.refreshable = {"refresh-1"}
    auth = password_grant()
    send(auth)
    clock.now += 3550
    for _ in range(49):
        assert send(auth) == 200
        clock.now += 1
    assert len(server.grants) == 2
    clock.now += 1
    assert send(auth) == 200
    assert server.api_requests[-2:] == ["access-1", "access-3"]


def test_a_lifetime_of_0_means_that_every_request_asks_for_a_token(send: Send, server: TokenServer) -> None:
    server.lifetime = 0
    auth = password_grant()
    assert [send(auth), send(auth)] == [200, 200]
    assert server.api_requests == ["access-1", "access-2"]


def test_nothing_at_the_address_of_the_token_endpoint_does_not_get_the_password_as_well(
    send: Send, server: TokenServer, clock: Clock
) -> None:
    auth = password_grant()
    send(auth)
    clock.now += 3600
    server.scripted = [httpx.Response(404)]
    with pytest.raises(AuthenticationError, match="check token_url"):
        send(auth)
    assert server.grants == ["password", "refresh_token"]


def test_a_broken_token_answer_is_a_connection_error(send: Send, server: TokenServer) -> None:
    class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Any:
            raise httpx.ReadError("gone")

        def __aiter__(self) -> Any:
            raise httpx.ReadError("gone")

    server.scripted = [httpx.Response(200, stream=Broken())]
    with pytest.raises(ApiConnectionError) as caught:
        send(password_grant())
    assert caught.value.operation == "token"
    assert isinstance(caught.value.__cause__, httpx.ReadError)


def test_a_fixed_access_token_is_sent_and_a_401_stands(send: Send, server: TokenServer) -> None:
    assert send(AccessToken("fixed")) == 401
    server.accepted = {"fixed"}
    assert send(AccessToken("fixed")) == 200
    assert server.api_requests == ["fixed", "fixed"]


def test_a_function_is_asked_before_every_request_and_again_on_a_401(send: Send, server: TokenServer) -> None:
    tokens = iter(["one", "two", "three", "three", "three"])
    auth = AccessToken(lambda: next(tokens))
    server.accepted = {"one"}
    assert send(auth) == 200
    server.accepted = {"three"}
    assert send(auth) == 200
    server.accepted = set()
    assert send(auth) == 401
    assert server.api_requests == ["one", "two", "three", "three"], "the same token is not tried twice"


@pytest.mark.anyio
async def test_an_async_function_is_awaited_by_the_async_client(server: TokenServer) -> None:
    class Source:
        async def __call__(self) -> str:
            return "from-an-object"

    async def function() -> str:
        return "from-a-function"

    async def other() -> str:
        return "from-a-lambda"

    server.accepted = {"from-an-object", "from-a-function", "from-a-lambda"}
    for source in (Source(), function, lambda: other()):
        assert await send_async(AccessToken(source), server) == 200
    assert server.api_requests == ["from-an-object", "from-a-function", "from-a-lambda"]


def test_an_async_function_is_refused_by_the_sync_client(server: TokenServer) -> None:
    async def function() -> str:
        return "token"

    for source in (function, lambda: function()):
        with pytest.raises(ConfigurationError, match="a plain function"):
            send_sync(AccessToken(source), server)
    assert server.api_requests == []


def test_what_a_token_function_raises_reaches_the_caller(send: Send) -> None:
    def function() -> str:
        raise LookupError("vault is sealed")

    with pytest.raises(LookupError, match="vault is sealed"):
        send(AccessToken(function))


@pytest.mark.parametrize("token", ["", "  ", "Bearer abc", "abc\n", "naïve", None, 7, b"abc"])
def test_a_token_that_fits_no_header_is_refused_without_being_quoted(token: Any, send: Send) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AccessToken(token)
    assert "abc" not in str(caught.value)
    with pytest.raises(ConfigurationError) as caught:
        send(AccessToken(lambda: token))
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize("argument", ["username", "password", "client_id", "client_secret"])
@pytest.mark.parametrize("value", ["", " ", None])
def test_an_empty_credential_is_named(argument: str, value: Any) -> None:
    arguments = {"username": "u", "password": "p", "client_id": "i", "client_secret": "s", argument: value}
    with pytest.raises(ConfigurationError, match=argument):
        PasswordGrant(**arguments)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.vonage.com/token",
        "http://127.0.0.1.evil.test/token",
        "ftp://127.0.0.1/token",
        "/token",
        "",
        "https://user:hunter2@api.vonage.com/token",
    ],
)
def test_secrets_are_sent_over_https_or_to_this_machine_only(url: str) -> None:
    with pytest.raises(ConfigurationError, match="token_url") as caught:
        PasswordGrant("u", "p", "i", "s", token_url=url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "127.8.9.1:1", "[::1]:80"])
def test_plain_http_to_this_machine_is_accepted(host: str) -> None:
    PasswordGrant("u", "p", "i", "s", token_url=f"http://{host}/token")


def test_a_refresh_token_or_a_store_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="refresh_token"):
        refresh_token(None)
    refresh_token(None, token_store=FileTokenStore(tmp_path / "tokens"))


class TestRedirectedUrl:
    ARGUMENTS = {  # noqa: RUF012  # a test's constants
        "redirect_uri": "https://app.test/back",
        "client_id": "client",
        "client_secret": "client secret",
        "token_url": TOKEN_URL,
    }

    def test_the_authorization_url_holds_what_the_guide_says(self) -> None:
        url = httpx.URL(AuthorizationCode.authorization_url("client", "https://app.test/back?a=1", "st&te"))
        assert (url.scheme, url.host, url.path) == ("https", "api.vonage.com", "/authorize")
        assert dict(url.params) == {
            "scope": "openid",
            "response_type": "code",
            "redirect_uri": "https://app.test/back?a=1",
            "client_id": "client",
            "state": "st&te",
        }

    def test_the_code_is_taken_from_the_redirected_url(self, send: Send, server: TokenServer) -> None:
        url = "https://app.test/back?code=c%2Fd&state=st%26te"
        send(AuthorizationCode.from_redirect(url, state="st&te", **self.ARGUMENTS))
        assert server.forms[0]["code"] == "c/d"

    @pytest.mark.parametrize(
        "query", ["code=c0de", "code=c0de&state=", "code=c0de&state=other", "code=c0de&state=st&state=ate"]
    )
    def test_another_state_is_refused_whatever_else_the_url_says(self, query: str) -> None:
        for url in (f"https://app.test/back?{query}", f"https://app.test/back?{query}&error=access_denied"):
            with pytest.raises(InputError, match="state") as caught:
                AuthorizationCode.from_redirect(url, state="state!", **self.ARGUMENTS)
            assert "c0de" not in str(caught.value)

    def test_an_empty_state_protects_nothing_and_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="state"):
            AuthorizationCode.from_redirect("https://app.test/back?code=c", state="", **self.ARGUMENTS)
        with pytest.raises(ConfigurationError, match="state"):
            AuthorizationCode.authorization_url("client", "https://app.test/back", "")

    def test_a_declined_sign_in_is_an_authentication_error(self) -> None:
        url = "https://app.test/back?state=s&error=access_denied&error_description=not+today"
        with pytest.raises(AuthenticationError, match="access_denied: not today"):
            AuthorizationCode.from_redirect(url, state="s", **self.ARGUMENTS)

    @pytest.mark.parametrize("query", ["state=s", "state=s&code=", "state=s&code=a&code=b"])
    def test_a_redirect_without_exactly_one_code_is_refused(self, query: str) -> None:
        with pytest.raises(InputError, match="exactly one"):
            AuthorizationCode.from_redirect(f"https://app.test/back?{query}", state="s", **self.ARGUMENTS)
