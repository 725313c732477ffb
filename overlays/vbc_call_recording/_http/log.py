"""The log: one line a request, without data and secrets, and `VBC_LOG`, which shows it."""

import logging
from collections.abc import Mapping

import httpx

from .._checks import shown
from .._errors import CallRecordingError, ConfigurationError
from .outcomes import logger, operation_of, request_id
from .retries import Tries

LEVELS = ("info", "debug")


def log_exchange(
    request: httpx.Request, outcome: httpx.Response | CallRecordingError | None, seconds: float
) -> None:
    """One line at INFO. It holds no URL, and so no personal data."""
    if not logger.isEnabledFor(logging.INFO):
        return
    tries: Tries = request.extensions["tries"]
    if isinstance(outcome, httpx.Response):
        ended, name = str(outcome.status_code), request_id(outcome, outcome.extensions["secrets"]())
    elif outcome is None:
        ended, name = "cancelled", None
    else:
        ended = str(getattr(outcome, "status_code", None) or type(outcome).__name__)
        name = getattr(outcome, "request_id", None)
    logger.info(
        "%s: %s in %d ms, %d tries, %.1f s of it waiting, request id %s",
        operation_of(request),
        ended,
        seconds * 1000,
        tries.repeats + 1,
        tries.waits,
        name or "-",
    )


def show_log(environ: Mapping[str, str]) -> None:
    """Write the log to standard error if `VBC_LOG` is set, as long as the program sets up no logging itself.

    Raises:
        ConfigurationError: It is neither `info` nor `debug`.
    """
    level = environ.get("VBC_LOG", "").strip().lower()
    if not level:
        return
    if level not in LEVELS:
        raise ConfigurationError(f"VBC_LOG is {shown(level)}; accepted: {' or '.join(LEVELS)}")
    logger.setLevel(level.upper())
    if not any(handler.name == "VBC_LOG" for handler in logger.handlers):
        handler = logging.StreamHandler()
        handler.set_name("VBC_LOG")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        handler.addFilter(lambda _: not logging.getLogger().handlers)  # they show it, too
        logger.addHandler(handler)
