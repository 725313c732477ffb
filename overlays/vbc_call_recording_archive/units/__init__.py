"""More than one machine: `plan` says what is due, `run` does a unit of it anywhere, `absorb` writes it down.

    with Archive("/srv/recordings", writable=True) as archive, CallRecordingClient.from_env() as client:
        units = plan(archive, client)
        receipts = executor.map(run, units)     # any executor, on any machine
        result = absorb(archive, client, receipts)

`sync_with(archive, client, executor)` is all of that. Units and receipts are plain JSON, and hold no secrets.
"""

from .absorbing import absorb
from .planning import plan
from .running import run
from .shapes import Receipt, Unit
from .spreading import sync_with

__all__ = ["Receipt", "Unit", "absorb", "plan", "run", "sync_with"]
