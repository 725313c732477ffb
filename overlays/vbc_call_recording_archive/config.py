"""`archive.toml`: what an archive holds, and how. See `profiles` for how to log in.

    [archive]
    timezone = "Europe/Berlin"
    window = "day"
    overlap = 3
    layout = "audio/{start:%Y/%m/%d}/{direction}-{caller_id}-{id}"
    transcripts = "beside"

Every key may be left out. A key that is unknown, or a value that is not valid, is refused before anything
is sent.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import attrs

from vbc_call_recording import ConfigurationError

from .destinations import LOCAL, Settings, is_name, shown
from .layout import DEFAULT_LAYOUT, Layout
from .windows import SIZES, WindowSize

CONFIG = "archive.toml"
Transcripts = Literal["beside", "catalogue", "none"]
Metadata = Literal["beside", "catalogue"]

_UTC = ZoneInfo("UTC")
_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_DESTINATION = (
    '"local", or a URL as "s3://bucket/prefix": its kind in lower case, no part of it empty, "." or "..", '
    "and in it no space, @, ? or #"
)
_SIZE = re.compile(r"([0-9]+)\s*([KMGT]?B?)", re.IGNORECASE)
_USER = re.compile(r"[A-Za-z0-9._@-]+")


@attrs.frozen(kw_only=True)
class ArchiveConfig:
    """What `archive.toml` says, checked.

    Attributes:
        timezone: The company's, in whose calendar windows begin and paths are written. Default: UTC.
        window: How long a window is.
        overlap: How many of the last windows are looked at again in every run: recordings and transcripts
            appear late.
        since: The first day to archive; None for the day of the oldest recording.
        company: Whether company recordings are archived.
        users: Ids of the users whose on-demand recordings are; `self` for the one who logs in.
        layout: Template of paths; see `layout`.
        transcripts: Where they go: a file beside the audio, or the catalogue only, or not fetched at all.
        metadata: Where a recording's fields go: a JSON file beside the audio too, or the catalogue only.
        min_free: Bytes to leave free on the disk. No window is begun with less.
        concurrency: How many files are fetched at a time.
        bag: Whether the folder is kept a BagIt bag, with one manifest of everything.
        catalogue: The database, if it is to be elsewhere: on a local disk, where the archive is on a network.
        destinations: Where files are kept: `local` is the archive's folder, the others are URLs.
        stores: Settings of single destinations, by their URL: see `destinations.opening`.
        profile: The profile to log in with, unless another one is asked for.
    """

    timezone: ZoneInfo = _UTC
    window: WindowSize = "day"
    overlap: int = 3
    since: date | None = None
    company: bool = True
    users: tuple[str, ...] = ()
    layout: str = DEFAULT_LAYOUT
    transcripts: Transcripts = "beside"
    metadata: Metadata = "catalogue"
    min_free: int = 10**9
    concurrency: int = 8
    bag: bool = True
    catalogue: Path | None = None
    profile: str | None = None
    destinations: tuple[str, ...] = (LOCAL,)
    stores: Mapping[str, Settings] = attrs.field(factory=dict[str, Settings])

    def __attrs_post_init__(self) -> None:
        Layout(self.layout, self.timezone)

    @property
    def sources(self) -> tuple[str, ...]:
        """`"company"`, and `"user:<id>"` for each user: what recordings belong to."""
        return (*(("company",) if self.company else ()), *(f"user:{user}" for user in self.users))

    @property
    def begin(self) -> datetime | None:
        """When `since` begins, in UTC."""
        if self.since is None:
            return None
        return datetime.combine(self.since, time(), self.timezone).astimezone(UTC)


def read_config(folder: Path) -> ArchiveConfig:
    """Read `archive.toml` of an archive.

    Raises:
        ConfigurationError: There is none, or it says what cannot be. The message names the key.
    """
    path = folder / CONFIG
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"{folder} holds no {CONFIG}; accepted: the folder of an archive; `vbc-recordings init` makes one"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None
    unknown = sorted(content.keys() - {"archive", "profiles", "destinations"})
    if unknown:
        accepted = '[archive], [profiles.NAME], [destinations."URL"]'
        raise ConfigurationError(f"{path} has [{unknown[0]}]; accepted: {accepted}")
    config = config_from(cast(Mapping[str, Any], content.get("archive", {})))
    return attrs.evolve(config, stores=_stores(content.get("destinations", {}), config.destinations))


def config_from(values: Mapping[str, Any]) -> ArchiveConfig:
    """The settings of the keys of `[archive]`.

    Raises:
        ConfigurationError: A key is unknown, or a value is not valid.
    """
    settings: dict[str, Any] = {}
    for key, value in values.items():
        if key not in _READ:
            close = difflib.get_close_matches(key, _READ, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise ConfigurationError(f"unknown key {key!r}: {hint}accepted: {', '.join(_READ)}")
        read, accepted = _READ[key]
        try:
            settings[key] = read(value)
        except (ValueError, TypeError, KeyError, OSError) as error:
            if isinstance(error, ConfigurationError):
                raise
            raise ConfigurationError(f"{key} is {value!r}; accepted: {accepted}") from None
    return ArchiveConfig(**settings)


def _stores(content: Any, names: tuple[str, ...]) -> Mapping[str, Settings]:
    """The settings of destinations. Unknown ones, as a secret would be, are refused when it is opened."""
    for name, settings in content.items():
        if name not in names:
            raise ConfigurationError(
                f"[destinations.{name!r}] is of no destination; accepted: {', '.join(names)}"
            )
        if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            raise ConfigurationError(f"[destinations.{name!r}] is not valid; accepted: texts by names")
    return cast(Mapping[str, Settings], content)


def config_text(config: ArchiveConfig) -> str:
    """The settings as `archive.toml` has them, those that are as by default left out."""
    lines = ["# What this archive holds, and how. No secrets belong in here.", "", "[archive]"]
    usual = ArchiveConfig()
    for key in _READ:
        value = getattr(config, key)
        if value != getattr(usual, key) or key in ("timezone", "window"):
            lines.append(f"{key} = {_toml(value)}")
    for name, settings in config.stores.items():
        lines += ["", f"[destinations.{_toml(name)}]"]
        lines += [f"{key} = {_toml(value)}" for key, value in settings.items()]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, date | int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, tuple):
        value = list(cast(tuple[str, ...], value))
    if isinstance(value, ZoneInfo | Path):
        value = str(value)
    return json.dumps(value, ensure_ascii=False)  # strings and lists of them are written alike


def _zone(value: str) -> ZoneInfo:
    return ZoneInfo(value)


def _one_of(*choices: str) -> tuple[Callable[[Any], str], str]:
    return (lambda value: choices[choices.index(value)]), " or ".join(f'"{choice}"' for choice in choices)


def _number(least: int, most: int) -> tuple[Callable[[Any], int], str]:
    def read(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError
        return value

    return read, f"a whole number, {least} to {most}"


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value


def _day(value: Any) -> date:
    if type(value) is not date:
        return date.fromisoformat(value)
    return value


def _users(value: Any) -> tuple[str, ...]:
    users = tuple(str(user) for user in value) if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if users != tuple(dict.fromkeys(users)) or not all(map(_USER.fullmatch, users)) or (value and not users):
        raise ValueError
    return users


def _destinations(value: Any) -> tuple[str, ...]:
    names = tuple(str(name).rstrip("/") for name in value) if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    for name in names:
        if not is_name(name):
            raise ConfigurationError(f"destinations has {shown(name)!r}; accepted: {_DESTINATION}")
    if not names or names != tuple(dict.fromkeys(names)):
        raise ValueError
    return names


def bytes_of(value: Any) -> int:
    """A number of bytes, also as text: `"20 GB"`. ValueError for anything else."""
    if type(value) is int and value >= 0:
        return value
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(value)
    unit = found[2].upper()
    return int(found[1]) * _UNITS[unit if unit in _UNITS else f"{unit}B"]


_READ: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "timezone": (_zone, 'the name of a time zone, as "Europe/Berlin"'),
    "window": _one_of(*SIZES),
    "overlap": _number(0, 1000),
    "since": (_day, "a day, as 2026-01-31"),
    "company": (_flag, "true or false"),
    "users": (_users, 'a list of user ids, each once, as ["193", "self"]'),
    "layout": (_text, "a template; see the docs"),
    "transcripts": _one_of("beside", "catalogue", "none"),
    "metadata": _one_of("beside", "catalogue"),
    "min_free": (bytes_of, 'bytes, or text such as "20 GB"'),
    "concurrency": _number(1, 80),
    "bag": (_flag, "true or false"),
    "catalogue": (lambda value: Path(_text(value)).expanduser(), "the path of a file on a local disk"),
    "profile": (_text, "the name of a profile"),
    "destinations": (_destinations, 'a list, each once, as ["local", "s3://bucket/prefix"]'),
}
