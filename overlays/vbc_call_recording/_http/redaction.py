"""What may be shown of a URL or a body. Pure."""

import re
from base64 import b64encode
from collections.abc import Collection, Iterable
from json import dumps
from urllib.parse import quote, quote_plus

import httpx

MASK = "***"
EXCERPT_LENGTH = 500  # characters of a body that an error quotes
EXCERPT_BYTES = EXCERPT_LENGTH * 8  # how much of a body is looked at for that

# The last ones sign URLs that are good for whoever has them.
_NAMES = (
    "access_token|refresh_token|id_token|client_secret|password|assertion|authorization|code|token"
    "|signature|sig|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_PATTERNS = (
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)[\w.~+/=-]+"),
    # A short number is the code of an error, not one to sign in with.
    re.compile(rf"""(?i)(["'](?:{_NAMES})["']\s*:\s*["'])(?!\d{{1,6}}["'])(?:\\.|[^"'\\])*"""),
    re.compile(rf"(?i)(\b(?:{_NAMES})=)[^&\s\"'<>]+"),
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Masks the given secrets, in every encoding they travel in, and whatever looks like a credential."""
    text = text.encode(errors="replace").decode()  # JSON may hold what cannot be printed or logged
    text = _CONTROLS.sub("\ufffd", text)  # a terminal would obey them
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in _forms(secret):
            text = text.replace(form, MASK)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


def _without_cut_off_secret(text: str, secrets: Iterable[str]) -> str:
    """A body is quoted up to some byte, which may lie in the middle of a secret."""
    for secret in filter(None, secrets):
        for form in _forms(secret):
            kept = next((n for n in range(len(form) - 1, 2, -1) if text.endswith(form[:n])), 0)
            if kept:
                return text[:-kept] + MASK
    return text


def _forms(secret: str) -> set[str]:
    in_url = {quote(secret, safe=""), quote_plus(secret)}
    in_json = {dumps(secret)[1:-1], dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, b64encode(secret.encode()).decode()} | in_url | in_json


def excerpt(body: bytes, secrets: Collection[str] = ()) -> str:
    """The beginning of a body on one line, redacted."""
    text = body[:EXCERPT_BYTES].decode("utf-8", errors="ignore")
    shown = " ".join(_without_cut_off_secret(redact(text, secrets), secrets).split())
    return shown if len(shown) <= EXCERPT_LENGTH else shown[:EXCERPT_LENGTH] + "…"


def shown_url(url: httpx.URL | str, secrets: Iterable[str] = ()) -> str:
    """The URL without user info, and with credentials in its query masked."""
    return redact(str(httpx.URL(url).copy_with(userinfo=b"")), secrets)
