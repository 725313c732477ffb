"""The gate that all requests of a login go through, so that a quota is waited for and not run into. Pure.

The vendor's gateway lets an access token make so many requests a minute: 10, unless somebody chose more. Its
429 names when it opens again. The gate learns from that, and tells callers how long to wait:

| what happens | what the gate does |
|---|---|
| nothing was refused yet | lets everything through |
| a refusal that names when the next window opens | stays closed until then, for everybody |
| the first window after that | one request at a time, until a refusal shows how many a window holds |
| further windows | as many as that; after some without a refusal one more, since the quota may be shared |
| a refusal that names nothing | stays closed for a growing pause, then lets one through |
| `rate_limit` | so many in any stretch of that length, before anything is refused |

Example: with 10 a minute, the eleventh request is refused at 05:33:20, until 05:34:00. All wait. From then on
ten get through one by one, the next is refused until 05:35:00: a window holds 10 and lasts 60 s. After that,
ten are sent in each minute and none is refused.
"""

import math
import os
import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

import httpx
from attrs import define, frozen

from .._checks import shown, whole_number
from .._errors import ConfigurationError
from .dates import header_date, retry_after

DEFAULT_QUOTA_WAIT = 75.0  # seconds: a minute, and a bit for clocks
LEAST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds to wait after a refusal that does not say how long
TURN = 0.02  # seconds until another look while one request at a time is let through
UNLEARNT = (
    60.0  # seconds after which a window without a second refusal is forgotten: the quota was not met again
)
CLEAN_WINDOWS = 10  # full windows without a refusal before one more is tried
LATE = 0.1  # seconds by which a window is entered late rather than early: requests overtake each other
# More than that, up to a share of the window and at most a second, is left to chance: of two processes, one
# that is always first would leave nothing to the other.
LATER_SHARE, LATER_MOST = 0.02, 1.0
CLOCK_JUMP = 5.0  # seconds by which the server's clock may seem to move back before it is read anew

TOLD_EVERY = 60.0  # seconds between two log lines about waiting

_RATE = re.compile(r"\s*(\d{1,9})\s*/\s*(s|sec|second|min|minute|h|hour)\s*")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@frozen
class Rate:
    """So many requests in so many seconds."""

    requests: int
    seconds: float

    @classmethod
    def read(cls, text: str, name: str = "rate_limit") -> "Rate":
        """Reads `"10/min"`, with `s`, `min` or `h`. ConfigurationError if it is something else."""
        found = _RATE.fullmatch(str(text))
        if found is None or int(found[1]) == 0:
            raise ConfigurationError(f"{name} is {shown(text)}; accepted: '10/min', also with /s and /h")
        return cls(whole_number(int(found[1]), name, least=1), _UNITS[found[2][0]])


