"""Ctrl-C and SIGTERM: stop cleanly within two seconds, and say how to go on."""

import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from .endings import ExitCode

PATIENCE = 1.7
"""Seconds that the command gets to tidy up in. After that it just ends: no kill costs what was done."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, as service managers and containers send it."""


def exit_code(error: KeyboardInterrupt) -> ExitCode:
    return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED


def farewell(arguments: Sequence[str]) -> str:
    """How to go on. No secret is ever an argument."""
    return f"stopped; to go on: {shlex.join(['vbc-recordings', *arguments])}"


@contextmanager
def stoppable(last_words: Callable[[], object]) -> Generator[None]:
    """While the block runs, the first signal raises KeyboardInterrupt in it.

    A second one ends the program, and so does a block that has not ended `PATIENCE` seconds after the first.

    Args:
        last_words: Called before the program is ended this way.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    timers: list[threading.Timer] = []

    def give_up(code: ExitCode) -> None:
        last_words()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    def stop(number: int, frame: FrameType | None) -> None:
        error = Terminated() if number == signal.SIGTERM else KeyboardInterrupt()
        if timers:
            give_up(exit_code(error))
        timers.append(threading.Timer(PATIENCE, give_up, [exit_code(error)]))
        timers[0].daemon = True
        timers[0].start()
        raise error

    before: dict[int, Any] = {
        number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
