"""Where a recording goes: a template over its fields, made safe for every file system. Pure.

    audio/{start:%Y/%m/%d}/{direction}-{caller_id}-{id}

Only the slashes of the template make directories, those of values never do. The last part always ends in the
recording's id, which is added where the template has it elsewhere or not at all: so no two recordings of a
source share a name, in upper or lower case. On-demand recordings of user 5 are below `users/5/`.
"""

import re
import string
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from vbc_call_recording import ConfigurationError, Recording

DEFAULT_LAYOUT = "audio/{start:%Y/%m/%d}/{direction}-{caller_id}-{id}"
FIELDS: Mapping[str, str] = {
    "start": "start",
    "end": "end",
    "direction": "call_direction",
    "call_direction": "call_direction",
    "caller_id": "caller_id",
    "call_id": "call_id",
    "cnam": "cnam",
    "dnis": "dnis",
    "duration": "duration",
    "extensions": "extensions",
    "file_name": "file_name",
    "id": "id",
}
"""Names a template may use, and the recording's property each stands for."""

PAYLOAD = "data"
"""The folder below an archive that holds the files, as BagIt has it."""

_INSTANTS = ("start", "end")
_INSTANT = datetime(2026, 11, 24, 10, tzinfo=UTC)
_SAMPLES: Mapping[str, object] = {"start": _INSTANT, "end": _INSTANT, "duration": 60_000, "id": 193_228}
_UNKNOWN = "unknown"  # what stands where the API sent nothing
_LONGEST_FOLDER = 60  # bytes in UTF-8; with the name, it stays below Windows' 260 for a path
_LONGEST_NAME = 120
# What Windows refuses; the percent sign, which BagIt reads as an escape; the separators of any system.
_FORBIDDEN = frozenset('<>:"|?*%/\\')
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"}
)
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}\Z")
_OURS = frozenset({".json", ".txt", ".part", ".lock", ".new"})  # suffixes that stand for something else here
_PLAIN_ID = re.compile(r"[0-9a-z]{1,40}")


class Layout:
    """A checked template.

    Args:
        template: As above. Format specifications work as in Python: `{start:%Y-%m}`, `{duration:08d}`.
        zone: In which `start` and `end` are written.

    Raises:
        ConfigurationError: The template cannot be used. The message says what is accepted.
    """

    def __init__(self, template: str = DEFAULT_LAYOUT, zone: ZoneInfo | None = None) -> None:
        self.template = template
        self._zone = zone or ZoneInfo("UTC")
        self._pieces = list(_pieces(template))
        for _, field, spec in self._pieces:
            try:
                format(_SAMPLES.get(field or "", ""), spec)
            except (ValueError, TypeError) as error:
                message = f"layout is {template!r}, and {{{field}:{spec}}} cannot be: {error}"
                raise ConfigurationError(f"{message}; accepted: Python's formats") from None

    def path(self, recording: Recording, source: str) -> str:
        """Where the audio goes: a path relative to the archive, with slashes, `data/audio/….mp3`.

        Args:
            recording: Must have an id.
            source: `"company"`, or `"user:<id>"`.
        """
        identity = safe_identity(recording.id)
        rendered = "".join(self._value(recording, *piece) for piece in self._pieces)
        *folders, name = [part for part in rendered.split("/") if part.strip()] or [""]
        ending = identity if name == identity else f"-{identity}"
        stem = name.removesuffix(ending)
        room = _LONGEST_NAME - len(ending)
        last = safe_component((_cut(safe_component(stem), room) if stem else "") + ending, _LONGEST_NAME)
        parts = [safe_component(folder, _LONGEST_FOLDER) for folder in folders]
        if [*parts, last][0].casefold() == "users":
            parts[0] = "_users"
        return "/".join([PAYLOAD, *_folder_of(source), *parts, last + _suffix(recording.file_name)])

    def _value(self, recording: Recording, text: str, field: str | None, spec: str) -> str:
        if field is None:
            return text
        value: Any = getattr(recording, FIELDS[field])
        if isinstance(value, datetime) and field in _INSTANTS:
            # An offset may be missing from what the API sent. It means UTC then.
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)
            return text + format(aware.astimezone(self._zone), spec or "%Y-%m-%dT%H%M%S")
        if not value and value != 0:
            return text + _UNKNOWN
        if isinstance(value, list):
            value = "-".join(str(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return text + re.sub(r"[/\\]", "_", _formatted(value, spec))


def _formatted(value: object, spec: str) -> str:
    try:
        return format(value, spec)
    except (ValueError, TypeError):  # the API sent another type than it usually does
        return str(value)


def beside(path: str, suffix: str) -> str:
    """The path of what belongs to a recording: its transcript (`.txt`), its metadata (`.json`)."""
    return _SUFFIX.sub("", path) + suffix


def safe_identity(identity: object) -> str:
    """The id as it stands in names: as it is, unless a file system could mix it up with another."""
    text = str(identity)
    if _PLAIN_ID.fullmatch(text):
        return text
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def safe_component(name: str, longest: int = _LONGEST_NAME) -> str:
    """One part of a path as every file system takes it: never empty, hidden, reserved, too long or odd."""
    composed = unicodedata.normalize("NFC", name)
    visible = "".join("_" if _is_forbidden(character) else character for character in composed)
    # A leading dot hides a file, a leading dash is an option to many a program, Windows drops what trails.
    trimmed = visible.lstrip(".- ").rstrip(". ")
    if trimmed.split(".")[0].rstrip(" ").upper() in _DEVICES:
        trimmed = f"_{trimmed}"
    return _cut(trimmed, longest).rstrip(". ") or "unnamed"


def _pieces(template: str) -> Iterator[tuple[str, str | None, str]]:
    """Text before a field, the field, its format. ConfigurationError if the template cannot be used."""
    accepted = ", ".join(f"{{{name}}}" for name in FIELDS)
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ConfigurationError(f"layout is {template!r}: {error}; accepted: {accepted}") from None
    if not template.strip("/ ") or template.startswith("/") or ".." in template.split("/"):
        raise ConfigurationError(f"layout is {template!r}; accepted: a path below the archive, of {accepted}")
    for text, field, spec, conversion in parsed:
        if field is not None and (field not in FIELDS or conversion or "{" in (spec or "")):
            raise ConfigurationError(
                f"layout is {template!r}, and {{{field}}} is not a field; accepted: {accepted}"
            )
        yield text, field, spec or ""


def _folder_of(source: str) -> list[str]:
    kind, _, user = source.partition(":")
    return [] if kind == "company" else ["users", safe_identity(user)]


def _suffix(file_name: object) -> str:
    found = _SUFFIX.search(file_name) if isinstance(file_name, str) else None
    suffix = found[0].lower() if found else ".mp3"
    return ".mp3" if suffix in _OURS else suffix


def _is_forbidden(character: str) -> bool:
    return character in _FORBIDDEN or unicodedata.category(character) in _FORBIDDEN_CATEGORIES


def _cut(text: str, limit: int) -> str:
    """The beginning of `text` that fits into `limit` bytes of UTF-8, no character cut in two."""
    return text.encode(errors="ignore")[:limit].decode(errors="ignore")
