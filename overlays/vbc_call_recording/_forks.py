"""What is put in order in a forked child."""

import os
from typing import Protocol
from weakref import WeakSet


class Inherited(Protocol):
    """Something that a forked child gets in a state that only the parent's threads could change."""

    def after_fork(self) -> None: ...


_inherited: WeakSet[Inherited] = WeakSet()


def call_after_fork(thing: Inherited) -> None:
    """Have `thing.after_fork()` called in every child that is forked while it lives."""
    _inherited.add(thing)


def _after_fork() -> None:
    for thing in list(_inherited):
        thing.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_after_fork)
