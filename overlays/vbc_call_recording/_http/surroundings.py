"""What httpx takes from the environment: proxies and certificates. Pure."""

from collections.abc import Mapping

import httpx

from .._errors import ConfigurationError

# Without a proxy, whatever the environment says: to this machine, and what is not encrypted, which goes to
# this machine only. Anything else would show password and token to the proxy.
DIRECT: tuple[str, ...] = ("http://", "all://localhost", "all://127.0.0.1", "all://[::1]")

LARGEST_PORT = 65_535

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def refuse_bad_proxies(environ: Mapping[str, str]) -> None:
    """Raises ConfigurationError if a variable holds no proxy's URL. httpx would notice later."""
    bad = [name for name in _proxies(environ) if not is_proxy(environ[name])]
    if bad:
        raise _refused(bad, "the http, https or socks5 URL of a proxy")


def variable_at_fault(error: Exception, environ: Mapping[str, str]) -> ConfigurationError:
    """The error that names the variable with which httpx could not be set up.

    No value is quoted: those of proxies may hold a password.
    """
    if isinstance(error, ImportError):
        found = [name for name in _proxies(environ) if environ[name].startswith("socks")]
        return _refused(found, "a socks proxy needs a further package: pip install 'httpx[socks]'")
    if isinstance(error, OSError):
        found = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(name)]
        return _refused(found[:1], "an existing file or directory with certificates")
    found = [name for name in environ if name.upper() == "NO_PROXY"]
    return _refused(found, "names and addresses, separated by commas; IPv6 ones without brackets and network")


def is_proxy(value: str) -> bool:
    """Whether it can be the URL of a proxy."""
    try:
        proxy = httpx.Proxy(value if "://" in value else f"http://{value}")
    except (ValueError, httpx.InvalidURL):
        return False
    return bool(proxy.url.host) and (proxy.url.port or 1) <= LARGEST_PORT


def _proxies(environ: Mapping[str, str]) -> list[str]:
    return [name for name in environ if name.upper() in _PROXIES and environ[name].strip()]


def _refused(names: list[str], accepted: str) -> ConfigurationError:
    which = " or ".join(names) or "the environment"
    return ConfigurationError(f"{which} cannot be used; accepted: {accepted}")
