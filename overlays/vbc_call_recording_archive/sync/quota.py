"""Waiting for the quota, made an event: the client tells of it in its log."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

from .events import QuotaWait

_WAITING = "waiting %.0f s for the quota"  # how the client logs it


@contextmanager
def quota_told(tell: Callable[[QuotaWait], object]) -> Generator[None]:
    """While the block runs, `tell` is called with a `QuotaWait` whenever the client logs that it waits."""
    logger, handler = logging.getLogger("vbc_call_recording"), _Handler(tell)
    level = logger.level
    logger.addHandler(handler)
    if not logger.isEnabledFor(logging.INFO):
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


class _Handler(logging.Handler):
    def __init__(self, tell: Callable[[QuotaWait], object]) -> None:
        super().__init__(logging.INFO)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == _WAITING and isinstance(record.args, tuple) and record.args:
            self._tell(QuotaWait(float(str(record.args[0]))))
