"""What arguments may be. Pure."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import (
    TypeGuard,
)
from urllib.parse import unquote

import httpx

from vbc_call_recording_generated.models import (
    Recording,
)
from vbc_call_recording_generated.types import Unset

from ._errors import (
    ConfigurationError,
    InputError,
)


def refuse_unknown(what: str, names: Iterable[str], allowed: type) -> None:
    """Check `names`, of a `what` each, against the keys of the TypedDict `allowed`.

    Raises:
        InputError: One is not among them. The closest one is suggested.
    """
    for name in names:
        if name not in allowed.__annotations__:
            known = sorted(allowed.__annotations__)
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise InputError(f"unknown {what} {shown(name)}: {hint}There are: {', '.join(known)}")


def positive(value: object, name: str) -> int:
    """Check a number of things that must be at least one.

    Raises:
        InputError: It is not a whole number above zero.
    """
    if is_int(value) and value > 0:
        return value
    raise InputError(f"{name} must be an int above 0, not {shown(value)}")


def path_segment(value: str | int, name: str) -> str:
    """Check an id that becomes one segment of a URL's path.

    Args:
        value: The id.
        name: What to call it in an error (`"recording_id"`).

    Returns:
        The id as text, not yet percent-encoded.

    Raises:
        InputError: It is empty, or could lead a server to another path (`..`, a slash, their encoded forms).
    """
    if not is_text_or_int(value):
        raise InputError(f"{name} must be a str or an int, not {shown(value)}")
    text = str(value)
    if not all(_is_one_segment(form) for form in _readings(text)):
        raise InputError(
            f"{name} {shown(text)} cannot be part of a path: an id is not empty, not '.' or '..', and has "
            "no slash, backslash, space around it or control character, percent-encoded or not"
        )
    return text


def _readings(text: str) -> Iterator[str]:
    """What servers and proxies may take `text` for: decoded any number of times, look-alikes made equal."""
    while True:
        yield unicodedata.normalize("NFKC", text)
        decoded = unquote(text)
        if decoded == text:
            return
        text = decoded


def _is_one_segment(text: str) -> bool:
    before_parameters = text.partition(";")[0]
    return (
        before_parameters not in ("", ".", "..")
        and text == text.strip()
        and not any(character in "/\\" for character in text)
        and not unprintable(text)
    )


def unprintable(text: str) -> bool:
    """Control characters, and halves of surrogate pairs, which cannot be sent at all."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def is_text_or_int(value: object) -> TypeGuard[str | int]:
    return isinstance(value, str) or is_int(value)


def is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST


def shown(value: object) -> str:
    """The value as it appears in a message, shortened."""
    try:
        text = repr(value)
    except ValueError:
        return "an int with thousands of digits"
    return text if len(text) <= 100 else text[:97] + "..."


LARGEST = 2**63 - 1  # what other languages hold; beyond it Python may even refuse to write the digits


DEFAULT_TIMEOUT = httpx.Timeout(connect=10.0, read=60.0, write=60.0, pool=60.0)


def timeouts(timeout: float | httpx.Timeout) -> httpx.Timeout:
    """Seconds, or seconds told apart by httpx. There is no waiting forever by accident."""
    if isinstance(timeout, httpx.Timeout):
        return timeout
    if not is_seconds(timeout):
        raise ConfigurationError(f"timeout is {timeout!r}; accepted: seconds above 0, or an httpx.Timeout")
    return httpx.Timeout(timeout)


def require_type(name: str, value: object, kind: type) -> None:
    """Raises ConfigurationError if the argument is of another type: not everybody checks types before."""
    if not isinstance(value, kind):
        raise ConfigurationError(f"{name} is of type {type(value).__name__}; accepted: {kind.__name__}")


def recording_segment(recording: Recording | int | str) -> str:
    """A recording's id as a segment of a path, or InputError."""
    given = recording.id if isinstance(recording, Recording) else recording
    if isinstance(given, Unset):
        raise InputError("the recording has no id; accepted: one as the API returned it, or an id")
    return path_segment(given, "recording_id")


def is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


LONGEST_STALL_TIMEOUT = 86_400.0


def check_concurrency(given: object) -> None:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise InputError(f"concurrency is {given!r}; accepted: a whole number, 1 or more")


def check_stall_timeout(seconds: object) -> None:
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, int | float)
        or not 0 < seconds <= LONGEST_STALL_TIMEOUT
    ):
        raise InputError(
            f"stall_timeout is {seconds!r}; accepted: seconds above 0, at most {LONGEST_STALL_TIMEOUT:.0f}"
        )


def checked_account_id(value: str | int, name: str) -> str:
    """`value` as text, if it can be an account's id. ConfigurationError says `name`, and what is accepted."""
    try:
        return path_segment(value, name)
    except InputError as error:
        raise ConfigurationError(str(error)) from error


def checked_text(value: object, name: str) -> str:
    """`value`, if it is text and not blank. ConfigurationError names the argument, never its value."""
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} is of type {type(value).__name__}; accepted: a non-empty str")
    if not value.strip():
        raise ConfigurationError(f"{name} is empty; accepted: a non-empty str")
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


_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
