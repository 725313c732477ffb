"""The quota of each access token: how many requests it may make in a window of the server's clock."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from starlette.responses import Response

from .._quirks.quota import QuotaQuirks
from .bodies import gateway_fault

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(slots=True)
class Usage:
    """What became of the requests of one access token.

    Attributes:
        accepted: How many were let through.
        refused: How many were refused because the window was full.
        fullest_window: The most that were let through in one window.
    """

    accepted: int = 0
    refused: int = 0
    fullest_window: int = 0


class Quota:
    """Counts the requests of each access token and refuses what is too much; safe to use from any thread.

    Requests count once their token was found valid, whatever becomes of them afterwards. Refused ones take
    nothing away from the next window.

    Attributes:
        usage: What was counted, by access token.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self.usage: dict[str, Usage] = {}
            self._windows: dict[str, tuple[int, int]] = {}

    @property
    def accepted(self) -> int:
        """How many requests were let through, over all tokens."""
        return sum(usage.accepted for usage in list(self.usage.values()))

    @property
    def refused(self) -> int:
        """How many requests were refused, over all tokens."""
        return sum(usage.refused for usage in list(self.usage.values()))

    def admit(self, token: str, quirks: QuotaQuirks) -> Response | None:
        """Count a request of this access token; the refusal if it is one too many."""
        now = int(self._now().timestamp())
        start = now // quirks.window * quirks.window
        with self._lock:
            usage = self.usage.setdefault(token, Usage())
            window, count = self._windows.get(token, (start, 0))
            count = count if window == start else 0
            if quirks.requests is not None and count >= quirks.requests:
                usage.refused += 1
                return _refusal(start + quirks.window, now, quirks)
            self._windows[token] = (start, count + 1)
            usage.accepted += 1
            usage.fullest_window = max(usage.fullest_window, count + 1)
        return None


def _refusal(next_window: int, now: int, quirks: QuotaQuirks) -> Response:
    opens = datetime.fromtimestamp(next_window, UTC)
    fault: dict[str, Any] = {
        "code": quirks.code,
        "message": "Message throttled out",
        "description": "You have exceeded your quota",
    }
    if quirks.next_access:
        fault["nextAccessTime"] = next_access_time(opens)
    headers: dict[str, str] = {}
    if quirks.retry_after == "date":
        headers["Retry-After"] = format_datetime(opens, usegmt=True)
    elif quirks.retry_after == "seconds":
        headers["Retry-After"] = str(next_window - now)
    return gateway_fault(429, fault, quirks.body, headers)


def next_access_time(moment: datetime) -> str:
    """An instant as the gateway writes it: `2026-Nov-25 05:34:00+0000 UTC`."""
    # Not by %b, which is in the language of whoever runs the sandbox.
    return f"{moment:%Y}-{_MONTHS[moment.month - 1]}-{moment:%d %H:%M:%S}+0000 UTC"
