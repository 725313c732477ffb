"""Which request may be tried again, when, and for how long. Pure, but for chance."""

import math
import random
from collections.abc import Mapping

import httpx
from attrs import frozen

from .._checks import seconds, whole_number
from .._errors import ConfigurationError
from .dates import retry_after

# 429 is not among them: that is for the quota, and does not count as a try.
RETRIED_STATUSES = frozenset({502, 503, 504})
# A proxy gave up on the server behind it, which may have acted all the same.
LOST_ANSWERS = frozenset({502, 504})
NEVER_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@frozen
class RetryPolicy:
    """How failed requests are tried again. Our choice: the vendor documents no limits.

    GET and DELETE are retried after connection failures, timeouts, 502, 503 and 504. POST is retried only if
    no connection was made, because then the server cannot have acted. A 429 does not count as a try: the
    client's `quota_wait` decides how long to wait. After ten of them a request gives up.

    Attributes:
        tries: How often a request is sent at most, including the first time.
        total_time: Seconds after which no further try begins, and one under way is given up. Waiting for the
            quota does not count.
        max_wait: Longest wait between two tries, in seconds. When a server asks for more in `Retry-After`,
            the error is raised at once and carries the number.
        first_wait: About how long the first wait is, in seconds, if the server does not say. It doubles with
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


class Tries:
    """The tries of one request, over redirects and a second sending with another token.

    Attributes:
        made: How many there were since the last of these.
        deadline: When there will be no further one.
        repeats: How often the request was sent again, redirects apart.
        waits: Seconds waited, between tries and for the quota.
        answer_may_be_lost: Whether an earlier try may have been carried out, and its answer lost.
        raised_by_hook: What a hook of the user's raised. It is not about this request, even if httpx made it.
    """

    def __init__(
        self, policy: RetryPolicy, request: httpx.Request, now: float, latest: float | None = None
    ) -> None:
        self.made = self.repeats = 0
        self.waits = 0.0
        self.deadline = min(now + policy.total_time, math.inf if latest is None else latest)
        self.answer_may_be_lost = False
        self.raised_by_hook: Exception | None = None
        self._policy = policy
        self._is_movable = latest is None
        by_method = request.method in {"GET", "HEAD", "DELETE"}
        self._is_repeatable: bool = request.extensions.get("repeatable", by_method)

    def waited(self, seconds: float) -> None:
        """Time spent on the quota, or on another token, does not count, unless the end is fixed."""
        if self._is_movable:
            self.deadline += seconds

    def wait_after(self, outcome: httpx.Response | Exception, now: float) -> float | None:
        """Seconds to wait before the next try. None if there is no next try."""
        if not self._may_be_repeated(outcome) or self.made >= self._policy.tries:
            return None
        wait = retry_after(outcome) if isinstance(outcome, httpx.Response) else None
        if wait is None:
            wait = self._policy.first_wait * 2 ** min(self.made - 1, 30) * random.uniform(0.75, 1.25)  # noqa: S311
            wait = min(wait, self._policy.max_wait)
        if wait > self._policy.max_wait or now + wait >= self.deadline:
            return None
        self.answer_may_be_lost |= not _is_surely_not_done(outcome)
        return wait

    def _may_be_repeated(self, outcome: httpx.Response | Exception) -> bool:
        if isinstance(outcome, httpx.Response):
            return self._is_repeatable and outcome.status_code in RETRIED_STATUSES
        return isinstance(outcome, NEVER_REACHED) or (
            self._is_repeatable and isinstance(outcome, httpx.TransportError)
        )


def _is_surely_not_done(outcome: httpx.Response | Exception) -> bool:
    if isinstance(outcome, httpx.Response):
        return outcome.status_code not in LOST_ANSWERS
    return isinstance(outcome, NEVER_REACHED)


def at_most(timeouts: Mapping[str, float | None], left: float) -> dict[str, float]:
    """The timeouts of a request, in seconds, none longer than what is left, and none of 0."""
    most = max(left, 0.001)
    names = ("connect", "read", "write", "pool")
    return {name: most if (usual := timeouts.get(name)) is None else min(usual, most) for name in names}


def policy(retries: RetryPolicy | int) -> RetryPolicy:
    """An int is the number of retries after the first try."""
    if isinstance(retries, RetryPolicy):
        return retries
    return RetryPolicy(tries=whole_number(retries, "retries", error=ConfigurationError) + 1)
