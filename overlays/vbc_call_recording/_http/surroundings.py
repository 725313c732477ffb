"""What requests may be sent through: httpx objects of the user's, proxies, and what httpx takes from the
environment, certificates among it. Pure, but for a look at the files of certificates.

Values are never quoted: a proxy's URL may hold a password.
"""

import ssl
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import httpx

from .._checks import require_type
from .._errors import ConfigurationError
from .urls import UNREADABLE, checked_url

# Without a proxy, whatever the environment says: to this machine, and what is not encrypted, which goes to
# this machine only. Anything else would show password and token to the proxy.
DIRECT: tuple[str, ...] = ("http://", "all://localhost", "all://127.0.0.1", "all://[::1]")

CERTIFICATES = "an existing file or directory with certificates"
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def checked_ways(
    http_client: object,
    transport: object,
    proxy: httpx.Proxy | str | None,
    kinds: tuple[type, type],
    environ: Mapping[str, str],
) -> httpx.Proxy | None:
    """The proxy given. ConfigurationError if requests cannot be sent that way, or as the environment says.

    `kinds` are the types of `http_client` and `transport`.
    """
    if sum(given is not None for given in (http_client, transport, proxy)) > 1:
        raise ConfigurationError(
            "http_client, transport and proxy contradict each other; accepted: at most one of them"
        )
    if http_client is not None:
        require_type("http_client", http_client, kinds[0])
    elif transport is not None:
        require_type("transport", transport, kinds[1])
    else:
        _refuse_bad_certificates(environ)
        if proxy is not None:
            return checked_proxy(proxy)
        _refuse_bad_proxies(environ)
    return None


def checked_proxy(proxy: httpx.Proxy | str, name: str = "proxy") -> httpx.Proxy:
    """Raises ConfigurationError if httpx could not use it, which httpx itself may notice only later."""
    try:
        checked = proxy if isinstance(proxy, httpx.Proxy) else httpx.Proxy(proxy)
        checked_url(checked.url)
    except UNREADABLE:
        raise _refused(name, "the http, https or socks5 URL of a proxy") from None
    if checked.url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise _refused(name, "a socks proxy needs a further package: pip install 'httpx[socks]'")
    return checked


def _refuse_bad_proxies(environ: Mapping[str, str]) -> None:
    proxies = {name: value for name, value in environ.items() if name.upper() in _PROXIES and value}
    for name, value in proxies.items():
        checked_proxy(value if "://" in value else f"http://{value}", name)
    if proxies or any(name.upper() == "NO_PROXY" for name in environ):
        try:
            httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        except UNREADABLE as error:
            raise variable_at_fault(error, environ) from None


def _refuse_bad_certificates(environ: Mapping[str, str]) -> None:
    """Those that are not there. What is in them is only read when it is needed, which takes long."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if value := environ.get(name):
            try:
                is_empty = not Path(value).stat().st_size
            except (OSError, ValueError):
                is_empty = True
            if is_empty:
                raise _refused(name, CERTIFICATES)


def variable_at_fault(error: Exception, environ: Mapping[str, str]) -> ConfigurationError:
    """The error that names the variable with which httpx could not be set up."""
    if isinstance(error, OSError):
        name = "SSL_CERT_FILE" if environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        return _refused(name, CERTIFICATES)
    return _refused(
        "no_proxy" if environ.get("no_proxy") else "NO_PROXY",
        "names and addresses, separated by commas; IPv6 ones without brackets and network",
    )


def _refused(name: str, accepted: str) -> ConfigurationError:
    return ConfigurationError(f"{name} cannot be used; accepted: {accepted}")
