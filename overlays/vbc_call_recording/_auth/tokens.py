"""Pure: what a login is made of, the requests that obtain tokens, and what the token endpoint answers.

Sources: the vendor's guides for each grant's fields and for lifetimes, RFC 6749 for answers and refusals.
"""

import hashlib
import hmac
import json
import math
from base64 import b64encode
from collections.abc import Mapping
from typing import NoReturn, cast
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx
from attrs.validators import instance_of, optional

from .._checks import is_bearer_token
from .._errors import ApiError, AuthenticationError, InputError, MalformedResponseError, StatusError
from .._http.outcomes import error_for_response, request_id, told_of
from .._http.redaction import redact
from .._version import USER_AGENT

ASSUMED_LIFETIME = 24 * 60 * 60.0  # seconds; the vendor's guide says about 24 h
LONGEST_LEEWAY = 60.0  # seconds

USER_DOMAIN = "@vbc.prod"

_REFUSALS = (400, 401, 403)  # how a token endpoint refuses credentials (RFC 6749, section 5.2)
_CHECK_URL = "check token_url: it may be the address of something else"


@attrs.frozen(kw_only=True)
class TokenSet:
    """An access token and what it takes to renew it. Its repr shows no token; it cannot be pickled or copied.

    Attributes:
        access_token: Sent as `Authorization: Bearer …`.
        refresh_token: Good for one renewal; None if the server gave none.
        issued_at: When it was asked for, seconds since the epoch (UTC).
        expires_at: When it stops being valid, seconds since the epoch (UTC).
        origin: Fingerprint of the single-use secret this login began with; None if it began with a password.
    """

    access_token: str = attrs.field(repr=False, validator=instance_of(str))
    refresh_token: str | None = attrs.field(repr=False, validator=optional(instance_of(str)))
    issued_at: float = attrs.field(validator=instance_of((int, float)))
    expires_at: float = attrs.field(validator=instance_of((int, float)))
    origin: str | None = attrs.field(repr=False, validator=optional(instance_of(str)))

    @property
    def renew_at(self) -> float:
        """When to renew: ahead of expiry by 60 s or half the lifetime, whichever is less."""
        return self.expires_at - min(LONGEST_LEEWAY, (self.expires_at - self.issued_at) / 2)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a TokenSet holds secrets: it cannot be pickled or copied")


@attrs.frozen
class Grant:
    """One way to ask the token endpoint for tokens.

    Attributes:
        name: What messages call it.
        form: Form fields of the request.
        advice: What the user can do about a refusal.
        origin: The `origin` of the tokens it leads to.
        basic: Whether client id and secret travel as HTTP Basic, as the vendor's guide shows for codes, and
            not as form fields.
        repeatable: Whether a request that may have been acted on can be sent again. A refresh token or a code
            cannot: if it was used, a second use may make the server withdraw what the first one led to.
    """

    name: str
    form: Mapping[str, str] = attrs.field(repr=False)
    advice: str
    origin: str | None = None
    basic: bool = False
    repeatable: bool = False

    @property
    def secret(self) -> str:
        """What a user or the server has entrusted to us."""
        return next(self.form[name] for name in ("password", "refresh_token", "code") if name in self.form)


def password_grant(username: str, password: str) -> Grant:
    form = {"grant_type": "password", "scope": "openid", "username": username, "password": password}
    return Grant("password", form, _password_advice(username), repeatable=True)


def _password_advice(username: str) -> str:
    """What the vendor's guides say about users that get no token."""
    if username.removesuffix(USER_DOMAIN).endswith(".api"):
        return "a login of the developer portal (….api) gets no tokens: use one of the VBC account"
    return (
        "check username, password, client id and client secret; the user has to be an Account Administrator "
        "who signs in with a password, not by single sign-on"
    )


def refresh_grant(refresh_token: str, origin: str | None) -> Grant:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    advice = "it is good for one use within 7 days: sign in again for a new one"
    return Grant("refresh token", form, advice, origin)


def code_grant(code: str, redirect_uri: str) -> Grant:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    advice = "it is good for one use: sign in again"
    return Grant("authorization code", form, advice, fingerprint(code), basic=True)


