"""`call.mp3.part.json`: whose bytes are in `call.mp3.part`. A format that every later version reads.

    {"version": 1,
     "source": {"kind": "audio", "unique": "5", "size": 100, "url": "https://…/5", "scope": "company"},
     "size": 100, "validator": "\"v1\""}

`source.size` is what the API promised, `size` what the server stated; each may be null. `scope` came later.
"""

import json
from pathlib import Path
from typing import Any

from .._checks import is_int
from .._errors import DestinationError
from .disk import regular_size
from .ranges import Received, is_validator
from .sources import Source

_VERSION = 1
_LONGEST = 64 * 1024  # bytes; ours have some hundred


def read_sidecar(path: Path, source: Source, offset: int) -> Received:
    """What `offset` bytes of a part are worth: nothing if they are another source's, or it cannot be told."""
    try:
        size = regular_size(path)
        if size is None or size > _LONGEST:
            return Received()
        noted = json.loads(path.read_bytes())
        ours = _identity(source)
        if noted["version"] != _VERSION or {"scope": ours["scope"], **noted["source"]} != ours:
            return Received()
        total, validator = noted["size"], noted["validator"]
    except (OSError, DestinationError, ValueError, LookupError, TypeError, RecursionError):
        return Received()  # damaged: the download starts afresh
    if not (total is None or is_int(total)) or not (validator is None or is_validator(validator)):
        return Received()
    return Received(offset, total, validator)


def write_sidecar(path: Path, aside: Path, source: Source, received: Received) -> None:
    """Writes it aside and renames it, so that it is there whole or not at all."""
    noted = {
        "version": _VERSION,
        "source": _identity(source),
        "size": received.total,
        "validator": received.validator,
    }
    aside.unlink(missing_ok=True)
    with aside.open("x", encoding="utf-8") as file:
        json.dump(noted, file)
    aside.replace(path)


def _identity(source: Source) -> dict[str, Any]:
    """Tells sources apart without keeping the query of a URL, in which a server may put what it likes."""
    return {
        "kind": source.kind,
        "unique": source.unique,
        "size": source.size,
        "url": source.url.partition("?")[0],
        "scope": source.scope,
    }
