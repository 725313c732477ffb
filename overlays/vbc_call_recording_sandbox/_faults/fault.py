"""What can go wrong with one request, and which definitions of that make sense."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .._errors import InputError
from .._requests import ReceivedRequest

Body = bytes | str | dict[str, Any] | list[Any]
Framing = Literal["length", "chunked", "close"]
FRAMINGS = ("length", "chunked", "close")

Match = str | Callable[[ReceivedRequest], bool]
"""A regular expression to be found in `ReceivedRequest.line`, or a function that decides."""

# RFC 9110, 5.1 and 5.5: a token, and a value without line ends or NUL.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with one request. The fields are the parameters of `Faults.next`."""

    status: int | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    body: Body | None = None
    acts: bool = False
    delay: float = 0
    drop: bool = False
    truncate: int | None = None
    stall: int | None = None
    framing: Framing = "length"
    ignore_range: bool = False

    def __post_init__(self) -> None:
        """Refuse at once what would only show as a server error later.

        Raises:
            InputError: A field has a value that cannot be played.
        """
        _require(self.status is None or _is_whole(self.status, 200, 599), "status", self.status, "200 to 599")
        _require(_is_number(self.delay), "delay", self.delay, "a number of seconds, 0 or more")
        for name in ("acts", "drop", "ignore_range"):
            _require(isinstance(getattr(self, name), bool), name, getattr(self, name), "true or false")
        for name in ("truncate", "stall"):
            value = getattr(self, name)
            _require(value is None or _is_whole(value, 0), name, value, "a number of bytes, 0 or more")
        _require(self.truncate is None or self.stall is None, "stall", self.stall, "only without truncate")
        _require(self.framing in FRAMINGS, "framing", self.framing, ", ".join(FRAMINGS))
        _require_headers(self.headers)
        _require_body(self.body, self.status)

    @property
    def replaces_answer(self) -> bool:
        """Whether the client gets this fault's own answer instead of the sandbox's."""
        return self.drop or self.status is not None or self.body is not None


def require_match(match: Any) -> None:
    """Refuse what cannot decide about requests."""
    if callable(match):
        return
    _require(isinstance(match, str), "match", match, "a regular expression, or a function")
    try:
        re.compile(match)
    except re.error as error:
        raise InputError(f"match is {match!r}; accepted: a regular expression, but: {error}") from error


def require_plan(times: Any, probability: Any) -> None:
    """Refuse a plan that is never met, or too often."""
    is_count = isinstance(times, int | float) and not isinstance(times, bool)
    is_whole = is_count and (times == math.inf or float(times).is_integer())
    _require(is_whole and times >= 1, "times", times, "a whole number, 1 or more, or math.inf")
    _require(
        _is_number(probability) and 0 < probability <= 1, "probability", probability, "above 0, at most 1"
    )


def _require_headers(headers: Any) -> None:
    _require(isinstance(headers, Mapping), "headers", headers, "names with values")
    for name, value in headers.items():
        _require(
            isinstance(name, str) and _HEADER_NAME.fullmatch(name) is not None,
            "headers", name, "names of letters, digits and hyphens",
        )  # fmt: skip
        _require(
            value is None or (isinstance(value, str) and _HEADER_VALUE.fullmatch(value) is not None),
            f"header {name}", value, "a text of one line in Latin-1, or None to remove it",
        )  # fmt: skip


def _require_body(body: Any, status: int | None) -> None:
    _require(
        body is None or isinstance(body, bytes | str | dict | list), "body", body, "bytes, str, dict or list"
    )
    _require(not body or status not in (204, 304), "body", body, f"none with status {status}")
    if isinstance(body, dict | list):
        try:
            json.dumps(body, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise InputError(f"body is {body!r}; accepted: what JSON can express, but: {error}") from error


def _require(is_fine: bool, name: str, value: Any, accepted: str) -> None:
    if not is_fine:
        raise InputError(f"{name} is {value!r}; accepted: {accepted}")


def _is_whole(value: Any, at_least: int, at_most: float = math.inf) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and at_least <= value <= at_most


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
