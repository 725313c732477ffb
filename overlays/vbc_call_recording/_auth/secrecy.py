"""Removes frames that hold secrets from errors. Error trackers send the locals of every frame."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def without_frames(error: BaseException) -> None:
    """Drop the frames that an error and its causes came through, before it is raised again.

    Contexts are dropped, too: causes are copies made to be shown, but contexts are originals.
    """
    each: BaseException | None = error
    while each is not None:
        each.__traceback__ = each.__context__ = None
        each = each.__cause__


def keeps_secrets(function: Callable[P, T]) -> Callable[P, T]:
    """For functions with secrets among their arguments: their errors show none of their frames."""

    @wraps(function)
    def keeping(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            without_frames(error)
            del args, kwargs  # this frame is shown
            raise

    return keeping
