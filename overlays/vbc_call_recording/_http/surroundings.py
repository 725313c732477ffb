"""What httpx takes from the environment: proxies and certificates. Pure.

Values are never quoted: a proxy's URL may hold a password.
"""

from collections.abc import Mapping
from importlib.util import find_spec

import httpx

from .._errors import ConfigurationError
from .urls import UNREADABLE, checked_url

# Without a proxy, whatever the environment says: to this machine, and what is not encrypted, which goes to
# this machine only. Anything else would show password and token to the proxy.
DIRECT: tuple[str, ...] = ("http://", "all://localhost", "all://127.0.0.1", "all://[::1]")

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


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


def refuse_bad_proxies(environ: Mapping[str, str]) -> None:
    """Raises ConfigurationError if a variable holds no proxy's URL."""
    for name, value in environ.items():
        if name.upper() in _PROXIES and value:
            checked_proxy(value if "://" in value else f"http://{value}", name)


def variable_at_fault(error: Exception, environ: Mapping[str, str]) -> ConfigurationError:
    """The error that names the variable with which httpx could not be set up."""
    if isinstance(error, OSError):
        name = "SSL_CERT_FILE" if environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        return _refused(name, "an existing file or directory with certificates")
    return _refused(
        "no_proxy" if environ.get("no_proxy") else "NO_PROXY",
        "names and addresses, separated by commas; IPv6 ones without brackets and network",
    )


def _refused(name: str, accepted: str) -> ConfigurationError:
    return ConfigurationError(f"{name} cannot be used; accepted: {accepted}")
