"""What an argument may be, said in one voice: "x is …; accepted: …". Pure.

Arguments of calls are refused with `InputError`, settings with `ConfigurationError`: pass it as `error`.
"""

import difflib
import math
import re
import threading
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeGuard, TypeVar
from urllib.parse import unquote

import httpx
from attrs import Attribute

from vbc_call_recording_generated import models, types

from ._errors import ConfigurationError, InputError

C = TypeVar("C")
T = TypeVar("T", bound=str)
Refusal = type[InputError] | type[ConfigurationError]

LARGEST = 2**63 - 1  # what other languages hold; beyond it Python may even refuse to write the digits
LONGEST_ID = 255  # characters; ids in use have at most 36
DEFAULT_TIMEOUT = httpx.Timeout(connect=10.0, read=60.0, write=60.0, pool=60.0)
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")


def shown(value: object) -> str:
    """The value as it appears in a message, shortened."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return "an int with far too many digits"
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a repr may do anything, and this is about another error
        return f"an object of type {type(value).__name__}"
    return text if len(text) <= 100 else f"{text[:97]}..."


def is_int(value: object) -> TypeGuard[int]:
    """Whether it is a whole number. True and False are not: they come from mistakes."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST


def read_count(value: object) -> int | None:
    """A server's number, also as text ("14"); None for anything that is not a count."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    return value if is_int(value) and value >= 0 else None


def is_text_or_int(value: object) -> TypeGuard[str | int]:
    return isinstance(value, str) or is_int(value)


def unprintable(text: str) -> bool:
    """Whether it has control characters, or halves of surrogate pairs, which cannot be sent at all."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def is_encodable(value: object) -> bool:
    """Whether it is text that has a form in UTF-8. Halves of surrogate pairs have none: JSON may hold them,
    and Python reads bytes of the environment as such that are not UTF-8.
    """
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def plain_text(value: str | int) -> str:
    """The text or the digits, also of a subclass: `str()` of an enum gives its member's name."""
    return str.__str__(value) if isinstance(value, str) else int.__repr__(value)


def whole_number(
    value: object, name: str, *, least: int = 0, most: int = LARGEST, error: Refusal = InputError
) -> int:
    if is_int(value) and least <= value <= most:
        return value
    limits = f"{least} or more" if most == LARGEST else f"{least} to {most}"
    raise error(f"{name} is {shown(value)}; accepted: a whole number, {limits}")


def seconds(
    value: object,
    name: str,
    *,
    zero: bool = False,
    most: float = threading.TIMEOUT_MAX,
    also: str = "",
    error: Refusal = InputError,
) -> float:
    """A duration. `zero` may be accepted, and at `most` what the system can wait for, hundreds of years.

    `also` is what else is accepted, for the message.
    """
    number = value if is_int(value) or isinstance(value, float) else math.nan
    if (number >= 0 if zero else number > 0) and number <= most:
        return float(number)
    limits = "0 or more" if zero else "above 0"
    if most < threading.TIMEOUT_MAX or most < number < math.inf:
        limits += f", at most {most:.0f}"
    raise error(f"{name} is {shown(value)}; accepted: seconds {limits}{also and f', or {also}'}")


