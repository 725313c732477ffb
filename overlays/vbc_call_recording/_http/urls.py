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
    """A URL of the configuration: absolute, by https or to this machine, and without a query and the like."""
    try:
        parsed = checked_url(httpx.URL(url))
    except UNREADABLE as error:
        raise ConfigurationError(f"{name} is not a URL ({error}); accepted: an absolute https URL") from error
    shown = shown_url(parsed)
    if parsed.scheme not in _DEFAULT_PORTS:
        raise ConfigurationError(f"{name} is {shown!r}; accepted: an absolute https URL")
    if parsed.scheme == "http" and not is_loopback(parsed):
        raise ConfigurationError(f"{name} is {shown!r}; accepted: https, or http to this machine")
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise ConfigurationError(f"{name} is {shown!r}; accepted: one without credentials, query or fragment")
    return parsed


def trusted_url(base_url: httpx.URL, url: str, *, operation: str) -> httpx.URL:
    """Resolves a URL the API handed out. UntrustedUrlError if it is elsewhere: the token is not for there."""
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
    """Refuses a redirect that must not be followed. Only files may come from other servers, and by https."""
    if base_url.scheme == "https" and request.url.scheme != "https":
        raise UntrustedUrlError("will not go from https to http", **told_of(request))
    if origin(request.url) != origin(base_url) and operation_of(request) not in ("download", "token"):
        raise UntrustedUrlError("will not take another server's answer for the API's", **told_of(request))
