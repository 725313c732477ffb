"""Whether units and receipts are what they should be, before anything of them is used. Pure.

They come from other machines: what is wrong in one must neither reach the ledger nor lead to another folder.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

from ..config import ArchiveConfig
from ..errors import ArchiveError
from ..instants import from_text
from ..windows import Window, window_of
from .shapes import Receipt, Unit

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SOURCE = re.compile(r"company|user:[^/\\]+")


def check_unit(unit: Mapping[str, Any]) -> None:
    """Raise LookupError, TypeError or ValueError if it is not a unit."""
    _require_shape(unit, Unit, "unit")
    name = unit["id"]  # a folder's, which is removed in the end
    if name in ("", "..") or Path(name).name != name:
        raise ValueError(f"id is {name!r}")
    if not _SOURCE.fullmatch(unit["source"]):
        raise ValueError(f"source is {unit['source']!r}")


def check_receipt(receipt: Mapping[str, Any]) -> None:
    """Raise LookupError, TypeError or ValueError if it is not a receipt."""
    _require_shape(receipt, Receipt, "receipt")
    check_unit(receipt["unit"])
    for file in receipt["files"]:
        if not _SHA256.fullmatch(file["sha256"]) or file["size"] < 0:
            raise ValueError(f"a file has size {file['size']} and sha256 {file['sha256']!r}")
    for wire in receipt["recordings"]:
        if type(wire.get("id")) not in (int, str):
            raise TypeError("a recording has no id")


def windows_of(unit: Unit) -> list[Window]:
    """The windows of a unit. ValueError if they are none."""
    return [Window(from_text(start), from_text(end), name) for start, end, name in unit["windows"]]


def require_windows(unit: Unit, config: ArchiveConfig) -> None:
    """Raise ArchiveError if a window is not one of the archive: its name is that of a folder, for example."""
    windows = windows_of(unit)
    own = [window_of(window.start, config.window, config.timezone) for window in windows]
    if not windows or windows != sorted(own):
        raise ArchiveError(f"the receipt of unit {unit['id']} is of windows that the archive does not have")


def _require_shape(value: Any, shape: Any, where: str) -> None:
    """What JSON can hold of a type. A TypedDict may have further keys."""
    kind, parts = get_origin(shape), get_args(shape)
    if is_typeddict(shape) or kind is dict:
        _require(isinstance(value, Mapping), value, where)
        kinds = get_type_hints(shape) if is_typeddict(shape) else dict.fromkeys(value, parts[1])
        for name, part in kinds.items():
            _require_shape(value[name], part, f"{where}.{name}")
    elif kind in (list, tuple):
        _require(isinstance(value, list | tuple), value, where)
        _require(kind is list or len(value) == len(parts), value, where)
        for number, each in enumerate(value):
            _require_shape(each, parts[0], f"{where}[{number}]")
    elif kind is Literal:
        _require(value in parts, value, where)
    elif shape is not Any:
        _require(type(value) in (parts or (shape,)), value, where)  # of a union its parts


def _require(is_right: bool, value: object, where: str) -> None:
    if not is_right:
        raise TypeError(f"{where} is {str(value)[:100]!r}")
