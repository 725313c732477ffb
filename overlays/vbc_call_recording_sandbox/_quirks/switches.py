"""What a switch is: a field of a group that knows what it accepts, and says so when set to something else.

A group is a dataclass. What its switches do stands in its docstring under `Attributes:`, from where the
tables of docs/sandbox.md are made.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from .._errors import InputError


@dataclass(frozen=True, slots=True)
class Accepts:
    """What a switch may be set to: in words, as a test, and by a few values worth trying."""

    words: str
    holds: Callable[[Any], bool]
    examples: tuple[Any, ...] = ()


def switch(default: Any, accepts: Accepts, *, is_reading: bool = True) -> Any:
    """A field of a group.

    Args:
        default: As the vendor's page has it, or as is most likely.
        accepts: What it may be set to.
        is_reading: A careful client copes with any of its examples, so `random` may choose among them.
            Otherwise it stands for something that is lost, wrong or refused.
    """
    return dataclasses.field(default=default, metadata={"accepts": accepts, "is_reading": is_reading})


def flag() -> Accepts:
    """True or False."""
    return Accepts("true or false", lambda value: isinstance(value, bool), (True, False))


def one_of(*choices: Any) -> Accepts:
    """One of these values, of the same type."""
    return Accepts(
        ", ".join("null" if choice is None else str(choice) for choice in choices),
        lambda value: any(type(value) is type(choice) and value == choice for choice in choices),
        choices,
    )


def whole(at_least: int, at_most: int | None = None, *, examples: tuple[int, ...] = ()) -> Accepts:
    """A whole number within these bounds."""

    def holds(value: Any) -> bool:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return is_whole and value >= at_least and (at_most is None or value <= at_most)

    words = f"a whole number, {at_least} or more" if at_most is None else f"{at_least} to {at_most}"
    return Accepts(words, holds, examples)


def seconds(*, examples: tuple[float, ...] = ()) -> Accepts:
    """A number of seconds above 0."""

    def holds(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")

    return Accepts("a number of seconds above 0", holds, examples)


def text(words: str = "a text", *, examples: tuple[str, ...] = ()) -> Accepts:
    """Any text but an empty one."""
    return Accepts(words, lambda value: isinstance(value, str) and bool(value), examples)


def texts(words: str, *, at_least: int = 0, examples: tuple[tuple[str, ...], ...] = ()) -> Accepts:
    """A list of texts, none of them empty."""

    def holds(value: Any) -> bool:
        if not isinstance(value, list | tuple):
            return False
        items = cast("Sequence[Any]", value)
        return len(items) >= at_least and all(isinstance(each, str) and each for each in items)

    return Accepts(words, holds, examples)


def either(*several: Accepts) -> Accepts:
    """Whatever one of these accepts."""
    return Accepts(
        " or ".join(accepts.words for accepts in several),
        lambda value: any(accepts.holds(value) for accepts in several),
        tuple(example for accepts in several for example in accepts.examples),
    )


class Switches:
    """Base of the groups: refuses unknown names and values as soon as they are set."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __setattr__(self, name: str, value: Any) -> None:
        known = self.__dataclass_fields__.get(name)
        if known is None:
            accepted = ", ".join(self.__dataclass_fields__)
            raise InputError(f"{name} is not a switch of {type(self).__name__}; accepted: {accepted}")
        accepts: Accepts = known.metadata["accepts"]
        if not accepts.holds(value):
            raise InputError(f"{name} is {value!r}; accepted: {accepts.words}")
        object.__setattr__(self, name, value)
