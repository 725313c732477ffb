"""Pure: settings from VBC_* environment variables."""

import difflib
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import attrs

from .._checks import path_segment, require_type
from .._errors import ConfigurationError
from .._http.outcomes import logger
from .._http.quota import Rate
from .._http.urls import secure_url
from .access import AccessToken, Auth
from .grants import PasswordGrant, RefreshToken
from .secrecy import keeps_secrets
from .store import FileTokenStore


@attrs.frozen
class _Way:
    """A way to authenticate. It is meant if one of `needed` is set, other than those of the application."""

    kind: Callable[..., Auth]  # takes what `needed` names, in this order
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def __str__(self) -> str:
        also = f" ({', '.join(self.optional)} optional)" if self.optional else ""
        return " + ".join(self.needed) + also


_APPLICATION = ("VBC_CLIENT_ID", "VBC_CLIENT_SECRET")
_STORE = "VBC_TOKEN_STORE"
_URL = "VBC_TOKEN_URL"
_WAYS = (
    _Way(AccessToken, ("VBC_ACCESS_TOKEN",)),
    _Way(PasswordGrant, ("VBC_USERNAME", "VBC_PASSWORD", *_APPLICATION), (_STORE, _URL)),
    _Way(RefreshToken, ("VBC_REFRESH_TOKEN", *_APPLICATION), (_STORE, _URL)),
    _Way(RefreshToken, (_STORE, *_APPLICATION), (_URL,)),
)
_CHECKS: Mapping[str, Callable[[str, str], object]] = {
    "base_url": secure_url,
    "account_id": partial(path_segment, error=ConfigurationError),
    "rate_limit": Rate.read,
}
CREDENTIALS = tuple(dict.fromkeys(name for way in _WAYS for name in way.needed))
KNOWN = (*CREDENTIALS, _URL, *(f"VBC_{argument.upper()}" for argument in _CHECKS), "VBC_LOG")


@keeps_secrets
def settings_from_env(environ: Mapping[str, str], elsewhere: Collection[str] = ()) -> dict[str, Any]:
    """Read the arguments of a client from the environment: one of the ways above, and what may be added.

    A blank variable counts as not set. A line end after a value is dropped, as files and secret stores add
    one; other white space counts, as it may belong to a password.

    Other VBC_* variables are ignored, as they may be somebody else's; one that looks misspelt is logged as a
    warning.

    What it says of arguments that come from `elsewhere` does not matter. No error quotes a credential.
    """
    require_type("environ", environ, Mapping)
    values = {name: _value(environ, name) for name in KNOWN}
    given = {name: value for name, value in values.items() if value.strip()}
    _warn_of_slips(environ)
    settings: dict[str, Any] = {} if "auth" in elsewhere else {"auth": _auth(given)}
    for argument, check in _CHECKS.items():
        name = f"VBC_{argument.upper()}"
        if name in given and argument not in elsewhere:
            check(given[name], name)
            settings[argument] = given[name]
    return settings


def _value(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    require_type(name, value, str)
    return value.rstrip("\r\n")


def _warn_of_slips(environ: Mapping[str, str]) -> None:
    for name in sorted(map(str, environ)):
        if name.startswith("VBC_") and name not in KNOWN:
            for meant in difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.8):
                logger.warning("%s is not a setting and is ignored; is %s meant?", name, meant)


def _auth(given: Mapping[str, str]) -> Auth:
    way = _way_meant(given)
    options: dict[str, Any] = {}
    if _URL in given:
        options["token_url"] = given[_URL]
    if _STORE in given:
        options["token_store"] = FileTokenStore(given[_STORE])
    try:
        return way.kind(*(None if name == _STORE else given[name] for name in way.needed), **options)
    except ConfigurationError as error:
        raise ConfigurationError(f"from the VBC_* variables: {error}") from None


def _way_meant(given: Mapping[str, str]) -> _Way:
    telling = given.keys() - _APPLICATION
    way = next((way for way in _WAYS if telling & set(way.needed)), None)
    if way is None:
        ways = "; or ".join(map(str, _WAYS))
        raise ConfigurationError(f"no VBC_* variables say how to authenticate; accepted: {ways}")
    missing = [name for name in way.needed if name not in given]
    if missing:
        raise ConfigurationError(f"not set: {', '.join(missing)}; accepted: {way}")
    known = (*CREDENTIALS, _URL)
    others = [name for name in known if name in given and name not in way.needed + way.optional]
    if others:
        raise ConfigurationError(
            f"contradictory: {', '.join(others)} next to {way.needed[0]}; accepted: {way}"
        )
    return way
