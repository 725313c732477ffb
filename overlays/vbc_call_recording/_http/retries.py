"""Which request may be tried again, when, and for how long. httpx-retries does the trying."""

import math
import time

import httpx
from attrs import define, frozen
from httpx_retries import Retry

from .._checks import seconds, whole_number
from .._concurrency import sleep
from .._errors import ConfigurationError

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
NEVER_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@frozen
class RetryPolicy:
    """How failed requests are tried again. Our choice: the vendor documents no limits.

    GET and DELETE are retried after connection failures, timeouts, 429, 502, 503 and 504. POST only where the
    server cannot have acted on it: no connection came about, or it answered 429.

    Attributes:
        tries: How often a request is sent at most, the first time included.
        total_time: Seconds after which no further try begins.
        max_wait: Longest wait between two tries, in seconds. When a server asks for more in `Retry-After`,
            the error is raised at once and carries the number.
        first_wait: Seconds around which the first wait lies, if the server does not name one. It doubles with
            each further try, with jitter.
    """

    tries: int = 4
    total_time: float = 120.0
    max_wait: float = 30.0
    first_wait: float = 0.5

    def __attrs_post_init__(self) -> None:
        whole_number(self.tries, "RetryPolicy.tries", least=1, error=ConfigurationError)
        for name in ("total_time", "max_wait", "first_wait"):
            seconds(getattr(self, name), f"RetryPolicy.{name}", error=ConfigurationError)

    def start(self, method: str) -> "Attempts":
        """Starts the clock for one request."""
        repeatable = method in {"GET", "HEAD", "DELETE"}
        attempts = Attempts(
            total=self.tries - 1,
            allowed_methods=[method],
            status_forcelist=RETRIED_STATUSES if repeatable else [429],
            retry_on_exceptions=None if repeatable else NEVER_REACHED,
            backoff_factor=self.first_wait / 2,  # httpx-retries doubles it before the first wait
            backoff_jitter=0.5,
            max_backoff_wait=self.max_wait,
        )
        attempts.budget = Budget(time.monotonic() + self.total_time)
        return attempts


@define
class Budget:
    """What the tries of one request share."""

    deadline: float = math.inf


class Attempts(Retry):
    """The tries of one request: httpx-retries bounds their number, the budget their time."""

    budget = Budget()

    def increment(self) -> "Attempts":
        following = super().increment()
        assert isinstance(following, Attempts)
        following.budget = self.budget
        return following

    def backoff_strategy(self) -> float:
        return max(0.0, min(super().backoff_strategy(), self.budget.deadline - time.monotonic()))

    def sleep(self, response: httpx.Response | Exception) -> None:
        headers = response.headers if isinstance(response, httpx.Response) else httpx.Headers()
        sleep(self._calculate_sleep(headers))

    def is_exhausted(self) -> bool:
        return super().is_exhausted() or time.monotonic() >= self.budget.deadline

    def heed(self, response: httpx.Response) -> None:
        """Ends the tries if the server asks for a longer wait than there is time for."""
        wait = retry_after(response) or 0
        if wait > self.max_backoff_wait or time.monotonic() + wait >= self.budget.deadline:
            self.budget.deadline = -math.inf


def policy(retries: RetryPolicy | int) -> RetryPolicy:
    """An int is the number of retries after the first try."""
    if isinstance(retries, RetryPolicy):
        return retries
    return RetryPolicy(tries=whole_number(retries, "retries", error=ConfigurationError) + 1)


def retry_after(response: httpx.Response) -> float | None:
    """Seconds the server asks to wait; None if it does not say so in a number or a date to come."""
    value = response.headers.get("Retry-After", "")
    try:
        return Retry().parse_retry_after(value) or None if value else None
    except (ValueError, OverflowError):
        return None
