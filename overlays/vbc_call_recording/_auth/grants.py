"""Ways to sign in: password, refresh token, authorization code."""

from typing import Self

from .._checks import checked_text
from .._errors import ConfigurationError
from .._http.urls import secure_url
from .renewal import TokenAuth
from .secrecy import keeps_secrets
from .store import FileTokenStore
from .tokens import USER_DOMAIN, code_from_redirect, code_grant, fingerprint, password_grant, refresh_grant

DEFAULT_TOKEN_URL = "https://api.vonage.com/token"  # noqa: S105  # an address, not a token
DEFAULT_AUTHORIZE_URL = "https://api.vonage.com/authorize"


class PasswordGrant(TokenAuth):
    """Signs in with a user's name and password; renews with the refresh token, or else signs in again.

    Args:
        username: As shown in VBC; `@vbc.prod` is appended if missing (vendor's guide).
        password: The user's password.
        client_id: Of the application, which must be subscribed to the Call Recording API.
        client_secret: Belonging to it.
        token_store: Where to keep the tokens for other processes and later runs; None: in memory only.
        token_url: Where tokens are obtained; https, or http to this machine.
    """

    @keeps_secrets
    def __init__(
        self,
        username: str,
        password: str,
        client_id: str,
        client_secret: str,
        *,
        token_store: FileTokenStore | None = None,
        token_url: str = DEFAULT_TOKEN_URL,
    ) -> None:
        full_name = _full_name(checked_text(username, "username"))
        super().__init__(
            client_id,
            client_secret,
            first=password_grant(full_name, checked_text(password, "password")),
            username=full_name,
            token_store=token_store,
            token_url=token_url,
        )


class RefreshToken(TokenAuth):
    """Goes on with a login made elsewhere.

    A refresh token is good for one use within 7 days (vendor's guide). Its successors are kept in
    `token_store`: on the next run, the same `refresh_token` argument goes on with them, and a new one
    replaces them.

    Args:
        refresh_token: The first one to use; None goes on with whatever login is in `token_store`.
        client_id: Of the application the token was issued to.
        client_secret: Belonging to it.
        token_store: Where to keep the tokens for other processes and later runs; None: in memory only.
        token_url: Where tokens are obtained; https, or http to this machine.
    """

    @keeps_secrets
    def __init__(
        self,
        refresh_token: str | None,
        client_id: str,
        client_secret: str,
        *,
        token_store: FileTokenStore | None = None,
        token_url: str = DEFAULT_TOKEN_URL,
    ) -> None:
        if refresh_token is None and token_store is None:
            raise ConfigurationError("refresh_token is None; accepted without a token_store: a non-empty str")
        first = None
        if refresh_token is not None:
            first = refresh_grant(checked_text(refresh_token, "refresh_token"), fingerprint(refresh_token))
        super().__init__(
            client_id,
            client_secret,
            first=first,
            token_store=token_store,
            token_url=token_url,
        )


class AuthorizationCode(TokenAuth):
    """Signs in with the code that the user's browser brought back from the sign-in page.

    Send the browser to `authorization_url(...)`, then hand the URL it comes back to, to `from_redirect(...)`.
    A code is good for one use. Its tokens are kept in `token_store`: later runs go on with them by
    `RefreshToken(None, …, token_store=…)`, or with the same code.

    Args:
        code: The authorization code.
        redirect_uri: The one the code was requested with.
        client_id: Of the application.
        client_secret: Belonging to it.
        token_store: Where to keep the tokens for other processes and later runs; None: in memory only.
        token_url: Where tokens are obtained; https, or http to this machine.
    """

    @keeps_secrets
    def __init__(
        self,
        code: str,
        redirect_uri: str,
        client_id: str,
        client_secret: str,
        *,
        token_store: FileTokenStore | None = None,
        token_url: str = DEFAULT_TOKEN_URL,
    ) -> None:
        super().__init__(
            client_id,
            client_secret,
            first=code_grant(checked_text(code, "code"), checked_text(redirect_uri, "redirect_uri")),
            token_store=token_store,
            token_url=token_url,
        )

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
        return str(secure_url(authorize_url, "authorize_url").copy_merge_params(query))

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
        token_store: FileTokenStore | None = None,
        token_url: str = DEFAULT_TOKEN_URL,
    ) -> Self:
        """From the URL the browser came back to.

        Args:
            url: With its query.
            state: The one given to `authorization_url`.
            redirect_uri: The one given to `authorization_url`.
            client_id: The one given to `authorization_url`.
            client_secret: Belonging to it.
            token_store: As for the constructor.
            token_url: As for the constructor.

        Raises:
            InputError: The URL has another state (it belongs to another sign-in, or is forged), or not
                exactly one code.
            AuthenticationError: The user or the server declined.
        """
        code = code_from_redirect(url, checked_text(state, "state"))
        return cls(code, redirect_uri, client_id, client_secret, token_store=token_store, token_url=token_url)


def _full_name(username: str) -> str:
    # The domain is always written alike: the token store tells logins apart by the whole name.
    name, domain = username[: -len(USER_DOMAIN)], username[-len(USER_DOMAIN) :]
    return (name if domain.lower() == USER_DOMAIN else username) + USER_DOMAIN
