"""Faults that have a name: what users of this API, and of others behind such gateways, have met."""

from dataclasses import dataclass, field
from typing import Any

API = r"^[A-Z]+ /t/"
FILES = r"^GET .*/(audio|transcription|bulkDownload)/"
TOKEN = r"^POST /token"
_HTML = "<html><head><title>Oops</title></head><body><h1>Something went wrong</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Named:
    """A fault by name.

    Attributes:
        says: What happens, for the docs.
        match: Which requests meet it unless told otherwise.
        fault: The arguments of `Faults.next`.
    """

    says: str
    match: str = API
    fault: dict[str, Any] = field(default_factory=dict[str, Any])


def _gateway(code: int, message: str) -> dict[str, Any]:
    return {"fault": {"code": code, "message": message, "description": message}}


_NO_SEARCH = "User is not authorized to search CCR recordings for this account"
_INVALID_PARAMETERS = {
    "status": 400,
    "title": "Bad Request",
    "instance": "sandbox",
    "invalid_parameters": [{"name": "page_size", "reason": "must be less than or equal to 100"}],
}

CATALOGUE = {
    "server-error": Named("500 without a word", fault={"status": 500, "body": ""}),
    "bad-gateway": Named("502 with an HTML page", fault={"status": 502, "body": _HTML}),
    "unavailable": Named(
        "503 that names the seconds to wait", fault={"status": 503, "headers": {"Retry-After": "1"}}
    ),
    "timeout": Named(
        "504 of the gateway, in JSON", fault={"status": 504, "body": _gateway(101_504, "Send timeout")}
    ),
    "too-many": Named("429 without a word on when to come again", fault={"status": 429, "body": ""}),
    "token-expired": Named(
        "401 of the gateway: the token is not accepted",
        fault={"status": 401, "body": _gateway(900_901, "Invalid Credentials")},
    ),
    "not-subscribed": Named(
        "403 of the gateway: the application is not subscribed to the API",
        fault={"status": 403, "body": _gateway(900_908, "Resource forbidden")},
    ),
    "no-permission": Named(
        "403: the user lacks the Company Call Recording permission",
        fault={"status": 403, "body": {"status": 403, "title": _NO_SEARCH, "instance": "sandbox"}},
    ),
    "invalid-parameters": Named(
        "400 in the words of the sister APIs", fault={"status": 400, "body": _INVALID_PARAMETERS}
    ),
    "dropped": Named("the connection ends without an answer", fault={"drop": True}),
    "dropped-after-acting": Named(
        "the request is carried out, and the connection ends without an answer",
        fault={"drop": True, "acts": True},
    ),
    "refused-after-acting": Named(
        "the request is carried out, and answered with 503", fault={"status": 503, "acts": True}
    ),
    "slow": Named("the answer comes after two seconds", fault={"delay": 2}),
    "stalled": Named("the body stops after 100 bytes and nothing follows", fault={"stall": 100}),
    "truncated": Named("the connection ends after 100 bytes of the body", fault={"truncate": 100}),
    "truncated-unnoticed": Named(
        "the same, and nothing says how long the body should be",
        fault={"truncate": 100, "framing": "close"},
    ),
    "half-json": Named(
        "200 with JSON that ends early",
        fault={"body": '{"_embedded": ', "headers": {"Content-Type": "application/json"}},
    ),
    "html-instead": Named("200 with an HTML page", fault={"body": _HTML}),
    "empty-json": Named("200 with `{}`", fault={"body": {}}),
    "redirected": Named(
        "302 to another host", fault={"status": 302, "headers": {"Location": "https://elsewhere.example/"}}
    ),
    "maintenance-file": Named("200 with an HTML page instead of a file", FILES, {"body": _HTML}),
    "range-ignored": Named("the whole file, whatever part was asked for", FILES, {"ignore_range": True}),
    "file-gone": Named("410 for a file", FILES, {"status": 410}),
    "file-cut": Named("the connection ends after 1,000 bytes of a file", FILES, {"truncate": 1_000}),
    "login-refused": Named(
        "400 invalid_grant at the token endpoint", TOKEN, {"status": 400, "body": {"error": "invalid_grant"}}
    ),
    "login-down": Named("503 at the token endpoint", TOKEN, {"status": 503}),
    "login-html": Named("200 with an HTML page at the token endpoint", TOKEN, {"body": _HTML}),
    "login-moved": Named("404 at the token endpoint", TOKEN, {"status": 404}),
    "login-slow": Named("two seconds at the token endpoint", TOKEN, {"delay": 2}),
    "login-dropped": Named("no answer at the token endpoint", TOKEN, {"drop": True}),
}
