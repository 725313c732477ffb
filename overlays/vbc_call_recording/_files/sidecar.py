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
        if (regular_size(path) or 0) > _LONGEST:
            return Received()
        noted = json.loads(path.read_bytes())
        total, validator = noted["size"], noted["validator"]
        is_ours = {"scope": source.scope, **noted["source"]} == _identity(source)
        can_be = (total is None or is_int(total)) and (validator is None or is_validator(validator))
        if noted["version"] == _VERSION and is_ours and can_be:
            return Received(offset, total, validator)
    except (OSError, DestinationError, ValueError, LookupError, TypeError, RecursionError):
        pass  # damaged: the download starts afresh
    return Received()


def write_sidecar(path: Path, source: Source, received: Received) -> None:
    """Writes it aside and renames it, so that it is there whole or not at all."""
    noted = {
        "version": _VERSION,
        "source": _identity(source),
        "size": received.total,
        "validator": received.validator,
    }
    aside = path.with_name(f"{path.name}.new")
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
