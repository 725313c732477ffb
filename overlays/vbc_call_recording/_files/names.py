"""Makes file names from names that a server chose. Pure: it never looks at a disk.

A name must be safe on every file system, so that an archive of recordings can move from Linux to Windows or
macOS: no separators, no control or invisible characters, no device names of Windows, no hidden files, and
short enough to leave room for the suffixes that a download in progress appends.
"""

import os
import re
import unicodedata
from hashlib import sha256

MAX_NAME_BYTES = 200  # of a name made here, in UTF-8
SEPARATORS = re.compile(r"[/\\]")  # of directories, on one system or another
_LONGEST_NAME = 255  # bytes, of nearly every file system
_ROOM_BESIDE = 16  # bytes that `.part.json` and `.….unpacking.lock` add to a name
_LONGEST_IDENTITY = 100  # bytes of an id that a name repeats
_HARMLESS = re.compile(r"[A-Za-z0-9._ -]*")  # most names: nothing in them has to be looked up
_FORBIDDEN_PUNCTUATION = frozenset('<>:"|?*')
# Controls, invisible formatting (bidirectional overrides among it), surrogates, private and unassigned code
# points, line and paragraph separators.
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_WINDOWS_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"}
)
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}\Z")


def safe_name(name: str, *, unique: str, fallback_suffix: str = "") -> str:
    """Base name for a download: that of `name`, with `unique` before its suffix (`call-company-5.mp3`).

    The same arguments always give the same name. Different `unique`s give different names, even where a file
    system ignores case. `name` may be empty, a path, or anything else.
    """
    base = safe_component(name)
    found = _SUFFIX.search(base)
    suffix = found[0] if found else fallback_suffix
    stem = base.removesuffix(suffix) if found else base
    tail = f"-{_safe_identity(unique)}{suffix}"
    return safe_component(_cut(stem, max(0, MAX_NAME_BYTES - len(tail.encode()))) + tail)


def _safe_identity(identity: str) -> str:
    """Keeps ids apart, with a digest if need be: `a:b` and `a_b` alone would both become `a_b`."""
    made = _cut(safe_component(identity), _LONGEST_IDENTITY)
    return made if made == name_key(identity) else f"{made}-{digest(identity)}"


def digest(text: str) -> str:
    """Tells texts apart in 16 characters."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def with_room_for_suffixes(name: str) -> str:
    """The name that files beside `name` begin with: `name` itself, unless that is too long already."""
    if len(os.fsencode(name)) <= _LONGEST_NAME - _ROOM_BESIDE:
        return name
    return f"{_cut(name, MAX_NAME_BYTES)}-{digest(name)}"


def safe_component(name: str) -> str:
    """The last component of `name`, reduced to what every file system takes. Never empty, `.` or `..`."""
    last = SEPARATORS.split(unicodedata.normalize("NFC", name).rstrip("/\\"))[-1]
    visible = last
    if not _HARMLESS.fullmatch(last):
        visible = "".join("_" if _is_forbidden(character) else character for character in last)
    # A leading dot hides a file, programs take a leading dash for an option, Windows drops trailing dots.
    trimmed = visible.lstrip(".- ").rstrip(". ")
    if trimmed.split(".")[0].rstrip(" ").upper() in _WINDOWS_DEVICES:
        trimmed = f"_{trimmed}"
    return _cut(trimmed, MAX_NAME_BYTES).rstrip(". ") or "unnamed"


def name_key(name: str) -> str:
    """Equal for names that some file system cannot tell apart: Unicode forms and case do not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _is_forbidden(character: str) -> bool:
    return character in _FORBIDDEN_PUNCTUATION or unicodedata.category(character) in _FORBIDDEN_CATEGORIES


def _cut(text: str, limit: int) -> str:
    """The beginning of `text` that fits into `limit` bytes of UTF-8, no character cut in two."""
    return text.encode(errors="ignore")[:limit].decode(errors="ignore")
