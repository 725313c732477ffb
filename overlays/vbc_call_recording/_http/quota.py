"""The gate that all requests of a login go through. It waits for the quota instead of running into it. Pure.

The vendor's gateway limits how many requests an access token may make in a minute: 10, unless somebody chose
more. Its 429 says when the next window opens. The gate learns from that, and tells callers how long to wait:

| what happens | what the gate does |
|---|---|
| nothing was refused yet | lets everything through |
| a refusal that names when the next window opens | stays closed until then, for everybody |
| the first window after that | one request at a time, until a refusal shows how many a window holds |
| further windows | sends that many; after some without a refusal one more, since the quota may be shared |
| a refusal that names nothing | stays closed for a growing pause, then lets one at a time through |
| a refusal that names a time far away | lets one through after a while, since the time may be wrong |
| `rate_limit` is set | never sends more than that in any stretch of that length |

Example: with 10 a minute, the eleventh request is refused at 05:33:20, until 05:34:00. All wait. From then on
ten get through one by one, the next is refused until 05:35:00: a window holds 10 and lasts 60 s. After that,
ten are sent in each minute and none is refused.

Instants are kept by the clock of this machine. The time that a refusal names is compared with its own `Date`
only: other answers may come from servers with other clocks.
"""

import math
import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

from attrs import define, frozen

from .._checks import shown
from .._errors import ConfigurationError
from .._forks import call_after_fork
from .faults import Fault

DEFAULT_QUOTA_WAIT = 75.0  # seconds: a minute, and a bit for clocks
LEAST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds to wait after a refusal that does not say how long
PROBE_AFTER = 75.0  # seconds after a refusal until one request is let through, whatever was named
LEAST_WAIT = 0.001  # seconds: less is lost in rounding
TURN, LONGEST_TURN = 0.05, 1.0  # seconds until another look, and at most, where one goes at a time
FORGET_AFTER = 60.0  # seconds without a second refusal after which the first is forgotten
CLEAN_WINDOWS = 10  # full windows without a refusal before one more is tried
LATE = 0.1  # seconds by which a window is entered late rather than early: requests overtake each other
# More than that, up to a share of the window and at most a second, is left to chance: of two processes, one
# that is always first would leave nothing to the other.
LATER_SHARE, LATER_MOST = 0.02, 1.0
ENTERED_EARLY = 2.5  # seconds after a window seems to open in which a refusal may be about the one before
CLOCKS_AGREE = 1.5  # seconds by which two measures of a window may differ
TOLD_EVERY = 60.0  # seconds between two log lines about waiting

_RATE = re.compile(r"\s*([1-9]\d{0,8})\s*/\s*(s|sec|second|min|minute|h|hour)\s*", re.IGNORECASE)
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@frozen
class Rate:
    """A number of requests in a number of seconds."""

    requests: int
    seconds: float

    @classmethod
    def read(cls, text: object, name: str = "rate_limit") -> "Rate":
        """Reads `"10/min"`, with `s`, `min` or `h`. ConfigurationError if it is something else."""
        found = _RATE.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ConfigurationError(f"{name} is {shown(text)}; accepted: '10/min', also with /s and /h")
        return cls(int(found[1]), _UNITS[found[2][0].lower()])


@define
class _Window:
    """What is known of the quota's windows.

    Attributes:
        border: Where two windows met, as the last refusal said: by our clock, and by the server's if it named
            a date. `Date` has whole seconds, so that only the difference of two such dates is exact.
        opens: When the current window opened, or the next one opens.
        enters: When we enter it.
        length: In seconds, once two refusals showed it.
        is_in_doubt: Whether the last refusal contradicted that.
        holds: How many requests a window holds, once one was seen to be full.
        granted: How many were let through in the current one.
        is_full: Whether one was refused in the current one.
        clean: How many windows were used up since one was refused.
        step: By how many more requests is tried next.
    """

    border: tuple[float, float | None]
    opens: float
    enters: float = -math.inf
    length: float | None = None
    is_in_doubt: bool = False
    holds: int | None = None
    granted: int = 0
    is_full: bool = False
    clean: int = 0
    step: int = 1

    def roll(self, now: float) -> None:
        """Go on to the window that `now` lies in, and learn from the one that is over."""
        if self.length is None or now < self.opens + self.length:
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

    def refused(self, until: float, named: float | None) -> None:
        """A request in this window was refused until an instant that is the end of it."""
        measured = until - self.border[0]
        if named is not None and self.border[1] is not None:
            exact = named - self.border[1]
            measured = exact if abs(exact - measured) < CLOCKS_AGREE else measured
        if self.length is None:
            self.length = float(max(round(measured), 1))
        elif abs(measured - self.length * round(measured / self.length)) >= CLOCKS_AGREE:
            self.is_in_doubt = not self.is_in_doubt
            if self.is_in_doubt:  # one odd refusal changes nothing, a second one does
                return
            self.length = float(max(round(measured), 1))
        self.border, self.is_in_doubt = (until, named), False
        if until - self.opens < min(self.length / 2, ENTERED_EARLY):  # it was about the window before
            self.opens, self.granted = until, 0
        else:
            self.opens, self.is_full = until - self.length, True

    def wait(self, now: float) -> float:
        self.roll(now)
        if self.holds is not None and self.length is not None and self.granted >= self.holds:
            return max(self.opens + self.length + LATE - now, TURN)
        return self.enters - now