def token_request(url: str, grant: Grant, client_id: str, client_secret: str) -> httpx.Request:
    """The request for tokens, without timeouts."""
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    form = dict(grant.form)
    if grant.basic:
        pair = f"{client_id}:{client_secret}".encode()
        headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
    else:
        form |= {"client_id": client_id, "client_secret": client_secret}
    extensions = {"operation": "token", "repeatable": grant.repeatable}
    return httpx.Request("POST", url, headers=headers, data=form, extensions=extensions)


def read_token_answer(
    grant: Grant, request: httpx.Request, response: httpx.Response, issued_at: float, secrets: set[str]
) -> TokenSet:
    """Turn the token endpoint's answer into tokens.

    Raises:
        AuthenticationError: 4xx other than 429, or a success that only holds an error.
        RateLimitError: 429.
        ServerError: 5xx.
        StatusError: Any other status that is not a success.
        MalformedResponseError: A success without usable tokens; `field` names what is wrong.
    """
    answer = _json_object(response)
    told = answer or {}
    if not response.is_success or ("error" in told and "access_token" not in told):
        raise _refusal(grant, request, response, told, secrets)
    if answer is None:
        raise _unreadable(request, response, None, f"is not a JSON object; {_CHECK_URL}")
    if not is_bearer_token(answer.get("access_token")):
        raise _unreadable(request, response, "access_token", "has no token in `access_token`")
    refresh_token = answer.get("refresh_token") or None
    if not isinstance(refresh_token, str | None):
        raise _unreadable(request, response, "refresh_token", "has no text in `refresh_token`")
    lifetime = _lifetime(answer.get("expires_in"))
    if lifetime is None:
        raise _unreadable(request, response, "expires_in", "has no number of seconds in `expires_in`")
    return TokenSet(
        access_token=cast(str, answer["access_token"]),
        # A refresh token without a successor remains good (RFC 6749, section 6).
        refresh_token=refresh_token or grant.form.get("refresh_token"),
        issued_at=issued_at,
        expires_at=issued_at + lifetime,
        origin=grant.origin,
    )


def _json_object(response: httpx.Response) -> Mapping[str, object] | None:
    try:
        answer: object = response.json()
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, object]", answer) if isinstance(answer, dict) else None


def _lifetime(value: object) -> float | None:
    """Seconds, also from a string of digits; None if it cannot be one. 0: renew it before the next use."""
    if value is None:
        return ASSUMED_LIFETIME
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < math.inf else None


def _refusal(
    grant: Grant,
    request: httpx.Request,
    response: httpx.Response,
    answer: Mapping[str, object],
    secrets: set[str],
) -> ApiError:
    # Nothing but the two fields RFC 6749 defines is quoted: whatever else is there may be a credential.
    quoted = {name: answer[name] for name in ("error", "error_description") if name in answer}
    body = json.dumps(quoted).encode() if quoted else b""
    error = error_for_response(request, response, body, secrets)
    status = response.status_code
    if status in _REFUSALS or response.is_success:
        told = vars(error) | {"hint": grant.advice}
        return AuthenticationError(f"the token endpoint refused the {grant.name}", **told)
    if 300 <= status < 500 and status != 429:
        kind = StatusError if status < 400 else AuthenticationError
        told = vars(error) | {"hint": _CHECK_URL}
        return kind(f"{error.args[0]} to a token request", **told)
    return error


def refuses_grant(error: AuthenticationError) -> bool:
    """Whether another grant may be taken. Other statuses mean that nothing there takes grants."""
    status = error.status_code or 0
    return status in _REFUSALS or 200 <= status < 300


def nothing_left(store: object, known: TokenSet | None) -> AuthenticationError:
    """The error when there is nothing to ask the token endpoint with."""
    reason = (
        "the access token has ended and came without a refresh token; sign in again"
        if known
        else f"{store!r} has no login to go on with; sign in with a password, a code or a refresh token"
    )
    return AuthenticationError(reason, operation="token")


def _unreadable(
    request: httpx.Request, response: httpx.Response, field: str | None, complaint: str
) -> MalformedResponseError:
    return MalformedResponseError(
        f"the token endpoint's answer {complaint}",
        **told_of(request),
        status_code=response.status_code,
        request_id=request_id(response),
        field=field,
    )


def code_from_redirect(url: str, state: str) -> str:
    """The code in the URL a sign-in came back to.

    Raises:
        InputError: It has another state, or not exactly one code.
        AuthenticationError: The user or the server declined.
    """
    query = parse_qs(urlsplit(url).query)
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


def fingerprint(secret: str) -> str:
    """Tells two secrets apart without giving either away."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]
