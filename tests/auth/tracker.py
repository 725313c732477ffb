"""What an error tracker gets to see: the chain of errors, what hangs on them, the locals of all frames."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

import httpcore
import httpx

TESTS = str(Path(__file__).resolve().parents[1])


def seen_of(error: BaseException) -> str:
    return "\n".join(_texts(error, {}))


def _texts(value: object, seen: dict[int, object]) -> Iterator[str]:
    if id(value) in seen:
        return
    seen[id(value)] = value
    yield repr(value)
    for part in _parts(value):
        yield from _texts(part, seen)


def _parts(value: object) -> Iterator[object]:
    """What a look into it would show. Objects of other kinds show their repr."""
    if isinstance(value, BaseException):
        yield from (str(value), value.args, vars(value), value.__cause__, value.__context__)
        yield from (getattr(value, name, None) for name in ("_request", "response"))
        yield from _locals(value.__traceback__)
    elif isinstance(value, httpx.Request):
        yield from (value.headers.raw, value.extensions, str(value.url), vars(value.stream), vars(value))
    elif isinstance(value, httpx.Response):
        yield from (value.headers.raw, value.extensions, getattr(value, "_content", None))
        yield from (value.history, getattr(value, "_request", None))
    elif isinstance(value, httpcore.Request):
        yield from (value.headers, value.extensions)
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, Mapping):
        yield from (*value.keys(), *value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value


def _locals(traceback: TracebackType | None) -> Iterator[object]:
    """Of every frame but those of the tests, who know the secrets anyway."""
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(TESTS):
            yield dict(traceback.tb_frame.f_locals)
        traceback = traceback.tb_next
