"""Pure: what a login is made of, the requests that obtain tokens, and what the token endpoint answers.

Sources: the vendor's guides for each grant's fields and for lifetimes, RFC 6749 for answers and refusals.
"""

import hashlib
import json
import math
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NoReturn, cast

import attrs
import httpx
from attrs.validators import instance_of, optional

from .._checks import is_bearer_token, is_encodable
from .._errors import ApiError, AuthenticationError, MalformedResponseError
from .._http.outcomes import error_for_response, told_of_answer
from .._version import USER_AGENT

ASSUMED_LIFETIME = 24 * 60 * 60.0  # seconds; the vendor's guide says about 24 h
LONGEST_LEEWAY = 60.0  # seconds
LAST_INSTANT = 1e18  # seconds since the epoch; later ones are nonsense

USER_DOMAIN = "@vbc.prod"

_CHECK_URL = "check token_url: it may be the address of something else"


def _is_text_or_none(value: object) -> bool:
    return value is None or is_encodable(value)


def _is_instant(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < LAST_INSTANT


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

    access_token: str = attrs.field(repr=False)
    refresh_token: str | None = attrs.field(repr=False)
    issued_at: float
    expires_at: float
    origin: str | None = attrs.field(repr=False, validator=optional(instance_of(str)))

    def __attrs_post_init__(self) -> None:
        are_instants = _is_instant(self.issued_at) and _is_instant(self.expires_at)
        if not (is_bearer_token(self.access_token) and _is_text_or_none(self.refresh_token) and are_instants):
            raise ValueError("these cannot be tokens")

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
        credential: Which form field has been entrusted to us: `password`, `refresh_token` or `code`.
        form: Form fields of the request, without those of the application.
        advice: What the user can do about a refusal.
        origin: The `origin` of the tokens it leads to.
    """

    credential: str
    form: Mapping[str, str] = attrs.field(repr=False)
    advice: str
    origin: str | None = None

    def __str__(self) -> str:
        return self.credential.replace("_", " ")


def password_grant(username: str, password: str) -> Grant:
    form = {"grant_type": "password", "scope": "openid", "username": username, "password": password}
    if username.removesuffix(USER_DOMAIN).endswith(".api"):
        advice = "a login of the developer portal (….api) gets no tokens: use one of the VBC account"
    else:
        advice = (
            "check username, password, client id and client secret; the user has to be an Account "
            "Administrator who signs in with a password, not by single sign-on"
        )
    return Grant("password", form, advice)


def refresh_grant(refresh_token: str, origin: str | None) -> Grant:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    advice = "it is good for one use within 7 days: sign in again for a new one"
    return Grant("refresh_token", form, advice, origin)


def code_grant(code: str, redirect_uri: str) -> Grant:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return Grant("code", form, "it is good for one use: sign in again", fingerprint(code))


def token_request(url: str, grant: Grant, client_id: str, client_secret: str) -> httpx.Request:
    """The request for tokens, without timeouts."""
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    form = dict(grant.form)
    if grant.credential == "code":  # as the vendor's guide shows it
        pair = f"{client_id}:{client_secret}".encode()
        headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
    else:
        form |= {"client_id": client_id, "client_secret": client_secret}
    # Used twice, a refresh token or a code may make the server withdraw what its first use led to.
    extensions = {"operation": "token", "repeatable": grant.credential == "password"}
    return httpx.Request("POST", url, headers=headers, data=form, extensions=extensions)


def read_token_answer(
    grant: Grant, response: httpx.Response, issued_at: float, secrets: set[str]
) -> TokenSet:
    """The tokens in the token endpoint's answer, or the error that says why there are none."""
    answer = _json_object(response)
    told = answer or {}
    if not response.is_success or ("error" in told and "access_token" not in told):
        raise _refusal(grant, response, told, secrets)
    if answer is None:
        raise _malformed(response, f"is not a JSON object; {_CHECK_URL}")
    # A refresh token without a successor remains good (RFC 6749, section 6).
    refresh_token = told.get("refresh_token") or grant.form.get("refresh_token")
    lifetime = _lifetime(told.get("expires_in"))
    usable = {
        "access_token": is_bearer_token(told.get("access_token")),
        "refresh_token": _is_text_or_none(refresh_token),
        "expires_in": 0 <= lifetime < LAST_INSTANT - issued_at,
    }
    for field, is_usable in usable.items():
        if not is_usable:
            raise _malformed(response, f"has no usable `{field}`", field)
    return TokenSet(
        access_token=told["access_token"],
        refresh_token=refresh_token,
        issued_at=issued_at,
        expires_at=issued_at + lifetime,
        origin=grant.origin,
    )


def _json_object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        answer: object = response.json()
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", answer) if isinstance(answer, dict) else None


def _lifetime(value: object) -> float:
    """Seconds, also from a string of digits; NaN if it is neither. 0: renew before the next use."""
    try:
        return ASSUMED_LIFETIME if value is None else float(str(value))
    except ValueError:
        return math.nan


def _refusal(
    grant: Grant, response: httpx.Response, answer: Mapping[str, Any], secrets: set[str]
) -> ApiError:
    # Nothing but the two fields RFC 6749 defines is quoted: whatever else is there may be a credential.
    quoted = {name: answer[name] for name in ("error", "error_description") if name in answer}
    body = json.dumps(quoted).encode() if quoted else b""
    error = error_for_response(response, body, secrets)
    if refuses_grant(error):
        told = vars(error) | {"hint": grant.advice}
        return AuthenticationError(f"the token endpoint refused the {grant}", **told)
    if response.status_code == 429 or not 300 <= response.status_code < 500:
        return error
    error.hint = _CHECK_URL
    if response.status_code < 400:
        return error
    return AuthenticationError(error.args[0], **vars(error))  # NotFoundError would be about a recording


def refuses_grant(error: ApiError) -> bool:
    """Whether another grant may be taken. Other statuses mean that nothing there takes grants."""
    status = error.status_code or 0
    return status in (400, 401, 403) or 200 <= status < 300  # RFC 6749, section 5.2


def _malformed(response: httpx.Response, complaint: str, field: str | None = None) -> MalformedResponseError:
    return MalformedResponseError(
        f"the token endpoint's answer {complaint}",
        **told_of_answer(response, b"", ()),
        field=field,
    )


def fingerprint(secret: str) -> str:
    """Tells two secrets apart without giving either away."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]
