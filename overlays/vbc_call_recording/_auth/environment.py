"""Pure: settings from VBC_* environment variables."""

import difflib
from collections.abc import Collection, Mapping

import attrs

from .._checks import path_segment
from .._errors import ConfigurationError
from .._http.outcomes import logger
from .._http.urls import secure_url
from .access import AccessToken, Auth
from .grants import DEFAULT_TOKEN_URL, PasswordGrant, RefreshToken
from .secrecy import keeps_secrets
from .store import FileTokenStore

TOKEN = "VBC_ACCESS_TOKEN"  # noqa: S105  # these are names of variables
USERNAME = "VBC_USERNAME"
PASSWORD = "VBC_PASSWORD"  # noqa: S105
REFRESH_TOKEN = "VBC_REFRESH_TOKEN"  # noqa: S105
CLIENT_ID = "VBC_CLIENT_ID"
CLIENT_SECRET = "VBC_CLIENT_SECRET"  # noqa: S105
TOKEN_STORE = "VBC_TOKEN_STORE"  # noqa: S105
TOKEN_URL = "VBC_TOKEN_URL"  # noqa: S105
BASE_URL = "VBC_BASE_URL"
ACCOUNT_ID = "VBC_ACCOUNT_ID"

CREDENTIALS = (TOKEN, USERNAME, PASSWORD, REFRESH_TOKEN, CLIENT_ID, CLIENT_SECRET, TOKEN_STORE)
KNOWN = (*CREDENTIALS, TOKEN_URL, BASE_URL, ACCOUNT_ID)


@attrs.frozen
class _Way:
    """A way to authenticate. It is meant if any variable of `told_by` is set, and then needs all `needed`."""

    told_by: tuple[str, ...]
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def __str__(self) -> str:
        also = f" ({', '.join(self.optional)} optional)" if self.optional else ""
        return " + ".join(self.needed) + also


_WAYS = (
    _Way((TOKEN,), (TOKEN,)),
    _Way((USERNAME, PASSWORD), (USERNAME, PASSWORD, CLIENT_ID, CLIENT_SECRET), (TOKEN_STORE, TOKEN_URL)),
    _Way((REFRESH_TOKEN,), (REFRESH_TOKEN, CLIENT_ID, CLIENT_SECRET), (TOKEN_STORE, TOKEN_URL)),
    _Way((TOKEN_STORE,), (TOKEN_STORE, CLIENT_ID, CLIENT_SECRET), (TOKEN_URL,)),
)


@attrs.frozen
class Settings:
    """What the environment says. None: nothing, or it was not asked."""

    auth: Auth | None
    base_url: str | None
    account_id: str | None


@keeps_secrets
def settings_from_env(environ: Mapping[str, str], elsewhere: Collection[str] = ()) -> Settings:
    """Read the settings of a client from environment variables.

    A blank variable counts as not set. A line end after a value is dropped, as files and secret stores add
    one; other white space counts, as it may belong to a password.

    One way to authenticate:
        VBC_ACCESS_TOKEN: A token obtained elsewhere.
        VBC_USERNAME, VBC_PASSWORD, VBC_CLIENT_ID, VBC_CLIENT_SECRET: The password grant.
        VBC_REFRESH_TOKEN, VBC_CLIENT_ID, VBC_CLIENT_SECRET: Go on with a login made elsewhere.
        VBC_TOKEN_STORE, VBC_CLIENT_ID, VBC_CLIENT_SECRET: Go on with the login in that file.
    and what may be added:
        VBC_TOKEN_STORE: File to keep tokens in; not with VBC_ACCESS_TOKEN.
        VBC_TOKEN_URL: In place of the vendor's; not with VBC_ACCESS_TOKEN.
        VBC_BASE_URL, VBC_ACCOUNT_ID: In place of the client's defaults.

    Other VBC_* variables are ignored, as they may be somebody else's; one that looks misspelt is logged as a
    warning.

    Args:
        environ: The variables.
        elsewhere: Names of settings that come from elsewhere: what the environment says of them does not
            matter, and they are None in the result.

    Raises:
        ConfigurationError: Variables are missing, contradict each other, or hold what cannot be. They are
            named, with what would be accepted; no value of a credential is quoted.
    """
    values = {name: environ.get(name, "").rstrip("\r\n") for name in KNOWN}
    given = {name: value for name, value in values.items() if value.strip()}
    _warn_of_slips(environ)
    return Settings(
        auth=None if "auth" in elsewhere else _auth(given),
        base_url=None if "base_url" in elsewhere else _base_url(given),
        account_id=None if "account_id" in elsewhere else _account_id(given),
    )


def _warn_of_slips(environ: Mapping[str, str]) -> None:
    for name in sorted(environ):
        if name.startswith("VBC_") and name not in KNOWN:
            for meant in difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.8):
                logger.warning("%s is not a setting and is ignored; is %s meant?", name, meant)


def _check_way(given: Mapping[str, str]) -> None:
    way = next((way for way in _WAYS if any(name in given for name in way.told_by)), None)
    if way is None:
        ways = "; or ".join(str(way) for way in _WAYS)
        raise ConfigurationError(f"no VBC_* variables say how to authenticate; accepted: {ways}")
    missing = [name for name in way.needed if name not in given]
    if missing:
        raise ConfigurationError(f"not set: {', '.join(missing)}; accepted: {way}")
    known = (*CREDENTIALS, TOKEN_URL)
    others = [name for name in known if name in given and name not in way.needed + way.optional]
    if others:
        raise ConfigurationError(
            f"contradictory: {', '.join(others)} next to {way.told_by[0]}; accepted: {way}"
        )


def _auth(given: Mapping[str, str]) -> Auth:
    _check_way(given)
    try:
        return _authenticating_by(given)
    except ConfigurationError as error:
        raise ConfigurationError(f"from the VBC_* variables: {error}") from None


def _authenticating_by(given: Mapping[str, str]) -> Auth:
    if TOKEN in given:
        return AccessToken(given[TOKEN])
    store = FileTokenStore(given[TOKEN_STORE]) if TOKEN_STORE in given else None
    url = given.get(TOKEN_URL, DEFAULT_TOKEN_URL)
    client_id, client_secret = given[CLIENT_ID], given[CLIENT_SECRET]
    if USERNAME in given:
        username, password = given[USERNAME], given[PASSWORD]
        return PasswordGrant(username, password, client_id, client_secret, token_store=store, token_url=url)
    return RefreshToken(given.get(REFRESH_TOKEN), client_id, client_secret, token_store=store, token_url=url)


def _base_url(given: Mapping[str, str]) -> str | None:
    if BASE_URL not in given:
        return None
    secure_url(given[BASE_URL], BASE_URL)
    return given[BASE_URL]


def _account_id(given: Mapping[str, str]) -> str | None:
    if ACCOUNT_ID not in given:
        return None
    return path_segment(given[ACCOUNT_ID], ACCOUNT_ID, error=ConfigurationError)