class Gate:
    """Says who may send now, and how long others have to wait. For one login, from any thread or task.

    Attributes:
        last_refusal: What the server said when it refused last.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rate: Rate | None = None
        self._sent: deque[float] = deque()
        self._refused_at = self._closed_until = self._told = -math.inf
        self._pause = 0.0
        self._window: _Window | None = None
        self._is_shut = self._is_probing = False
        self._turn_ends = -math.inf
        self.last_refusal: Fault | None = None
        self.after_fork()
        call_after_fork(self)

    def limit(self, rate: Rate) -> None:
        """Pace requests ahead of refusals. Of several clients over one login, the latest decides."""
        with self._lock:
            self._rate = rate

    def enter(self, *, takes_turns: bool = True) -> float:
        """Seconds to wait. With 0 the request may be sent, and whoever sends it calls `leave` afterwards.

        Args:
            takes_turns: Whether to wait for others where one goes at a time.
        """
        with self._lock:
            now = self._clock()
            if self._window and self._window.length is None and now > self._window.opens + FORGET_AFTER:
                self._window = None
            window_wait = self._window.wait(now) if self._window else 0.0
            wait = max(self._closed_until - now, window_wait)
            if now < self._closed_until and now - self._refused_at > PROBE_AFTER:
                self._refused_at, self._is_probing, wait = now, True, 0.0
            elif wait <= 0 and takes_turns and self._is_learning(now) and now < self._turn_ends:
                wait = TURN
            wait = max(wait, self._wait_for_rate(now))
            if wait <= 0:
                self._turn_ends = now + LONGEST_TURN
                self._sent.append(now)
                if self._window is not None:
                    self._window.granted += 1
                return 0.0
            return max(wait, LEAST_WAIT)

    def closed_for(self) -> float:
        """Seconds until the time that the last refusal named."""
        with self._lock:
            return self._closed_until - self._clock()

    def leave(self) -> None:
        """A request that was let through ended. `refused` is called first where it was refused."""
        with self._lock:
            self._turn_ends = -math.inf

    def succeeded(self) -> None:
        """A request was let through by the server, too."""
        with self._lock:
            if self._is_probing:  # the time named was wrong
                self._closed_until, self._window, self._is_probing = -math.inf, None, False
            if self._is_shut:  # the next refusal is met with a shorter pause, but not from the beginning
                self._is_shut, self._pause = False, self._pause / 2

    def refused(self, wait: float | None, named: datetime | None = None, said: Fault | None = None) -> None:
        """The server refused a request.

        Args:
            wait: For so many seconds; None if it did not say.
            named: The end of that by the server's clock, if it was named as a date.
            said: What else it said.
        """
        with self._lock:
            self.last_refusal = said
            now = self._refused_at = self._clock()
            self._is_probing = False
            if self._window is not None:
                self._window.granted = max(self._window.granted - 1, 0)
            if wait is None:
                if self._closed_until <= now:  # those refused together count once
                    self._pause = min(max(2 * self._pause, LEAST_PAUSE), LONGEST_PAUSE)
                    self._closed_until, self._is_shut = now + self._pause, True
                return
            until = now + wait
            if self._window is None:
                self._window = _Window((until, named.timestamp() if named else None), until)
            elif now >= self._window.opens:  # else it is about the window before
                self._window.refused(until, named.timestamp() if named else None)
            self._closed_until = until + LATE

    def is_worth_telling(self) -> bool:
        """Whether nothing was said about waiting for a while."""
        with self._lock:
            before, now = self._told, self._clock()
            self._told = now if now - before >= TOLD_EVERY else before
            return self._told != before

    def after_fork(self) -> None:
        """In a child process: no thread holds the lock."""
        self._lock = threading.Lock()

    def _is_learning(self, now: float) -> bool:
        """Whether requests go one at a time, so that only one is refused where the window ends."""
        is_careful = self._pause > 0 and now < self._closed_until + FORGET_AFTER
        return is_careful or (self._window is not None and self._window.holds is None)

    def _wait_for_rate(self, now: float) -> float:
        if self._rate is None:
            self._sent.clear()
            return 0.0
        while self._sent and self._sent[0] <= now - self._rate.seconds:
            self._sent.popleft()
        if len(self._sent) < self._rate.requests:
            return 0.0
        return self._sent[-self._rate.requests] + self._rate.seconds - now
