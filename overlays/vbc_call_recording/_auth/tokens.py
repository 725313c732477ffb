"""Pure: what a login is made of, the requests that obtain tokens, and what the token endpoint answers.

Sources: the vendor's guides for each grant's fields and for lifetimes, RFC 6749 for answers and refusals.
"""

import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from typing import NoReturn, cast
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx
from attrs.validators import instance_of, optional

from .._checks import is_bearer_token
from .._errors import ApiError, AuthenticationError, InputError, MalformedResponseError
from .._http.outcomes import error_for_response, request_id
from .._http.redaction import redact, shown_url

ASSUMED_LIFETIME = 24 * 60 * 60.0  # seconds; the vendor's guide says about 24 h
LONGEST_LEEWAY = 60.0  # seconds

_SIGN_IN_AGAIN = "it is good for one use within 7 days: sign in again for a new one"


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
        name: What a refusal calls it.
        form: Form fields of the request.
        basic: Whether client id and secret travel as HTTP Basic, as the vendor's guide shows for codes, and
            not as form fields.
        advice: What the user can do about a refusal.
    """

    name: str
    form: Mapping[str, str] = attrs.field(repr=False)
    basic: bool = False
    advice: str = ""


def password_grant(username: str, password: str) -> Grant:
    form = {"grant_type": "password", "scope": "openid", "username": username, "password": password}
    return Grant("password", form, advice="check username, password, client id and client secret")


def refresh_grant(refresh_token: str) -> Grant:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return Grant("refresh token", form, advice=_SIGN_IN_AGAIN)


def code_grant(code: str, redirect_uri: str) -> Grant:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return Grant("authorization code", form, basic=True, advice="it is good for one use: sign in again")


def token_request(
    url: str, grant: Grant, client_id: str, client_secret: str, *, like: httpx.Request
) -> httpx.Request:
    """The request for tokens. Timeouts and User-Agent are those of the request it is made for."""
    headers = {"Accept": "application/json"}
    if "User-Agent" in like.headers:
        headers["User-Agent"] = like.headers["User-Agent"]
    form = dict(grant.form)
    if not grant.basic:
        form |= {"client_id": client_id, "client_secret": client_secret}
    extensions = {"operation": "token", "timeout": like.extensions.get("timeout", {})}
    request = httpx.Request("POST", url, headers=headers, data=form, extensions=extensions)
    if grant.basic:
        request = next(httpx.BasicAuth(client_id, client_secret).auth_flow(request))
    return request


def read_token_answer(
    grant: Grant, request: httpx.Request, response: httpx.Response, *, issued_at: float, secrets: set[str]
) -> TokenSet:
    """Turn the token endpoint's answer into tokens (without an origin, which it does not know).

    Raises:
        AuthenticationError: It refused the grant (4xx other than 429, or a success that only holds an error).
        RateLimitError: 429.
        ServerError: 5xx.
        StatusError: Any other status that is no success.
        MalformedResponseError: A success without usable tokens; `field` names what is wrong.
    """
    answer = _json_object(response)
    told = answer or {}
    if not response.is_success or ("error" in told and "access_token" not in told):
        raise _refusal(grant, request, response, told, secrets)
    if answer is None:
        raise _unreadable(request, response, None, "is no JSON object")
    if not is_bearer_token(answer.get("access_token")):
        raise _unreadable(request, response, "access_token", "holds no token in `access_token`")
    refresh_token = answer.get("refresh_token") or None
    if not isinstance(refresh_token, str | None):
        raise _unreadable(request, response, "refresh_token", "holds no text in `refresh_token`")
    lifetime = _lifetime(answer.get("expires_in"))
    if lifetime is None:
        raise _unreadable(request, response, "expires_in", "holds no number of seconds in `expires_in`")
    return TokenSet(
        access_token=cast(str, answer["access_token"]),
        refresh_token=refresh_token,
        issued_at=issued_at,
        expires_at=issued_at + lifetime,
        origin=None,
    )


def _json_object(response: httpx.Response) -> Mapping[str, object] | None:
    try:
        answer: object = response.json()
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, object]", answer) if isinstance(answer, dict) else None


def _lifetime(value: object) -> float | None:
    """Seconds, also from a string of digits; None if it cannot be one."""
    if value is None:
        return ASSUMED_LIFETIME
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < math.inf else None


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
    if status == 429 or not (400 <= status < 500 or response.is_success):
        return error
    return AuthenticationError(f"the token endpoint refused the {grant.name}; {grant.advice}", **vars(error))


def _unreadable(
    request: httpx.Request, response: httpx.Response, field: str | None, complaint: str
) -> MalformedResponseError:
    error = MalformedResponseError(
        f"the token endpoint's answer {complaint}",
        operation="token",
        method=request.method,
        url=shown_url(request.url),
        status_code=response.status_code,
        request_id=request_id(response),
    )
    error.field = field
    return error


def code_from_redirect(url: str, state: str) -> str:
    """The code in the URL a sign-in came back to.

    Raises:
        InputError: It has another state, or not exactly one code.
        AuthenticationError: The user or the server declined.
    """
    query = parse_qs(urlsplit(url).query)
    if not hmac.compare_digest("".join(query.get("state", [])).encode(), state.encode()):
        raise InputError(
            "the redirected URL has not this sign-in's `state`: it belongs to another one, or is forged"
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
