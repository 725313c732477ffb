"""The token endpoint: who gets which tokens, for how long."""

import base64
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._clock import Clock
from .._data import USERNAME
from .._quirks.panel import Quirks
from .bodies import GatewayError

Json = dict[str, Any]

_SUFFIX = "@vbc.prod"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client needs to log in. On the wire, the user name is followed by `@vbc.prod`."""

    client_id: str = "sandbox-client"
    client_secret: str = field(default="sandbox-client-secret", repr=False)
    username: str = USERNAME
    password: str = field(default="sandbox-password", repr=False)


class OAuthError(Exception):
    """A refusal of the token endpoint, with its status and the `error` word of RFC 6749."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body: Json = {"error": error, "error_description": description}


class Tokens:
    """Issues tokens and checks them; safe to use from any thread.

    Attributes:
        access_lifetime: Seconds an access token issued from now on is good for.
        refresh_lifetime: Seconds a refresh token issued from now on is good for.
        requests: The grant type of every token request received, refused ones included, in order.
    """

    def __init__(self, credentials: Credentials, clock: Clock, quirks: Quirks) -> None:
        self.credentials = credentials
        self._quirks = quirks
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget all tokens, codes and requests, and put the lifetimes back."""
        with self._lock:
            self._access: dict[str, float] = {}
            self._refresh: dict[str, float] = {}
            self._codes: dict[str, str] = {}
            self._last: Json | None = None
        self.access_lifetime: float = 24 * 3600
        self.refresh_lifetime: float = 7 * 24 * 3600
        self.requests: list[str] = []

    def revoke_access_tokens(self) -> None:
        """Every access token issued so far stops being accepted."""
        with self._lock:
            self._access.clear()

    def revoke_refresh_tokens(self) -> None:
        """Every refresh token issued so far stops being accepted."""
        with self._lock:
            self._refresh.clear()

    def bearer(self, authorization: str | None) -> str | None:
        """The access token that this Authorization header bears, if it is valid."""
        scheme, _, token = (authorization or "").partition(" ")
        is_valid = scheme.lower() == "bearer" and self._access.get(token, 0) > self._clock.seconds()
        return token if is_valid else None

    def require(self, authorization: str | None) -> None:
        """Refuse the request with 401 unless this Authorization header bears a valid access token."""
        if self.bearer(authorization) is None:
            # The gateway's codes for a token it does not know, and for none.
            code = 900_901 if authorization else 900_902
            message = "A valid access token is required."
            raise GatewayError(401, code, message, {"WWW-Authenticate": 'Bearer error="invalid_token"'})

    def issue(self) -> Json:
        """A new pair of tokens, as the token endpoint's answer."""
        now = self._clock.seconds()
        access, refresh = (f"sandbox-{kind}-{secrets.token_hex(16)}" for kind in ("access", "refresh"))
        with self._lock:
            self._access[access] = now + self.access_lifetime
            self._refresh[refresh] = now + self.refresh_lifetime
            self._last = {
                "access_token": access,
                "refresh_token": refresh,
                "token_type": "Bearer",
                "expires_in": int(self.access_lifetime),
                "scope": "openid",
            }
            return dict(self._last)

    def _again(self, kind: str) -> Json | None:
        """The pair handed out last, if the quirks want that and its access token lives."""
        last, again = self._last, self._quirks.tokens.again
        if last is None or again == "never":
            return None
        left = self._access.get(last["access_token"], 0) - self._clock.seconds()
        if left <= 0:
            return None
        with self._lock:
            if kind != "refresh_token":
                return {**last, "expires_in": int(left)}
            if again == "login":
                self._access.pop(last["access_token"], None)
                return None
            last["refresh_token"] = f"sandbox-refresh-{secrets.token_hex(16)}"
            self._refresh[last["refresh_token"]] = self._clock.seconds() + self.refresh_lifetime
            return {**last, "expires_in": int(left)}

    def authorize(self, parameters: Mapping[str, str]) -> str:
        """Issue a single-use code to the client that sent its user here, as if they had just logged in."""
        if parameters.get("client_id") != self.credentials.client_id:
            raise OAuthError(400, "invalid_request", "client_id is unknown")
        if parameters.get("response_type") != "code" or parameters.get("scope") != "openid":
            raise OAuthError(400, "invalid_request", "response_type=code and scope=openid are required")
        if not parameters.get("redirect_uri"):
            raise OAuthError(400, "invalid_request", "redirect_uri is required")
        code = f"sandbox-code-{secrets.token_hex(16)}"
        with self._lock:
            self._codes[code] = parameters["redirect_uri"]
        return code

    def grant(self, form: Mapping[str, str], authorization: str | None) -> Json:
        """Answer a token request.

        Raises:
            OAuthError: The request is refused.
        """
        kind = form.get("grant_type", "")
        self.requests.append(kind)
        if kind == "authorization_code":
            self._check_client(*_basic(authorization))
            self._use_code(form)
        elif kind == "password":
            self._check_client(form.get("client_id"), form.get("client_secret"))
            self._check_password(form)
        elif kind == "refresh_token":
            self._check_client(form.get("client_id"), form.get("client_secret"))
            self._use_refresh_token(form)
        else:
            raise OAuthError(400, "unsupported_grant_type", "grant_type is unknown")
        return self._told(self._again(kind) or self.issue())

    def _told(self, tokens: Json) -> Json:
        """As the quirks want it written."""
        quirks = self._quirks.tokens
        left = tokens["expires_in"]
        written = {"number": left, "text": str(left), "zero": 0, "missing": None}[quirks.expires_in]
        told = {**tokens, "expires_in": written}
        if quirks.refresh_token == "missing":
            told["refresh_token"] = None
        return {name: value for name, value in told.items() if value is not None}

    def _check_client(self, client_id: str | None, client_secret: str | None) -> None:
        if (client_id, client_secret) != (self.credentials.client_id, self.credentials.client_secret):
            raise OAuthError(401, "invalid_client", "client id or secret is wrong")

    def _check_password(self, form: Mapping[str, str]) -> None:
        if form.get("scope") != "openid":
            raise OAuthError(400, "invalid_scope", "scope must be openid")
        username = self.credentials.username + _SUFFIX
        if (form.get("username"), form.get("password")) != (username, self.credentials.password):
            raise OAuthError(400, "invalid_grant", f"user name (ending in {_SUFFIX}) or password is wrong")

    def _use_refresh_token(self, form: Mapping[str, str]) -> None:
        token = form.get("refresh_token", "")
        with self._lock:
            is_kept = self._quirks.tokens.refresh_token == "kept"
            expiry = self._refresh.get(token, 0) if is_kept else self._refresh.pop(token, 0)
        if expiry <= self._clock.seconds():
            raise OAuthError(400, "invalid_grant", "refresh token is unknown, used up or expired")

    def _use_code(self, form: Mapping[str, str]) -> None:
        with self._lock:
            redirect_uri = self._codes.pop(form.get("code", ""), None)
        if redirect_uri is None or redirect_uri != form.get("redirect_uri"):
            raise OAuthError(400, "invalid_grant", "code or redirect_uri is wrong, or the code is used up")


def _basic(authorization: str | None) -> tuple[str | None, str | None]:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        client_id, _, client_secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # of base64 and of UTF-8, and that of text that is not even ASCII
        return None, None
    return client_id, client_secret
