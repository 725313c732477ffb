"""Ways to sign in: password, refresh token, authorization code."""

import hmac
from typing import Self, Unpack
from urllib.parse import parse_qs, urlencode, urlsplit

from .._checks import checked_text
from .._errors import AuthenticationError, ConfigurationError, InputError
from .._http.redaction import redact
from .._http.urls import secure_url
from .renewal import TokenAuth, TokenOptions
from .secrecy import keeps_secrets
from .tokens import USER_DOMAIN, code_grant, fingerprint, password_grant, refresh_grant

DEFAULT_AUTHORIZE_URL = "https://api.vonage.com/authorize"


class PasswordGrant(TokenAuth):
    """Signs in with a user's name and password; renews with the refresh token, or else signs in again.

    Args:
        username: As shown in VBC; `@vbc.prod` is appended if missing (vendor's guide).
        password: The user's password.
        client_id: Of the application, which must be subscribed to the Call Recording API.
        client_secret: Belonging to it.
        options: `token_store`, a `FileTokenStore` for other processes and later runs (default: in memory
            only), and `token_url`, where tokens are obtained: https, or http to this machine.
    """

    @keeps_secrets
    def __init__(
        self,
        username: str,
        password: str,
        client_id: str,
        client_secret: str,
        **options: Unpack[TokenOptions],
    ) -> None:
        name = checked_text(username, "username")
        # The domain is always written alike: the token store tells logins apart by the whole name.
        if name.lower().endswith(USER_DOMAIN):
            name = name[: -len(USER_DOMAIN)]
        first = password_grant(name + USER_DOMAIN, checked_text(password, "password"))
        super().__init__(first, client_id, client_secret, **options)


class RefreshToken(TokenAuth):
    """Goes on with a login made elsewhere.

    A refresh token works only once, within 7 days (vendor's guide). Its successors are kept in `token_store`.
    On the next run, the same `refresh_token` argument goes on with them; another one replaces them.

    Args:
        refresh_token: The first one to use; None goes on with whatever login is in `token_store`.
        client_id: Of the application the token was issued to.
        client_secret: Belonging to it.
        options: As for `PasswordGrant`.
    """

    @keeps_secrets
    def __init__(
        self, refresh_token: str | None, client_id: str, client_secret: str, **options: Unpack[TokenOptions]
    ) -> None:
        first = None
        if refresh_token is not None:
            first = refresh_grant(checked_text(refresh_token, "refresh_token"), fingerprint(refresh_token))
        elif options.get("token_store") is None:
            raise ConfigurationError("refresh_token is None; accepted without a token_store: a non-empty str")
        super().__init__(first, client_id, client_secret, **options)


class AuthorizationCode(TokenAuth):
    """Signs in with the code that the user's browser brought back from the sign-in page.

    Send the browser to `authorization_url(...)`, and pass the URL that it comes back to, to
    `from_redirect(...)`. A code works only once. Its tokens are kept in `token_store`: later runs go on with
    `RefreshToken(None, …, token_store=…)`, or with the same code.

    Args:
        code: The authorization code.
        redirect_uri: The one the code was requested with.
        client_id: Of the application.
        client_secret: Belonging to it.
        options: As for `PasswordGrant`.
    """

    @keeps_secrets
    def __init__(
        self,
        code: str,
        redirect_uri: str,
        client_id: str,
        client_secret: str,
        **options: Unpack[TokenOptions],
    ) -> None:
        first = code_grant(checked_text(code, "code"), checked_text(redirect_uri, "redirect_uri"))
        super().__init__(first, client_id, client_secret, **options)

    @staticmethod
    def authorization_url(
        client_id: str, redirect_uri: str, state: str, *, authorize_url: str = DEFAULT_AUTHORIZE_URL
    ) -> str:
        """The sign-in page to send the user's browser to.

        Args:
            client_id: Of the application.
            redirect_uri: Where the browser is sent back to; as registered for the application.
            state: Unguessable, made for this sign-in (`secrets.token_urlsafe()`), kept for `from_redirect`.
            authorize_url: The sign-in page itself.
        """
        query = {
            "scope": "openid",
            "response_type": "code",
            "redirect_uri": checked_text(redirect_uri, "redirect_uri"),
            "client_id": checked_text(client_id, "client_id"),
            "state": checked_text(state, "state"),
        }
        return f"{secure_url(authorize_url, 'authorize_url')}?{urlencode(query)}"

    @classmethod
    @keeps_secrets
    def from_redirect(
        cls,
        url: str,
        *,
        state: str,
        redirect_uri: str,
        client_id: str,
        client_secret: str,
        **options: Unpack[TokenOptions],
    ) -> Self:
        """From the URL the browser came back to.

        Args:
            url: With its query.
            state: The one given to `authorization_url`, as are `redirect_uri` and `client_id`.
            client_secret: Belonging to the application.
            options: As for `PasswordGrant`.

        Raises:
            InputError: The URL has another state (it belongs to another sign-in, or is forged), or not
                exactly one code.
            AuthenticationError: The user or the server declined.
        """
        code = _code_in(url, checked_text(state, "state"))
        return cls(code, redirect_uri, client_id, client_secret, **options)


def _code_in(url: str, state: str) -> str:
    try:
        query = parse_qs(urlsplit(checked_text(url, "url")).query)
    except ValueError:
        raise InputError(
            "the redirected URL cannot be read; accepted: the one the browser came back to"
        ) from None
    if not hmac.compare_digest("".join(query.get("state", [])).encode(), state.encode()):
        raise InputError(
            "the redirected URL has another `state`: it belongs to another sign-in, or is forged"
        )
    if "error" in query:
        told = ": ".join(query["error"] + query.get("error_description", []))
        raise AuthenticationError(f"the sign-in was declined ({redact(told)})", operation="authorize")
    codes = query.get("code", [])
    if len(codes) != 1:
        raise InputError(f"the redirected URL has {len(codes)} `code` parameters; accepted: exactly one")
    return codes[0]