def flag(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return value
    raise InputError(f"{name} is {shown(value)}; accepted: True or False")


def callback(value: C, name: str) -> C:
    if value is None or callable(value):
        return value
    raise InputError(f"{name} is {shown(value)}; accepted: a function, or None")


def one_of(value: object, name: str, choices: Collection[T]) -> T:
    for choice in choices:
        if isinstance(value, str) and value == choice:
            return choice
    raise InputError(f"{name} is {shown(value)}; accepted: {' or '.join(map(repr, choices))}")


def checked_by(check: Callable[..., object], **limits: Any) -> Any:
    """An attrs validator of one of these checks, which is told what the attribute is called."""

    def validate(_: object, attribute: "Attribute[Any]", value: object) -> None:
        check(value, attribute.name, **limits)

    return validate


def require_type(name: str, value: object, kind: type) -> None:
    """Raises ConfigurationError if a setting has another type: not everybody runs a type checker."""
    if not isinstance(value, kind):
        raise ConfigurationError(f"{name} is of type {type(value).__name__}; accepted: {kind.__name__}")


def refuse_unknown(what: str, names: Iterable[str], allowed: type) -> None:
    """Check `names`, of a `what` each, against the keys of the TypedDict `allowed`."""
    for name in names:
        if name not in allowed.__annotations__:
            known = sorted(allowed.__annotations__)
            close = difflib.get_close_matches(name[:LONGEST_ID], known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise InputError(f"unknown {what} {shown(name)}: {hint}accepted: {', '.join(known)}")


def path_segment(value: object, name: str, *, error: Refusal = InputError) -> str:
    """An id as text, not yet percent-encoded, that can be nothing but one segment of a URL's path."""
    if is_int(value):
        return plain_text(value)
    if isinstance(value, str):
        text = plain_text(value)
        if len(text) <= LONGEST_ID and all(_is_one_segment(form) for form in _readings(text)):
            return text
    raise error(
        f"{name} is {shown(value)}; accepted: an int, or text of at most {LONGEST_ID} characters, other than "
        "'.' and '..', without slash, backslash, space around it or control character, percent-encoded or not"
    )


def api_path(value: object, name: str = "path") -> str:
    """A path below the base URL, each segment of which can be nothing but one. It may end with a slash."""
    if isinstance(value, str) and value.startswith("/") and len(value) <= 10 * LONGEST_ID:
        segments = value[1:].removesuffix("/").split("/")
        plain = not any(character in value for character in "?#")
        if plain and all(_is_one_segment(form) for segment in segments for form in _readings(segment)):
            return value
    raise InputError(
        f"{name} is {shown(value)}; accepted: a path below the base URL, as '/api/accounts/self/…', without "
        "query, '.', '..', control characters and the like, percent-encoded or not"
    )


def recording_segment(recording: "models.Recording | int | str") -> str:
    """A recording's id as a segment of a path, or InputError."""
    given = recording.id if isinstance(recording, models.Recording) else recording
    if isinstance(given, types.Unset):
        raise InputError("the recording has no id; accepted: one as the API returned it, or an id")
    return path_segment(given, "recording_id")


def _readings(text: str) -> Iterator[str]:
    """What servers and proxies may take `text` for: decoded any number of times, look-alikes made equal."""
    while True:
        yield unicodedata.normalize("NFKC", text)
        decoded = unquote(text)
        if decoded == text:
            return
        text = decoded


def _is_one_segment(text: str) -> bool:
    before_parameters = text.partition(";")[0]  # Java servers drop what follows: `..;x` is `..` to them
    return (
        before_parameters not in ("", ".", "..")
        and text == text.strip()
        and not any(character in "/\\" for character in text)
        and not unprintable(text)
    )


def timeouts(timeout: object) -> httpx.Timeout:
    """Seconds, or seconds told apart by httpx. There is no waiting forever by accident."""
    if isinstance(timeout, httpx.Timeout):
        for name, value in timeout.as_dict().items():
            if value is not None:
                seconds(value, f"timeout.{name}", zero=True, also="None", error=ConfigurationError)
        return timeout
    return httpx.Timeout(seconds(timeout, "timeout", also="an httpx.Timeout", error=ConfigurationError))


def checked_text(value: object, name: str) -> str:
    """`value`, if it is text and not blank. ConfigurationError names the argument, never its value."""
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} is of type {type(value).__name__}; accepted: a non-empty str")
    if not value.strip():
        raise ConfigurationError(f"{name} is empty; accepted: a non-empty str")
    if not is_encodable(value):
        raise ConfigurationError(f"{name} cannot be written in UTF-8; accepted: text that can")
    return value


def checked_bearer_token(value: object, name: str) -> str:
    """`value`, if it can be a bearer token. ConfigurationError names the argument, never its value."""
    token = checked_text(value, name)
    if not is_bearer_token(token):
        raise ConfigurationError(
            f"{name} holds white space, control or non-ASCII characters; "
            "accepted: the bare token, without 'Bearer ' and without a line end"
        )
    return token


def is_bearer_token(value: object) -> bool:
    """Whether this can stand behind `Bearer ` in a header."""
    return isinstance(value, str) and _VISIBLE_ASCII.fullmatch(value) is not None
