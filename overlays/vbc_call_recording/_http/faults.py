"""Reads the body of a refusal: codes and messages, as gateways and APIs write them. Pure.

| who | how |
|---|---|
| WSO2 API Manager | `{"fault": {"code": 900803, "message": …, "nextAccessTime": …}}`, also flat, or XML |
| sister APIs | `{"status": …, "title": …, "instance": …, "invalid_parameters": [{"name": …, "reason": …}]}` |
| others | `{"msg": …, "status": …}`, `{"error": …, "error_description": …}`, `{"errors": [{…}]}` |
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from attrs import frozen

from .dates import next_access_time
from .redaction import redact

# By pattern: an answer could keep an XML parser busy for minutes.
_XML_FIELD = re.compile(r"<(?:\w+:)?(code|message|description|nextAccessTime)>([^<]{1,500})</")
_MESSAGES = ("description", "detail", "error_description", "message", "title", "msg", "error")
_CODES = ("code", "error_code", "error")
_LONGEST = 300  # characters of a message

QUOTA_CODES = frozenset(str(code) for code in range(900800, 900808))
QUOTA_HINT = (
    "the application's quota is used up. It is the 'Per Token Quota' in the developer portal, "
    "10 requests a minute unless another one was chosen"
)
# Codes, words, hint; the first that fits counts. From WSO2's error codes and the vendor's guides.
_HINTS: tuple[tuple[Collection[str], str, str], ...] = (
    (QUOTA_CODES, r"throttled out|exceeded (your|the) quota", QUOTA_HINT),
    (
        {"900908"},
        r"not subscribed|subscription .*(inactive|not found)",
        "the application is not subscribed to the Call Recording API: subscribe it in the developer portal",
    ),
    (
        {"900900", "900901", "900902", "900904"},
        r"invalid credentials|missing credentials",
        "the gateway does not know this access token: it may be revoked, or be another application's",
    ),
    (
        (),
        r"not authorized to search ccr",
        "the user lacks the Company Call Recording permission. Account Administrators have and grant it",
    ),
    (
        (),
        r"single sign.?on|\bsso\b",
        "users with single sign-on cannot use the API: use an integration user with a password of its own",
    ),
)


@frozen
class Fault:
    """What a refusal says: the server's own code, its words, and what can be done about it. Redacted."""

    code: str | None = None
    message: str | None = None
    hint: str | None = None
    next_access: datetime | None = None
    invalid_parameters: tuple[tuple[str, str], ...] = ()


def read_fault(body: bytes, secrets: Collection[str] = ()) -> Fault:
    """Read the beginning of a refusal's body. Whatever cannot be read is left out."""
    text = body.decode("utf-8", errors="replace")
    fields = _json_fields(text) or dict(_XML_FIELD.findall(text))
    code, message = _first(fields, _CODES), _first(fields, _MESSAGES)
    return Fault(
        code=_shown(code, secrets) if code != message else None,
        message=_shown(message, secrets),
        hint=_hint(code, " ".join(str(fields.get(name, "")) for name in _MESSAGES)),
        next_access=next_access_time(str(fields.get("nextAccessTime", ""))),
        invalid_parameters=tuple(
            (_shown(name, secrets) or "", _shown(str(_dict(item).get("reason", "")), secrets) or "")
            for item in _list(fields.get("invalid_parameters"))
            if isinstance(name := _dict(item).get("name"), str)
        ),
    )


def _hint(code: str | None, words: str) -> str | None:
    for codes, pattern, hint in _HINTS:
        if code in codes or re.search(pattern, words, re.IGNORECASE):
            return hint
    return None


def _json_fields(text: str) -> Mapping[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    for envelope in ("fault", "error", "errors"):
        inner = _dict(fields).get(envelope)
        fields = _dict(inner) or _dict(_list(inner)[0] if _list(inner) else None) or fields
    return _dict(fields)


def _dict(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return [*cast("Iterable[Any]", value)] if isinstance(value, list) else []


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    values = (fields.get(name) for name in names)
    texts = (str(value) for value in values if isinstance(value, str | int) and not isinstance(value, bool))
    return next((text for text in texts if text.strip()), None)


def _shown(text: str | None, secrets: Collection[str]) -> str | None:
    """On one line, cut to a readable length only after secrets are gone."""
    return None if text is None else " ".join(redact(text, secrets).split())[:_LONGEST]
