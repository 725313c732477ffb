"""Which addresses may be used, and which may see the token. Pure."""

from ipaddress import ip_address

import httpx

from .._errors import ConfigurationError, UntrustedUrlError
from .outcomes import operation_of, told_of
from .redaction import shown_url

BASE_URL = "https://api.vonage.com/t/vbc.prod/call_recording"
BASE_URL_INDIA = "https://api.vonage.com/t/vbc.prod/call_recording_india"

_DEFAULT_PORTS = {"https": 443, "http": 80}

UNREADABLE = (httpx.InvalidURL, TypeError, ValueError)
"""What httpx raises where a URL, or a host in it, cannot be read."""


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port: what a token is bound to."""
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)


def is_loopback(url: httpx.URL) -> bool:
    try:
        return ip_address(url.host).is_loopback
    except ValueError:
        return url.host == "localhost"


def checked_url(url: httpx.URL) -> httpx.URL:
    """Raises one of `UNREADABLE` for what httpx takes for a URL, and stumbles over when it is used."""
    url.host.encode("idna")
    url.raw_host.decode().encode("idna")  # as the system's resolver does
    if not url.host or not 0 <= (url.port or 0) <= 65_535:
        raise httpx.InvalidURL("it has no host, or no such port")
    return url


def secure_url(url: str, name: str) -> httpx.URL:
    """Reads a URL from the configuration.

    Raises:
        ConfigurationError: It is not an absolute https URL (http is accepted for this machine only), or
            carries credentials, a query or a fragment.
    """
    try:
        parsed = checked_url(httpx.URL(url))
    except UNREADABLE as error:
        raise ConfigurationError(f"{name} is not a URL ({error}); accepted: an absolute https URL") from error
    if parsed.scheme not in _DEFAULT_PORTS:
        raise ConfigurationError(f"{name} is {shown_url(parsed)!r}; accepted: an absolute https URL")
    if parsed.scheme == "http" and not is_loopback(parsed):
        raise ConfigurationError(f"{name} is {shown_url(parsed)!r}; accepted: https, or http to this machine")
    if parsed.userinfo or parsed.query or parsed.fragment:
        shown = shown_url(parsed)
        raise ConfigurationError(f"{name} is {shown!r}; accepted: one without credentials, query or fragment")
    return parsed


def trusted_url(base_url: httpx.URL, url: str, *, operation: str) -> httpx.URL:
    """Resolves a URL the API handed out.

    Raises:
        UntrustedUrlError: It is not on the API's own origin, so the access token must not be sent there.
    """
    try:
        resolved = checked_url(base_url.join(url))
    except UNREADABLE as error:
        message = "the API handed out a URL that cannot be read"
        raise UntrustedUrlError(message, operation=operation) from error
    if origin(resolved) != origin(base_url) or resolved.userinfo:
        raise UntrustedUrlError(
            f"will not go to {shown_url(resolved)}: the access token is for the origin of {base_url} only",
            operation=operation,
            method="GET",
            url=shown_url(resolved),
        )
    return resolved


def refuse_elsewhere(base_url: httpx.URL, request: httpx.Request) -> None:
    """Refuses a redirect that must not be followed. Only a file may come from another server, and by https.

    Raises:
        UntrustedUrlError: It leads from https to http, or to another server for an answer of the API.
    """
    if base_url.scheme == "https" and request.url.scheme != "https":
        raise UntrustedUrlError("will not go from https to http", **told_of(request))
    if origin(request.url) != origin(base_url) and operation_of(request) not in ("download", "token"):
        raise UntrustedUrlError("will not take another server's answer for the API's", **told_of(request))
