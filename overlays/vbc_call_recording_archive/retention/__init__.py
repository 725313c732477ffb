"""Deleting at the vendor what is safe here: `plan(archive, before)`, then `apply(archive, client, plan)`."""

from .applying import MAX_COUNT, ApplyResult, apply
from .beforehand import remaining
from .hold import Hold, read_hold
from .making import plan
from .outcomes import KINDS, Event, Outcome, OutcomeKind, Reason
from .planned import MOST_DAYS, Plan, PlannedRecording, plan_text, read_plan

__all__ = [
    "KINDS",
    "MAX_COUNT",
    "MOST_DAYS",
    "ApplyResult",
    "Event",
    "Hold",
    "Outcome",
    "OutcomeKind",
    "Plan",
    "PlannedRecording",
    "Reason",
    "apply",
    "plan",
    "plan_text",
    "read_hold",
    "read_plan",
    "remaining",
]
