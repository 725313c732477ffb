"""The quota of the gateway, as switches."""

import re
from dataclasses import dataclass
from typing import Literal

from .._errors import InputError
from .switches import Switches, either, flag, one_of, switch, whole

FaultBody = Literal["json", "flat", "text-codes", "xml"]
FAULT_BODIES = ("json", "flat", "text-codes", "xml")

_UNITS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3_600, "hour": 3_600}
_WRITTEN = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,5})?([a-z]+)", re.ASCII)


@dataclass(slots=True)
class QuotaQuirks(Switches):
    """How many requests an access token may make, and how the gateway refuses the rest.

    Windows are aligned to the server's clock: with 60 seconds they begin at each whole minute, whenever the
    first request came. A window is a whole number of seconds, because `Retry-After` as a date knows nothing
    smaller: with half a second, a client would be told to wait for twice as long as it has to, and a test
    with it would show little about a real minute.

    A minute is too long for a test. There are two honest ways to shorten it:

    - **The server's clock runs faster** (`sandbox.clock.speed = 60`). Dates keep the form they have in life:
      a window begins at a whole minute of the server's, and `Date` rounds by a sixtieth of it. For this, the
      client has to live in the same time: divide its sleeps by the same number. Then all proportions are as
      in life but for one: requests take longer in comparison, so that a window has time for fewer of them.
    - **A shorter window** (`window=2`), with the clients' clocks left alone, also in other processes. `Date`
      has whole seconds, so that a client which reads `Retry-After` against it waits for up to a second longer
      than it has to: next to nothing beside 60 seconds, but half of 2. What is counted (requests, refusals)
      can be believed. How long it takes cannot.

    Scaling one side only proves nothing: a client in real time that waits for a fast server never meets its
    quota.

    Attributes:
        requests: How many requests a window holds for each access token; null for no quota.
        window: How long a window is, in seconds of the server's clock.
        body: How the refusal is written. `text-codes` has the code as text.
        retry_after: How `Retry-After` says when to come again: as the date of the next window, in seconds, or
            not.
        next_access: Whether the body has `nextAccessTime`.
        code: The gateway's code of the refusal.
    """

    requests: int | None = switch(None, either(one_of(None), whole(1)), is_reading=False)
    window: int = switch(60, whole(1, 86_400))
    body: Literal["json", "flat", "text-codes", "xml"] = switch("json", one_of(*FAULT_BODIES))
    retry_after: Literal["date", "seconds", "missing"] = switch("date", one_of("date", "seconds", "missing"))
    next_access: bool = switch(True, flag())
    code: int = switch(900_803, whole(900_800, 900_807, examples=(900_800, 900_803)))


def read_quota(text: str) -> tuple[int, int]:
    """Requests and seconds of a quota written like `10/min`, `100/h` or `10/2s`.

    Raises:
        InputError: It is written otherwise.
    """
    parts = _WRITTEN.fullmatch(text)
    if parts is None or parts[3] not in _UNITS:
        raise InputError(f"quota is {text!r}; accepted: like 10/min, 100/h or 10/2s")
    return int(parts[1]), int(parts[2] or 1) * _UNITS[parts[3]]
