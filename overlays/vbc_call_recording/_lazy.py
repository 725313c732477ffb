"""What waits until it is first used, so that a program loads what it needs: names of a package, attributes.

Importing and constructing a client takes about as long as it takes with httpx. What sends is imported by the
first call.
"""

import copy
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")
Owner = TypeVar("Owner")


def names_of(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package. `homes` has the names in each module, apart by spaces."""
    home_of = {name: module for module, names in homes.items() for name in names.split()}

    def get(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=here)
        value = getattr(import_module(home_of[name], package), name)
        setattr(here, name, value)
        return value

    here = sys.modules[package]
    return get, lambda: sorted({*vars(here), *home_of})


class once(Generic[Owner, T]):  # noqa: N801 - used like a property
    """An attribute that is made when it is first read.

    It differs from `functools.cached_property`: threads that come at the same time get the same object, and
    there is no lock that a forked child could find held.
    """

    def __init__(self, make: Callable[[Owner], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "once[Owner, T]": ...
    @overload
    def __get__(self, instance: Owner, owner: type) -> T: ...
    def __get__(self, instance: Owner | None, owner: type) -> "once[Owner, T] | T":
        if instance is None:
            return self
        made: T = vars(instance).setdefault(self._name, self._make(instance))
        return made


def copied(thing: T) -> T:
    """A copy that makes its `once` attributes anew."""
    clone = copy.copy(thing)
    for kind in type(thing).__mro__:
        for name, value in vars(kind).items():
            if isinstance(value, once):
                vars(clone).pop(name, None)
    return clone
