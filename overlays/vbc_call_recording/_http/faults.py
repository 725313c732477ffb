"""What the body of a refusal says: codes and messages, as gateways and APIs write them. Pure.

| who | how |
|---|---|
| WSO2 API Manager | `{"fault": {"code": 900803, "message": …, "nextAccessTime": …}}`, also flat, or XML |
| sister APIs | `{"status": …, "title": …, "instance": …, "invalid_parameters": [{"name": …, "reason": …}]}` |
| others at the vendor | `{"msg": …, "status": …}`, `{"error": …, "error_description": …}` |
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from attrs import frozen

from .dates import next_access_time

# By pattern, and not by a parser, which an answer could make work for minutes.
_XML_FIELD = re.compile(r"<(?:\w+:)?(code|message|description|nextAccessTime)>([^<]{1,500})</")
_MESSAGES = ("description", "detail", "error_description", "message", "title", "msg", "error")
_CODES = ("code", "error_code", "error")
_LONGEST = 300  # characters of a message

QUOTA_CODES = frozenset(str(code) for code in range(900800, 900808))

QUOTA_HINT = (
    "the application's quota is used up: it is set as 'Per Token Quota' in the developer portal, and is "
    "10 requests a minute unless another one was chosen"
)
_HINTS = (
    # (codes, words, hint); the first that fits counts. From WSO2's error codes and the vendor's guides.
    (
        QUOTA_CODES,
        r"throttled out|exceeded (your|the) quota",
        QUOTA_HINT,
    ),
    (
        {"900908"},
        r"not subscribed|subscription .*(inactive|not found)",
        "the application is not subscribed to the Call Recording API: subscribe it in the developer portal",
    ),
    (
        {"900900", "900901", "900902", "900904"},
        r"invalid credentials|missing credentials",
        "the gateway does not know this access token: it may be revoked, or of another application",
    ),
    (
        (),
        r"not authorized to search ccr",
        "the user lacks the Company Call Recording permission: Account Administrators have or give it",
    ),
    (
        (),
        r"single sign.?on|\bsso\b",
        "the API takes no users with single sign-on: use an integration user with a password of its own",
    ),
)


@frozen
class Fault:
    """What a refusal says.

    Attributes:
        code: The server's own code, as text.
        message: The server's own words.
        hint: What can be done about it, where the vendor's guides say.
        next_access: When the quota opens again, in UTC.
        invalid_parameters: Which parameters were wrong, and why.
    """

    code: str | None = None
    message: str | None = None
    hint: str | None = None
    next_access: datetime | None = None
    invalid_parameters: tuple[tuple[str, str], ...] = ()


def read_fault(body: bytes) -> Fault:
    """Read the beginning of a refusal's body. Whatever cannot be read is left out."""
    text = body.decode("utf-8", errors="replace")
    fields = _json_fields(text) or dict(_XML_FIELD.findall(text))
    code = _first(fields, _CODES)
    message = _first(fields, _MESSAGES)
    return Fault(
        code=code if code != message else None,
        message=message,
        hint=_hint(code, " ".join(str(fields.get(name, "")) for name in _MESSAGES)),
        next_access=next_access_time(str(fields.get("nextAccessTime", ""))),
        invalid_parameters=tuple(_invalid_parameters(fields.get("invalid_parameters"))),
    )


def _json_fields(text: str) -> Mapping[str, Any]:
    try:
        fields: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if isinstance(fields, dict):
        inner = cast(dict[str, Any], fields)
        for envelope in ("fault", "error"):
            if isinstance(inner.get(envelope), dict):
                return cast(dict[str, Any], inner[envelope])
        return inner
    return {}


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return " ".join(str(value).split())[:_LONGEST]
    return None


def _hint(code: str | None, words: str) -> str | None:
    for codes, pattern, hint in _HINTS:
        if code in codes or re.search(pattern, words, re.IGNORECASE):
            return hint
    return None


def _invalid_parameters(value: object) -> list[tuple[str, str]]:
    items = cast(list[object], value) if isinstance(value, list) else []
    named = [cast(dict[str, Any], item) for item in items if isinstance(item, dict)]
    return [(str(item.get("name"))[:_LONGEST], str(item.get("reason"))[:_LONGEST]) for item in named]
