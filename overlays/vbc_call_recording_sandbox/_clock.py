"""The time by which the sandbox does everything: tokens, archives, quotas, the `Date` of its answers."""

import threading
import time
from datetime import UTC, datetime, timedelta

from ._errors import InputError


class Clock:
    """A clock that can be stopped, put forward and made to run faster. Safe to use from any thread.

        sandbox.clock.advance(timedelta(hours=25))  # tokens and archives expire, the quota refills
        sandbox.clock.freeze()                      # and from here on, time stands still

    Only what the server does goes by this clock. A client keeps its own, so see `speed`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Back to the time of this machine, at its speed."""
        with self._lock:
            self._speed = 1.0
            self._is_frozen = False
            self._base = datetime.now(UTC)
            self._since = time.monotonic()

    def now(self) -> datetime:
        """The time by this clock, in UTC."""
        with self._lock:
            return self._now()

    def seconds(self) -> float:
        """The same as seconds since 1970."""
        return self.now().timestamp()

    def advance(self, by: timedelta | float) -> None:
        """Put the clock forward by a timedelta or a number of seconds, even while it is frozen.

        Raises:
            InputError: `by` is negative, or more than dates can express.
        """
        step = by if isinstance(by, timedelta) else _seconds(by)
        if step < timedelta():
            raise InputError(f"by is {by!r}; accepted: 0 or more (the clock never runs backwards)")
        with self._lock:
            try:
                self._set(self._now() + step)
            except OverflowError as error:
                raise InputError(f"by is {by!r}; accepted: what stays before the year 10000") from error

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the clock, at this instant if one is given.

        Raises:
            InputError: `at` has no time zone.
        """
        if at is not None and at.tzinfo is None:
            raise InputError(f"at is {at!r}; accepted: a datetime with a time zone")
        with self._lock:
            self._set(self._now() if at is None else at.astimezone(UTC))
            self._is_frozen = True

    def resume(self) -> None:
        """Let the clock run on from where it was frozen."""
        with self._lock:
            self._set(self._now())
            self._is_frozen = False

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return self._is_frozen

    @property
    def speed(self) -> float:
        """How many seconds pass on this clock in one second of this machine. Can be set.

        A client that waits for this server has to live in the same time: let a test divide the client's
        sleeps by the same number. A client that sleeps real seconds towards a faster server waits much too
        long and hardly ever meets the quota that the test is about.
        """
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        if isinstance(value, bool) or not 0 < value <= 1_000_000:
            raise InputError(f"speed is {value!r}; accepted: a number above 0, at most 1000000")
        with self._lock:
            self._set(self._now())
            self._speed = float(value)

    def _now(self) -> datetime:
        if self._is_frozen:
            return self._base
        return self._base + timedelta(seconds=(time.monotonic() - self._since) * self._speed)

    def _set(self, now: datetime) -> None:
        self._base, self._since = now, time.monotonic()


def _seconds(by: float) -> timedelta:
    try:
        return timedelta(seconds=by)
    except (OverflowError, ValueError, TypeError) as error:
        raise InputError(f"by is {by!r}; accepted: a timedelta or a number of seconds") from error
