"""Contains some shared types for properties"""

import datetime
import json
from collections.abc import Callable, Mapping, MutableMapping
from enum import Enum
from functools import cache
from typing import IO, Any, BinaryIO, Final, Generic, Literal, TypeVar
from urllib.parse import quote

import httpx
from attrs import define


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""What a property that did not come, or a parameter that is not sent, is set to. It is falsy.

`value is UNSET` narrows its type, and `or_none(value)` turns it into None.
"""

# The types that `httpx.Client(files=)` can accept, copied from that library.
FileContent = IO[bytes] | bytes | str
FileTypes = (
    # (filename, file (or bytes), content_type)
    tuple[str | None, FileContent, str | None]
    # (filename, file (or bytes), content_type, headers)
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]


@define
class File:
    """Contains information for file uploads"""

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """Return a tuple representation that httpx will accept for multipart/form-data"""
        return self.file_name, self.payload, self.mime_type


T = TypeVar("T")


@define
class Response(Generic[T]):
    """A response from an endpoint"""

    status_code: int
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None
    http: httpx.Response
    """The answer itself, with the request it is for."""


def or_none(value: T | Unset) -> T | None:
    """Returns the value, or None if there is none."""
    return None if isinstance(value, Unset) else value


def path_segment(value: object, name: str) -> str:
    """Returns the value encoded as one segment of a path. Raises a ValueError if it cannot be one."""
    text = str(value)
    if text in ("", ".", "..") or "/" in text or "\\" in text:
        raise ValueError(f"{name} is {text!r}; accepted: one segment of a path, without slashes")
    return quote(text, safe="")


def expect_object(value: object, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """Returns a copy of the object without optional properties that are null, which means they are not there."""
    if type(value) is dict and None not in value.values():
        return value.copy()  # the usual case, three times faster than the general one
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object, not {type(value).__name__}")
    return {key: item for key, item in value.items() if item is not None or key not in optional}


def expect_list(value: object) -> list[Any]:
    """Returns the value if it is an array. Other things can be iterated over too, strings among them."""
    if not isinstance(value, list):
        raise TypeError(f"expected an array, not {type(value).__name__}")
    return value


def read_json(text: bytes) -> Any:
    """Returns what JSON says. orjson reads it if it is installed, and the standard library what orjson refuses.

    And numbers of 19 digits and more: orjson takes those beyond 64 bits for floats, and loses their last digits.
    """
    orjson_loads = _orjson_loads()
    if orjson_loads is None or _LONG_NUMBER in text.translate(_ALIKE):
        return json.loads(text)
    try:
        return orjson_loads(text)
    except ValueError:
        return json.loads(text)


_ALIKE = bytes.maketrans(b"0123456789 \t\r\n[,-", b"0" * 10 + b":" * 7)
_LONG_NUMBER = b":" + b"0" * 19


@cache
def _orjson_loads() -> Callable[[bytes], Any] | None:
    """Imported only when there is something to read."""
    try:
        from orjson import loads  # noqa: PLC0415
    except ImportError:
        return None
    return loads


class Unread:
    """A property that is read when it is first asked for: until then, `slot` holds what came.

    What came has to be known to be readable.
    """

    def __init__(self, slot: Any, read: Callable[[Any], Any]) -> None:
        self._slot = slot
        self._read = read

    def __get__(self, model: Any, owner: type) -> Any:
        if model is None:
            return self
        value = self._slot.__get__(model)
        if type(value) is dict:
            value = self._read(value)
            self._slot.__set__(model, value)
        return value

    def __set__(self, model: Any, value: Any) -> None:
        self._slot.__set__(model, value)


class AsItCame:
    """An instant that is read whenever it is asked for, so that its text can be written again as it came.

    `slot` holds the text, which has to be known to be readable, or an instant that somebody set. A pickled copy has
    the instant, which `write_datetime` writes.
    """

    def __init__(self, slot: Any) -> None:
        self._get = slot.__get__
        self._set = slot.__set__

    def __get__(self, model: Any, owner: type) -> Any:
        if model is None:
            return self
        value = self._get(model)
        return read_datetime(value) if type(value) is str else value

    def __set__(self, model: Any, value: Any) -> None:
        self._set(model, value)


def brief_repr(model: Any, names: tuple[str, ...]) -> str:
    """Returns the first property and the other short ones, as far as they came, and `…` for what is left out."""
    came = [(name, _brief(value)) for name in names if (value := getattr(model, name)) is not UNSET]
    shown = [f"{name}={text}" for name, text in came if name == names[0] or len(text) <= LONGEST_SHOWN]
    is_all = len(shown) == len(came) and not model.additional_properties
    return f"{type(model).__name__}({', '.join([*shown, *([] if is_all else ['…'])])})"


LONGEST_SHOWN = 30


def _brief(value: object) -> str:
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    text = repr(value)
    return f"[{len(value)} items]" if isinstance(value, list) and len(text) > LONGEST_SHOWN else text


def read_datetime(value: object) -> datetime.datetime:
    """Returns the instant an ISO 8601 string stands for, with the offset it came with, if any."""
    if not isinstance(value, str):
        raise TypeError(f"expected a string with an instant, not {type(value).__name__}")
    try:
        return datetime.datetime.fromisoformat(value)
    except ValueError:
        return _read_leniently(value)


def readable(text: object) -> Any:
    """Returns the text of an instant, if it can be read."""
    read_datetime(text)
    return text


def write_datetime(instant: datetime.datetime | str) -> str:
    """Returns the text that came, or for an instant the form that the API documents: `yyyy-MM-ddTHH:mm:ssZ`."""
    if isinstance(instant, str):
        return instant
    return instant.replace(tzinfo=None).isoformat() + instant.strftime("%z")


def _read_leniently(value: str) -> datetime.datetime:
    from dateutil.parser import isoparse  # noqa: PLC0415

    try:
        return isoparse(value)
    except ValueError:
        # Without the parsers' own words: they quote the value, which is the caller's data.
        raise ValueError("not an instant in ISO 8601") from None


__all__ = [
    "UNSET",
    "File",
    "FileTypes",
    "RequestFiles",
    "Response",
    "AsItCame",
    "Unread",
    "Unset",
    "brief_repr",
    "expect_list",
    "expect_object",
    "or_none",
    "path_segment",
    "read_datetime",
    "read_json",
    "readable",
    "write_datetime",
]