@define
class _Window:
    """What is known of the quota's windows. Instants are by the server's clock, seconds since the epoch."""

    opens: float
    enters: float = -math.inf
    length: float | None = None
    holds: int | None = None
    granted: int = 0
    is_full: bool = False
    clean: int = 0
    step: int = 1

    @property
    def ends(self) -> float:
        return math.inf if self.length is None else self.opens + self.length

    def roll(self, now: float) -> None:
        """Go on to the window that `now` lies in, and learn from the one that is over."""
        if self.length is None or now < self.ends:
            return
        if self.is_full:
            self.holds, self.clean, self.step = max(self.granted, 1), 0, 1
        elif self.holds is not None and self.granted >= self.holds:
            self.clean += 1
            if self.clean >= CLEAN_WINDOWS:
                self.holds, self.step = self.holds + self.step, self.step * 2
        self.opens += self.length * ((now - self.opens) // self.length)
        later = random.uniform(0, min(LATER_SHARE * self.length, LATER_MOST))  # noqa: S311 - guards nothing
        self.enters = self.opens + LATE + later
        self.granted, self.is_full = 0, False

    def refused(self, until: float) -> None:
        """A request in this window was refused until an instant that is the end of it."""
        length = float(max(round(until - self.opens), 1))
        self.length = min(length, self.length or math.inf)
        self.is_full = True


class Gate:
    """Says who may send now, and how long others have to wait. For one login, from any thread or task."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, now: Callable[[], float] = time.time
    ) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._server_is_ahead = now() - clock()
        self._has_seen_a_date = False
        self._rate: Rate | None = None
        self._sent: deque[float] = deque()
        self._closed_until = -math.inf
        self._pause = 0.0
        self._window: _Window | None = None
        self._under_way = 0
        self._is_careful = False
        self._told = -math.inf

    def limit(self, rate: Rate | None) -> None:
        """Pace requests ahead of refusals. Of several clients over one login, the slowest rate counts."""
        with self._lock:
            rates = [each for each in (rate, self._rate) if each is not None]
            self._rate = min(rates, key=lambda each: each.requests / each.seconds, default=None)

    def enter(self) -> float:
        """Seconds to wait. With 0 the request may be sent, and whoever sends it calls `leave` afterwards."""
        with self._lock:
            now = self._now()
            self._forget_what_did_not_come_again(now)
            wait = max(self._closed_until - now, self._wait_for_rate(), self._wait_for_window(now))
            if wait <= 0 and self._is_learning() and self._under_way:
                wait = TURN
            if wait <= 0:
                self._under_way += 1
                self._sent.append(self._clock())
                if self._window is not None:
                    self._window.granted += 1
            return max(wait, 0.0)

    def leave(self, response: httpx.Response | None, next_access: datetime | None = None) -> None:
        """A request that was let through was answered, or failed (None)."""
        with self._lock:
            self._under_way -= 1
            if response is None:
                return
            self._read_clock(response)
            if response.status_code == 429:
                self._refused(response, next_access)
            else:
                self._pause, self._is_careful = 0.0, False

    def server_time(self) -> datetime | None:
        """The server's clock in UTC, by the answers seen; None before the first that told."""
        with self._lock:
            return datetime.fromtimestamp(self._now(), UTC) if self._has_seen_a_date else None

    def is_worth_telling(self) -> bool:
        """Whether nothing was said about waiting for a while."""
        with self._lock:
            since, now = self._told, self._clock()
            if now - since < TOLD_EVERY:
                return False
            self._told = now
            return True

    def after_fork(self) -> None:
        """In a child process: nobody holds the lock, and what was under way is the parent's."""
        self._lock = threading.Lock()
        self._under_way = 0

    def _refused(self, response: httpx.Response, next_access: datetime | None) -> None:
        now = self._now()
        until = _opens_again(response, next_access, now)
        if self._window is not None:
            self._window.granted = max(self._window.granted - 1, 0)
        if until is None:
            self._is_careful = True
            if self._closed_until <= now:  # those refused together count once
                self._pause = min(max(2 * self._pause, LEAST_PAUSE), LONGEST_PAUSE)
                self._closed_until = now + self._pause
            return
        if self._window is None:
            self._window = _Window(opens=until)
        elif now >= self._window.opens:  # else it is about the window before
            self._window.refused(until)
        self._closed_until = max(self._closed_until, until + LATE)

    def _forget_what_did_not_come_again(self, now: float) -> None:
        window = self._window
        if window is not None and window.length is None and now > window.opens + UNLEARNT:
            self._window = None

    def _is_learning(self) -> bool:
        """Whether requests go one at a time, so that only one is refused where the window ends."""
        return self._is_careful or (self._window is not None and self._window.holds is None)

    def _wait_for_window(self, now: float) -> float:
        window = self._window
        if window is None:
            return 0.0
        window.roll(now)
        if window.holds is not None and window.granted >= window.holds:
            return max(window.ends + LATE - now, TURN)
        return window.enters - now

    def _wait_for_rate(self) -> float:
        now = self._clock()
        if self._rate is None:
            self._sent.clear()
            return 0.0
        while self._sent and self._sent[0] <= now - self._rate.seconds:
            self._sent.popleft()
        if len(self._sent) < self._rate.requests:
            return 0.0
        return self._sent[-self._rate.requests] + self._rate.seconds - now

    def _now(self) -> float:
        """The server's time, seconds since the epoch."""
        return self._clock() + self._server_is_ahead

    def _read_clock(self, response: httpx.Response) -> None:
        """`Date` is cut to whole seconds, and has travelled: the answer that makes it latest is closest."""
        date = header_date(response)
        if date is None:
            return
        ahead = date.timestamp() - self._clock()
        behind = self._server_is_ahead - ahead
        if not self._has_seen_a_date or not 0 <= behind <= CLOCK_JUMP:
            self._server_is_ahead = ahead
        self._has_seen_a_date = True


def _opens_again(response: httpx.Response, next_access: datetime | None, now: float) -> float | None:
    """When the server lets requests through again, by its own clock; None if it does not say."""
    named = header_date(response, "Retry-After") or next_access
    if named is not None:
        date = header_date(response) or datetime.fromtimestamp(now, UTC)
        return named.timestamp() if named > date else None
    wait = retry_after(response)
    return None if wait is None else now + wait


_gates: "WeakKeyDictionary[object, Gate]" = WeakKeyDictionary()
_gates_lock = threading.Lock()


def gate_of(login: object) -> Gate:
    """The gate that all clients over one login share: the quota is the access token's."""
    with _gates_lock:
        return _gates.setdefault(login, Gate())


def _after_fork() -> None:
    global _gates_lock
    _gates_lock = threading.Lock()
    for gate in list(_gates.values()):
        gate.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
