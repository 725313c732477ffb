"""Profiles: how to log in to which account, several of them in one file, and no secret in it.

    [profiles.acme]
    username = "jane.doe"
    client_id = "…"
    password_file = "/run/secrets/vbc-password"
    client_secret_file = "/run/secrets/vbc-client-secret"

A key is a VBC_* variable of the client in lower case; with `_file`, it names the file that holds the value.
Profiles are in an archive's `archive.toml`, and in `~/.config/vbc-recordings/profiles.toml` for all archives.
What a profile leaves out, the environment supplies, where `VBC_…_FILE` names a file likewise.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from vbc_call_recording import ConfigurationError

SECRETS = frozenset({"password", "client_secret", "refresh_token", "access_token"})
KEYS = SECRETS | {"username", "client_id", "token_store", "token_url", "base_url", "account_id", "rate_limit"}
CHOICE = "VBC_PROFILE"
"""The variable that names the profile, if no argument does."""


def client_environment(
    environ: Mapping[str, str], *, profile: str | None = None, files: tuple[Path, ...] = ()
) -> dict[str, str]:
    """The VBC_* variables for `CallRecordingClient.from_env`.

    Args:
        environ: The process's variables.
        profile: Name of the profile; None for that of `VBC_PROFILE`, and else the one called `default`, if
            there is one.
        files: Where to look for profiles; the first that has it counts. See `profile_files`.

    Raises:
        ConfigurationError: There is no such profile, a key of it is unknown or a secret, or a file cannot be
            read.
    """
    chosen = profile or environ.get(CHOICE) or None
    found = _find(chosen or "default", files, required=chosen is not None)
    mine = {name: value for name, value in environ.items() if name.startswith("VBC_") and name != CHOICE}
    values = _with_files_read(mine, Path())
    for name, value in found.items():
        values[name] = value
    return values


def profile_files(folder: Path | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where profiles are: an archive's own file, if there is an archive, and the user's."""
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".config")
    mine = Path(home) / "vbc-recordings" / "profiles.toml"
    return (mine,) if folder is None else (folder / "archive.toml", mine)


def check_profile(values: Mapping[str, Any], name: str) -> None:
    """Raises ConfigurationError unless it is a profile: known keys, text as values, no secret among them."""
    for key, value in values.items():
        base = key.removesuffix("_file")
        if key in SECRETS:
            raise ConfigurationError(
                f"profile {name!r} has {key}, which is a secret; accepted: {key}_file, the path of a file "
                f"that holds it, or the variable VBC_{key.upper()}"
            )
        if base not in KEYS:
            raise ConfigurationError(
                f"profile {name!r} has {key}; accepted: {', '.join(sorted(KEYS - SECRETS))}, "
                "and each with _file behind it, secrets too"
            )
        if not isinstance(value, str):
            raise ConfigurationError(f"profile {name!r}: {key} is {value!r}; accepted: text in quotes")


def _find(name: str, files: tuple[Path, ...], *, required: bool) -> dict[str, str]:
    known: list[str] = []
    for path in files:
        profiles = _profiles_of(path)
        if name in profiles:
            check_profile(profiles[name], name)
            variables = {f"VBC_{key.upper()}": str(value) for key, value in profiles[name].items()}
            return _with_files_read(variables, path.parent)
        known += profiles
    if required:
        raise ConfigurationError(
            f"profile is {name!r}; accepted: {', '.join(known) or 'none: there is no profile yet'}; "
            f"looked in {', '.join(map(str, files))}"
        )
    return {}


def _profiles_of(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None
    profiles = content.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(each, dict) for each in profiles.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        raise ConfigurationError(f"{path}: profiles is not a table of tables; accepted: [profiles.NAME]")
    return cast(dict[str, dict[str, Any]], profiles)


def _with_files_read(variables: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Each `…_FILE` replaced by what the file holds. A value given beside its file counts."""
    values = {name: value for name, value in variables.items() if not name.endswith("_FILE")}
    for name, path in variables.items():
        target = name.removesuffix("_FILE")
        if name.endswith("_FILE") and path and not values.get(target):
            try:
                values[target] = (folder / Path(path).expanduser()).read_text("utf-8").rstrip("\r\n")
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not text"
                raise ConfigurationError(f"{name} is {path!r}, which cannot be read: {reason}") from None
    return values
