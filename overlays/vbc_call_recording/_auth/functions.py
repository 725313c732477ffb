"""Calls the function that an `AccessToken` was given."""

import inspect
from typing import Any

import anyio.to_thread

from .._errors import ConfigurationError
from .access import TokenFunction


async def async_result_of(function: TokenFunction) -> Any:
    """Calls a user's function, a plain one in a worker thread: it may block."""
    is_async = inspect.iscoroutinefunction(function)
    result: Any = function() if is_async else await anyio.to_thread.run_sync(function)
    return await result if inspect.isawaitable(result) else result


def result_of(function: TokenFunction) -> Any:
    """Calls a user's function, or raises ConfigurationError if it is async."""
    result = function()
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise ConfigurationError(
            "AccessToken was given an async function; accepted by the sync client: a plain function"
        )
    return result
