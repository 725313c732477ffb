"""Ctrl-C, SIGTERM and SIGHUP: stop cleanly within two seconds, and say how to go on."""

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

PATIENCE = 1.6
"""Seconds that the command gets to tidy up in. After that it just ends: no kill costs what was done."""

_LAST_WORDS = 0.3  # seconds


class Terminated(KeyboardInterrupt):
    """SIGTERM, as service managers and containers send it, or SIGHUP, when a terminal is closed."""


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

    def stop(number: int, frame: FrameType | None) -> None:
        error = Terminated() if number != signal.SIGINT else KeyboardInterrupt()
        if timers:
            _end(last_words, exit_code(error))
        timers.append(threading.Timer(PATIENCE, _end, [last_words, exit_code(error)]))
        timers[0].daemon = True
        timers[0].start()
        raise error

    before = _heard_by(stop)
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def _heard_by(stop: Callable[[int, FrameType | None], None]) -> dict[signal.Signals, Any]:
    """What dealt with the signals before."""
    before: dict[signal.Signals, Any] = {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Whoever started this, as nohup does, may not want it to hear a signal.
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            before[number] = signal.signal(number, stop)
    return before


def _end(last_words: Callable[[], object], code: ExitCode) -> None:
    # Writing may wait as well, for a reader who does not read.
    threading.Timer(_LAST_WORDS, os._exit, [code]).start()
    try:
        last_words()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
