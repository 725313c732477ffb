"""From the URLs and settings of `archive.toml` to destinations.

| URL | settings, beside what the environment says |
|---|---|
| `s3://BUCKET/PREFIX` | `endpoint`, `region`, `profile`: of `~/.aws`, through boto3 |
| `gs://BUCKET/PREFIX` | `endpoint` |
| `az://CONTAINER/PREFIX` | `endpoint`, `account` |

Keys come from the environment, files and services that the vendors' own tools read, and never from settings.
What it takes is imported only if an archive names such a destination.
"""

import importlib
import json
import os
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vbc_call_recording import ConfigurationError

from .local import LOCAL, LocalFolder
from .protocol import Destination

if TYPE_CHECKING:
    from obstore.store import ObjectStore

GROUP = "vbc_recordings.destinations"
Settings = Mapping[str, str]

# A user or a key in an address would end up in the catalogue and in the ledger.
# Two spellings of one place would be two destinations: a part may not be empty, `.` or `..`.
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://([^\s/?#@]+)((?:/(?!\.{1,2}(?:/|$))[^\s/?#@]+)*)")
RETRIES: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}
_PATIENCE = {"connect_timeout": "10s", "read_timeout": "5m", "timeout": "30m"}
# A read is waited for from the beginning of an upload on, and files may be large.


def is_name(text: str) -> bool:
    """Whether it may be the name of a destination: `local`, or a URL without anything secret in it."""
    return text == LOCAL or _URL.fullmatch(text) is not None


def shown(text: str) -> str:
    """A text that may not be a name, without what may be a login."""
    kind, sign, _ = text.partition("://")
    return f"{kind}{sign}…" if re.search("[@?#]", text) else text


def open_destination(name: str, folder: Path, settings: Settings) -> Destination:
    """The destination with this name. Nothing is sent.

    Args:
        folder: The archive's, which is `local`.
        settings: Its own, of `archive.toml`.

    Raises:
        ConfigurationError: There is no such kind, what it needs is not installed, or a setting is not valid.
    """
    if name == LOCAL:
        return LocalFolder(folder)
    found = _URL.fullmatch(name)
    kind = found[1] if found else ""
    for point in entry_points(group=GROUP, name=kind):
        return point.load()(name, settings)  # type: ignore[no-any-return]
    if found is None or kind not in _STORES:
        raise ConfigurationError(
            f"destination {name!r} is of no known kind; accepted: local, s3://, gs://, az://"
        )
    accepted, opened = _STORES[kind]
    if unknown := sorted(settings.keys() - accepted):
        raise ConfigurationError(
            f"{name} has the setting {unknown[0]!r}; accepted: {', '.join(sorted(accepted))}"
        )
    try:
        bucket = importlib.import_module(".bucket", __package__)
    except ImportError:
        raise ConfigurationError(
            f"destination {name} needs obstore: pip install 'vbc-call-recording[cloud]'"
        ) from None
    try:
        return bucket.Bucket(name, opened(found[2], found[3].lstrip("/") or None, settings))  # type: ignore[no-any-return]
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001 - of a library that raises what it likes; it may quote a key
        raise ConfigurationError(f"destination {name} cannot be used: {type(error).__name__}") from None


def _s3(bucket: str, prefix: str | None, settings: Settings) -> "ObjectStore":
    from obstore.store import S3Store

    endpoint = settings.get("endpoint") or _env("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    config = {
        "endpoint": endpoint,
        "region": settings.get("region") or _env("AWS_REGION", "AWS_DEFAULT_REGION"),
    }
    chosen: Any = {name: value for name, value in config.items() if value}
    profile = settings.get("profile") or _env("AWS_PROFILE")
    provider = _of_boto3(profile) if profile or not _env("AWS_ACCESS_KEY_ID") else None
    if provider is not None and "region" not in chosen:
        chosen |= provider.config
    return S3Store(
        bucket,
        prefix=prefix,
        config=chosen,
        credential_provider=provider,
        client_options=_client(endpoint),
        retry_config=RETRIES,
    )


def _of_boto3(profile: str) -> Any:
    """Credentials as boto3 finds them, with profiles and single sign-on; None if it is not installed.

    Without it, what obstore knows is left: variables, and the services of Amazon's own machines.
    """
    try:
        boto3 = importlib.import_module("boto3")
    except ImportError:
        if profile:
            raise ConfigurationError(f"the AWS profile {profile!r} needs boto3: pip install boto3") from None
        return None
    from obstore.auth.boto3 import Boto3CredentialProvider

    session = boto3.Session(profile_name=profile or None)
    return Boto3CredentialProvider(session) if session.get_credentials() else None


def _gs(bucket: str, prefix: str | None, settings: Settings) -> "ObjectStore":
    from obstore.store import GCSStore

    emulator = _env("STORAGE_EMULATOR_HOST")  # as Google's own libraries have it
    endpoint = settings.get("endpoint") or emulator
    config: Any = {"base_url": endpoint} if endpoint else {}
    if emulator:
        nobody = {"client_email": "", "private_key": "", "private_key_id": ""}
        login = {"gcs_base_url": emulator, "disable_oauth": True, **nobody}
        config = {"service_account_key": json.dumps(login)}
    return GCSStore(
        bucket, prefix=prefix, config=config, client_options=_client(endpoint), retry_config=RETRIES
    )


def _az(container: str, prefix: str | None, settings: Settings) -> "ObjectStore":
    from obstore.store import AzureStore

    endpoint = settings.get("endpoint") or _env("AZURE_STORAGE_ENDPOINT")
    config = {"endpoint": endpoint, "account_name": settings.get("account", "")}
    chosen: Any = {name: value for name, value in config.items() if value}
    return AzureStore(
        container, prefix=prefix, config=chosen, client_options=_client(endpoint), retry_config=RETRIES
    )


_STORES: Mapping[str, tuple[frozenset[str], Callable[[str, str | None, Settings], "ObjectStore"]]] = {
    "s3": (frozenset({"endpoint", "region", "profile"}), _s3),
    "gs": (frozenset({"endpoint"}), _gs),
    "az": (frozenset({"endpoint", "account"}), _az),
}


def _client(endpoint: str) -> Any:
    """Only an address that somebody wrote with http:// is gone to without TLS."""
    return {**_PATIENCE, "allow_http": endpoint.startswith("http://")}


def _env(*names: str) -> str:
    return next((value for name in names if (value := os.environ.get(name))), "")
