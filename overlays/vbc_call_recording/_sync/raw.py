# Written by scripts/mirror from overlays/vbc_call_recording/_async/raw.py.
# Change that file and run `make generate`.
"""Calls that return the answer with what they made of it."""

import inspect
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

from .._http.answers import ApiResponse, answer_of, watched

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Method(Protocol[P, T_co]):
    """A method of a resource that makes one request."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T_co: ...


def with_response(call: Method[P, T]) -> Method[P, ApiResponse[T]]:
    """The same call, with the answer around what it returns."""

    @wraps(call)
    def raw(*args: P.args, **kwargs: P.kwargs) -> ApiResponse[T]:
        seen = watched.set([])
        try:
            parsed = call(*args, **kwargs)
            # The last one: a hook, or a function that gives tokens, may have made calls of its own before.
            return answer_of((watched.get() or [])[-1], parsed)
        finally:
            watched.reset(seen)

    vars(raw)["__signature__"] = inspect.signature(call)  # without the `self` of the method
    return raw
