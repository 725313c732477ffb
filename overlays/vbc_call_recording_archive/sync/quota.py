"""The client's hooks: waits for the quota become events, and none begins once the caller wants to stop."""

import threading
import time
from collections.abc import Callable

from vbc_call_recording import CallRecordingClient, WaitEvent

from .events import QuotaWait
from .work import Stopped


def hearing(
    client: CallRecordingClient, tell: Callable[[QuotaWait], object], stop: threading.Event | None = None
) -> CallRecordingClient:
    """The client, telling of waits for the quota: once for all requests that wait for the same minute.

    Args:
        client: Hooks of its own are not called for this one.
        stop: Once it is set, no request waits any more: it raises Stopped.
    """
    told_until = 0.0

    def hear(event: WaitEvent) -> None:
        nonlocal told_until
        at = time.monotonic()
        if event.reason in ("quota", "rate_limit") and at >= told_until:
            told_until = at + event.wait
            tell(QuotaWait(event.wait))
        if stop is not None and stop.is_set():
            raise Stopped

    return client.with_options(on_quota_wait=hear, on_retry=hear)
